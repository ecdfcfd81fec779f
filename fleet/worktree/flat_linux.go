package worktree

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
)

// readDirect reads the usual unit that is known by its path, a plain file or a folder as
// readFlat has it, and tells its kind: os.Root opens all folders on the way for every look at
// one of them. It returns false for any other unit, and where anything goes wrong. Some glob
// must match the path. No symbolic link is followed.
func (t *Tree) readDirect(unit id.Unit, lies *stamp) (files bundle.Bundle, kind int, ok bool) {
	if t.top.dir == nil || !fleet.IsPlain(string(unit)) {
		return files, 0, false
	}
	dir, name := path.Split(string(unit))
	folder, err := openBelow(int(t.top.dir.Fd()), dir)
	if err != nil {
		return files, 0, false
	}
	defer syscall.Close(folder)
	var info unix.Stat_t
	if err := unix.Fstatat(folder, name, &info, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return files, 0, false
	}
	switch info.Mode & syscall.S_IFMT {
	case syscall.S_IFREG:
		return t.direct(unit, 0, lies, func(r *reader) bool { return r.addFlat(folder, name, string(unit)) })
	case syscall.S_IFDIR:
		return t.direct(unit, fs.ModeDir, lies, func(r *reader) bool { return r.readFlat(folder, name) })
	}
	return files, 0, false
}

// direct is what read makes of a unit at whose path something of a type is, with a stamp of it.
func (t *Tree) direct(unit id.Unit, is fs.FileMode, lies *stamp, read func(*reader) bool) (files bundle.Bundle, kind int, ok bool) {
	if kind, ok = t.walk.Index(unit, is); !ok {
		return files, 0, false
	}
	of := t.layout.Kinds[kind]
	r := newReader(nil, string(unit), of.Reads, of.MaxBytes())
	r.lies = lies
	if !read(r) {
		return files, 0, false
	}
	files, err := r.out.Bundle()
	if err == nil {
		lies.end()
	}
	return files, kind, err == nil
}

// openBelow opens the folder at a path in another one, "" for that one itself.
func openBelow(folder int, dir string) (int, error) {
	below, err := openIn(folder, ".", syscall.O_DIRECTORY)
	for dir != "" && err == nil {
		around, name := below, ""
		name, dir, _ = strings.Cut(dir, "/")
		below, err = openIn(around, name, syscall.O_DIRECTORY)
		syscall.Close(around)
	}
	return below, err
}

// readFlat reads the usual folder, which has regular files and no sub-folders, in as few
// system calls as that takes: os.Root looks at every file once more, and opens the folder
// three times. It returns false for any other folder, and where anything goes wrong or
// exceeds a limit; readFolder then finds out what. parent is the folder around it, and name
// must be one path element. No symbolic link is followed.
func (r *reader) readFlat(parent int, name string) bool {
	folder, err := openIn(parent, name, syscall.O_DIRECTORY)
	if err != nil {
		return false
	}
	defer syscall.Close(folder)
	if !r.lies.noteFolder(folder) || !r.listFlat(folder) {
		return false
	}
	slices.SortFunc(r.found, func(a, b bundle.Entry) int { return strings.Compare(a.Path, b.Path) })
	for _, e := range r.found {
		if !r.addFlat(folder, e.Path, e.Path) {
			return false
		}
	}
	return true
}

func openIn(folder int, name string, flags int) (int, error) {
	return syscall.Openat(folder, name, flags|syscall.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
}

// listFlat notes the kept files of a folder.
func (r *reader) listFlat(folder int) bool {
	var buf [4096]byte
	for {
		n, err := syscall.ReadDirent(folder, buf[:])
		if err != nil {
			return false
		}
		if n == 0 {
			return true
		}
		if !r.noteFlat(buf[:n]) {
			return false
		}
	}
}

// noteFlat notes the kept files among directory entries as the kernel writes them.
func (r *reader) noteFlat(entries []byte) bool {
	for len(entries) > 0 {
		raw, kind, rest, ok := cutEntry(entries)
		if !ok {
			return false
		}
		entries = rest
		name := string(raw)
		switch {
		case name == "." || name == "..":
		case kind == syscall.DT_DIR || kind == syscall.DT_UNKNOWN:
			return false
		case !r.keep(name):
			r.lies.noteLeft(name)
		case kind != syscall.DT_REG || len(r.found) == r.files:
			return false
		default:
			r.found = append(r.found, bundle.Entry{Path: name})
		}
	}
	return true
}

// cutEntry cuts off the first of directory entries as the kernel writes them: an
// inode and an offset of 8 bytes each, the entry's length in 2 bytes, its type in one,
// and its name up to a NUL.
func cutEntry(entries []byte) (name []byte, kind byte, rest []byte, ok bool) {
	const header = 19
	if len(entries) <= header {
		return nil, 0, nil, false
	}
	length := int(binary.NativeEndian.Uint16(entries[16:]))
	if length <= header || length > len(entries) {
		return nil, 0, nil, false
	}
	name, _, _ = bytes.Cut(entries[header:length], []byte{0})
	return name, entries[18], entries[length:], true
}

// each is Each for an open folder, which lies at a path: os.File looks at every entry of a folder that it has from a root. Entries
// are read by some kilobytes, so that the first name comes before a large folder was read to its end, and memory
// stays flat.
func (f files) each(ctx context.Context, folder *os.File, dir string, do func(fs.DirEntry) error) error {
	var buf [8 << 10]byte
	for {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		n, err := syscall.ReadDirent(int(folder.Fd()), buf[:])
		switch {
		case err == syscall.EINTR:
			continue
		case err != nil:
			return fmt.Errorf("list the units: %w", &fs.PathError{Op: "readdirent", Path: folder.Name(), Err: err})
		case n == 0:
			return nil
		}
		for rest := buf[:n]; len(rest) > 0; {
			raw, kind, behind, ok := cutEntry(rest)
			if !ok {
				return fmt.Errorf("list the units: %w", &fs.PathError{Op: "readdirent", Path: folder.Name(), Err: syscall.EIO})
			}
			rest = behind
			e := entry{files: f, dir: dir, name: string(raw)}
			if e.name == "." || e.name == ".." {
				continue
			}
			if kind == syscall.DT_UNKNOWN {
				var info unix.Stat_t
				err := unix.Fstatat(int(folder.Fd()), e.name, &info, unix.AT_SYMLINK_NOFOLLOW)
				if err == syscall.ENOENT {
					continue // it is gone
				}
				if err != nil {
					return fmt.Errorf("list the units: %w", &fs.PathError{Op: "lstat", Path: path.Join(folder.Name(), e.name), Err: err})
				}
				kind = byte(info.Mode & syscall.S_IFMT >> 12) // as the kernel makes them
			}
			e.mode = typeOf(kind)
			if err := do(e); err != nil {
				return err
			}
		}
	}
}

// entry is one of a folder.
type entry struct {
	files
	dir, name string
	mode      fs.FileMode
}

func (e entry) Name() string               { return e.name }
func (e entry) IsDir() bool                { return e.mode.IsDir() }
func (e entry) Type() fs.FileMode          { return e.mode }
func (e entry) Info() (fs.FileInfo, error) { return e.Lstat(path.Join(e.dir, e.name)) }

// typeOf is the type of a directory entry.
func typeOf(kind byte) fs.FileMode {
	switch kind {
	case syscall.DT_REG:
		return 0
	case syscall.DT_DIR:
		return fs.ModeDir
	case syscall.DT_LNK:
		return fs.ModeSymlink
	case syscall.DT_FIFO:
		return fs.ModeNamedPipe
	case syscall.DT_SOCK:
		return fs.ModeSocket
	case syscall.DT_BLK:
		return fs.ModeDevice
	case syscall.DT_CHR:
		return fs.ModeDevice | fs.ModeCharDevice
	}
	return fs.ModeIrregular
}

// addFlat reads the plain file of a name in an open folder, which the bundle has under a path.
func (r *reader) addFlat(folder int, name, as string) bool {
	fd, err := openIn(folder, name, 0)
	if err != nil {
		return false
	}
	defer syscall.Close(fd)
	var info syscall.Stat_t
	if err := syscall.Fstat(fd, &info); err != nil || info.Mode&syscall.S_IFMT != syscall.S_IFREG {
		return false
	}
	r.lies.noteFile(as, &info)
	return r.out.File(as, info.Size, &descriptor{fd, info.Size}) == nil
}

// descriptor reads from an open file. It takes for the end what lies where the file system has said, if a read
// with room for more comes so far and no further.
type descriptor struct {
	fd   int
	left int64 // up to where the end was
}

func (d *descriptor) Read(p []byte) (int, error) {
	n, err := syscall.Read(d.fd, p)
	for err == syscall.EINTR {
		n, err = syscall.Read(d.fd, p)
	}
	if err != nil {
		return 0, err
	}
	d.left -= int64(n)
	if n == 0 || d.left == 0 && n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
