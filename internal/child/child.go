// Package child starts processes that do not outlive this one, and keeps the last of what
// they say.
package child

import (
	"os/exec"
	"runtime"
)

// Start starts a child that dies with this process, where the system can do that, and
// that a terminal's Ctrl-C does not reach. ended is closed when the child has been waited
// for; how it ended is then in cmd.ProcessState.
func Start(cmd *exec.Cmd) (ended <-chan struct{}, err error) {
	cmd.SysProcAttr = ties()
	started, done := make(chan error, 1), make(chan struct{})
	go own(cmd, started, done)
	return done, <-started
}

// own is the child's owner. The kernel ends the child when the thread that started it
// ends, so this goroutine keeps its thread until the child is gone.
func own(cmd *exec.Cmd, started chan<- error, done chan<- struct{}) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(done)
	err := cmd.Start()
	started <- err
	if err == nil {
		_ = cmd.Wait()
	}
}
