package worktree

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/seed306eabeb/muster/blob"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/git"
)

var _ fleet.Named = (*Tree)(nil)

// patience is how long git may take to say what it knows: longer than for a million files, unless it has
// to read them all, or they lie on a file system that does not answer.
const patience = 15 * time.Second

// indexing is a question to git.
type indexing struct {
	stop   context.CancelFunc
	told   chan struct{} // closed once the format is known
	format blob.Format
	done   chan struct{} // closed once there is an answer
	index  *git.Index    // nil for none
	err    error         // why
}

// Index begins to ask git which files lie as its index has them, so that Files can name them, and returns at
// once: Files waits for the answer. It is called once, before the tree is used by others; a tree of which it
// is not asked names nothing. What wait returns, after git's answer, is why nothing has a name: that
// git is not installed, that it knows no such checkout or does not trust it, that it took more than 15
// seconds or that ctx has ended. That is no failure: all units can be read.
func (t *Tree) Index(ctx context.Context) (wait func() error) {
	ctx, stop := context.WithTimeout(ctx, patience)
	t.index = &indexing{stop: stop, told: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(t.index.told)
		if format, err := git.ObjectFormat(ctx, t.dir); err == nil && canName {
			t.index.format = blob.Format(format)
		}
	}()
	go func() {
		defer close(t.index.done)
		t.index.index, t.index.err = t.ask(ctx)
		<-t.index.told
		stop()
	}()
	return func() error {
		<-t.index.done
		return t.index.err
	}
}

// ask asks git.
func (t *Tree) ask(ctx context.Context) (*git.Index, error) {
	if !canName {
		return nil, errors.New("the files of a checkout are named on Linux alone")
	}
	index, err := git.ReadIndex(ctx, t.dir, t.layout.Bases()...)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("git took more than %v to look at the files", patience)
	}
	if err != nil {
		return nil, err
	}
	// The folders that are open must be those at which git has looked.
	open := []*parent{t.top}
	if t.byName != nil {
		open = append(open, t.byName)
	}
	for _, p := range open {
		if err := p.isAt(filepath.Join(t.dir, filepath.FromSlash(p.path))); err != nil {
			return nil, err
		}
	}
	return index, nil
}

// isAt is nil where a folder that is open, if it is, still lies at a path.
func (p *parent) isAt(path string) error {
	if p.dir == nil {
		return nil
	}
	is, err := p.dir.Stat()
	if err != nil {
		return err
	}
	lies, err := os.Lstat(path)
	if err == nil && p.path == "." {
		lies, err = os.Stat(path)
	}
	if err != nil || !os.SameFile(is, lies) {
		return fmt.Errorf("the folder %s is a link, or was replaced since it was opened", path)
	}
	return nil
}

// end waits until git has ended.
func (i *indexing) end() {
	i.stop()
	<-i.done
}

// answer is what git has said, nil for nothing.
func (t *Tree) answer() *git.Index {
	if t.index == nil {
		return nil
	}
	<-t.index.done
	return t.index.index
}

// Files names the files of a unit whose bytes git knows, and tells its kind, as Unit reads it now. ok is false
// for any other unit, and for all before Index: where the index does not have the very bytes of one of its files (see
// git.ReadIndex), where something has written since git has looked, in a file or a folder of the
// unit, and where the file system is slow to say what lies there or Unit would return an error. It looks at the
// folder and at the status of each file, and reads none. What is written while a unit is looked at, or
// between that and its reading, is seen as in any reading: before or after.
func (t *Tree) Files(unit id.Unit) (files []blob.File, kind int, ok bool) {
	index := t.answer()
	if index == nil || !hasName(string(unit)) {
		return nil, 0, false
	}
	return t.name(index, unit)
}

// hasName says whether a path is its unit's name as it is, and one that a bundle can hold.
func hasName(path string) bool { return fleet.NameOf(path) == id.Unit(path) }

// Format is how objects are named in the repository that the tree is in; "" before Index, and where git knows
// none. It does not wait until git has looked at the files.
func (t *Tree) Format() blob.Format {
	if t.index == nil {
		return ""
	}
	<-t.index.told
	return t.index.format
}
