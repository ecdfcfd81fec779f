//go:build linux

package faults

import (
	"context"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/test/processes"
)

// long bounds every wait that has no promise of its own to keep.
const long = 2 * time.Minute

// process is a command that runs beside the test and is killed with it.
type process struct {
	*processes.Process
	t *testing.T
}

// start runs one of the built commands.
func start(t *testing.T, env []string, program string, args ...string) *process {
	t.Helper()
	return launch(t, env, filepath.Join(programs, program), args...)
}

func launch(t *testing.T, env []string, path string, args ...string) *process {
	t.Helper()
	return launchWith(t, processes.Streams{}, env, path, args...)
}

func launchWith(t *testing.T, s processes.Streams, env []string, path string, args ...string) *process {
	t.Helper()
	p, err := processes.StartWith(s, append([]string{"HOME=" + t.TempDir()}, env...), path, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stopAndShow(t, p) })
	return &process{p, t}
}

// stopAndShow kills what is left and shows what it said where the test has failed.
func stopAndShow(t *testing.T, p *processes.Process) {
	p.Kill()
	if t.Failed() {
		t.Logf("%s: %v\n\t%s", p, p.State(), strings.Join(p.Said(), "\n\t"))
	}
}

// says waits for a line that holds text.
func (p *process) says(text string, within time.Duration) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), within)
	defer cancel()
	if err := p.Says(ctx, text); err != nil {
		p.t.Fatal(err)
	}
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.Signal(s); err != nil {
		p.t.Fatalf("%v to %s: %v", s, p, err)
	}
}

// kill ends the process as a crash does, and waits until it has ended.
func (p *process) kill() {
	p.t.Helper()
	p.signal(syscall.SIGKILL)
	p.exit(long)
}

// exit waits until the process has ended by itself and returns its exit code, -1
// for a signal.
func (p *process) exit(within time.Duration) int {
	p.t.Helper()
	select {
	case <-p.Exited():
		return p.State().ExitCode()
	case <-time.After(within):
		p.t.Fatalf("%s has not ended within %s", p, within)
		return 0
	}
}

// peak is the most memory that an ended process had resident, in bytes.
func (p *process) peak() int64 {
	return p.State().SysUsage().(*syscall.Rusage).Maxrss << 10
}

// await waits for a state that no event tells.
func await(t *testing.T, within time.Duration, what string, there func() bool) {
	t.Helper()
	deadline := time.After(within)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !there() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not within %s: %s", within, what)
		}
	}
}

// lasts is how long a fault lasts: time that is a part of the row.
func lasts(t *testing.T, d time.Duration) {
	t.Helper()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.Context().Done():
	}
}
