//go:build linux

package processes

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Unread is a pipe that nobody reads. It holds one page.
type Unread struct{ r, w *os.File }

// NewUnread makes one. The caller must Close it.
func NewUnread() (*Unread, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	if _, err := unix.FcntlInt(w.Fd(), unix.F_SETPIPE_SZ, os.Getpagesize()); err != nil {
		return nil, fmt.Errorf("make a pipe small: %w", err)
	}
	return &Unread{r, w}, nil
}

// Fill leaves no room in the pipe: the first write to it waits.
func (u *Unread) Fill() error {
	_, err := u.w.Write(make([]byte, u.size()))
	return err
}

func (u *Unread) size() int { return os.Getpagesize() }

// Full says whether there is no room in the pipe.
func (u *Unread) Full() (bool, error) {
	n, err := unix.IoctlGetInt(int(u.r.Fd()), unix.TIOCINQ)
	return n == u.size(), err
}

// Close closes both ends.
func (u *Unread) Close() {
	u.r.Close()
	u.w.Close()
}
