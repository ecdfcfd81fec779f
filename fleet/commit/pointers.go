package commit

import (
	"bytes"
	"context"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/seed306eabeb/muster/internal/git"
)

// pointers counts the files that stand for others in the large file storage of git.
type pointers struct {
	seen paths // of files that were read

	once    sync.Once
	outside attributes // of the folders around the folder that is open

	onceNamed sync.Once
	named     attributes // of the folders around the units that are known by name

	read sync.Map // attributes by the object of their file
}

// A pointer begins with pointerHead and has less than pointerSize bytes.
const (
	pointerHead = "version https://git-lfs.github.com/spec/"
	pointerSize = 1024
)

// note looks whether a file that may be one with LFS is a pointer.
func (t *Tree) note(file string, text []byte) {
	if len(text) >= pointerSize || !bytes.HasPrefix(text, []byte(pointerHead)) {
		return
	}
	t.pointers.seen.add(file)
}

// Pointers is how many files have been read that git LFS has pointers for in a commit: each was the pointer, and not
// the file that a checkout has. It is told of files alone that the attributes of the commit may give to LFS. Of a unit that has
// such a file Files names none, so that it is read and counted, whatever is known of it.
func (t *Tree) Pointers() int { return len(t.pointers.seen.all()) }

// attributes are patterns of the names of files that git may keep with LFS, "" for all names.
type attributes []string

// has says whether a file of a name may be such a one.
func (a attributes) has(name string) bool {
	for _, pattern := range a {
		if pattern == "" {
			return true
		}
		if ok, err := path.Match(pattern, strings.ToLower(name)); ok || err != nil {
			return true
		}
	}
	return false
}

// and are these and others, which are none to append to.
func (a attributes) and(others attributes) attributes {
	if len(others) == 0 {
		return a
	}
	return slices.Concat(a, others)
}

// attributesFile is where git looks for attributes.
const attributesFile = ".gitattributes"

// largeAround are the attributes of the folders that lead to a path, and of the folders around the one that is open.
func (t *Tree) largeAround(ctx context.Context, file string) attributes {
	t.pointers.once.Do(func() { t.pointers.outside = t.attributesOutside(context.WithoutCancel(ctx)) })
	all := t.pointers.outside
	for folder, rest := t.tree.Root(), file; ; {
		entries, err := t.tree.Below(ctx, folder)
		if err != nil {
			return attributes{""} // they may say anything
		}
		all = all.and(t.attributesIn(ctx, entries))
		name, below, inside := strings.Cut(rest, "/")
		if !inside {
			return all
		}
		next, ok := entries.Find(name)
		if !ok {
			return all
		}
		folder, rest = next, below
	}
}

// largeAroundNamed are those around a unit that is known by its name: the same for all of them.
func (t *Tree) largeAroundNamed(ctx context.Context, folder string) attributes {
	t.pointers.onceNamed.Do(func() { t.pointers.named = t.largeAround(context.WithoutCancel(ctx), folder) })
	return t.pointers.named
}

// attributesOutside are those of the folders around the folder that is open, in the whole commit.
func (t *Tree) attributesOutside(ctx context.Context) (all attributes) {
	for around := t.folder; around != ""; {
		around, _ = path.Split(strings.TrimSuffix(around, "/"))
		if text, err := git.Output(ctx, t.dir, "cat-file", "blob", t.id+":"+around+attributesFile); err == nil { // else it has none
			all = all.and(largeOf(text))
		}
	}
	return all
}

// attributesIn are those of a folder.
func (t *Tree) attributesIn(ctx context.Context, folder git.Entries) attributes {
	e, ok := folder.Find(attributesFile)
	if !ok || e.Mode.Type() != 0 {
		return nil
	}
	object := e.Object()
	if known, ok := t.pointers.read.Load(object); ok {
		return known.(attributes)
	}
	text, err := t.objects.Blob(ctx, object)
	if err != nil {
		return attributes{""} // it may say anything
	}
	all := largeOf(string(text))
	t.pointers.read.Store(object, all)
	return all
}

// largeOf reads the attributes of a folder, and takes for large what they may mean: a pattern that is not that of a plain
// name, and a name for several attributes, stand for all files.
func largeOf(text string) (all attributes) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		pattern, given, _ := strings.Cut(strings.ReplaceAll(line, "\t", " "), " ")
		switch {
		case strings.HasPrefix(line, "#") || !strings.Contains(given, "filter=lfs"):
			continue
		case strings.HasPrefix(line, "[attr]") || strings.ContainsAny(pattern, `/\["`):
			pattern = ""
		}
		all = append(all, strings.ToLower(pattern))
	}
	return all
}
