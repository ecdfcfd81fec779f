package directory

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Beside says whether the directory lies on the file system of a folder, and names it by what no copy has: its
// place there and when it was made.
func (s *Store) Beside(folder string) (name string, ok bool) {
	var own, other unix.Statx_t
	const wanted = unix.STATX_INO | unix.STATX_BTIME
	if unix.Statx(unix.AT_FDCWD, s.dir, 0, wanted, &own) != nil || unix.Statx(unix.AT_FDCWD, folder, 0, wanted, &other) != nil {
		return "", false
	}
	if own.Mask&wanted != wanted || own.Dev_major != other.Dev_major || own.Dev_minor != other.Dev_minor {
		return "", false
	}
	return fmt.Sprintf("%d:%d %d %d.%d", own.Dev_major, own.Dev_minor, own.Ino, own.Btime.Sec, own.Btime.Nsec), true
}
