package run_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/blob"
	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/cache/cachetest"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/scope"
)

// counting is a source that counts which units are read.
type counting struct {
	scope.Fleet
	read atomic.Int64
}

func (c *counting) Unit(ctx context.Context, unit id.Unit) (bundle.Bundle, int, error) {
	c.read.Add(1)
	return c.Fleet.Unit(ctx, unit)
}

// named is one that knows git's names of files.
type namedCounting struct{ *counting }

func (n namedCounting) Files(_ context.Context, unit id.Unit) ([]blob.File, int, bool) {
	b, kind, err := n.Fleet.Unit(context.Background(), unit)
	if err != nil {
		return nil, kind, false
	}
	files, err := blob.Of(b, blob.SHA256)
	return files, kind, err == nil
}

func (namedCounting) Format() blob.Format { return blob.SHA256 }

// validatedWith is what Validate says of a scope, with a cache.
func validatedWith(t *testing.T, s scope.Scope, c run.Cache) run.Result {
	t.Helper()
	r, err := run.Validate(t.Context(), run.ValidateOptions{Scope: s, Jobs: 2, Cache: c,
		Limits: run.Limits{Timeout: time.Minute, UnitTimeout: time.Minute}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestValidateDecidesNothingTwice: it says the same, and how much of it is from before. Where git names the
// files, it does not read them either.
func TestValidateDecidesNothingTwice(t *testing.T) {
	t.Parallel()
	const units, unreadable = 10, 4
	for _, source := range []string{"that reads files", "that knows git's names"} {
		t.Run("a source "+source, func(t *testing.T) {
			t.Parallel()
			s := severalKinds(t)
			plain := s
			from := &counting{Fleet: s.Fleet}
			s.Fleet = from
			all, warm := int64(units), int64(units)
			if source != "that reads files" { // what has no names is tried before it is asked about, and once more
				s.Fleet, all, warm = namedCounting{from}, units+unreadable, 2*unreadable
			}
			var store cachetest.Memory
			auto := run.Cache{Store: &store, Domains: []string{"main"}, Read: true, Write: true}
			readOnly, refresh := auto, auto
			readOnly.Write, refresh.Read = false, false
			for _, step := range []struct {
				name   string
				use    run.Cache
				before func()
				known  int   // from before
				reads  int64 // units that are read
			}{
				{"cold, kept by nobody", readOnly, nil, 0, all},
				{"cold", auto, nil, 0, all},
				{"warm", auto, nil, units - unreadable, warm},
				{"warm, kept by nobody", readOnly, nil, units - unreadable, warm},
				{"decided anew", refresh, nil, 0, units},
				{"one has changed", auto, func() { write(t, filepath.Join(s.Fleet.Dir(), "rules/c.yml"), "good\ngood\n") }, units - unreadable - 1, min(all, warm+1)},
				{"and is as it was", auto, func() { write(t, filepath.Join(s.Fleet.Dir(), "rules/c.yml"), "good") }, units - unreadable, warm},
				{"disowned", auto, func() { store.Disown("main", "s2") }, 0, all},
				{"off", run.Cache{Store: &store, Domains: []string{"main"}}, nil, 0, units},
			} {
				if step.before != nil {
					step.before()
				}
				from.read.Store(0)
				start := time.Now()
				got := validatedWith(t, s, step.use)
				cached := got.Cached
				if got.Cached = (run.Cached{}); cached.Units != step.known || from.read.Load() != step.reads {
					t.Errorf("%s: %d units are from before, and %d were read; want %d and %d", step.name, cached.Units, from.read.Load(), step.known, step.reads)
				}
				if cached.Units > 0 && (cached.Oldest.IsZero() || cached.Newest.After(start) || cached.Newest.Before(cached.Oldest)) {
					t.Errorf("%s: they are from %v to %v", step.name, cached.Oldest, cached.Newest)
				}
				same(t, step.name+" differs", validatedWith(t, plain, run.Cache{}), got)
			}
		})
	}
}

// unnamed is a source that could know names, and has none for what it is asked about.
type unnamed struct{ namedCounting }

func (unnamed) Files(context.Context, id.Unit) ([]blob.File, int, bool) { return nil, 0, false }

// TestValidateKeepsNamesThatAreAskedFor: what a unit's names lead to is kept where the source has names for it, and
// no names are made of files for whom nobody asks by them.
func TestValidateKeepsNamesThatAreAskedFor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		what  string
		of    func(namedCounting) scope.Fleet
		names bool
	}{
		{"named", func(n namedCounting) scope.Fleet { return n }, true},
		{"read", func(n namedCounting) scope.Fleet { return unnamed{n} }, false},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			s := severalKinds(t)
			s.Fleet = tt.of(namedCounting{&counting{Fleet: s.Fleet}})
			var store cachetest.Memory
			auto := run.Cache{Store: &store, Domains: []string{"main"}, Read: true, Write: true}
			for _, step := range []string{"cold", "warm"} {
				validatedWith(t, s, auto)
				if n := store.Len(cache.Contents); n > 0 != tt.names {
					t.Errorf("%s: %d names are kept", step, n)
				}
			}
			if store.Len(cache.Verdicts) == 0 {
				t.Error("no verdicts are kept")
			}
		})
	}
}

// TestValidateWritesOverWhatIsNoEntry, and decides again what it is about.
func TestValidateWritesOverWhatIsNoEntry(t *testing.T) {
	t.Parallel()
	s := severalKinds(t)
	var store garbled
	c := run.Cache{Store: &store, Domains: []string{"main"}, Read: true, Write: true}
	want := validatedWith(t, s, c)
	store.garble.Store(true)
	got := validatedWith(t, s, c)
	if got.Cached.Units != 0 {
		t.Errorf("%d units are known by garbled entries", got.Cached.Units)
	}
	same(t, "with garbled entries it differs", want, got)
	store.garble.Store(false)
	if got := validatedWith(t, s, c); got.Cached.Units != 6 {
		t.Errorf("%d units are known afterwards, want 6", got.Cached.Units)
	}
}

// garbled is a store that changes a byte of what it returns.
type garbled struct {
	cachetest.Memory
	garble atomic.Bool
}

func (g *garbled) Get(ctx context.Context, s cache.Space, domain string, keys []cache.Key) ([][]byte, error) {
	values, err := g.Memory.Get(ctx, s, domain, keys)
	for i, v := range values {
		if v != nil && g.garble.Load() {
			values[i] = append(v[:len(v)-1:len(v)-1], v[len(v)-1]^1)
		}
	}
	return values, err
}
