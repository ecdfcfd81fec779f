package run

import (
	"context"
	"path/filepath"
	"sync/atomic"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/scope"
)

// recaller knows units again that were read before and lie as they did then, by stamps in a cache of this machine.
type recaller struct {
	source fleet.Stamped
	of     cache.StampsOf
	lookup *cache.Lookup
	writer *cache.Writer // nil: no stamps are kept
	vain   atomic.Int32  // units in a row that were recalled, and of which not all was known
}

// mostVain is how many units in a row are recalled in vain at most: where a check has changed nothing is known of a
// whole fleet, and all of it is read in any case.
const mostVain = 1024

// inVain says that units are no longer recalled.
func (r *recaller) inVain() bool { return r.vain.Load() >= mostVain }

// told notes what was known of a batch.
func (r *recaller) told(doubts []doubt) {
	if r == nil {
		return
	}
	for i := range doubts {
		switch d := &doubts[i]; {
		case d.recalled && d.known:
			r.vain.Store(0)
		case d.recalled:
			r.vain.Add(1)
		}
	}
}

// newRecaller is the recaller of a run whose verdicts are kept elsewhere, nil for none.
func newRecaller(ctx context.Context, c Cache, s scope.Fleet) *recaller {
	if c.Local == nil {
		return nil
	}
	lookup, err := cache.NewLookup(ctx, c.Local, c.Domains...)
	if err != nil {
		return nil
	}
	writer := &cache.Writer{Store: c.Local, Domain: func() cache.Domain { return lookup.Domains()[0] }}
	if !c.Write {
		writer = nil
	}
	c.Store = c.Local
	return recallerOf(c, s, lookup, writer)
}

// recallerOf is nil where the source makes no stamps, the store is not beside it, or what is known is to be tested:
// then what lies there is, too.
func recallerOf(c Cache, s scope.Fleet, lookup *cache.Lookup, writer *cache.Writer) *recaller {
	source, stamps := s.(fleet.Stamped)
	store, local := c.Store.(cache.Local)
	folder, err := filepath.Abs(s.Dir())
	if !stamps || !local || err != nil || c.Reverify > 0 {
		return nil
	}
	name, ok := store.Beside(folder)
	if !ok {
		return nil
	}
	return &recaller{source: source, of: cache.StampsOf{Store: name, Folder: folder}, lookup: lookup, writer: writer}
}

// recalls says whether units of a kind may be recalled: all their checks can be answered from the cache, and read
// all files. What others read of a unit, no stamp tells.
func (q *inquirer) recalls(kind int) bool {
	return q.recipes[kind] != nil && q.recipes[kind].ReadsAll()
}

// reading reads units, and keeps by which stamps they can be recalled, if any are kept.
func (q *inquirer) reading() reading {
	if q.recaller == nil || q.recaller.writer == nil {
		return q.scope.Fleet.Unit
	}
	return func(ctx context.Context, unit id.Unit) (bundle.Bundle, int, error) {
		if q.recaller.inVain() { // all have their stamps
			return q.scope.Fleet.Unit(ctx, unit)
		}
		files, kind, lies, err := q.recaller.source.Stamp(ctx, unit)
		if err == nil && lies != nil && q.recalls(kind) {
			q.keepStamp(ctx, unit, files, lies)
		}
		return files, kind, err
	}
}

// keepStamp keeps how a unit lay that was read.
func (q *inquirer) keepStamp(ctx context.Context, unit id.Unit, files bundle.Bundle, lies []byte) {
	r := q.recaller
	s := cache.Stamp{File: files.Only(q.scope.Path(unit)), Digest: files.Digest(), Lies: lies}
	item, err := cache.EncodeStamp(r.writer.Domain().StampKey(r.of, unit), s)
	if err == nil {
		err = r.writer.Keep(ctx, cache.Stamps, []cache.Item{item})
	}
	if err != nil {
		q.log.Debug("a unit will be read again", "unit", unit, "err", err)
	}
}

// recall finds out what units contain that lie as they did when they were read last.
func (q *inquirer) recall(ctx context.Context, units []id.Unit, doubts []doubt) {
	if q.recaller == nil || q.recaller.inVain() || q.failures.Load() >= mostFailures {
		return
	}
	var stamps []*cache.Stamp
	if q.ask(ctx, func(ctx context.Context) (err error) {
		stamps, err = q.recaller.lookup.Stamps(ctx, q.recaller.of, units)
		return err
	}) != nil {
		return
	}
	for i, s := range stamps {
		if s == nil {
			continue
		}
		if kind, ok := q.recaller.source.Unchanged(units[i], s.Lies); ok && q.recalls(kind) {
			about := cache.Unit{Unit: units[i], Path: q.scope.Path(units[i]), File: s.File, Digests: []id.Digest{s.Digest}}
			doubts[i] = doubt{unit: units[i], kind: kind, recipe: q.recipes[kind], about: about, recalled: true}
		}
	}
}
