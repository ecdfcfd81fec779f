package cache

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed306eabeb/muster/blob"
	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/verdict"
)

// Writer keeps what a process has decided, in its own domain. It is safe for concurrent use.
type Writer struct {
	Store  Store
	Domain func() Domain // with the salt as it is now
	By     string        // the process
	// Plain entries are larger, and made sooner (see Entry.EncodePlain).
	Plain bool
}

// Made makes the items of a verdict that this process has made of a unit: one for each check that has
// decided and is not known. took is how long each check took.
func (w *Writer) Made(q Question, v verdict.Verdict, known map[string]verdict.Part, took map[string]time.Duration, now time.Time) ([]Item, error) {
	d, as := w.Domain(), byte(packed)
	if w.Plain {
		as = plain
	}
	forms := q.in(d)
	var items []Item
	for i, c := range q.Components(q.Unit, d) {
		p, ok := partOf(v, c.Check)
		if _, was := known[c.Check]; !ok || was || !q.Keeps(i) || p.Failure != "" || p.Impure || p.Engine != c.Engine {
			continue
		}
		e := Entry{Components: c, Decision: p.Decision, By: w.By, Made: now, Written: now, Micros: took[c.Check].Microseconds()}
		item, err := e.encode(as, forms[i])
		if errors.Is(err, errUncacheable) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("keep the verdict of %q: %w", q.Unit.Unit, err)
		}
		items = append(items, item)
	}
	return items, nil
}

// Became makes the item of what became of a unit, all of whose checks took so many µs.
func (w *Writer) Became(q Question, k verdict.Kind, micros int64) (Item, error) {
	return EncodeLast(w.Domain().LastKey(Named{q.Unit.Unit, q.Unit.Path, q.names()}), NewLast(k, micros, q.Unit.Digests[0]))
}

func partOf(v verdict.Verdict, check string) (verdict.Part, bool) {
	for _, p := range v.Parts {
		if p.Check == check {
			return p, true
		}
	}
	return verdict.Part{}, false
}

// ContentsOf makes the items by which git's names lead to the bytes of a unit, which this process has
// verified. There are none for bytes that were made to collide with others.
func (w *Writer) ContentsOf(r *Recipe, files bundle.Bundle, f blob.Format) ([]Item, error) {
	named, err := blob.Of(files, f)
	if err != nil {
		return nil, err
	}
	d, names, digests := w.Domain(), r.Names(named), r.Digests(files)
	items := make([]Item, len(names))
	for i, name := range names {
		if items[i], err = EncodeContent(d.salted(name), digests[i]); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// Keep writes items of a space in the domain of this process.
func (w *Writer) Keep(ctx context.Context, s Space, items []Item) error {
	if len(items) == 0 {
		return nil
	}
	return w.Store.Put(ctx, s, w.Domain().Name, items)
}
