//go:build amd64 || arm64

package sandbox

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/seed306eabeb/muster/sandbox/cell"
	"golang.org/x/sys/unix"
)

// errLost ends the jobs of a spawner that was killed: nothing is known of them, and they may be run again.
var errLost = errors.New("the process that starts programs has ended under it")

// spawner is the process that forks the cells which have namespaces. To fork this process would take the time to
// copy its page tables, and stop it meanwhile.
type spawner struct {
	control *os.File
	process *os.Process
	ended   chan struct{} // closed when it has
	// alone: it has a network namespace, in which there is nothing, and so have its cells. To make one for
	// each takes the kernel as long as all mounts of a cell, and longer to remove it.
	alone bool
}

// startSpawner starts one, which ends with this process.
func startSpawner(alone bool) (*spawner, error) {
	ours, theirs, err := socketpair()
	if err != nil {
		return nil, fmt.Errorf("make a socket to a process: %w", err)
	}
	s := &spawner{control: ours, ended: make(chan struct{}), alone: alone}
	cmd := &exec.Cmd{
		Path: self, Args: []string{cell.Spawner}, Env: []string{"GOMAXPROCS=1"}, ExtraFiles: []*os.File{theirs},
		SysProcAttr: &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL},
	}
	if alone {
		withoutNetwork(cmd.SysProcAttr)
	}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the kernel ends the children of a thread with it
		defer runtime.UnlockOSThread()
		defer close(s.ended)
		err := cmd.Start()
		_ = theirs.Close()
		s.process = cmd.Process
		started <- err
		if err == nil {
			_ = cmd.Wait() // of how it has ended nothing follows
		}
	}()
	if err := <-started; err != nil {
		return nil, errors.Join(fmt.Errorf("start the process that starts programs: %w", err), ours.Close())
	}
	return s, nil
}

// socketpair is a socket that keeps messages apart, and its other end for another process.
func socketpair() (ours, theirs *os.File, err error) {
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	return polled(ends[0], "socket"), os.NewFile(uintptr(ends[1]), "socket"), nil
}

// polled is an open file for which goroutines wait, and no threads.
func polled(fd int, name string) *os.File {
	_ = unix.SetNonblock(fd, true)
	return os.NewFile(uintptr(fd), name)
}

// close ends it, and is harmless when it has ended.
func (s *spawner) close() {
	_ = s.control.Close()
	late := time.AfterFunc(grace, func() { _ = s.process.Kill() })
	<-s.ended
	late.Stop()
}

// lateEnd is how much later than its cells the end of a spawner that was killed may be seen: they end with its first
// thread, and what shows here with its last.
const lateEnd = time.Second

// hasLost says of a cell that has ended without a word whether it has ended with the spawner.
func (s *spawner) hasLost() bool {
	if s.isGone() {
		return true
	}
	late := time.NewTimer(lateEnd)
	defer late.Stop()
	select {
	case <-s.ended:
	case <-late.C:
	}
	return s.isGone()
}

// isGone says whether it has ended, or is about to.
func (s *spawner) isGone() bool {
	gone := true
	if conn, err := s.control.SyscallConn(); err == nil {
		_ = conn.Control(func(fd uintptr) { gone = isOver(fd, 0) })
	}
	return gone
}

// isOver says whether a file is at its end, or one of the events is there.
func isOver(fd uintptr, events int16) bool {
	one := []unix.PollFd{{Fd: int32(fd), Events: events}}
	n, err := unix.Poll(one, 0)
	return err == nil && n > 0
}

// withoutNetwork gives a process a network namespace, for which one that is not root needs a user
// namespace.
func withoutNetwork(a *syscall.SysProcAttr) {
	a.Cloneflags = syscall.CLONE_NEWNET
	if uid, gid := os.Geteuid(), os.Getegid(); uid != 0 {
		a.Cloneflags |= syscall.CLONE_NEWUSER
		a.UidMappings = []syscall.SysProcIDMap{{ContainerID: uid, HostID: uid, Size: 1}}
		a.GidMappings = []syscall.SysProcIDMap{{ContainerID: gid, HostID: gid, Size: 1}}
	}
}

// spawner is the process that forks cells with a network or without: another one if the last has
// ended.
func (b *Box) spawner(network bool) (*spawner, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s := b.spawners[network]; s != nil {
		if !s.isGone() {
			return s, nil
		}
		s.close()
		delete(b.spawners, network)
	}
	s, err := startSpawner(!network)
	if err != nil && !network { // cells make one themselves where they can
		s, err = startSpawner(false)
	}
	if err == nil {
		b.spawners[network] = s
	}
	return s, err
}

// drop sees to it that a spawner which has lost a job gets no other one.
func (b *Box) drop(s *spawner) {
	b.mu.Lock()
	maps.DeleteFunc(b.spawners, func(_ bool, other *spawner) bool { return other == s })
	b.mu.Unlock()
	_ = s.process.Kill()
	s.close()
}

// forked is a cell that a spawner has forked.
type forked struct {
	by      *spawner
	line    *os.File
	streams sync.WaitGroup
	out     *os.File
	err     *os.File

	mu     sync.Mutex
	number int
	handle *os.File // of its process
	proc   *os.File // nil where there is none
	ending bool
}

// fork asks the spawner for a cell.
func (r *run) fork(by *spawner) (*forked, error) {
	// What is refused by seccomp is refused to all cells of a network namespace; else each has its own.
	r.order.OwnNetwork = !r.job.Network && !(by.alone && r.means.seccomp)
	payload, err := r.payload()
	if err != nil {
		return nil, err
	}
	defer payload.Close()
	f := &forked{by: by}
	theirs := make([]*os.File, 3)
	defer func() {
		for _, file := range theirs {
			_ = file.Close()
		}
	}()
	f.line, theirs[0], err = socketpair()
	if err == nil {
		f.out, theirs[1], err = pipe()
	}
	if err == nil {
		f.err, theirs[2], err = pipe()
	}
	if err == nil {
		err = by.request(int(payload.Fd()), int(theirs[0].Fd()), int(theirs[1].Fd()), int(theirs[2].Fd()))
	}
	if err != nil {
		_, _, _ = f.line.Close(), f.out.Close(), f.err.Close()
		return nil, fmt.Errorf("start a process for a program: %w", err)
	}
	f.streams.Go(func() { _, _ = io.Copy(&r.out, f.out) })
	f.streams.Go(func() { _, _ = io.Copy(&r.err, f.err) })
	return f, nil
}

// payload is a file in memory with the order and the files of the job.
func (r *run) payload() (*os.File, error) {
	fd, err := unix.MemfdCreate("job", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make a file for a job: %w", err)
	}
	file := os.NewFile(uintptr(fd), "job")
	if err := cell.Send(file, r.order, r.each); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// pipe is a pipe of which a goroutine reads and another process writes.
func pipe() (ours, theirs *os.File, err error) {
	var ends [2]int
	if err := unix.Pipe2(ends[:], unix.O_CLOEXEC); err != nil {
		return nil, nil, err
	}
	return polled(ends[0], "pipe"), os.NewFile(uintptr(ends[1]), "pipe"), nil
}

func (s *spawner) request(payload, line, out, errs int) error {
	conn, err := s.control.SyscallConn()
	if err != nil {
		return errLost
	}
	var sent error
	err = conn.Write(func(fd uintptr) bool {
		sent = cell.Request(int(fd), payload, line, out, errs)
		return !errors.Is(sent, unix.EAGAIN)
	})
	if err = errors.Join(err, sent); err != nil && s.isGone() {
		return errLost
	}
	return err
}

// listen is the last that the cell tells; without one, a report without a kind.
func (f *forked) listen() (last cell.Report) {
	conn, err := f.line.SyscallConn()
	for err == nil {
		var told cell.Report
		var over error
		file := -1
		err = conn.Read(func(fd uintptr) bool {
			told, file, over = cell.Listen(int(fd))
			return !errors.Is(over, unix.EAGAIN)
		})
		switch {
		case over != nil:
			return cell.Report{}
		case told.Kind == cell.Started:
			f.meet(told.Pid, file)
		case told.Kind == cell.Shows:
			f.see(file)
		case err == nil:
			return told
		}
	}
	return cell.Report{}
}

// meet learns which process it is.
func (f *forked) meet(number, pidfd int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.number, f.handle = number, polled(pidfd, "process")
	if f.ending {
		f.kill()
	}
}

// isMet says whether it is known which process it is. A spawner that lives says so, or why there is none.
func (f *forked) isMet() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.handle != nil
}

// see gets the /proc of its processes.
func (f *forked) see(proc int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.proc = os.NewFile(uintptr(proc), "proc")
}

// inside are the processes in its namespace. To find them by who has started whom, all threads are looked at,
// and what the kernel remembers of that makes their ends a wait for each other.
func (f *forked) inside() (proc string, pids []int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.proc == nil {
		return procOfAll, descendants(f.number)
	}
	proc = fmt.Sprintf("%s/self/fd/%d", procOfAll, f.proc.Fd())
	entries, _ := os.ReadDir(proc)
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name()); err == nil && pid != 1 { // which is the cell
			pids = append(pids, pid)
		}
	}
	return proc, pids
}

// end kills it, and so all that is in its namespaces.
func (f *forked) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ending = true
	f.kill()
	_ = f.line.SetReadDeadline(time.Now().Add(grace))
}

// kill kills it, under the lock. Where the process is not known yet, meet does so.
func (f *forked) kill() {
	if f.handle == nil {
		return
	}
	if conn, err := f.handle.SyscallConn(); err == nil {
		_ = conn.Control(func(fd uintptr) { _ = unix.PidfdSendSignal(int(fd), unix.SIGKILL, nil, 0) })
	}
}

// wait waits until it has ended, with all that is in its namespaces.
func (f *forked) wait() error {
	_ = f.line.Close() // it ends by that, too
	late := time.AfterFunc(grace, f.end)
	defer late.Stop()
	if f.handle != nil {
		if conn, err := f.handle.SyscallConn(); err == nil {
			_ = conn.Read(func(fd uintptr) bool { return isOver(fd, unix.POLLIN) })
		}
		_ = f.handle.Close()
	} else {
		// Nothing was heard of it: it may be there for a moment.
		_, _ = f.out.SetReadDeadline(time.Now().Add(grace)), f.err.SetReadDeadline(time.Now().Add(grace))
	}
	f.streams.Wait()
	_, _, _ = f.out.Close(), f.err.Close(), f.proc.Close()
	return nil
}

func (f *forked) String() string { return "it was killed" }
