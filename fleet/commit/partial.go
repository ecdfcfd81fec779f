package commit

import (
	"context"
	"iter"
	"sync"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/git"
)

// partial fetches what a partial clone lacks of a commit: what all units need in one request, before the first of
// them is read.
type partial struct {
	mu     sync.Mutex
	absent *git.Absent // nil before anything is read
	wanted []id.Unit   // nil for all
	done   bool        // the units' files were fetched
	err    error       // or why they were not
}

// Want names the units of which Unit will be asked, where these are not all: a partial clone then fetches
// the files of these alone.
func (t *Tree) Want(units []id.Unit) {
	t.partial.mu.Lock()
	defer t.partial.mu.Unlock()
	t.partial.wanted = append([]id.Unit{}, units...)
}

// fetch fetches files.
func (t *Tree) fetch(ctx context.Context, files []file, given map[string][]byte) error {
	t.partial.mu.Lock()
	defer t.partial.mu.Unlock()
	if err := t.look(ctx); err != nil || t.partial.absent.Len() == 0 {
		return err
	}
	return t.partial.absent.Fetch(ctx, t.objectsOf(files, given))
}

// look looks what the clone lacks.
func (t *Tree) look(ctx context.Context) (err error) {
	if t.partial.absent == nil {
		t.partial.absent, err = git.FindAbsent(ctx, t.dir, t.id)
	}
	return err
}

// fetchUnits fetches the files of all units that are wanted, once. One that is not wanted is fetched by git when it
// is read.
func (t *Tree) fetchUnits(ctx context.Context) error {
	p := &t.partial
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done {
		return p.err
	}
	if p.err = t.look(ctx); p.err != nil {
		return p.err
	}
	p.done = true
	if p.absent.Len() == 0 {
		return nil
	}
	var objects []string
	for unit, err := range t.wanted(ctx) {
		if err != nil {
			p.err = err
			return err
		}
		if at, err := t.place(ctx, unit); err == nil {
			if found, err := t.filesOf(ctx, at); err == nil {
				objects = append(objects, t.objectsOf(found, nil)...)
			}
		}
	}
	p.err = p.absent.Fetch(ctx, objects)
	return p.err
}

// wanted are the units that are to be read.
func (t *Tree) wanted(ctx context.Context) iter.Seq2[id.Unit, error] {
	if t.partial.wanted == nil {
		return t.Units(ctx)
	}
	return func(yield func(id.Unit, error) bool) {
		for _, unit := range t.partial.wanted {
			if !yield(unit, nil) {
				return
			}
		}
	}
}
