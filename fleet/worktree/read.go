package worktree

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/check"
)

// parent is a folder of a root whose sub-folders are read one by one. It may be used
// by several goroutines at once, but not after close.
type parent struct {
	root *os.Root
	path string
	dir  *os.File // nil if it could not be opened
}

// openParent prepares for reading folders below path, which need not exist.
func openParent(root *os.Root, path string) *parent {
	p := &parent{root: root, path: path}
	p.dir, _ = root.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // read says why a folder cannot be read
	return p
}

// close releases the parent, not the root.
func (p *parent) close() error {
	if p.dir == nil {
		return nil
	}
	return p.dir.Close()
}

// read is readFolder for the sub-folder called name. It notes in a stamp, nil for none, how a usual one lies.
func (p *parent) read(name string, keep func(path string) bool, limit int, lies *stamp) (bundle.Bundle, error) {
	dir := path.Join(p.path, name)
	if p.dir != nil && fs.ValidPath(name) && name != "." && !strings.Contains(name, "/") {
		r := newReader(nil, dir, keep, limit)
		r.lies = lies
		if r.readFlat(int(p.dir.Fd()), name) {
			if b, err := r.out.Bundle(); err == nil {
				lies.end()
				return b, nil
			}
		}
	}
	return readFolder(p.root, dir, keep, limit)
}

// readFolder makes a bundle of files below dir, a slash-separated path in root: of those that
// keep accepts, given their paths inside dir. Each file is read once, and the digest
// names what was read. Nothing outside dir is opened: dir itself must not be a symbolic
// link, and links below it become entries of their type, as do pipes, sockets and
// devices. None of these is opened.
//
// The encoding may be up to limit bytes long (see bundle.Bundle.Size). A longer one is a
// *bundle.TooLargeError, as are too many files or levels. A *bundle.NameError says that a file cannot
// be held. Other errors are those of the file system.
func readFolder(root *os.Root, dir string, keep func(path string) bool, limit int) (bundle.Bundle, error) {
	before, err := root.Lstat(dir)
	if err != nil {
		return bundle.Bundle{}, fmt.Errorf("read folder: %w", err)
	}
	if !before.IsDir() {
		return bundle.Bundle{}, fmt.Errorf("read folder %q: it is %s: %w", dir, check.FileKind(before.Mode()), syscall.ENOTDIR)
	}
	folder, err := root.OpenRoot(dir)
	if err != nil {
		return bundle.Bundle{}, fmt.Errorf("read folder: %w", err)
	}
	defer folder.Close()
	after, err := folder.Stat(".")
	if err != nil {
		return bundle.Bundle{}, fmt.Errorf("read folder %q: %w", dir, err)
	}
	if !os.SameFile(before, after) {
		return bundle.Bundle{}, fmt.Errorf("read folder %q: it was replaced while it was opened: run again", dir)
	}
	r := newReader(folder, dir, keep, limit)
	return r.read([]string{"."})
}

// readPaths is readFolder for chosen files and folders of a root. Entries keep their paths from
// root. A path that does not exist is left out, and one that is named twice comes once. A
// chosen path that is neither a regular file nor a folder becomes an entry of its type;
// keep is asked about all other files. What is given stands in the place of what lies at its path.
func readPaths(root *os.Root, paths []string, given map[string][]byte, keep func(path string) bool, limit int) (bundle.Bundle, error) {
	r := newReader(root, ".", func(path string) bool { return given[path] == nil && keep(path) }, limit)
	r.given = given
	for path := range given {
		r.found = append(r.found, bundle.Entry{Path: path})
	}
	var folders []string
	for _, p := range slices.Compact(slices.Sorted(slices.Values(paths))) {
		info, err := root.Lstat(p)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return bundle.Bundle{}, fmt.Errorf("read shared files: %w", err)
		case info.IsDir():
			folders = append(folders, p)
		case given[p] != nil:
		case info.Mode().Type() != 0 || keep(p):
			r.found = append(r.found, bundle.Entry{Path: p, Type: info.Mode().Type()})
		}
	}
	return r.read(folders)
}

// reader collects the entries of a bundle, and then reads their files in order.
type reader struct {
	root *os.Root
	dir  string // for messages
	keep func(string) bool
	// given are files that are not read.
	given map[string][]byte

	files, levels int // bounds on the shape

	lies *stamp // notes how a usual unit lies; nil for none

	found   []bundle.Entry // without data
	folders int
	out     *bundle.Builder
}

func newReader(root *os.Root, dir string, keep func(string) bool, limit int) *reader {
	return &reader{root: root, dir: dir, keep: keep, files: bundle.MaxFiles, levels: bundle.MaxLevels, out: bundle.NewBuilder(dir, limit)}
}

func (r *reader) read(folders []string) (bundle.Bundle, error) {
	if err := r.walk(folders); err != nil {
		return bundle.Bundle{}, err
	}
	slices.SortFunc(r.found, func(a, b bundle.Entry) int { return cmp.Compare(a.Path, b.Path) })
	r.found = slices.CompactFunc(r.found, func(a, b bundle.Entry) bool { return a.Path == b.Path })
	for _, e := range r.found {
		if err := r.add(e); err != nil {
			return bundle.Bundle{}, err
		}
	}
	return r.out.Bundle()
}

func (r *reader) walk(folders []string) error {
	for len(folders) > 0 {
		last := len(folders) - 1
		dir := folders[last]
		folders = folders[:last]
		subs, err := r.list(dir)
		if err != nil {
			return err
		}
		folders = append(folders, subs...)
	}
	return nil
}

// list collects the kept files of one folder and returns its sub-folders. It reads in
// batches, so that a folder of a million files that are not kept costs no memory.
func (r *reader) list(dir string) (subs []string, err error) {
	f, err := r.root.OpenFile(dir, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("read folder %q: %w", r.dir, err)
	}
	defer f.Close()
	for {
		batch, err := f.ReadDir(256)
		for _, d := range batch {
			p := path.Join(dir, d.Name())
			if d.IsDir() {
				subs = append(subs, p)
				r.folders++
			} else if r.keep(p) {
				r.found = append(r.found, bundle.Entry{Path: p, Type: d.Type()})
			}
			if err := r.bound(p); err != nil {
				return nil, err
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return subs, nil
		case err != nil:
			return nil, fmt.Errorf("read folder %q: %w", r.dir, err)
		}
	}
}

func (r *reader) bound(p string) error {
	if n := len(r.found) + r.folders; n > r.files {
		return &bundle.TooLargeError{Dir: r.dir, Unit: "files", Limit: r.files, Size: n}
	}
	if n := strings.Count(p, "/"); n > r.levels {
		return &bundle.TooLargeError{Dir: r.dir, Unit: "levels", Limit: r.levels, Size: n}
	}
	return nil
}

// add reads one file. The type in the listing is not enough: the file may have been
// replaced since, and O_NONBLOCK keeps a pipe in its place from blocking.
func (r *reader) add(e bundle.Entry) error {
	if err := r.out.Check(e.Path); err != nil {
		return err
	}
	if e.Type != 0 {
		return r.out.Irregular(e.Path, e.Type)
	}
	if text := r.given[e.Path]; text != nil {
		return r.out.File(e.Path, int64(len(text)), bytes.NewReader(text))
	}
	f, err := r.root.OpenFile(e.Path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return fmt.Errorf("read folder %q: %w", r.dir, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("read folder %q: %w", r.dir, err)
	}
	if t := info.Mode().Type(); t != 0 {
		return r.out.Irregular(e.Path, t)
	}
	return r.out.File(e.Path, info.Size(), f)
}
