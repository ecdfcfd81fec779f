package revision

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// MostBlob is how many bytes a file of a Tree may have that is read.
const MostBlob = 64 << 20

// Tree is a folder of a repository as a commit has it: its files, without touching the
// checkout. It is a fs.ReadLinkFS. Close ends the git that it reads with.
type Tree struct {
	entries map[string]treeEntry // by path; folders too
	blobs   *blobs
	below   []*blobs // of submodules that were at other commits
}

// treeEntry is a file, a link or a folder.
type treeEntry struct {
	name   string
	mode   fs.FileMode
	object string
	below  []string // the names in a folder, sorted
}

// Open lists the folder dir as a commit has it.
func Open(ctx context.Context, dir, commit string) (*Tree, error) {
	prefix, err := output(ctx, dir, "rev-parse", "--show-prefix")
	if err != nil {
		return nil, err
	}
	prefix = strings.TrimSuffix(prefix, "\n")
	args := []string{"ls-tree", "-r", "-z", "--full-tree", commit}
	if prefix != "" {
		args = append(args, "--", ":(literal)"+prefix)
	}
	out, err := output(ctx, dir, args...)
	if err != nil {
		return nil, err
	}
	t := &Tree{entries: map[string]treeEntry{".": {name: ".", mode: fs.ModeDir}}, blobs: newBlobs(ctx, dir)}
	for line := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		about, file, _ := strings.Cut(line, "\t")
		words := strings.Fields(about)
		if file = strings.TrimPrefix(file, prefix); len(words) == 3 && fs.ValidPath(file) {
			t.add(file, treeEntry{mode: modeOf(words[0]), object: words[2]})
		}
	}
	for name, e := range t.entries {
		slices.Sort(e.below)
		t.entries[name] = e
	}
	return t, nil
}

// modeOf is what a mode of git's means. A submodule is an empty folder.
func modeOf(mode string) fs.FileMode {
	switch mode {
	case "120000":
		return fs.ModeSymlink | 0o777
	case "160000":
		return fs.ModeDir | 0o755
	case "100755":
		return 0o755
	}
	return 0o644
}

// add adds an entry, and the folders that it is in.
func (t *Tree) add(file string, e treeEntry) {
	e.name = path.Base(file)
	t.entries[file] = e
	for file != "." {
		dir := path.Dir(file)
		folder, known := t.entries[dir]
		if !known {
			folder = treeEntry{name: path.Base(dir), mode: fs.ModeDir | 0o755}
		}
		folder.below = append(folder.below, path.Base(file))
		t.entries[dir] = folder
		if known {
			return
		}
		file = dir
	}
}

// Close ends the git that the tree reads with.
func (t *Tree) Close() error {
	err := t.blobs.close()
	for _, b := range t.below {
		err = errors.Join(err, b.close())
	}
	return err
}

// mostLinks is how many links lead to a file at most.
const mostLinks = 16

// follow is the entry that a path leads to, over links inside the tree.
func (t *Tree) follow(op, name string) (string, treeEntry, error) {
	at := name
	for range mostLinks {
		link, rest := t.firstLink(at)
		if link == "" {
			e, ok := t.entries[at]
			if !ok {
				break
			}
			return at, e, nil
		}
		target, err := t.ReadLink(link)
		if err != nil {
			return "", treeEntry{}, err
		}
		if at = path.Join(path.Dir(link), target, rest); path.IsAbs(target) || !fs.ValidPath(at) {
			break
		}
	}
	return "", treeEntry{}, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
}

// firstLink is the first link on the way to a path, and what follows behind it.
func (t *Tree) firstLink(name string) (link, rest string) {
	for i := range len(name) + 1 {
		if i < len(name) && name[i] != '/' {
			continue
		}
		if t.entries[name[:i]].mode.Type() == fs.ModeSymlink {
			return name[:i], name[i:]
		}
	}
	return "", ""
}

// Open opens a file or a folder.
func (t *Tree) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	at, e, err := t.follow("open", name)
	if err != nil {
		return nil, err
	}
	if e.mode.IsDir() {
		return &openFolder{info: treeInfo{e}, entries: t.list(at, e)}, nil
	}
	data, err := t.blobs.read(e.object)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &openFile{Reader: bytes.NewReader(data), info: treeInfo{e}}, nil
}

func (t *Tree) list(dir string, e treeEntry) []fs.DirEntry {
	all := make([]fs.DirEntry, len(e.below))
	for i, name := range e.below {
		all[i] = fs.FileInfoToDirEntry(treeInfo{t.entries[path.Join(dir, name)]})
	}
	return all
}

// ReadDir lists a folder.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	at, e, err := t.follow("readdir", name)
	if err != nil {
		return nil, err
	}
	if !e.mode.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrInvalid}
	}
	return t.list(at, e), nil
}

// Lstat describes what lies at a path, and follows no link there.
func (t *Tree) Lstat(name string) (fs.FileInfo, error) {
	dir, _, err := t.follow("lstat", path.Dir(name))
	if err != nil {
		return nil, err
	}
	e, ok := t.entries[path.Join(dir, path.Base(name))]
	if !ok {
		return nil, &fs.PathError{Op: "lstat", Path: name, Err: fs.ErrNotExist}
	}
	return treeInfo{e}, nil
}

// Stat describes what a path leads to.
func (t *Tree) Stat(name string) (fs.FileInfo, error) {
	_, e, err := t.follow("stat", name)
	if err != nil {
		return nil, err
	}
	return treeInfo{e}, nil
}

// ReadLink is where a link leads to.
func (t *Tree) ReadLink(name string) (string, error) {
	e, ok := t.entries[name]
	switch {
	case !ok:
		return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrNotExist}
	case e.mode.Type() != fs.ModeSymlink:
		return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
	}
	target, err := t.blobs.read(e.object)
	return string(target), err
}

// treeInfo describes an entry, but for its size: in a clone that has not all objects git would have
// to fetch each for it.
type treeInfo struct{ treeEntry }

func (i treeInfo) Name() string       { return i.name }
func (i treeInfo) Size() int64        { return 0 }
func (i treeInfo) Mode() fs.FileMode  { return i.mode }
func (i treeInfo) ModTime() time.Time { return time.Time{} }
func (i treeInfo) IsDir() bool        { return i.mode.IsDir() }
func (i treeInfo) Sys() any           { return nil }

// openFile is a file that is read.
type openFile struct {
	*bytes.Reader
	info treeInfo
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openFile) Close() error               { return nil }

// openFolder is a folder that is listed.
type openFolder struct {
	info    treeInfo
	entries []fs.DirEntry
}

func (f *openFolder) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openFolder) Close() error               { return nil }
func (f *openFolder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: f.info.name, Err: errors.New("it is a folder")}
}

func (f *openFolder) ReadDir(n int) ([]fs.DirEntry, error) {
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
