package run

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed306eabeb/muster/blob"
	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/verdict"
)

// localCache is what Validate knows from before, and keeps: as a worker does, for its own process. It is safe for
// concurrent use.
type localCache struct {
	scope   scope.Resolved
	cache   Cache
	recipes []*cache.Recipe    // by the kind in the layout; nil where nothing is to be known
	lookup  *cache.Lookup      // nil: nothing is looked up
	anew    bool               // what is known is tested before it is believed: what comes here is decided
	writer  *cache.Writer      // nil: nothing is kept
	format  func() blob.Format // in which the source names files, "" for one that does not
	log     *slog.Logger
	warned  sync.Once
}

// newLocalCache makes the one of a scope, nil where there is no use for one.
func newLocalCache(ctx context.Context, c Cache, s scope.Resolved, limit time.Duration, log *slog.Logger) *localCache {
	if c.Store == nil || len(c.Domains) == 0 || !c.Read && !c.Write {
		return nil
	}
	l := &localCache{scope: s, cache: c, anew: c.Reverify > 0, log: log}
	for i := range max(1, len(s.Fleet.Layout().Kinds)) {
		k, r := s.Of(i), (*cache.Recipe)(nil)
		if most := s.MaxBytes(k.Name); most > 0 {
			r = cache.NewRecipe(k.Session.Facts(), k.Shared.Digest(), s.Regions, limit, most)
		}
		l.recipes = append(l.recipes, r)
	}
	own, err := cache.NewLookup(ctx, c.Store, c.Domains...)
	if err != nil {
		log.Warn("the cache cannot be read; what it may know is decided", "err", err)
		return nil
	}
	if c.Read {
		l.lookup, own.Bad = own, l.bad
	}
	if c.Write {
		domain := own.Domains()[0]
		l.writer = &cache.Writer{Store: c.Store, Domain: func() cache.Domain { return domain }, By: s.Process, Plain: true}
		l.format = sync.OnceValue(func() blob.Format { return formatOf(s.Fleet) })
	}
	return l
}

func (l *localCache) bad(err error) {
	l.warned.Do(func() { l.log.Warn("the cache has something that is no entry: its unit is decided", "err", err) })
}

// decide makes the verdict about a unit, of which what is known stands, and keeps the rest. made is when the
// earliest and the latest decision were made of a verdict that is known as a whole.
func (l *localCache) decide(ctx context.Context, p packed, limit time.Duration) (v verdict.Verdict, made [2]time.Time, whole bool) {
	r := l.recipes[p.kind]
	if r == nil {
		return l.scope.Decide(ctx, p.unit, p.kind, p.files, limit), made, false
	}
	path := l.scope.Path(p.unit)
	q := cache.Question{Recipe: r, Unit: cache.Unit{Unit: p.unit, Path: path, File: p.files.Only(path), Digests: r.Digests(p.files)}}
	var hit cache.Hit
	if p.named || len(r.Checks) > 1 { // else the inquirer has asked, and all that there could be is not known
		hit = l.ask(ctx, q)
	}
	if hit.Whole() {
		l.keep(q, p, verdict.Verdict{}, nil, nil, 0)
		v = hit.Verdict(q)
		v.Path = path
		return v, madeOf(hit.Entries), true
	}
	known, took := hit.Parts(), map[string]time.Duration{}
	v = l.scope.DecideKnowing(ctx, p.unit, p.kind, p.files, limit, known, func(e check.Ended) { took[e.Check] = e.Took })
	l.keep(q, p, v, known, took, hit.Micros())
	return v, made, false
}

// ask is what is known of a unit.
func (l *localCache) ask(ctx context.Context, q cache.Question) cache.Hit {
	if l.lookup == nil || l.anew {
		return cache.Hit{}
	}
	hits, err := l.lookup.Verdicts(ctx, []cache.Question{q})
	if err != nil {
		return cache.Hit{}
	}
	return hits[0]
}

// keep keeps what a verdict says beyond what was known, which took saved µs when it was decided, what became of the
// unit, and by which names git leads to the files, of a unit that the source may have by its names.
func (l *localCache) keep(q cache.Question, p packed, v verdict.Verdict, known map[string]verdict.Part, took map[string]time.Duration, saved int64) {
	if l.writer == nil {
		return
	}
	ctx := context.Background() // a store of one machine does not wait
	verdicts, err := l.writer.Made(q, v, known, took, time.Now())
	if err == nil {
		err = l.writer.Keep(ctx, cache.Verdicts, verdicts)
	}
	if err == nil && len(took) > 0 {
		var last cache.Item
		if last, err = l.writer.Became(q, v.Kind, v.Micros+saved); err == nil {
			err = l.writer.Keep(ctx, cache.Latest, []cache.Item{last})
		}
	}
	if err == nil && p.named && l.format() != "" {
		var contents []cache.Item
		if contents, err = l.writer.ContentsOf(q.Recipe, p.files, l.format()); err == nil {
			err = l.writer.Keep(ctx, cache.Contents, contents)
		}
	}
	if err != nil {
		l.log.Debug("a verdict is not kept", "unit", q.Unit.Unit, "err", err)
	}
}

// inquirer looks up the units whose files git names, or that are recalled, before they are read; nil where there are none. What
// is to be tested is looked up in any case.
func (l *localCache) inquirer(log *slog.Logger, b *backlog, lane func(id.Unit) int, tell func(context.Context, message), reverify *reverifier) *inquirer {
	if l == nil || l.lookup == nil {
		return nil
	}
	q := &inquirer{scope: l.scope, lookup: l.lookup, timeout: DefaultTiming().Cache, backlog: b, lane: lane, tell: tell,
		hit: func(context.Context, []ledger.Pointer) error { return nil }, reverify: reverify, log: log, batches: make(chan []id.Unit, listAhead/listBatch), passed: make(chan struct{}), ahead: new(atomic.Int64)}
	q.recaller = recallerOf(l.cache, l.scope.Fleet, l.lookup, l.writer)
	if q.named, _ = l.scope.Fleet.(fleet.Named); q.named == nil && q.recaller == nil && reverify == nil {
		return nil
	}
	some := false
	for _, r := range l.recipes {
		if r != nil && !r.Whole() {
			r = nil // its units are read in any case
		}
		q.recipes = append(q.recipes, r)
		some = some || r != nil
	}
	if !some {
		return nil
	}
	q.pack = q.reading()
	return q
}
