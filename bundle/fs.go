package bundle

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"time"
)

// FS is the bundle as a read-only file system, safe for concurrent use. It
// implements fs.ReadFileFS, fs.ReadDirFS and fs.StatFS. A file that is not
// regular is listed and can be stat'ed; opening it is an error that wraps
// ErrIrregular. All files have the zero time.
func (b Bundle) FS() fs.FS {
	t := &tree{entries: b.entries, dirs: map[string][]fs.DirEntry{".": nil}}
	for _, e := range b.entries {
		t.link(info{name: path.Base(e.Path), mode: fileMode(e.Type), size: int64(len(e.Data))}, path.Dir(e.Path))
	}
	for _, list := range t.dirs {
		slices.SortFunc(list, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	}
	return t
}

func fileMode(t fs.FileMode) fs.FileMode {
	if t != 0 {
		return t
	}
	return 0o444
}

type tree struct {
	entries []Entry // sorted by path
	dirs    map[string][]fs.DirEntry
}

// link lists a file in its folder, and the folder in its own where it is new.
func (t *tree) link(i info, dir string) {
	_, known := t.dirs[dir]
	t.dirs[dir] = append(t.dirs[dir], fs.FileInfoToDirEntry(i))
	if !known {
		t.link(dirInfo(dir), path.Dir(dir))
	}
}

func dirInfo(p string) info { return info{name: path.Base(p), mode: fs.ModeDir | 0o555} }

func (t *tree) Open(name string) (fs.File, error) {
	if list, ok := t.dirs[name]; ok {
		return &openDir{info: dirInfo(name), path: name, rest: list}, nil
	}
	e, err := t.regular("open", name)
	if err != nil {
		return nil, err
	}
	return &openFile{info{path.Base(name), 0o444, int64(len(e.Data))}, bytes.NewReader(e.Data)}, nil
}

func (t *tree) ReadFile(name string) ([]byte, error) {
	e, err := t.regular("read", name)
	if err != nil {
		return nil, err
	}
	return append(make([]byte, 0, len(e.Data)), e.Data...), nil
}

func (t *tree) ReadDir(name string) ([]fs.DirEntry, error) {
	list, ok := t.dirs[name]
	if !ok {
		_, err := t.entry("readdir", name)
		return nil, cmp.Or(err, error(&fs.PathError{Op: "readdir", Path: name, Err: errNotDir}))
	}
	return slices.Clone(list), nil
}

func (t *tree) Stat(name string) (fs.FileInfo, error) {
	if _, ok := t.dirs[name]; ok {
		return dirInfo(name), nil
	}
	e, err := t.entry("stat", name)
	if err != nil {
		return nil, err
	}
	return info{path.Base(name), fileMode(e.Type), int64(len(e.Data))}, nil
}

var (
	errNotDir = errors.New("not a directory")
	errIsDir  = errors.New("is a directory")
)

func (t *tree) regular(op, name string) (Entry, error) {
	e, err := t.entry(op, name)
	if err == nil && e.Type != 0 {
		err = &fs.PathError{Op: op, Path: name, Err: ErrIrregular}
	}
	return e, err
}

func (t *tree) entry(op, name string) (Entry, error) {
	if !fs.ValidPath(name) {
		return Entry{}, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	if _, ok := t.dirs[name]; ok {
		return Entry{}, &fs.PathError{Op: op, Path: name, Err: errIsDir}
	}
	i, ok := find(t.entries, name)
	if !ok {
		return Entry{}, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return t.entries[i], nil
}

// info describes a file or a folder.
type info struct {
	name string
	mode fs.FileMode
	size int64
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return i.mode }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.mode.IsDir() }
func (i info) Sys() any           { return nil }
func (i info) String() string     { return fs.FormatFileInfo(i) }

// openFile is an open regular file; it also seeks and reads at offsets.
type openFile struct {
	info info
	*bytes.Reader
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openFile) Close() error               { return nil }

type openDir struct {
	info info
	path string
	rest []fs.DirEntry
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *openDir) Close() error               { return nil }

func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.path, Err: errIsDir}
}

func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		n = len(d.rest)
	} else if len(d.rest) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(d.rest))
	list := slices.Clone(d.rest[:n])
	d.rest = d.rest[n:]
	return list, nil
}
