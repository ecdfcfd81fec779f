//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/seed306eabeb/muster/test/processes"
)

// ended is how a command went that was run to its end.
type ended struct {
	command string
	took    time.Duration
	cpu     time.Duration // user and system
	code    int
	stdout  string
}

// command runs a program to its end. Its output goes to files, so that nothing of
// this process runs beside it.
func (b *bench) command(ctx context.Context, program string, args ...string) (ended, error) {
	runtime.LockOSThread() // the child ends with the thread that started it
	defer runtime.UnlockOSThread()
	e := ended{command: fmt.Sprintf("%s %q", filepath.Base(program), args)}
	out, errs, err := b.outputs()
	if err != nil {
		return e, err
	}
	defer out.Close()
	defer errs.Close()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = processes.Environment("HOME=" + b.dir)
	cmd.Stdout, cmd.Stderr = out, errs
	cmd.SysProcAttr = processes.Tied()
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	begin := time.Now()
	err = cmd.Run()
	e.took = time.Since(begin)
	if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || ctx.Err() != nil) {
		return e, fmt.Errorf("run %s: %w", e.command, errors.Join(err, context.Cause(ctx)))
	}
	e.code, e.cpu = cmd.ProcessState.ExitCode(), cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()
	text, err := os.ReadFile(out.Name())
	e.stdout = string(text)
	return e, err
}

func (b *bench) outputs() (out, errs *os.File, err error) {
	if out, err = os.Create(filepath.Join(b.dir, "stdout")); err != nil {
		return nil, nil, err
	}
	errs, err = os.Create(filepath.Join(b.dir, "stderr"))
	return out, errs, err
}

// The last line of a report, and that of the program to compare with.
var (
	counted     = regexp.MustCompile(`(?m)^(\d+) ok, (\d+) err`)
	peerCounted = regexp.MustCompile(`(?m)^oks=(\d+) errs=(\d+)$`)
)

// right checks that a command has verified the whole fleet and found what is wrong
// with it: no figure comes from a run that was broken.
func (e ended) right(f testFleet, counts *regexp.Regexp, codes ...int) error {
	oks, errs := 0, 0
	for _, m := range counts.FindAllStringSubmatch(e.stdout, -1) {
		ok, _ := strconv.Atoi(m[1]) // digits, says the pattern
		bad, _ := strconv.Atoi(m[2])
		oks, errs = oks+ok, errs+bad
	}
	if !slices.Contains(codes, e.code) || oks != f.oks || errs != f.errs {
		return fmt.Errorf("%s exited %d with %d ok and %d err, want %d ok and %d err and one of the exit codes %v; it said: %.500s",
			e.command, e.code, oks, errs, f.oks, f.errs, codes, e.stdout)
	}
	return nil
}

// enqueue runs one of enqueue's subcommands over a fleet, checks its report and
// returns the seconds it took.
func (b *bench) enqueue(ctx context.Context, programs string, f testFleet, args ...string) (float64, error) {
	e, err := b.enqueued(ctx, programs, f, args...)
	return e.took.Seconds(), err
}

// enqueued is enqueue with all that is known of the command.
func (b *bench) enqueued(ctx context.Context, programs string, f testFleet, args ...string) (ended, error) {
	if !slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "--cache=") }) {
		args = append(args, cacheOff)
	}
	e, err := b.command(ctx, filepath.Join(programs, "enqueue"), append(args, "--quiet", "--repo", f.dir)...)
	if err == nil {
		err = e.right(f, counted, 0, 1)
	}
	return e, err
}
