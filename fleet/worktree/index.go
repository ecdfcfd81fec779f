package worktree

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
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

// Worth is of how many bytes units must be on average for git's names to be worth their price: smaller ones are read
// as quickly as git and Files look at their files.
const Worth = 16 << 10

// sample is how many units are weighed to say how large they are: the first ones, and one in weighs of the others.
const sample, weighs = 16, 64

// indexing is a question to git.
type indexing struct {
	stop   context.CancelFunc
	format func() blob.Format // asks for it, once
	begin  func()             // asks which files lie as the index has them; it is called once

	over  int64
	begun atomic.Bool
	done  chan struct{} // closed once there is an answer
	index *git.Index    // nil for none
	err   error         // why

	mu             sync.Mutex
	asked, weighed int // units
	bytes          int64
}

// Index lets git be asked which files lie as its index has them, so that Files can name them, and returns at
// once: Files waits for the answer. It is called once, before the tree is used by others; a tree of which it
// is not asked names nothing. Git looks as soon as units seem to be of more than so many bytes on average, by those
// that Files is asked about, and the ones of before have no names; with 0 it looks now.
//
// What wait returns, after git's answer, is why nothing has a name: that
// git is not installed, that it knows no such checkout or does not trust it, that it took more than 15
// seconds or that ctx has ended. That is no failure: all units can be read. It is nil where git is not asked.
func (t *Tree) Index(ctx context.Context, over int64) (wait func() error) {
	ctx, stop := context.WithCancel(ctx)
	i := &indexing{stop: stop, over: over, done: make(chan struct{})}
	i.format = sync.OnceValue(func() blob.Format {
		ctx, end := context.WithTimeout(ctx, patience)
		defer end()
		if format, err := git.ObjectFormat(ctx, t.dir); err == nil && canName {
			return blob.Format(format)
		}
		return ""
	})
	i.begin = func() {
		i.begun.Store(true)
		go func() {
			defer close(i.done)
			var format sync.WaitGroup
			format.Go(func() { i.format() })
			defer format.Wait()
			ctx, end := context.WithTimeout(ctx, patience)
			defer end()
			i.index, i.err = t.ask(ctx)
		}()
	}
	t.index = i
	if over <= 0 {
		i.begin()
	}
	return func() error {
		if !i.begun.Load() {
			return nil
		}
		<-i.done
		return i.err
	}
}

// isAsked says whether git is asked, after it has seen to it that it is where units are large. weigh
// tells of how many bytes another one is.
func (i *indexing) isAsked(weigh func() (int64, bool)) bool {
	if i.begun.Load() {
		return true
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.begun.Load() {
		return true
	}
	if i.asked++; i.asked > sample && i.asked%weighs != 0 {
		return false
	}
	bytes, ok := weigh()
	if !ok {
		return false
	}
	i.bytes += bytes
	if i.weighed++; i.weighed < sample {
		return false
	}
	large := i.bytes > sample*i.over
	if i.weighed, i.bytes = 0, 0; large {
		i.begin()
	}
	return large
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
	if i.begun.Load() {
		<-i.done
	}
}

// Files names the files of a unit whose bytes git knows, and tells its kind, as Unit reads it now. ok is false
// for any other unit, and for all before Index and while git is not asked: where the index does not have the very bytes of one of its files (see
// git.ReadIndex), where something has written since git has looked, in a file or a folder of the
// unit, and where the file system is slow to say what lies there or Unit would return an error. It looks at the
// folder and at the status of each file, and reads none. What is written while a unit is looked at, or
// between that and its reading, is seen as in any reading: before or after.
func (t *Tree) Files(_ context.Context, unit id.Unit) (files []blob.File, kind int, ok bool) {
	if t.index == nil || !hasName(string(unit)) || !t.index.isAsked(func() (int64, bool) { return t.weigh(unit) }) {
		return nil, 0, false
	}
	<-t.index.done
	if t.index.index == nil {
		return nil, 0, false
	}
	return t.name(t.index.index, unit)
}

// hasName says whether a path is its unit's name as it is, and one that a bundle can hold.
func hasName(path string) bool { return fleet.NameOf(path) == id.Unit(path) }

// Format is how objects are named in the repository that the tree is in; "" before Index, and where git knows
// none. It does not wait until git has looked at the files, and asks it where nothing else is asked.
func (t *Tree) Format() blob.Format {
	if t.index == nil {
		return ""
	}
	return t.index.format()
}
