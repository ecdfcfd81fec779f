package closure

import (
	"fmt"
	"io/fs"
	"syscall"
)

// identity tells a file from another one that was put in its place with its size and its time.
func identity(info fs.FileInfo) string {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return fmt.Sprintf("%d %d.%d", s.Ino, s.Ctim.Sec, s.Ctim.Nsec)
	}
	return ""
}
