//go:build !unix

package child

import "syscall"

// ties are none: this system has neither process groups nor a bond between two lives.
func ties() *syscall.SysProcAttr { return nil }
