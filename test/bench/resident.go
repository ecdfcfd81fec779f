//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/seed306eabeb/muster/test/processes"
)

// lookEvery is how often the memory is looked at of a process that will end. The
// peak that the kernel tells of at its end is none: it counts what this process
// had when it started the other.
const lookEvery = 2 * time.Millisecond

// peakOf runs a program to its end and returns its high water, in MiB.
func (b *bench) peakOf(ctx context.Context, program string, args ...string) (float64, error) {
	p, err := processes.Start([]string{"HOME=" + b.dir}, program, args...)
	if err != nil {
		return 0, err
	}
	defer p.Kill()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	highest := 0.0
	for {
		select {
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case <-p.Exited():
			if code := p.State().ExitCode(); code != 0 && code != 1 || highest == 0 {
				return 0, fmt.Errorf("%s %q exited %d: %s", p, args, code, strings.Join(p.Said(), "\n"))
			}
			return highest, nil
		case <-tick.C:
			if now, err := highWater(p.PID()); err == nil { // none while it ends
				highest = max(highest, now)
			}
		}
	}
}

// highWater is the most memory that a running process had resident, in MiB.
func highWater(pid int) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
			return kib / 1024, err
		}
	}
	return 0, errors.New("the process has no memory any more")
}
