//go:build amd64 || arm64

package cell

import (
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// refused are the system calls that no check of a file needs: those that reach other processes or the
// machine, and those that keep memory which is nobody's.
var refused = []uint32{
	unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_KCMP, unix.SYS_PIDFD_GETFD,
	unix.SYS_PROCESS_MADVISE, unix.SYS_MIGRATE_PAGES, unix.SYS_MOVE_PAGES,
	unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_KEYCTL, unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_USERFAULTFD,
	unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT, unix.SYS_MOVE_MOUNT, unix.SYS_OPEN_TREE,
	unix.SYS_FSOPEN, unix.SYS_FSCONFIG, unix.SYS_FSMOUNT, unix.SYS_FSPICK, unix.SYS_MOUNT_SETATTR,
	unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_PERSONALITY, unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_NAME_TO_HANDLE_AT, unix.SYS_FANOTIFY_INIT,
	unix.SYS_KEXEC_LOAD, unix.SYS_KEXEC_FILE_LOAD, unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE,
	unix.SYS_REBOOT, unix.SYS_SYSLOG, unix.SYS_ACCT, unix.SYS_SWAPON, unix.SYS_SWAPOFF, unix.SYS_QUOTACTL, unix.SYS_QUOTACTL_FD, unix.SYS_VHANGUP,
	unix.SYS_SETTIMEOFDAY, unix.SYS_CLOCK_SETTIME, unix.SYS_CLOCK_ADJTIME, unix.SYS_ADJTIMEX, unix.SYS_SETHOSTNAME, unix.SYS_SETDOMAINNAME,
	unix.SYS_SHMGET, unix.SYS_SHMAT, unix.SYS_MSGGET, unix.SYS_SEMGET, unix.SYS_MQ_OPEN,
}

// absent are those that a program does without when it is told that the kernel lacks them.
var absent = []uint32{
	unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER, // they open sockets past this filter
	unix.SYS_CLONE3,                              // its flags cannot be seen
	unix.SYS_MEMFD_CREATE, unix.SYS_MEMFD_SECRET, // memory that no process needs to have
}

// attributes change files of the same user that may not be written.
var attributes = append([]uint32{
	unix.SYS_FCHMOD, unix.SYS_FCHMODAT, unix.SYS_FCHMODAT2, unix.SYS_FCHOWN, unix.SYS_FCHOWNAT, unix.SYS_UTIMENSAT, unix.SYS_TRUNCATE,
	unix.SYS_SETXATTR, unix.SYS_LSETXATTR, unix.SYS_FSETXATTR, unix.SYS_REMOVEXATTR, unix.SYS_LREMOVEXATTR, unix.SYS_FREMOVEXATTR,
}, oldAttributes...)

// others change processes of the same user unless their arguments of these indices are 0.
var others = []struct {
	call      uint32
	arguments []uint32
}{
	{unix.SYS_PRLIMIT64, []uint32{0}},
	{unix.SYS_SETPRIORITY, []uint32{0, 1}},
	{unix.SYS_SCHED_SETSCHEDULER, []uint32{0}},
	{unix.SYS_SCHED_SETPARAM, []uint32{0}},
	{unix.SYS_SCHED_SETATTR, []uint32{0}},
	{unix.SYS_SCHED_SETAFFINITY, []uint32{0}},
	{unix.SYS_IOPRIO_SET, []uint32{0}}, // it is never 0
}

// namespaces are the flags of clone that make one.
const namespaces = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET

const (
	denied  = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	unknown = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
	// Where struct seccomp_data has its parts; the low half of an argument comes first.
	atNumber, atArch, atArgs = 0, 4, 16
)

type program []unix.SockFilter

func (p *program) add(code uint16, k uint32, yes, no uint8) {
	*p = append(*p, unix.SockFilter{Code: code, Jt: yes, Jf: no, K: k})
}

func (p *program) load(offset uint32) { p.add(unix.BPF_LD|unix.BPF_W|unix.BPF_ABS, offset, 0, 0) }
func (p *program) answer(a uint32)    { p.add(unix.BPF_RET|unix.BPF_K, a, 0, 0) }

// unless goes on only where what is loaded is k, and skips so many steps else.
func (p *program) unless(k uint32, skip uint8) {
	p.add(unix.BPF_JMP|unix.BPF_JEQ|unix.BPF_K, k, 0, skip)
}

func (p *program) refuse(call, how uint32) {
	p.unless(call, 1)
	p.answer(how)
}

// judged are the parts of an order that its filter follows from.
type judged struct{ attributes, others, network bool }

// filters are those that were made. They are not changed: those who are forked read them.
var filters sync.Map

// filter is the program that judges each system call.
func filter(o Order) program {
	j := judged{attributes: o.Stage == "" && o.User == 0, others: o.Stage == "", network: o.Network}
	made, ok := filters.Load(j)
	if !ok {
		made, _ = filters.LoadOrStore(j, j.filter())
	}
	return made.(program)
}

func (j judged) filter() program {
	var p program
	p.load(atArch)
	p.add(unix.BPF_JMP|unix.BPF_JEQ|unix.BPF_K, arch, 1, 0)
	p.answer(unix.SECCOMP_RET_KILL_PROCESS)
	p.load(atNumber)
	if x32 > 0 {
		p.add(unix.BPF_JMP|unix.BPF_JGE|unix.BPF_K, x32, 0, 1)
		p.answer(unknown)
	}
	for _, call := range refused {
		p.refuse(call, denied)
	}
	for _, call := range absent {
		p.refuse(call, unknown)
	}
	if j.attributes {
		for _, call := range attributes {
			p.refuse(call, denied)
		}
	}
	if j.others {
		for _, other := range others {
			p.unless(other.call, uint8(3*len(other.arguments)+1))
			for _, argument := range other.arguments {
				p.load(atArgs + 8*argument)
				p.add(unix.BPF_JMP|unix.BPF_JEQ|unix.BPF_K, 0, 1, 0)
				p.answer(denied)
			}
			p.answer(unix.SECCOMP_RET_ALLOW)
		}
	}
	p.unless(unix.SYS_CLONE, 4)
	p.load(atArgs)
	p.add(unix.BPF_JMP|unix.BPF_JSET|unix.BPF_K, namespaces, 0, 1)
	p.answer(denied)
	p.answer(unix.SECCOMP_RET_ALLOW)
	p.sockets(j.network)
	p.answer(unix.SECCOMP_RET_ALLOW)
	return p
}

// sockets lets a program with a network open those of the internet, and those that ask the kernel for its addresses,
// and any program a pair that is its own.
func (p *program) sockets(network bool) {
	if !network {
		p.refuse(unix.SYS_SOCKET, denied)
	} else {
		p.unless(unix.SYS_SOCKET, 6)
		p.load(atArgs)
		p.add(unix.BPF_JMP|unix.BPF_JEQ|unix.BPF_K, unix.AF_INET, 3, 0)
		p.add(unix.BPF_JMP|unix.BPF_JEQ|unix.BPF_K, unix.AF_INET6, 2, 0)
		p.add(unix.BPF_JMP|unix.BPF_JEQ|unix.BPF_K, unix.AF_NETLINK, 1, 0)
		p.answer(denied)
		p.answer(unix.SECCOMP_RET_ALLOW)
	}
	p.unless(unix.SYS_SOCKETPAIR, 4)
	p.load(atArgs)
	p.add(unix.BPF_JMP|unix.BPF_JEQ|unix.BPF_K, unix.AF_UNIX, 1, 0)
	p.answer(denied)
	p.answer(unix.SECCOMP_RET_ALLOW)
}

// filter adds the call that puts a thread, and what it starts, under the filter.
func (s *script) filter(o Order) {
	steps := filter(o)
	s.says("refuse system calls", "")
	s.keep(unsafe.Pointer(&steps[0]))
	s.add(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, unsafe.Pointer(&unix.SockFprog{Len: uint16(len(steps)), Filter: &steps[0]}))
}
