package cell

import "golang.org/x/sys/unix"

const (
	arch = unix.AUDIT_ARCH_X86_64
	// x32 is where the numbers of a second set of system calls begin.
	x32 = 0x40000000
)

// oldAttributes are system calls that newer processors' kernels no longer have.
var oldAttributes = []uint32{unix.SYS_CHMOD, unix.SYS_CHOWN, unix.SYS_LCHOWN, unix.SYS_UTIME, unix.SYS_UTIMES, unix.SYS_FUTIMESAT}
