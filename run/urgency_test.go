package run_test

import (
	"slices"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/cache/cachetest"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/verdict"
)

// TestTheOrderOfWork is by what became of units the last time: those that have changed are pushed first, then those
// that were invalid, then the longest, then the others as they are listed.
func TestTheOrderOfWork(t *testing.T) {
	t.Parallel()
	const units = 250 // one batch
	dir := texts(t, units)
	s := scopeOf(t, dir, words{})
	store := &cachetest.Memory{}
	past := func(n int, k verdict.Kind, cost time.Duration, digest id.Digest) {
		key := cache.Domain{Name: "main"}.LastKey(cache.Named{Unit: unit(n), Path: "texts/" + folder(n), Checks: []string{"words"}})
		item, err := cache.EncodeLast(key, cache.NewLast(k, cost.Microseconds(), digest))
		if err == nil {
			err = store.Put(t.Context(), cache.Latest, "main", []cache.Item{item})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for n := range units {
		files, _, err := s.Fleet.Unit(t.Context(), unit(n))
		if err != nil {
			t.Fatal(err)
		}
		switch is := files.Digest(); n {
		case 201:
			past(n, verdict.OK, time.Microsecond, "0a0a0a0a0a0a0a0a0a0a")
		case 202:
			past(n, verdict.Invalid, time.Microsecond, is)
		case 203:
			past(n, verdict.OK, time.Minute, is)
		default:
			past(n, verdict.OK, time.Millisecond, is)
		}
	}
	w := newWorld(t, redistest.Server(t))
	w.workCached(store, words{})
	o := w.cached(s, store)
	o.Changed = func(u id.Unit) bool { return u == unit(200) }
	var pushed []id.Unit
	o.Observe = func(e run.Event) {
		if e.Kind == run.Pushed {
			pushed = append(pushed, e.Unit)
		}
	}
	r := w.run(o)
	same(t, "run and validate differ", validated(t, dir), r)
	for n := 200; n < 204; n++ { // many are on their way at once, so that neighbours change places
		if at := slices.Index(pushed, unit(n)); at < 0 || at > 100 {
			t.Errorf("the urgent %s is pushed as number %d", unit(n), at)
		}
	}
}

// TestWorkersTellWhatBecameOfUnits, of all that they decide, and validate does.
func TestWorkersTellWhatBecameOfUnits(t *testing.T) {
	t.Parallel()
	const units = 12
	dir, store, local := texts(t, units), &cachetest.Memory{}, &cachetest.Memory{}
	w := newWorld(t, redistest.Server(t))
	w.workCached(store, words{})
	w.warm(scopeOf(t, dir, words{}), store, units)
	validatedWith(t, scopeOf(t, dir, words{}), run.Cache{Store: local, Domains: []string{"main"}, Read: true, Write: true})
	for who, s := range map[string]*cachetest.Memory{"workers": store, "validate": local} {
		for deadline := time.Now().Add(patience); s.Len(cache.Latest) < units && time.Now().Before(deadline); {
			if ledger.Sleep(t.Context(), time.Millisecond) != nil {
				return
			}
		}
		l, err := cache.NewLookup(t.Context(), s, "main")
		if err != nil {
			t.Fatal(err)
		}
		lasts, err := l.Lasts(t.Context(), []cache.Named{{Unit: unit(0), Path: "texts/" + folder(0), Checks: []string{"words"}}, {Unit: unit(1), Path: "texts/" + folder(1), Checks: []string{"words"}}})
		if err != nil || lasts[0] == nil || lasts[1] == nil || lasts[0].Kind != verdict.Invalid || lasts[1].Kind != verdict.OK {
			t.Errorf("%s: %v, %v", who, lasts, err)
		}
	}
}
