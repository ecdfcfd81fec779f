package bundle

import (
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
)

// Parent is a folder of a root whose sub-folders are read one by one. It may be used
// by several goroutines at once, but not after Close.
type Parent struct {
	root *os.Root
	path string
	dir  *os.File // nil if it could not be opened
}

// OpenParent prepares for reading folders below path, which need not exist.
func OpenParent(root *os.Root, path string) *Parent {
	p := &Parent{root: root, path: path}
	p.dir, _ = root.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // Read says why a folder cannot be read
	return p
}

// Close releases the parent, not the root.
func (p *Parent) Close() error {
	if p.dir == nil {
		return nil
	}
	return p.dir.Close()
}

// Read is the function Read for the sub-folder called name.
func (p *Parent) Read(name string, keep func(path string) bool, limit int) (Bundle, error) {
	dir := path.Join(p.path, name)
	if p.dir != nil && fs.ValidPath(name) && name != "." && !strings.Contains(name, "/") {
		r := newReader(nil, dir, keep, limit)
		if r.readFlat(int(p.dir.Fd()), name) {
			if b, err := r.out.bundle(); err == nil {
				return b, nil
			}
		}
	}
	return Read(p.root, dir, keep, limit)
}

// Read makes a bundle of files below dir, a slash-separated path in root: of those that
// keep accepts, given their paths inside dir. Each file is read once, and the digest
// names what was read. Nothing outside dir is opened: dir itself must not be a symbolic
// link, and links below it become entries of their type, as do pipes, sockets and
// devices. None of these is opened.
//
// The encoding may be up to limit bytes long (see Bundle.Size). A longer one is a
// *TooLargeError, as are too many files or levels. A *NameError says that a file cannot
// be held. Other errors are those of the file system.
func Read(root *os.Root, dir string, keep func(path string) bool, limit int) (Bundle, error) {
	before, err := root.Lstat(dir)
	if err != nil {
		return Bundle{}, fmt.Errorf("read folder: %w", err)
	}
	if !before.IsDir() {
		return Bundle{}, fmt.Errorf("read folder %q: it is a %s: %w", dir, describe(before.Mode()), syscall.ENOTDIR)
	}
	folder, err := root.OpenRoot(dir)
	if err != nil {
		return Bundle{}, fmt.Errorf("read folder: %w", err)
	}
	defer folder.Close()
	after, err := folder.Stat(".")
	if err != nil {
		return Bundle{}, fmt.Errorf("read folder %q: %w", dir, err)
	}
	if !os.SameFile(before, after) {
		return Bundle{}, fmt.Errorf("read folder %q: it was replaced while it was opened: run again", dir)
	}
	r := newReader(folder, dir, keep, limit)
	return r.read([]string{"."})
}

// ReadPaths is Read for chosen files and folders of a root. Entries keep their paths from
// root. A path that does not exist is left out, and one that is named twice comes once. A
// chosen path that is neither a regular file nor a folder becomes an entry of its type;
// keep is asked about all other files.
func ReadPaths(root *os.Root, paths []string, keep func(path string) bool, limit int) (Bundle, error) {
	r := newReader(root, ".", keep, limit)
	var folders []string
	for _, p := range slices.Compact(slices.Sorted(slices.Values(paths))) {
		info, err := root.Lstat(p)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return Bundle{}, fmt.Errorf("read shared files: %w", err)
		case info.IsDir():
			folders = append(folders, p)
		case info.Mode().Type() != 0 || keep(p):
			r.found = append(r.found, Entry{Path: p, Type: info.Mode().Type()})
		}
	}
	return r.read(folders)
}

func describe(m fs.FileMode) string {
	switch m.Type() {
	case 0:
		return "file"
	case fs.ModeSymlink:
		return "symbolic link"
	}
	return "special file"
}

// reader collects the entries of a bundle, and then reads their files in order into one
// buffer.
type reader struct {
	root  *os.Root
	dir   string // for messages
	keep  func(string) bool
	limit int

	files, levels int // bounds on the shape

	found   []Entry // without data
	folders int
	out     *encoder
}

func newReader(root *os.Root, dir string, keep func(string) bool, limit int) *reader {
	return &reader{root: root, dir: dir, keep: keep, limit: limit, files: maxFiles, levels: maxLevels, out: newEncoder()}
}

func (r *reader) read(folders []string) (Bundle, error) {
	if err := r.walk(folders); err != nil {
		return Bundle{}, err
	}
	slices.SortFunc(r.found, func(a, b Entry) int { return cmp.Compare(a.Path, b.Path) })
	r.found = slices.CompactFunc(r.found, func(a, b Entry) bool { return a.Path == b.Path })
	for _, e := range r.found {
		if err := r.add(e); err != nil {
			return Bundle{}, err
		}
	}
	return r.out.bundle()
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
				r.found = append(r.found, Entry{Path: p, Type: d.Type()})
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
		return &TooLargeError{r.dir, "files", r.files, n}
	}
	if n := strings.Count(p, "/"); n > r.levels {
		return &TooLargeError{r.dir, "levels", r.levels, n}
	}
	return nil
}

// add reads one file. The type in the listing is not enough: the file may have been
// replaced since, and O_NONBLOCK keeps a pipe in its place from blocking.
func (r *reader) add(e Entry) error {
	if reason := badPath(e.Path); reason != "" {
		return &NameError{Dir: r.dir, Path: e.Path, Reason: reason}
	}
	if e.Type != 0 {
		return r.irregular(e)
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
	if e.Type = info.Mode().Type(); e.Type != 0 {
		return r.irregular(e)
	}
	r.out.header(e.Path, 0)
	return r.content(f, info.Size())
}

// irregular adds an entry without data.
func (r *reader) irregular(e Entry) error {
	if _, ok := codeOf(e.Type); !ok {
		e.Type = fs.ModeIrregular
	}
	r.out.add(e)
	return r.full()
}

// content appends the bytes of a file to the encoding. size is only what the file system
// said: the file is read to its real end, which must come within the limit.
func (r *reader) content(f io.Reader, size int64) error {
	if size < 0 || size > int64(r.limit) {
		return r.tooLarge(len(r.out.raw) + int(min(size, int64(r.limit)+1)))
	}
	start := len(r.out.raw)
	for {
		if err := r.full(); err != nil {
			return err
		}
		r.out.raw = slices.Grow(r.out.raw, max(int(size), 0)+512)
		free := r.out.raw[len(r.out.raw):cap(r.out.raw)]
		n, err := f.Read(free[:min(len(free), r.limit-len(r.out.raw)+1)])
		r.out.raw = r.out.raw[:len(r.out.raw)+n]
		size -= int64(n)
		switch {
		case errors.Is(err, io.EOF):
			r.out.closeData(len(r.out.raw) - start)
			return nil
		case err != nil:
			return fmt.Errorf("read folder %q: %w", r.dir, err)
		}
	}
}

// full is an error once the encoding is longer than the limit.
func (r *reader) full() error {
	if len(r.out.raw) > r.limit {
		return r.tooLarge(len(r.out.raw))
	}
	return nil
}

func (r *reader) tooLarge(size int) error { return &TooLargeError{r.dir, "bytes", r.limit, size} }
