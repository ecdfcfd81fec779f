//go:build unix

// Package steps is what the lines of a unit of package trouble do. It knows nothing of checks, so
// that a program that takes steps starts quickly.
package steps

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The environment of a process that takes steps.
const (
	GatesEnv   = "TROUBLE_GATES"   // the folder of wait's files
	DiffersEnv = "TROUBLE_DIFFERS" // not empty: differ finds something
)

// Bad is a step that finds something.
type Bad struct {
	Line int
	Step string
}

// TakeAll takes the steps that stand behind a prefix in the lines of a text. An error names the
// line; what was found before it is returned, too.
func TakeAll(ctx context.Context, text []byte, prefix string) (found []Bad, err error) {
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line, ok := strings.CutPrefix(lines.Text(), prefix)
		if !ok {
			continue
		}
		step, argument, _ := strings.Cut(line, " ")
		bad, err := take(ctx, step, argument)
		if err != nil {
			return found, fmt.Errorf("line %d: %w", n, err)
		}
		if bad {
			found = append(found, Bad{n, step})
		}
	}
	return found, lines.Err()
}

// take does one step.
func take(ctx context.Context, step, argument string) (found bool, err error) {
	switch step {
	case "sleep":
		return false, last(ctx, argument, pause)
	case "spin":
		return false, last(ctx, argument, spin)
	case "wait":
		return false, await(ctx, filepath.Join(os.Getenv(GatesEnv), argument))
	case "hang":
		for { // without a timer, a program of one goroutine would end by itself
			time.Sleep(time.Hour)
		}
	case "panic":
		panic("the unit says panic")
	case "kill":
		return false, syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "kill-parent":
		return false, errors.Join(syscall.Kill(os.Getppid(), syscall.SIGKILL), pause(ctx, afterKill))
	case "kill-all":
		return false, errors.Join(syscall.Kill(-1, syscall.SIGKILL), pause(ctx, afterKill))
	case "leave":
		return false, leave(argument)
	case "eat":
		return false, eat(argument)
	case "bad":
		return true, nil
	case "differ":
		return os.Getenv(DiffersEnv) != "", nil
	}
	return false, fmt.Errorf("unknown step %q", step)
}

// afterKill is what a process waits for that has killed others, to die of it.
const afterKill = 200 * time.Millisecond

// leave starts a program in a session of its own that outlives this one by a time.
func leave(argument string) error {
	d, err := time.ParseDuration(argument)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self, append(os.Args[1:len(os.Args)-1], "-step=sleep "+d.String())...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return cmd.Start()
}

// eat takes memory, and touches all of it.
func eat(argument string) error {
	mib, err := strconv.Atoi(argument)
	if err != nil {
		return err
	}
	var all [][]byte
	for range mib {
		some := make([]byte, 1<<20)
		for i := 0; i < len(some); i += os.Getpagesize() {
			some[i] = 1
		}
		all = append(all, some)
	}
	runtime.KeepAlive(all)
	return nil
}

// last does what takes the duration that a step names.
func last(ctx context.Context, argument string, do func(context.Context, time.Duration) error) error {
	d, err := time.ParseDuration(argument)
	if err != nil {
		return err
	}
	return do(ctx, d)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// lookEvery is how often a waiting unit looks for its file.
const lookEvery = 5 * time.Millisecond

func await(ctx context.Context, file string) error {
	for {
		if _, err := os.Stat(file); err == nil {
			return nil
		}
		if err := pause(ctx, lookEvery); err != nil {
			return err
		}
	}
}
