package worktree

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seed306eabeb/muster/blob"
	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/git"
)

// canName says whether units have names here.
const canName = true

// name names the files of a unit.
func (t *Tree) name(index *git.Index, unit id.Unit) (files []blob.File, kind int, ok bool) {
	n := namer{index: index, since: index.Since()}
	kind, ok = t.look(&n, unit)
	return n.files, kind, ok && n.room > 0
}

// weigh is of how many bytes the files of a unit are that Unit would read.
func (t *Tree) weigh(unit id.Unit) (bytes int64, ok bool) {
	n := namer{}
	kind, ok := t.look(&n, unit)
	if !ok {
		return 0, false
	}
	return min(n.bytes, int64(t.layout.Kinds[kind].MaxBytes())), true
}

// look shows a namer the files of a unit.
func (t *Tree) look(n *namer, unit id.Unit) (kind int, ok bool) {
	top, dir, entry := t.top, "", ""
	if t.survey.IsNamed(unit) {
		top, entry = t.byName, string(unit)
	} else {
		dir, entry = path.Split(string(unit))
	}
	if top.dir == nil || !fs.ValidPath(entry) || entry == "." || strings.Contains(entry, "/") {
		return 0, false
	}
	folder, ok := n.open(int(top.dir.Fd()), strings.TrimSuffix(dir, "/"))
	if !ok {
		return 0, false
	}
	defer syscall.Close(folder)
	info, ok := n.stat(folder, entry)
	if !ok {
		return 0, false
	}
	lies := fs.FileMode(0)
	switch info.Mode & syscall.S_IFMT {
	case syscall.S_IFDIR:
		lies = fs.ModeDir
	case syscall.S_IFREG:
	default:
		return 0, false
	}
	if kind, ok = t.walk.Index(unit, lies); !ok {
		return 0, false
	}
	of := t.layout.Kinds[kind]
	n.room, n.keep = int64(of.MaxBytes()), of.Reads
	if lies == 0 {
		ok = n.plain("", string(unit), info)
	} else {
		n.unit = path.Join(top.path, dir, entry)
		ok = n.folder(folder, entry)
	}
	return kind, ok
}

// namer names files that lie as an index has them, as a reader would read them; without an index it adds
// up their bytes.
type namer struct {
	index *git.Index
	since time.Time
	unit  string // the unit's folder
	keep  func(file string) bool
	room  int64 // for bytes

	files   []blob.File
	folders int
	bytes   int64
}

// folder names the files of the unit's folder, and of those below it.
func (n *namer) folder(around int, entry string) bool {
	unit, ok := n.open(around, entry)
	if !ok {
		return false
	}
	defer syscall.Close(unit)
	left, ok := n.list(unit, "")
	for ok && len(left) > 0 {
		last := len(left) - 1
		dir := left[last]
		left = left[:last]
		var below int
		if below, ok = n.open(unit, dir); !ok {
			return false
		}
		var more []string
		more, ok = n.list(below, dir)
		syscall.Close(below)
		left = append(left, more...)
	}
	slices.SortFunc(n.files, func(a, b blob.File) int { return strings.Compare(a.Path, b.Path) })
	return ok
}

// list names the kept files of an open folder, at a path in the unit, and returns its sub-folders.
func (n *namer) list(folder int, dir string) (subs []string, ok bool) {
	var buf [4096]byte
	for {
		size, err := syscall.ReadDirent(folder, buf[:])
		if err != nil {
			return nil, false
		}
		if size == 0 {
			return subs, true
		}
		for rest := buf[:size]; len(rest) > 0; {
			var raw []byte
			var kind byte
			if raw, kind, rest, ok = cutEntry(rest); !ok {
				return nil, false
			}
			name := string(raw)
			if name == "." || name == ".." {
				continue
			}
			file := path.Join(dir, name)
			switch {
			case kind == syscall.DT_DIR:
				subs = append(subs, file)
				n.folders++
			case kind == syscall.DT_UNKNOWN || n.keep(file) && !n.file(folder, name, file, kind):
				return nil, false
			}
			if len(n.files)+n.folders > bundle.MaxFiles || strings.Count(file, "/") > bundle.MaxLevels {
				return nil, false
			}
		}
	}
}

// file names a file of an open folder, at a path in the unit.
func (n *namer) file(folder int, name, file string, kind byte) bool {
	switch kind {
	case syscall.DT_LNK:
		n.add(blob.File{Path: file, Type: fs.ModeSymlink}, 0)
		return hasName(file)
	case syscall.DT_REG:
		info, ok := n.stat(folder, name)
		return ok && n.plain(n.unit, file, info)
	}
	return false
}

// plain names a plain file at a path in a folder, which the bundle has under that path.
func (n *namer) plain(folder, file string, info unix.Stat_t) bool {
	if n.index == nil {
		n.bytes += info.Size
		return info.Mode&syscall.S_IFMT == syscall.S_IFREG
	}
	known, ok := n.index.Find(folder, file)
	switch seconds, nanoseconds := info.Ctim.Unix(); {
	case !ok || !hasName(file) || info.Mode&syscall.S_IFMT != syscall.S_IFREG:
		return false
	case info.Size != known.Size || uint32(seconds) != known.Seconds || uint32(nanoseconds) != known.Nanoseconds || !n.isOld(info):
		return false
	}
	n.add(blob.File{Path: file, ID: known.Object}, known.Size)
	return true
}

// add adds a file, and takes room for its bytes, of which the encoding of a bundle needs a few for each
// file and for itself.
func (n *namer) add(f blob.File, size int64) {
	const file, all = 16, 64
	if n.files == nil {
		n.room -= all
	}
	n.files = append(n.files, f)
	n.room -= file + int64(len(f.Path)) + size
}

// isOld says whether a file, or a folder's list, is as it was when git looked.
func (n *namer) isOld(info unix.Stat_t) bool {
	return n.index == nil || time.Unix(info.Ctim.Unix()).Before(n.since)
}

// stat is the status of an entry of an open folder.
func (n *namer) stat(folder int, name string) (info unix.Stat_t, ok bool) {
	err := unix.Fstatat(folder, name, &info, unix.AT_SYMLINK_NOFOLLOW)
	return info, err == nil
}

// open opens the folder at a path in another one, "" for that one itself, if none on the way has
// changed since git has looked: another one may have been put in its place.
func (n *namer) open(folder int, dir string) (int, bool) {
	below, err := openIn(folder, ".", syscall.O_DIRECTORY)
	for dir != "" && err == nil {
		around, name := below, ""
		name, dir, _ = strings.Cut(dir, "/")
		below, err = openIn(around, name, syscall.O_DIRECTORY)
		syscall.Close(around)
		var info unix.Stat_t
		if err == nil && (unix.Fstat(below, &info) != nil || !n.isOld(info)) {
			syscall.Close(below)
			return 0, false
		}
	}
	return below, err == nil
}
