//go:build amd64 || arm64

package cell

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

func init() {
	if len(os.Args) == 1 && os.Args[0] == Name {
		c := &cell{}
		c.run()
		syscall.Exit(0) // not os.Exit, which waits for what is to be told of the process
	}
}

// cell is this process.
type cell struct {
	order Order
}

// run is all that a cell does.
func (c *cell) run() {
	closeOnExec()
	in := stream{bufio.NewReaderSize(os.NewFile(orderFD, "order"), 64<<10)}
	if err := c.build(in); err != nil {
		c.tell(Report{Kind: Failed, Why: err.Error()})
		c.clear()
		return
	}
	pid, ended := c.start()
	if ended.Kind != Started {
		c.tell(ended)
		c.clear()
		return
	}
	c.hold(in, pid)
}

// start confines a thread and forks the program off it, which gets its walls. The thread ends
// then: who is behind the same walls as another may signal it.
func (c *cell) start() (pid int, told Report) {
	done := make(chan struct{})
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		defer close(done)
		// This thread gives way, and not the cell, which may have to end what takes all the processors.
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, Nice)
		var walls, tries script
		walls.confine(c.order)
		if err := walls.run(); err != nil {
			told = Report{Kind: Failed, Why: err.Error()}
			return
		}
		if c.order.Probe {
			told = Report{Kind: Stands}
			tries.try(c.order)
			if err := tries.run(); err != nil {
				told.Why = err.Error()
			}
			return
		}
		var err error
		if pid, err = c.fork(); err != nil {
			told = Report{Kind: Unstartable, Why: err.Error()}
			return
		}
		told = Report{Kind: Started}
	}()
	<-done
	return pid, told
}

// closeOnExec keeps from the program what this process has open, and what its parent was itself
// started with and has handed on.
func closeOnExec() {
	if unix.CloseRange(orderFD, ^uint(0), unix.CLOSE_RANGE_CLOEXEC) == nil {
		return
	}
	for fd := orderFD; fd < 1<<16; fd++ { // a kernel before 5.11
		unix.CloseOnExec(fd)
	}
}

func (c *cell) tell(r Report) {
	text, _ := json.Marshal(r) // of strings and numbers
	_, _ = syscall.Write(reportFD, append(text, '\n'))
}

// build makes the folder and the walls.
func (c *cell) build(in stream) (err error) {
	if c.order, err = readOrder(in); err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	o := c.order
	syscall.Umask(0o022)
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("become the parent of orphans: %w", err)
	}
	// Nobody reads the memory of a cell, which has more rights than the program.
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("hide the memory: %w", err)
	}
	if err := c.layout(in); err != nil {
		if at := (*fs.PathError)(nil); errors.As(err, &at) { // where the folder lies is another thing each time
			at.Path = strings.TrimPrefix(at.Path, o.Folder+"/")
		}
		return fmt.Errorf("lay out the files: %w", err)
	}
	var limits script
	if err := limits.limit(o); err != nil {
		return err
	}
	return limits.run()
}

// layout makes the folders, and writes the files of the job as the program's user.
func (c *cell) layout(in stream) error {
	if c.outside() { // of this thread
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		_ = unix.Setfsgid(c.order.User)
		_ = unix.Setfsuid(c.order.User)
		defer func() { _, _ = unix.Setfsuid(0), unix.Setfsgid(0) }()
	}
	for _, folder := range []string{c.order.Folder, c.order.Scratch} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			return err
		}
	}
	made := map[string]bool{c.order.Folder: true}
	err := readFiles(in, func(name string, text []byte) error {
		path := c.order.Folder + "/" + name
		if above := dir(path); !made[above] {
			if err := os.MkdirAll(above, 0o755); err != nil {
				return err
			}
			made[above] = true
		}
		return write(path, text)
	})
	if err != nil {
		return err
	}
	return os.MkdirAll(c.order.Dir, 0o755)
}

// outside says whether the program has another user than the cell.
func (c *cell) outside() bool { return c.order.User != 0 }

func write(path string, text []byte) error {
	fd, err := syscall.Open(path, syscall.O_WRONLY|syscall.O_CREAT|syscall.O_EXCL|syscall.O_NOFOLLOW|syscall.O_CLOEXEC, 0o644)
	if err != nil {
		return &fs.PathError{Op: "create", Path: path, Err: err}
	}
	defer syscall.Close(fd)
	for len(text) > 0 {
		n, err := syscall.Write(fd, text)
		if err != nil {
			return &fs.PathError{Op: "write", Path: path, Err: err}
		}
		text = text[n:]
	}
	return nil
}

// hold waits for the end of the program, and ends all that it leaves.
func (c *cell) hold(in stream, pid int) {
	c.tell(Report{Kind: Started})
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/oom_score_adj", pid), []byte("1000"), 0)
	go c.watchParent(in)
	state, err := c.reap(pid)
	switch {
	case err != nil:
		c.tell(Report{Kind: Failed, Why: fmt.Sprintf("wait for the program: %v", err)})
	case DiskFull(c.order.Folder):
		c.tell(Report{Kind: Full})
	case state.Signaled():
		c.tell(Report{Kind: Killed, Signal: unix.SignalName(state.Signal())})
	default:
		c.tell(Report{Kind: Exited, Exit: state.ExitStatus()})
	}
	c.clear()
}

// fork starts the program from this thread.
func (c *cell) fork() (int, error) {
	if err := os.Chdir(c.order.Dir); err != nil {
		return 0, err
	}
	attr := &syscall.ProcAttr{
		Env:   c.order.Env,
		Files: []uintptr{0, 1, 2},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	}
	if c.outside() {
		attr.Sys.Credential = &syscall.Credential{Uid: uint32(c.order.User), Gid: uint32(c.order.User)}
	}
	pid, err := syscall.ForkExec(c.order.Argv[0], c.order.Argv, attr)
	if err != nil {
		return 0, err
	}
	// What the program writes to ends with it, and not with the cell.
	for fd := range 3 {
		_ = syscall.Close(fd)
	}
	return pid, os.Chdir("/")
}

// reap waits for the program, and for the orphans that it leaves meanwhile.
func (c *cell) reap(program int) (state syscall.WaitStatus, err error) {
	for {
		pid, err := syscall.Wait4(-1, &state, 0, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return 0, err
		case pid == program && (state.Exited() || state.Signaled()):
			return state, nil
		}
	}
}

// watchParent ends everything when the other end of the order is closed.
func (c *cell) watchParent(in stream) {
	for {
		if _, err := in.ReadByte(); err != nil {
			break
		}
	}
	c.clear()
	syscall.Exit(0)
}

// DiskFull says whether the disk is on which a folder lies.
func DiskFull(folder string) bool {
	var s unix.Statfs_t
	return unix.Statfs(folder, &s) == nil && noRoom(&s)
}

// noRoom says whether a disk is full. One without an end never is.
//
//go:nosplit
//go:norace
func noRoom(s *unix.Statfs_t) bool {
	return s.Blocks > 0 && s.Bavail == 0 || s.Files > 0 && s.Ffree == 0
}

// clear ends all processes that are left, and removes the folder of the job.
func (c *cell) clear() {
	if c.order.Home == "" {
		return
	}
	for c.kill() {
	}
	_ = os.RemoveAll(c.order.Home)
}
