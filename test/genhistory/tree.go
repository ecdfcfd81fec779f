package genhistory

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Mode is a file's mode, as git has it.
type Mode uint32

// The modes.
const (
	Plain      Mode = 0o100644
	Executable Mode = 0o100755
	Link       Mode = 0o120000
)

// File is a file of a repository.
type File struct {
	Mode Mode
	Data string // its bytes; of a link what it leads to
}

// Tree are files by their paths, which are slash-separated and need not be UTF-8.
type Tree map[string]File

// paths are the paths of all files, sorted.
func (t Tree) paths() []string { return slices.Sorted(maps.Keys(t)) }

// under are the paths of what lies at a path and below it, sorted.
func (t Tree) under(path string) (all []string) {
	for p := range t {
		if p == path || strings.HasPrefix(p, path+"/") {
			all = append(all, p)
		}
	}
	slices.Sort(all)
	return all
}

// drop takes out what lies at a path and below it.
func (t Tree) drop(path string) {
	for _, p := range t.under(path) {
		delete(t, p)
	}
}

// copy puts what lies at a path and below it of another tree to a new path.
func (t Tree) copy(of Tree, from, to string) {
	for _, p := range of.under(from) {
		t[to+strings.TrimPrefix(p, from)] = of[p]
	}
}

// text sets the bytes of a file, which stays what it is, or is a plain one.
func (t Tree) text(path, data string) {
	f, there := t[path]
	if !there {
		f.Mode = Plain
	}
	f.Data = data
	t[path] = f
}

// differs are the paths of files that only one of two trees has, or both and not the same; sorted.
func (t Tree) differs(o Tree) (paths []string) {
	for p, f := range t {
		if other, there := o[p]; !there || other != f {
			paths = append(paths, p)
		}
	}
	for p := range o {
		if _, there := t[p]; !there {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	return paths
}

// read is the tree of a folder of plain files.
func read(dir string) (Tree, error) {
	t := Tree{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(dir, path))
		t[path] = File{Plain, string(text)}
		return err
	})
	return t, err
}

// written is the tree of a folder that write fills.
func written(write func(dir string) error) (t Tree, err error) {
	dir, err := os.MkdirTemp("", "muster-history-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := write(dir); err != nil {
		return nil, err
	}
	return read(dir)
}

// Lay makes a folder with the files of one tree one with those of another. What lies there beside
// them stays.
func Lay(dir string, before, after Tree) error {
	changed := before.differs(after)
	for _, path := range changed {
		if _, was := before[path]; was {
			if err := remove(dir, path); err != nil {
				return fmt.Errorf("lay out %q: %w", path, err)
			}
		}
	}
	for _, path := range changed {
		if f, is := after[path]; is {
			if err := f.write(filepath.Join(dir, path)); err != nil {
				return fmt.Errorf("lay out %q: %w", path, err)
			}
		}
	}
	return nil
}

// remove removes a file, and the folders that have nothing else, as git does.
func remove(dir, path string) error {
	if err := os.Remove(filepath.Join(dir, path)); err != nil {
		return err
	}
	for {
		i := strings.LastIndexByte(path, '/')
		if i < 0 {
			return nil
		}
		path = path[:i]
		folder := filepath.Join(dir, path)
		if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
			return err
		}
		if err := os.Remove(folder); err != nil {
			return err
		}
	}
}

func (f File) write(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	switch f.Mode {
	case Link:
		return os.Symlink(f.Data, path)
	case Executable:
		return os.WriteFile(path, []byte(f.Data), 0o755)
	}
	return os.WriteFile(path, []byte(f.Data), 0o644)
}

func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }
