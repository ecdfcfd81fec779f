//go:build linux

package faults

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// long bounds every wait that has no promise of its own to keep.
const long = 2 * time.Minute

// process is a command that runs beside the test and is killed with it.
type process struct {
	t      *testing.T // nil for one that its caller ends
	name   string
	cmd    *exec.Cmd
	output sync.WaitGroup // the readers of its streams
	exited chan struct{}

	mu      sync.Mutex
	lines   []string
	changed chan struct{} // closed at the next line
}

// start runs one of the built commands. Its environment is this one's without
// what would change where it connects, and env.
func start(t *testing.T, env []string, program string, args ...string) *process {
	t.Helper()
	return launch(t, env, filepath.Join(programs, program), args...)
}

func launch(t *testing.T, env []string, path string, args ...string) *process {
	t.Helper()
	p, err := spawn(append([]string{"HOME=" + t.TempDir()}, env...), path, args...)
	if err != nil {
		t.Fatal(err)
	}
	p.t = t
	t.Cleanup(func() { p.end(t) })
	return p
}

// spawn starts a process that its caller ends.
func spawn(env []string, path string, args ...string) (*process, error) {
	p := &process{name: filepath.Base(path), cmd: exec.Command(path, args...), exited: make(chan struct{}), changed: make(chan struct{})}
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir()}, env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	for _, pipe := range []func() (io.ReadCloser, error){p.cmd.StdoutPipe, p.cmd.StderrPipe} {
		r, err := pipe()
		if err != nil {
			return nil, err
		}
		p.output.Go(func() { p.read(r) })
	}
	started := make(chan error, 1)
	go p.own(started)
	return p, <-started
}

// own keeps its thread as long as the process lives, for the kernel ends the
// process with the thread that started it.
func (p *process) own(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(p.exited)
	err := p.cmd.Start()
	started <- err
	if err == nil {
		p.output.Wait()
		_ = p.cmd.Wait() // how it ended is in ProcessState
	}
}

func (p *process) read(r io.Reader) {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			p.mu.Lock()
			p.lines = append(p.lines, strings.TrimRight(line, "\n"))
			close(p.changed)
			p.changed = make(chan struct{})
			p.mu.Unlock()
		}
		if err != nil {
			return
		}
	}
}

// end kills what is left and shows what it said where the test has failed.
func (p *process) end(t *testing.T) {
	_ = syscall.Kill(p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.exited
	if t.Failed() {
		t.Logf("%s[%d]: %v\n\t%s", p.name, p.cmd.Process.Pid, p.cmd.ProcessState, strings.Join(p.said(), "\n\t"))
	}
}

// said is the last of what the process wrote, to either stream.
func (p *process) said() []string {
	const most = 40
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lines[max(0, len(p.lines)-most):]
}

// count says how many lines so far hold text.
func (p *process) count(text string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, l := range p.lines {
		if strings.Contains(l, text) {
			n++
		}
	}
	return n
}

// says waits for a line that holds text.
func (p *process) says(text string, within time.Duration) {
	p.t.Helper()
	deadline := time.After(within)
	for {
		p.mu.Lock()
		changed := p.changed
		p.mu.Unlock()
		if p.count(text) > 0 {
			return
		}
		select {
		case <-changed:
		case <-p.exited:
			if p.count(text) == 0 {
				p.t.Fatalf("%s has ended without a line with %q", p.name, text)
			}
			return
		case <-deadline:
			p.t.Fatalf("%s has not said %q within %s", p.name, text, within)
		}
	}
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := syscall.Kill(p.cmd.Process.Pid, s); err != nil {
		p.t.Fatalf("%v to %s: %v", s, p.name, err)
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
	case <-p.exited:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(within):
		p.t.Fatalf("%s has not ended within %s", p.name, within)
		return 0
	}
}

// peak is the most memory that an ended process had resident, in bytes.
func (p *process) peak() int64 {
	return p.cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
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
