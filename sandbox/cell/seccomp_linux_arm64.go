package cell

import "golang.org/x/sys/unix"

const (
	arch = unix.AUDIT_ARCH_AARCH64
	x32  = 0 // it has no second set of system calls
)

var oldAttributes []uint32
