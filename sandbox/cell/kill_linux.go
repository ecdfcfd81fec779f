//go:build amd64 || arm64

package cell

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// pause is how long a cell leaves those that it has killed to end.
const pause = time.Millisecond

// kill kills all processes that the program has left, and says whether there were any.
func (c *cell) kill() bool {
	left := false
	for {
		if c.outside() {
			killUser(c.order.User)
		} else {
			killBelow(os.Getpid())
		}
		any := false
		for {
			pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
			if errors.Is(err, syscall.EINTR) {
				continue
			}
			if err != nil { // there is no child
				return left
			}
			any, left = true, true
			if pid == 0 {
				break
			}
		}
		if any {
			time.Sleep(pause)
		}
	}
}

// killUser kills all processes of a user that this process alone has given away: on a thread
// that becomes that user, and ends.
func killUser(user int) {
	done := make(chan struct{})
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		defer close(done)
		id := uintptr(user)
		if _, _, failed := syscall.RawSyscall(unix.SYS_SETRESUID, id, id, id); failed == 0 {
			_ = syscall.Kill(-1, syscall.SIGKILL)
		}
	}()
	<-done
}

// killBelow kills all descendants of a process.
func killBelow(pid int) {
	for _, child := range Children(pid) {
		_ = syscall.Kill(child, syscall.SIGSTOP)
		killBelow(child)
		_ = syscall.Kill(child, syscall.SIGKILL)
	}
}

// Children are the processes that a process has started and that have not been waited for.
func Children(pid int) (all []int) {
	threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		return nil
	}
	for _, thread := range threads {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", pid, thread.Name()))
		if err != nil {
			continue
		}
		for word := range bytes.FieldsSeq(text) {
			if child, err := strconv.Atoi(string(word)); err == nil {
				all = append(all, child)
			}
		}
	}
	return all
}
