//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

var moreSlots = row{
	letter: "o", title: "A slow command on more workers",
	what:    "The time of `enqueue run` over small files that a muster.yaml gives one check, a command that waits 0.3 s behind all walls, with 1 and with 4 worker processes of one slot each.",
	measure: measureMoreSlots,
}

const (
	moreWorkers = 4
	// moreGoal is how many times quicker as many workers are.
	moreGoal = 3.9
	// commandWaits is what a slow command takes.
	commandWaits = 300 * time.Millisecond
)

// waiting defines a command that waits.
var waiting = fmt.Sprintf(`  wait:
    run: [sleep, %q]
    exit: {clean: [0]}
    output: {format: exit}
    timeout: 30s
`, fmt.Sprint(commandWaits.Seconds()))

const waitsYAML = `muster: 1
units:
  slow:
    at: slow/*.yaml
    checks: [{run: wait}]
`

func measureMoreSlots(ctx context.Context, b *bench, s *section) error {
	f := testFleet{dir: filepath.Join(b.dir, "waits"), services: b.size.slowUnits, oks: b.size.slowUnits}
	if err := errors.Join(writeUnits(f.dir, "slow", f.services), writeFile(filepath.Join(f.dir, "muster.yaml"), waitsYAML)); err != nil {
		return err
	}
	offer, err := b.definitions("wait", waiting)
	if err != nil {
		return err
	}
	of := fmt.Sprintf(", %s files", number(float64(f.services)))
	one, more := s.figure("1 worker"+of, "s"), s.figure(fmt.Sprintf("%d workers", moreWorkers)+of, "s")
	for i := range b.size.slowRuns {
		b.say("row o: run %d of %d", i+1, b.size.slowRuns)
		for _, c := range []struct {
			count int
			f     *figure
		}{{1, one}, {moreWorkers, more}} {
			seconds, err := b.runOffered(ctx, b.shipped, f, c.count, commandSlots(1), offer)
			if err != nil {
				return err
			}
			c.f.add(seconds)
		}
	}
	s.paired(fmt.Sprintf("1 worker / %d workers", moreWorkers), "×", one, more, ratio).atLeast(moreGoal)
	s.paired("1 worker, beside the waiting itself, of each file", "ms", one, one, func(took, _ float64) float64 {
		return milliseconds(time.Duration(took*float64(time.Second))/time.Duration(f.services) - commandWaits)
	})
	return nil
}

// writeUnits writes n small files of a kind.
func writeUnits(dir, kind string, n int) error {
	for i := range n {
		name := fmt.Sprintf("%s-%06d", kind, i)
		if err := writeFile(filepath.Join(dir, kind, name+".yaml"), fmt.Sprintf("name: %s\nport: %d\n", name, 1024+i)); err != nil {
			return err
		}
	}
	return nil
}
