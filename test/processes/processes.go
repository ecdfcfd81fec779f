//go:build linux

package processes

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
)

// Process is a program that runs beside its caller, who ends it with Kill. The
// kernel kills it when the caller's process dies first.
type Process struct {
	name   string
	cmd    *exec.Cmd
	output sync.WaitGroup // the readers of its streams
	exited chan struct{}

	mu      sync.Mutex
	lines   []string
	changed chan struct{} // closed at the next line
}

// Environment is what a program is started with: this process's without what
// would change where it connects, and more.
func Environment(more ...string) []string {
	return append([]string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir()}, more...)
}

// Streams are where a program writes. A stream that is nil goes to Said.
type Streams struct{ Stdout, Stderr *Unread }

// Start starts a program in the Environment with env.
func Start(env []string, path string, args ...string) (*Process, error) {
	return StartWith(Streams{}, env, path, args...)
}

// StartWith is Start with streams that nobody reads.
func StartWith(s Streams, env []string, path string, args ...string) (*Process, error) {
	p := &Process{name: filepath.Base(path), cmd: exec.Command(path, args...), exited: make(chan struct{}), changed: make(chan struct{})}
	p.cmd.Env = Environment(env...)
	p.cmd.SysProcAttr = Tied()
	for _, to := range []struct {
		unread *Unread
		stream *io.Writer
		pipe   func() (io.ReadCloser, error)
	}{{s.Stdout, &p.cmd.Stdout, p.cmd.StdoutPipe}, {s.Stderr, &p.cmd.Stderr, p.cmd.StderrPipe}} {
		if to.unread != nil {
			*to.stream = to.unread.w
			continue
		}
		r, err := to.pipe()
		if err != nil {
			return nil, err
		}
		p.output.Go(func() { p.read(r) })
	}
	started := make(chan error, 1)
	go p.own(started)
	return p, <-started
}

// Tied ends a process with the thread that starts it, and keeps a terminal's
// Ctrl-C from it.
func Tied() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// own keeps its thread as long as the process lives.
func (p *Process) own(started chan<- error) {
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

func (p *Process) read(r io.Reader) {
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

// String names the process for messages.
func (p *Process) String() string { return fmt.Sprintf("%s[%d]", p.name, p.PID()) }

// PID is its process ID.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Exited is closed when the process has ended and was waited for.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// State is how a process ended that has Exited.
func (p *Process) State() *os.ProcessState { return p.cmd.ProcessState }

// Signal sends a signal.
func (p *Process) Signal(s syscall.Signal) error { return syscall.Kill(p.PID(), s) }

// Kill ends the process, if it runs, and waits until it has ended.
func (p *Process) Kill() {
	_ = p.Signal(syscall.SIGKILL) // fails only when it has ended
	<-p.exited
}

// Said is the last of what the process wrote, to either stream.
func (p *Process) Said() []string {
	const most = 40
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lines[max(0, len(p.lines)-most):]
}

// Count says how many lines so far hold text.
func (p *Process) Count(text string) int {
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

// Says waits for a line that holds text.
func (p *Process) Says(ctx context.Context, text string) error {
	for {
		p.mu.Lock()
		changed := p.changed
		p.mu.Unlock()
		if p.Count(text) > 0 {
			return nil
		}
		select {
		case <-changed:
		case <-p.exited:
			if p.Count(text) > 0 {
				return nil
			}
			return fmt.Errorf("%s has ended (%v) without a line with %q; its last words:\n%s", p, p.State(), text, strings.Join(p.Said(), "\n"))
		case <-ctx.Done():
			return fmt.Errorf("%s has not said %q: %w", p, text, context.Cause(ctx))
		}
	}
}
