package worktree

import (
	"io/fs"
	"path"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
)

// tells are the file systems that change a time (ctime) with each write to a file and each change of a folder's
// list, which nobody can set: those that lie on disks of this machine and are written there alone.
var tells = map[int64]bool{unix.EXT4_SUPER_MAGIC: true, unix.XFS_SUPER_MAGIC: true, unix.BTRFS_SUPER_MAGIC: true, unix.F2FS_SUPER_MAGIC: true}

// stampable is the device on which units get stamps; ok is false where they get none.
func (t *Tree) stampable() (device uint64, ok bool) {
	device, ok = t.top.tells()
	if ok && t.byName != nil {
		named, tells := t.byName.tells()
		ok = tells && named == device
	}
	return device, ok
}

// tells says whether a folder lies where changes show, and on which device.
func (p *parent) tells() (device uint64, ok bool) {
	var of unix.Statfs_t
	var info unix.Stat_t
	if p.dir == nil || unix.Fstatfs(int(p.dir.Fd()), &of) != nil || unix.Fstat(int(p.dir.Fd()), &info) != nil {
		return 0, false
	}
	return info.Dev, tells[int64(of.Type)]
}

// noteFolder notes the status of an open folder, if a stamp is made.
func (s *stamp) noteFolder(folder int) bool {
	if s == nil {
		return true
	}
	var info unix.Stat_t
	err := unix.Fstat(folder, &info)
	s.folder = listOf(&info)
	return err == nil
}

// noteFile notes a file that is read.
func (s *stamp) noteFile(path string, info *syscall.Stat_t) {
	if s != nil {
		s.kept = append(s.kept, stamped{path, status{info.Dev, info.Ino, int64(info.Ctim.Sec), int64(info.Ctim.Nsec), info.Size}})
	}
}

// listOf is the status of a folder's list.
func listOf(info *unix.Stat_t) status {
	return status{device: info.Dev, inode: info.Ino, seconds: int64(info.Ctim.Sec), nanoseconds: int64(info.Ctim.Nsec)}
}

// compare says whether a unit lies as a stamp of the device has it, of which the device was read, and tells its kind.
func (t *Tree) compare(s *stampText, unit id.Unit, device uint64) (kind int, ok bool) {
	was, size := s.status(device), s.number()
	around, name, opened, ok := t.around(unit)
	if !ok {
		return 0, false
	}
	if opened {
		defer syscall.Close(around)
	}
	lies := fs.FileMode(0)
	switch {
	case !opened:
		lies = fs.ModeIrregular // as Unit asks about a unit that is known by its name
	case was != status{device: device}:
		lies = fs.ModeDir
	}
	if kind, ok = t.walk.Index(unit, lies); !ok {
		return 0, false
	}
	of := t.layout.Kinds[kind]
	switch {
	case size > uint64(of.MaxBytes()):
		return 0, false
	case lies == 0:
		return kind, s.hasFile(around, name, string(unit), device)
	}
	return kind, s.hasFolder(around, name, was, of)
}

// around is the folder around a unit, and what the unit is called there. What was opened is to be closed. No
// symbolic link is followed.
func (t *Tree) around(unit id.Unit) (folder int, name string, opened, ok bool) {
	if t.survey.IsNamed(unit) {
		entry, err := t.survey.Entry(unit)
		if err != nil || !fs.ValidPath(entry) || entry == "." || strings.Contains(entry, "/") {
			return 0, "", false, false
		}
		return int(t.byName.dir.Fd()), entry, false, true
	}
	if !fleet.IsPlain(string(unit)) {
		return 0, "", false, false
	}
	dir, name := path.Split(string(unit))
	folder, err := openBelow(int(t.top.dir.Fd()), dir)
	return folder, name, true, err == nil
}

// hasFile compares a unit that is a file at a path.
func (t *stampText) hasFile(around int, name, path string, device uint64) bool {
	if t.number() != 1 || t.name() != path {
		return false
	}
	return isAs(around, name, t.status(device)) && t.number() == 0 && t.isRead()
}

// hasFolder compares a unit that is a folder of a kind, and had a status.
func (t *stampText) hasFolder(around int, name string, was status, of fleet.Kind) bool {
	folder, err := openIn(around, name, syscall.O_DIRECTORY|unix.O_PATH)
	if err != nil {
		return false
	}
	defer syscall.Close(folder)
	var info unix.Stat_t
	if unix.Fstat(folder, &info) != nil || listOf(&info) != was {
		return false
	}
	for left := t.number(); left > 0; left-- {
		file := t.name()
		if t.bad || !of.Reads(file) || !isAs(folder, file, t.status(was.device)) {
			return false
		}
	}
	for left := t.number(); left > 0; left-- {
		if file := t.name(); t.bad || of.Reads(file) {
			return false
		}
	}
	return t.isRead()
}

// isAs says whether a plain file of an open folder has a status.
func isAs(folder int, name string, was status) bool {
	var info unix.Stat_t
	err := unix.Fstatat(folder, name, &info, unix.AT_SYMLINK_NOFOLLOW)
	is := listOf(&info)
	is.size = info.Size
	return err == nil && info.Mode&unix.S_IFMT == unix.S_IFREG && is == was
}
