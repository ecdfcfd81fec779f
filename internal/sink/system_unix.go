//go:build unix

package sink

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// check tells what was handed to this process from what it opened itself, which is
// closed when a program is started.
func (d descriptor) check() error {
	flags, err := unix.FcntlInt(uintptr(d), unix.F_GETFD, 0)
	if err != nil {
		return fmt.Errorf("descriptor %d is not open: %w", d, err)
	}
	if d > 2 && flags&unix.FD_CLOEXEC != 0 {
		return fmt.Errorf("descriptor %d is not one that the process was started with", d)
	}
	mode, err := unix.FcntlInt(uintptr(d), unix.F_GETFL, 0)
	if err == nil && mode&unix.O_ACCMODE == unix.O_RDONLY {
		err = fmt.Errorf("descriptor %d is open for reading only", d)
	}
	return err
}

func (d descriptor) open() (*os.File, error) {
	fd, err := unix.FcntlInt(uintptr(d), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("copy descriptor %d: %w", d, err)
	}
	return os.NewFile(uintptr(fd), fmt.Sprintf("descriptor %d", d)), nil
}

// letWait makes writes wait in the system where the runtime does not do the waiting, as
// for a pipe on Darwin.
func letWait(f *os.File) error {
	if f.SetWriteDeadline(time.Time{}) == nil {
		return nil
	}
	return unix.SetNonblock(int(f.Fd()), false)
}

// access says whether a file may be written to, and does not open it.
func access(path string) error {
	if err := unix.Access(path, unix.W_OK); err != nil {
		return &fs.PathError{Op: "write to", Path: path, Err: err}
	}
	return nil
}

// replaceable fails where a new file could be made beside the old one, and not renamed
// over it: in a folder such as /tmp only the owner of a file may do that.
func (f file) replaceable() error {
	if f.now == nil || f.folder.Mode()&fs.ModeSticky == 0 {
		return nil
	}
	me := uint32(os.Geteuid())
	if me == 0 || owner(f.folder) == me || owner(f.now) == me {
		return nil
	}
	return fmt.Errorf("%s belongs to another user, and only its owner may replace it in %s", f.base, f.dir)
}

func owner(info fs.FileInfo) uint32 { return info.Sys().(*syscall.Stat_t).Uid }
