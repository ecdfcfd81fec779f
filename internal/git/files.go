package git

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"syscall"
	"time"
)

// Files are those of a tree as a fs.ReadLinkFS. Links that lead out of it lead to nothing.
type Files struct {
	ctx  context.Context
	tree *Tree
	root Entry
}

// NewFiles reads the files of a tree, until ctx ends or the tree's objects are closed.
func NewFiles(ctx context.Context, t *Tree) *Files { return &Files{ctx, t, t.root} }

func (f *Files) read(e Entry) ([]byte, error) {
	return f.tree.objects.Blob(f.ctx, e.Object())
}

func (f *Files) readLink(e Entry) (string, error) {
	target, err := f.read(e)
	return string(target), err
}

// follow is what a path leads to, as a file system has it.
func (f *Files) follow(op, name string) (Entry, error) {
	if !fs.ValidPath(name) {
		return Entry{}, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	return f.reach(op, name)
}

func (f *Files) reach(op, name string) (Entry, error) {
	if !isPath(name) {
		return Entry{}, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	return f.tree.follow(f.ctx, f.root, op, name, f.readLink)
}

// Reach is what a path leads to. As those of Entry and Each it need not be UTF-8.
func (f *Files) Reach(name string) (Entry, error) { return f.reach("stat", name) }

// Open opens a file or a folder.
func (f *Files) Open(name string) (fs.File, error) {
	e, err := f.follow("open", name)
	if err != nil {
		return nil, err
	}
	if e.Mode.Type().IsDir() {
		entries, err := f.list("open", name, e)
		if err != nil {
			return nil, err
		}
		return &openDir{info: info{e}, entries: entries}, nil
	}
	data, err := f.read(e)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &openFile{Reader: bytes.NewReader(data), info: info{e}}, nil
}

// list are the entries of a folder, sorted by name.
func (f *Files) list(op, name string, folder Entry) ([]fs.DirEntry, error) {
	below, err := f.tree.Below(f.ctx, folder)
	if err != nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: err}
	}
	all := make([]fs.DirEntry, 0, below.Len())
	for e := range below.All() {
		all = append(all, info{e})
	}
	slices.SortFunc(all, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	return all, nil
}

// ReadDir lists a folder.
func (f *Files) ReadDir(name string) ([]fs.DirEntry, error) {
	e, err := f.follow("readdir", name)
	if err != nil {
		return nil, err
	}
	if !e.Mode.Type().IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrInvalid}
	}
	return f.list("readdir", name, e)
}

// Entry is what lies at a path, behind links of folders.
func (f *Files) Entry(name string) (Entry, error) {
	if !isPath(name) {
		return Entry{}, &fs.PathError{Op: "lstat", Path: name, Err: fs.ErrInvalid}
	}
	dir, err := f.reach("lstat", path.Dir(name))
	if err != nil {
		return Entry{}, err
	}
	e, ok, err := f.tree.Find(f.ctx, dir, path.Base(name))
	switch {
	case !dir.Mode.Type().IsDir():
		err = syscall.ENOTDIR
	case err == nil && !ok:
		err = fs.ErrNotExist
	}
	if err != nil {
		return Entry{}, &fs.PathError{Op: "lstat", Path: name, Err: err}
	}
	return e, nil
}

// Lstat describes what lies at a path, and follows no link there.
func (f *Files) Lstat(name string) (fs.FileInfo, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "lstat", Path: name, Err: fs.ErrInvalid}
	}
	return f.Describe(name)
}

// Describe is Lstat for a path that need not be UTF-8.
func (f *Files) Describe(name string) (fs.FileInfo, error) {
	e, err := f.Entry(name)
	if err != nil {
		return nil, err
	}
	return info{e}, nil
}

// Stat describes what a path leads to.
func (f *Files) Stat(name string) (fs.FileInfo, error) {
	e, err := f.follow("stat", name)
	if err != nil {
		return nil, err
	}
	return info{e}, nil
}

// ReadLink is where a link leads to.
func (f *Files) ReadLink(name string) (string, error) {
	e, err := f.Entry(name)
	switch {
	case err != nil:
		return "", err
	case e.Mode != Link:
		return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
	}
	return f.readLink(e)
}

// Sub are the files of a folder. Links out of it lead to nothing.
func (f *Files) Sub(dir string) (fs.FS, error) {
	e, err := f.follow("sub", dir)
	if err != nil {
		return nil, err
	}
	e.Name = "."
	return &Files{f.ctx, f.tree, e}, nil
}

// Each calls do for each entry of a folder, which may be absent, in the order of git, until do returns an
// error or ctx ends.
func (f *Files) Each(ctx context.Context, dir string, do func(fs.DirEntry) error) error {
	folder, err := f.reach("readdir", dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !folder.Mode.Type().IsDir():
		return &fs.PathError{Op: "readdir", Path: dir, Err: syscall.ENOTDIR}
	}
	below, err := f.tree.Below(ctx, folder)
	if err != nil {
		return &fs.PathError{Op: "readdir", Path: dir, Err: err}
	}
	for e := range below.All() {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := do(info{e}); err != nil {
			return err
		}
	}
	return nil
}

// info describes an entry, but for its size: in a clone that has not all objects git would have
// to fetch each for it.
type info struct{ Entry }

// IsSubmodule says of an entry that Each or ReadDir have told of that it is one.
func IsSubmodule(d fs.DirEntry) bool {
	i, ok := d.(info)
	return ok && i.Entry.Mode == Submodule
}

func (i info) Name() string       { return i.Entry.Name }
func (i info) Size() int64        { return 0 }
func (i info) Mode() fs.FileMode  { return i.Entry.Mode.perm() }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.Mode().IsDir() }
func (i info) Sys() any           { return nil }

func (i info) Type() fs.FileMode          { return i.Entry.Mode.Type() }
func (i info) Info() (fs.FileInfo, error) { return i, nil }

// openFile is a file that is read.
type openFile struct {
	*bytes.Reader
	info info
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openFile) Close() error               { return nil }

// openDir is a folder that is listed.
type openDir struct {
	info    info
	entries []fs.DirEntry
}

func (f *openDir) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openDir) Close() error               { return nil }
func (f *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: f.info.Name(), Err: errors.New("it is a folder")}
}

func (f *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 || n > len(f.entries) {
		if n > 0 && len(f.entries) == 0 {
			return nil, io.EOF
		}
		n = len(f.entries)
	}
	some := f.entries[:n]
	f.entries = f.entries[n:]
	return some, nil
}
