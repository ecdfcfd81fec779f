package git

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
)

// Tree is a folder of a repository as a commit has it. A folder in it is read when somebody asks what is in
// it, and with it, where several are asked for, those beside it. Its methods may be called from several goroutines at once.
type Tree struct {
	objects *Objects
	root    Entry

	mu     sync.Mutex
	large  map[string]*reading // by their objects, for good
	recent map[string]*reading // the last ones
	older  map[string]*reading // those of before
}

// Prefix is the path that a folder has in the repository around it, "" for the same.
func Prefix(ctx context.Context, dir string) (string, error) {
	prefix, err := Output(ctx, dir, "rev-parse", "--show-prefix")
	return strings.TrimSuffix(strings.TrimSuffix(prefix, "\n"), "/"), err
}

// OpenTree opens a folder of a commit, "" for all of it, to be read with objects of its repository. Commit is
// the name of an object, and the folder is named by its path in the repository.
func OpenTree(ctx context.Context, objects *Objects, commit, folder string) (*Tree, error) {
	t := &Tree{objects: objects, large: map[string]*reading{}, recent: map[string]*reading{}, older: map[string]*reading{}}
	text, err := objects.one(ctx, commitObject, commit)
	if err != nil {
		return nil, err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	root, isTree := strings.CutPrefix(line, "tree ")
	if !isTree || !IsObject(root) {
		return nil, fmt.Errorf("list commit %.12s: it begins with %q", commit, line)
	}
	t.root = Entry{Name: ".", Mode: Folder, id: unhex(root)}
	if folder != "" {
		e, ok, err := t.Find(ctx, t.root, folder)
		switch {
		case err != nil:
			return nil, err
		case !ok || e.Mode != Folder:
			return nil, fmt.Errorf("commit %.12s has no folder %s", commit, folder)
		}
		t.root = e
		t.root.Name = "."
	}
	_, err = t.Below(ctx, t.root)
	return t, err
}

// Root is the folder that the tree is.
func (t *Tree) Root() Entry { return t.root }

// Below are the entries of a folder. Of what is no folder there are none.
func (t *Tree) Below(ctx context.Context, e Entry) (Entries, error) {
	if e.Mode != Folder {
		return Entries{&folder{}}, nil
	}
	f, err := t.read(ctx, e)
	return Entries{f}, err
}

// Find is the entry at a path below a folder, behind no link; "." is the folder.
func (t *Tree) Find(ctx context.Context, folder Entry, file string) (e Entry, ok bool, err error) {
	if file == "." {
		return folder, true, nil
	}
	for {
		name, below, inside := strings.Cut(file, "/")
		all, err := t.Below(ctx, folder)
		if err != nil {
			return Entry{}, false, err
		}
		e, ok := all.Find(name)
		if !ok || !inside {
			return e, ok, nil
		}
		folder, file = e, below
	}
}

// isPath says whether a text is a path in a tree, which holds any bytes.
func isPath(name string) bool {
	return name == path.Clean(name) && !path.IsAbs(name) && name != ".." && !strings.HasPrefix(name, "../")
}

// mostLinks is how many links lead to a file at most.
const mostLinks = 16

// follow is the entry that a path below a root leads to, over links inside it.
func (t *Tree) follow(ctx context.Context, root Entry, op, name string, readLink func(Entry) (string, error)) (Entry, error) {
	at, failed := name, func(err error) (Entry, error) { return Entry{}, &fs.PathError{Op: op, Path: name, Err: err} }
	for range mostLinks {
		link, e, rest, err := t.firstLink(ctx, root, at)
		if err != nil {
			return failed(err)
		}
		if link == "" {
			e, ok, err := t.Find(ctx, root, at)
			switch {
			case err != nil:
				return failed(err)
			case !ok:
				return failed(fs.ErrNotExist)
			}
			return e, nil
		}
		target, err := readLink(e)
		if err != nil {
			return failed(err)
		}
		if at = path.Join(path.Dir(link), target, rest); path.IsAbs(target) || !isPath(at) {
			break
		}
	}
	return failed(fs.ErrNotExist)
}

// firstLink is the first link on the way to a path, and what follows behind it.
func (t *Tree) firstLink(ctx context.Context, root Entry, name string) (link string, e Entry, rest string, err error) {
	folder := root
	for from := 0; from < len(name); {
		to := from + strings.IndexByte(name[from:]+"/", '/')
		all, err := t.Below(ctx, folder)
		if err != nil {
			return "", e, "", err
		}
		e, ok := all.Find(name[from:to])
		if !ok {
			return "", e, "", nil
		}
		if e.Mode == Link {
			return name[:to], e, name[to:], nil
		}
		folder, from = e, to+1
	}
	return "", e, "", nil
}
