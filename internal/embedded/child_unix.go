//go:build unix && !linux

package embedded

import "syscall"

// childAttributes keeps a terminal's Ctrl-C, which goes to the whole process
// group, from the child. Only Linux can also tie the child's life to ours.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
