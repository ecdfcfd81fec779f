#include "textflag.h"

// func vfork() (pid, errno uintptr)
TEXT ·vfork(SB),NOSPLIT|NOFRAME,$0-16
	MOVQ	$56, AX // SYS_CLONE
	MOVQ	$0x4111, DI // CLONE_VFORK|CLONE_VM|SIGCHLD
	XORQ	SI, SI
	XORQ	DX, DX
	XORQ	R10, R10
	XORQ	R8, R8
	POPQ	R12 // the child writes over this part of the stack, which the parent still needs
	SYSCALL
	PUSHQ	R12
	CMPQ	AX, $0xfffffffffffff001
	JCC	failed
	MOVQ	AX, pid+0(FP)
	MOVQ	$0, errno+8(FP)
	RET

failed:
	NEGQ	AX
	MOVQ	$0, pid+0(FP)
	MOVQ	AX, errno+8(FP)
	RET
