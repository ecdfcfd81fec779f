//go:build unix

package directory

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// owned refuses a directory into which others than the user may write.
func owned(dir string, info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case ok && int(stat.Uid) != os.Geteuid():
		return &UnsafeError{dir, "belongs to the user with the number " + strconv.Itoa(int(stat.Uid))}
	case info.Mode().Perm()&0o022 != 0:
		return &UnsafeError{dir, "can be written by others (" + info.Mode().Perm().String() + ")"}
	}
	return nil
}

// lock takes the directory for whoever tidies it up, or is errBusy. The lock ends with the process.
func lock(dir string) (unlock func(), err error) {
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = errBusy
		}
		return nil, err
	}
	return func() { file.Close() }, nil
}
