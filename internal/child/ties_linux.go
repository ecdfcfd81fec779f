package child

import "syscall"

// ties are what binds a child: the kernel kills it when the thread that starts it ends,
// and a terminal's Ctrl-C, which goes to the whole process group, does not reach it.
func ties() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
