//go:build unix && !linux

package child

import "syscall"

// ties keep a terminal's Ctrl-C, which goes to the whole process group, from the child.
// Only Linux can also bind its life to ours.
func ties() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
