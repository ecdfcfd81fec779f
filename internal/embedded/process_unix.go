//go:build unix

package embedded

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/seed306eabeb/muster/internal/child"
	"github.com/seed306eabeb/muster/internal/redisconn"
)

const (
	socketName = "redis.sock"
	// maxSocketPath is what fits into the socket address of every Unix: 104
	// bytes with the final NUL on some, 108 on Linux.
	maxSocketPath = 103
	startWait     = 10 * time.Second
	startPoll     = 2 * time.Millisecond
)

// Process is a redis-server that this process has started. It listens on a
// socket in a folder and on no port.
type Process struct {
	dir    string
	cmd    *exec.Cmd
	output *child.Tail
	exited <-chan struct{} // closed when the child has been waited for
}

// Run starts the redis-server found on PATH in an existing folder and waits
// until its socket accepts connections. It reads no configuration file and, but
// for what args say, keeps nothing on disk; args follow the default flags and
// override them. The error wraps exec.ErrNotFound when the machine has none. The
// caller must Kill it.
func Run(ctx context.Context, dir string, args ...string) (*Process, error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, err
	}
	if n := len(filepath.Join(dir, socketName)); n > maxSocketPath {
		return nil, fmt.Errorf("the socket's path in %s has %d bytes, at most %d are allowed: set TMPDIR to a shorter folder",
			dir, n, maxSocketPath)
	}
	p := &Process{dir: dir, output: new(child.Tail)}
	p.cmd = exec.Command(program, append(flags(dir), args...)...)
	p.cmd.Dir = dir
	p.cmd.Env = []string{}
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output
	p.cmd.WaitDelay = time.Second // a child of the server, saving, may hold the output open
	if p.exited, err = child.Start(p.cmd); err != nil {
		return nil, fmt.Errorf("run %s: %w", program, err)
	}
	if err := p.ready(ctx); err != nil {
		p.Kill()
		return nil, fmt.Errorf("run %s: %w: repair it, or take it off PATH", program, p.explain(err))
	}
	return p, nil
}

func flags(dir string) []string {
	return []string{
		"--port", "0", "--unixsocket", filepath.Join(dir, socketName), "--unixsocketperm", "700",
		"--dir", dir, "--daemonize", "no", "--save", "", "--appendonly", "no",
		"--maxmemory-policy", "noeviction", "--loglevel", "warning",
	}
}

var errEnded = errors.New("it ended at once")

func (p *Process) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startWait)
	defer cancel()
	poll := time.NewTicker(startPoll)
	defer poll.Stop()
	for {
		conn, err := net.Dial("unix", p.Socket())
		if err == nil {
			return conn.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("it does not listen on %s: %w", p.Socket(), ctx.Err())
		case <-p.exited:
			return errEnded
		case <-poll.C:
		}
	}
}

// explain adds what the child said.
func (p *Process) explain(err error) error {
	if said := p.output.String(); said != "" {
		return fmt.Errorf("%w; it said: %s", err, said)
	}
	return fmt.Errorf("%w and said nothing", err)
}

// Socket is the path on which the server listens.
func (p *Process) Socket() string { return filepath.Join(p.dir, socketName) }

// URL is the server's address as a URL.
func (p *Process) URL() string { return (&url.URL{Scheme: "unix", Path: p.Socket()}).String() }

// Signal sends the server a signal, such as SIGSTOP.
func (p *Process) Signal(s os.Signal) error { return p.cmd.Process.Signal(s) }

// Exited is closed when the server has ended.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// Kill ends the server without letting it write anything, and waits for it. It
// may be called more than once.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // fails only when the server has ended
	<-p.exited
}

// startProcess runs a redis-server in a folder of its own.
func startProcess(ctx context.Context, o Options) (*Server, error) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		return nil, err
	}
	base := o.Dir
	if base == "" {
		base = os.TempDir()
	}
	sweep(base, o.Log)
	folder, err := newFolder(base)
	if err != nil {
		return nil, err
	}
	p, err := Run(ctx, folder.path)
	if err != nil {
		return nil, errors.Join(err, folder.remove())
	}
	s, err := serve(ctx, p)
	if err != nil {
		p.Kill()
		return nil, errors.Join(err, folder.remove())
	}
	closing, watcher := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watcher)
		s.watch(p, closing)
	}()
	s.close = func() error {
		close(closing)
		<-watcher
		p.Kill()
		return folder.remove()
	}
	return s, nil
}

// serve asks the server who it is, which also shows that it answers.
func serve(ctx context.Context, p *Process) (*Server, error) {
	target, err := redisconn.Parse(p.URL())
	if err != nil {
		return nil, err
	}
	conn := target.Dial(redisconn.Options{})
	defer conn.Close()
	if err := p.ping(ctx, conn); err != nil {
		return nil, err
	}
	info, err := conn.Plain().Info(ctx, "server").Result()
	if err != nil {
		return nil, p.explain(err)
	}
	return &Server{url: p.URL(), target: target, kind: "redis-server " + version(info), ended: make(chan struct{})}, nil
}

// ping waits until the server answers, or has ended.
func (p *Process) ping(ctx context.Context, conn *redisconn.Conn) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answer := make(chan error, 1)
	go func() { answer <- conn.Ping(ctx) }()
	select {
	case err := <-answer:
		if err != nil {
			return p.explain(err)
		}
		return nil
	case <-p.exited:
		cancel()
		<-answer
		return p.end()
	}
}

func version(info string) string {
	_, after, _ := strings.Cut(info, "redis_version:")
	v, _, _ := strings.Cut(after, "\r\n")
	return v
}

// end says how the process has ended, with the last line that it said unless it was killed.
func (p *Process) end() error {
	state, said := p.cmd.ProcessState, p.output.String()
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGKILL || said == "" {
		return fmt.Errorf("the private redis-server has ended (%s)", state)
	}
	return fmt.Errorf("the private redis-server has ended (%s); its last words: %s", state, said[strings.LastIndex(said, "\n")+1:])
}

// watch notes that the server's process has ended before the server was closed.
func (s *Server) watch(p *Process, closing <-chan struct{}) {
	select {
	case <-closing:
	case <-p.exited:
		s.cause = p.end()
		close(s.ended)
	}
}
