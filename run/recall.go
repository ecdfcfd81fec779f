package run

import (
	"context"
	"path/filepath"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
)

// recaller knows units again that were read before and lie as they did then, by stamps in a cache of this machine.
type recaller struct {
	source fleet.Stamped
	of     cache.StampsOf
	lookup *cache.Lookup
}

// recaller is nil where the source makes no stamps, or the store is not beside it.
func (l *localCache) recaller() *recaller {
	source, stamps := l.scope.Fleet.(fleet.Stamped)
	store, local := l.store.(cache.Local)
	folder, err := filepath.Abs(l.scope.Fleet.Dir())
	if !stamps || !local || err != nil {
		return nil
	}
	name, ok := store.Beside(folder)
	if !ok {
		return nil
	}
	return &recaller{source, cache.StampsOf{Store: name, Folder: folder}, l.lookup}
}

// recalls says whether units of a kind may be recalled: all their checks can be answered from the cache, and read
// all files. What others read of a unit, no stamp tells.
func (q *inquirer) recalls(kind int) bool {
	return q.recipes[kind] != nil && q.recipes[kind].ReadsAll()
}

// packStamped packs units, and keeps by which stamps they can be recalled.
func (q *inquirer) packStamped(w *cache.Writer) func(context.Context, id.Unit) (bundle.Bundle, int, error) {
	return func(ctx context.Context, unit id.Unit) (bundle.Bundle, int, error) {
		files, kind, lies, err := q.recaller.source.Stamp(ctx, unit)
		if err != nil || lies == nil || !q.recalls(kind) {
			return files, kind, err
		}
		s := cache.Stamp{File: files.Only(q.scope.Path(unit)), Digest: files.Digest(), Lies: lies}
		item, bad := cache.EncodeStamp(w.Domain().StampKey(q.recaller.of, unit), s)
		if bad == nil {
			bad = w.Keep(ctx, cache.Stamps, []cache.Item{item})
		}
		if bad != nil {
			q.log.Debug("a unit will be read again", "unit", unit, "err", bad)
		}
		return files, kind, nil
	}
}

// recall finds out what units contain that lie as they did when they were read last.
func (q *inquirer) recall(ctx context.Context, units []id.Unit, doubts []doubt) {
	if q.recaller == nil || q.failures.Load() >= mostFailures {
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
