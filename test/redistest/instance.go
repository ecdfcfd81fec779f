//go:build unix

package redistest

import (
	"os"
	"syscall"
	"testing"

	"github.com/seed306eabeb/muster/internal/embedded"
)

// Instance is a redis-server for tests of what happens when Redis fails. It is
// not safe for concurrent use.
type Instance struct {
	t       testing.TB
	dir     string
	args    []string
	process *embedded.Process
}

// Process starts a redis-server with further flags, such as "--appendonly",
// "yes". Its folder, and so its URL and what it saves there, lasts as long as
// the test. It skips as Server does.
func Process(t testing.TB, args ...string) *Instance {
	t.Helper()
	need(t)
	dir, err := os.MkdirTemp("", "muster-test-") // t.TempDir's paths are too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	i := &Instance{t: t, dir: dir, args: args}
	t.Cleanup(func() {
		if i.process != nil {
			i.process.Kill()
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("remove the test's Redis: %v", err)
		}
	})
	i.start()
	return i
}

func (i *Instance) start() {
	i.t.Helper()
	p, err := embedded.Run(i.t.Context(), i.dir, i.args...)
	if err != nil {
		i.t.Fatal(err)
	}
	i.process = p
}

// URL is the server's address, the same after a Restart.
func (i *Instance) URL() string { return i.process.URL() }

// Kill ends the server as a crash does, and waits until it has ended. Clients
// are then refused.
func (i *Instance) Kill() {
	i.t.Helper()
	i.process.Kill()
}

// Restart kills the server if it runs and starts it again on the same socket,
// with what it has saved, and waits until it accepts connections; it may still
// be loading then.
func (i *Instance) Restart() {
	i.t.Helper()
	i.process.Kill()
	i.start()
}

// Freeze stops the server without closing its connections: it still accepts new
// ones and answers nothing.
func (i *Instance) Freeze() { i.signal(syscall.SIGSTOP) }

// Thaw lets a frozen server go on.
func (i *Instance) Thaw() { i.signal(syscall.SIGCONT) }

func (i *Instance) signal(s os.Signal) {
	i.t.Helper()
	if err := i.process.Signal(s); err != nil {
		i.t.Fatalf("%v to the test's Redis: %v", s, err)
	}
}
