package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// dropOverride takes the right to pass over permissions from what this thread starts.
func dropOverride() error {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, right := range []uintptr{unix.CAP_DAC_OVERRIDE, unix.CAP_DAC_READ_SEARCH} {
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, right, 0, 0, 0); err != nil {
			return err
		}
	}
	return nil
}
