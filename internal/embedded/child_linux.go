package embedded

import "syscall"

// childAttributes ties the child's life to that of the thread that starts it,
// and keeps a terminal's Ctrl-C, which goes to the whole process group, from it.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
