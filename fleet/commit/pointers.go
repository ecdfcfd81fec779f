package commit

import (
	"bytes"
	"context"
	"path"
	"strings"
	"sync"

	"github.com/seed306eabeb/muster/internal/git"
)

// pointers counts the files that stand for others in the large file storage of git.
type pointers struct {
	mu   sync.Mutex
	seen map[string]bool // by the path

	once  sync.Once
	large []large
}

// A pointer begins with pointerHead and has less than pointerSize bytes.
const (
	pointerHead = "version https://git-lfs.github.com/spec/"
	pointerSize = 1024
)

// note looks whether a file that was read is a pointer.
func (t *Tree) note(ctx context.Context, file string, text []byte) {
	if len(text) >= pointerSize || !bytes.HasPrefix(text, []byte(pointerHead)) || !t.isLarge(ctx, file) {
		return
	}
	p := &t.pointers
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen == nil {
		p.seen = map[string]bool{}
	}
	p.seen[file] = true
}

// Pointers is how many files have been read that git LFS has pointers for in a commit: each was the pointer, and not
// the file that a checkout has. It is told of files alone that the attributes of the commit may give to LFS. Of a unit that has
// such a file Files names none, so that it is read and counted, whatever is known of it.
func (t *Tree) Pointers() int {
	t.pointers.mu.Lock()
	defer t.pointers.mu.Unlock()
	return len(t.pointers.seen)
}

// large are files that git may keep with LFS: those below a folder, and of these, where there is a pattern, whose names
// match it.
type large struct{ below, pattern string }

// attributesFile is where git looks for attributes.
const attributesFile = ".gitattributes"

// isLarge says whether the attributes of the commit may give a file to LFS.
func (t *Tree) isLarge(ctx context.Context, file string) bool {
	t.pointers.once.Do(func() { t.pointers.large = t.attributes(context.WithoutCancel(ctx)) })
	for _, l := range t.pointers.large {
		if l.below != "" && !strings.HasPrefix(file, l.below) {
			continue
		}
		if l.pattern == "" {
			return true
		}
		if ok, err := path.Match(l.pattern, strings.ToLower(path.Base(file))); ok || err != nil {
			return true
		}
	}
	return false
}

// attributes are those of LFS in the whole commit: of the folder, and of those around it.
func (t *Tree) attributes(ctx context.Context) (all []large) {
	for around := t.folder; around != ""; {
		around, _ = path.Split(strings.TrimSuffix(around, "/"))
		if text, err := git.Output(ctx, t.dir, "cat-file", "blob", t.id+":"+around+attributesFile); err == nil { // else it has none
			all = append(all, largeOf("", text)...)
		}
	}
	var below func(folder git.Entry, at string)
	below = func(folder git.Entry, at string) {
		for _, e := range t.tree.Below(folder) {
			switch {
			case e.Mode == git.Folder:
				below(e, at+e.Name+"/")
			case e.Name == attributesFile && e.Mode.Type() == 0:
				text, err := t.objects.Blob(ctx, t.tree.Object(e))
				if err != nil {
					all = append(all, large{at, ""}) // it may say anything
					continue
				}
				all = append(all, largeOf(at, string(text))...)
			}
		}
	}
	below(t.tree.Root(), "")
	return all
}

// largeOf reads the attributes of a folder, whose path with its slash is given, and takes for large what they may mean: a
// pattern that is not that of a plain name, and a name for several attributes, stand for all files.
func largeOf(at, text string) (all []large) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		pattern, attributes, _ := strings.Cut(strings.ReplaceAll(line, "\t", " "), " ")
		switch {
		case strings.HasPrefix(line, "#") || !strings.Contains(attributes, "filter=lfs"):
			continue
		case strings.HasPrefix(line, "[attr]"):
			at, pattern = "", ""
		case strings.ContainsAny(pattern, `/\["`):
			pattern = ""
		}
		all = append(all, large{at, strings.ToLower(pattern)})
	}
	return all
}
