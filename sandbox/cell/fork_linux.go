//go:build amd64 || arm64

package cell

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The files of a forked cell beside its streams.
const (
	lineFD = 3 // to who has asked for the job
	gateFD = 4 // is ready to be read when the cell's user is known
)

// forked is a cell that the spawner forks, and that nothing is executed in: to start this program anew,
// or to copy the page tables of a large process, takes a multiple of what such a cell does. It is
// the first process of its namespaces, builds the walls, forks the program off, and is its parent. In a
// forked process there are no other threads, so nothing of Go's runtime may be called: it makes system calls
// from lists that were made before, out of memory that was allocated before.
type forked struct {
	build   script // what the cell does
	program script // what the process does that becomes the program

	probe   bool
	folder  *byte // the path of the job's folder
	handler sigaction
	blocked [1]uint64 // the signals that the loop reads from a file
	polled  [2]unix.PollFd
	timeout unix.Timespec
	pid     uintptr // of the program
	now     int     // what is known of it
	status  syscall.WaitStatus
	disk    unix.Statfs_t
	read    [128]byte
	head    head
	zero    byte
	parts   [4]struct{ base, length uintptr } // struct iovec, without a pointer that the collector would hear of
}

// look is how often a cell looks whether its disk is full, in nanoseconds.
const look = 50e6

// sigaction is the kernel's.
type sigaction struct {
	handler, flags, restorer uintptr
	mask                     uint64
}

// signals is how many there are.
const signals = 64

// allSignals blocks them.
var allSignals = ^uint64(0)

// fork starts a cell, and never returns in it. It is to be called on a thread that ends with the process. What
// it calls in the cell has no stack but what is sure to be there when it is called itself.
//
//go:norace
//go:nocheckptr
func (f *forked) fork(flags uintptr, pidfd *int32) (pid int, errno syscall.Errno) {
	var before uint64
	// A handler of Go's runtime must not run in the cell.
	setMask(&allSignals, &before)
	n, _, errno := syscall.RawSyscall6(unix.SYS_CLONE, flags|unix.CLONE_PIDFD|uintptr(unix.SIGCHLD), 0, uintptr(unsafe.Pointer(pidfd)), 0, 0, 0)
	if errno != 0 || n != 0 {
		setMask(&before, nil)
		return int(n), errno
	}
	f.forget()
	f.perform(&f.build)
	program, failed := vfork()
	if failed != 0 {
		f.leave(unstartable, int32(failed))
	}
	if program == 0 {
		f.perform(&f.program)
		f.exit()
	}
	f.pid = program
	f.watch()
	for f.now = running; f.now == running; {
		f.look()
		if f.now == left {
			f.exit()
		}
		if f.isFull() {
			f.leave(full, 0)
		}
	}
	if f.status&0x7f != 0 {
		f.leave(killed, int32(f.status&0x7f))
	}
	if f.probe && f.status == 0 {
		f.leave(stands, 0)
	}
	f.leave(exited, int32(f.status>>8&0xff))
	return 0, 0
}

//go:nosplit
//go:norace
func setMask(to, before *uint64) {
	syscall.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, uintptr(unsafe.Pointer(to)), uintptr(unsafe.Pointer(before)), 8, 0, 0)
}

// forget forgets what is to be done about signals.
//
//go:nosplit
//go:norace
//go:nocheckptr
func (f *forked) forget() {
	for signal := uintptr(1); signal <= signals; signal++ {
		syscall.RawSyscall6(unix.SYS_RT_SIGACTION, signal, uintptr(unsafe.Pointer(&f.handler)), 0, 8, 0, 0)
	}
}

// perform makes the calls of a script; where one fails, the process ends.
//
//go:nosplit
//go:norace
//go:nocheckptr
func (f *forked) perform(s *script) {
	if failed, errno := perform(s.calls); failed != nil {
		f.tell(failed.fails, int32(errno), failed.what, failed.of)
		f.exit()
	}
}

// vfork forks a process that has the memory and the stack of this one, which goes on when the other
// has become a program or has ended. It may only be called where nobody returns from.
//
//go:noescape
func vfork() (pid, errno uintptr)

// watch leaves the streams, for what the program writes to ends with it and not with the cell, and makes a file
// that can be read when a process has ended.
//
//go:nosplit
//go:norace
//go:nocheckptr
func (f *forked) watch() {
	for fd := uintptr(0); fd < 3; fd++ {
		syscall.RawSyscall6(unix.SYS_CLOSE, fd, 0, 0, 0, 0, 0)
	}
	fd, _, _ := syscall.RawSyscall6(unix.SYS_SIGNALFD4, ^uintptr(0), uintptr(unsafe.Pointer(&f.blocked)), 8, unix.SFD_NONBLOCK|unix.SFD_CLOEXEC, 0, 0)
	f.polled[0].Fd, f.polled[1].Fd, f.polled[1].Events = lineFD, int32(fd), unix.POLLIN
}

// What is known of the program.
const (
	running = iota
	over    // it is, as status says
	left    // nobody waits for it any more
)

// look waits for a moment, or until something has ended.
//
//go:nosplit
//go:norace
//go:nocheckptr
func (f *forked) look() {
	f.timeout.Sec, f.timeout.Nsec = 0, look
	syscall.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&f.polled)), 2, uintptr(unsafe.Pointer(&f.timeout)), 0, 0, 0)
	if f.polled[0].Revents != 0 {
		f.now = left
		return
	}
	if f.polled[1].Revents != 0 {
		syscall.RawSyscall6(unix.SYS_READ, uintptr(f.polled[1].Fd), uintptr(unsafe.Pointer(&f.read)), uintptr(len(f.read)), 0, 0, 0)
	}
	for { // what is left of others is waited for, too
		pid, _, errno := syscall.RawSyscall6(unix.SYS_WAIT4, ^uintptr(0), uintptr(unsafe.Pointer(&f.status)), syscall.WNOHANG, 0, 0, 0)
		if errno != 0 || pid == 0 {
			return
		}
		if pid == f.pid {
			f.now = over
			return
		}
	}
}

//go:nosplit
//go:norace
//go:nocheckptr
func (f *forked) isFull() bool {
	_, _, errno := syscall.RawSyscall6(unix.SYS_STATFS, uintptr(unsafe.Pointer(f.folder)), uintptr(unsafe.Pointer(&f.disk)), 0, 0, 0, 0)
	return errno == 0 && noRoom(&f.disk)
}

// tell sends a report.
//
//go:nosplit
//go:norace
//go:nocheckptr
func (f *forked) tell(kind kindNumber, value int32, what, of string) {
	f.head.kind, f.head.value = kind, value
	f.parts[0].base, f.parts[0].length = uintptr(unsafe.Pointer(&f.head)), unsafe.Sizeof(f.head)
	f.parts[1].base, f.parts[1].length = uintptr(unsafe.Pointer(unsafe.StringData(what))), uintptr(len(what))
	f.parts[2].base, f.parts[2].length = uintptr(unsafe.Pointer(&f.zero)), 1
	f.parts[3].base, f.parts[3].length = uintptr(unsafe.Pointer(unsafe.StringData(of))), uintptr(len(of))
	syscall.RawSyscall6(unix.SYS_WRITEV, lineFD, uintptr(unsafe.Pointer(&f.parts)), uintptr(len(f.parts)), 0, 0, 0)
}

// leave tells a last report.
//
//go:nosplit
//go:norace
func (f *forked) leave(kind kindNumber, value int32) {
	f.tell(kind, value, "", "")
	f.exit()
}

//go:nosplit
//go:norace
func (f *forked) exit() {
	for {
		syscall.RawSyscall6(unix.SYS_EXIT_GROUP, 0, 0, 0, 0, 0, 0)
	}
}
