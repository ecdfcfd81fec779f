package run_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/blob"
	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/cache/cachetest"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/test/lines"
	"github.com/seed306eabeb/muster/test/pace"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/worker"
)

// named is a fleet of which git knows what units consist of.
type named struct{ scope.Fleet }

func (named) Format() blob.Format { return blob.SHA1 }

func (n named) Files(_ context.Context, u id.Unit) ([]blob.File, int, bool) {
	b, kind, err := n.Fleet.Unit(context.Background(), u)
	if err != nil {
		return nil, 0, false
	}
	files, err := blob.Of(b, blob.SHA1)
	return files, kind, err == nil
}

// workCached starts a worker that keeps what it decides in the domain main of a store.
func (w *world) workCached(store cache.Store, kinds ...check.Kind) {
	w.t.Helper()
	log := slog.New(slog.DiscardHandler)
	started, err := worker.Start(w.t.Context(), worker.Options{Name: "worker", Ledger: w.ledger, Client: w.client, Kinds: kinds, Concurrency: 4, UnitLimit: 1 << 20, Timing: pace.Worker(), Log: log,
		Cache: &worker.CacheOptions{Store: store, Domain: "main"},
		Fetch: worker.FetchOptions{Redis: w.conn.Bulk(), Queues: tasks.DefaultQueues(), Fetchers: 2, Poll: 5 * time.Millisecond, ShutdownTimeout: 5 * time.Second, Log: log}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(started.Shutdown)
}

// cached are options of a run that uses a store.
func (w *world) cached(s scope.Scope, store cache.Store) run.Options {
	o := w.options(s)
	o.Cache = run.Cache{Store: store, Domains: []string{"main"}, Read: true, Write: true}
	return o
}

func (w *world) followCached(store cache.Store, kinds ...check.Kind) run.CollectOptions {
	o := w.follow(kinds...)
	o.Cache.Store = store
	return o
}

// warm runs a scope until all that can be known is in the store, which is n decisions.
func (w *world) warm(s scope.Scope, store *cachetest.Memory, n int) {
	w.t.Helper()
	w.run(w.cached(s, store))
	deadline := time.Now().Add(patience)
	for store.Len(cache.Verdicts) < n && time.Now().Before(deadline) {
		if ledger.Sleep(w.t.Context(), time.Millisecond) != nil {
			return
		}
	}
	if got := store.Len(cache.Verdicts); got != n {
		w.t.Fatalf("%d decisions are kept, want %d", got, n)
	}
}

// fleets are some with what can be known of them.
var fleets = map[string]struct {
	scope     func(*testing.T) scope.Scope
	kinds     check.Kinds
	decisions int // that are kept
	units     int // of which all is known
}{
	"one kind":                        {func(t *testing.T) scope.Scope { return scopeOf(t, texts(t, 25), words{}) }, check.Kinds{words{}}, 25, 25},
	"folders and files, some unsound": {severalKinds, check.Kinds{lines.New()}, 6, 6},
	"kinds with checks of their own":  {func(t *testing.T) scope.Scope { return ownChecks(t, "one") }, check.Kinds{lines.New(), short{}}, 8, 5},
	"several checks, one of them none": {func(t *testing.T) scope.Scope {
		s := scopeOf(t, texts(t, 25), words{})
		s.Checks = check.Kinds{lengths{cannot: []id.Unit{unit(3)}}, words{}}
		return s
	}, check.Kinds{lengths{cannot: []id.Unit{unit(3)}}, words{}}, 49, 24},
}

// TestAWarmRunIsTheColdOne: what is known makes no task, and no difference to what is found, whoever
// follows the run, and whether or not the source knows files without reading them.
func TestAWarmRunIsTheColdOne(t *testing.T) {
	t.Parallel()
	for name, f := range fleets {
		for _, byName := range []bool{false, true} {
			t.Run(name+map[bool]string{true: ", named"}[byName], func(t *testing.T) {
				t.Parallel()
				s, store := f.scope(t), &cachetest.Memory{}
				if byName {
					s.Fleet = named{s.Fleet}
				}
				redistest.Each(t, func(t *testing.T, url string) {
					w := newWorld(t, url)
					w.workCached(store, f.kinds...)
					want := w.run(w.options(s))
					w.warm(s, store, f.decisions)
					o := w.cached(s, store)
					tasksPushed := 0
					o.Observe = func(e run.Event) {
						if e.Kind == run.Pushed {
							tasksPushed++
						}
					}
					before := time.Now()
					r := w.run(o)
					same(t, "the warm and the cold run differ", want, r)
					if c := r.Cached; c.Units != f.units || c.Oldest.IsZero() || c.Newest.Before(c.Oldest) || c.Newest.After(before) {
						t.Errorf("cached: %+v, want %d units", c, f.units)
					}
					if most := want.Summary.Expected - f.units; tasksPushed > most {
						t.Errorf("%d tasks were pushed, want at most %d", tasksPushed, most)
					}
					h, err := w.ledger.Header(t.Context(), r.ID)
					if err != nil || h.State != ledger.Closed || !h.Final.Complete || h.Decided != h.Total {
						t.Errorf("the run is %s, with %d of %d verdicts, %v", h.State, h.Decided, h.Total, err)
					}
					again, err := run.Collect(t.Context(), r.ID, w.followCached(store, f.kinds...))
					if err != nil {
						t.Fatal(err)
					}
					same(t, "who collects the warm run finds something else", want, again)
					if again.Cached != r.Cached {
						t.Errorf("cached, as collected: %+v, want %+v", again.Cached, r.Cached)
					}
					o.Detach = true
					later, err := run.Collect(t.Context(), w.run(o).ID, w.followCached(store, f.kinds...))
					if err != nil {
						t.Fatal(err)
					}
					same(t, "a detached warm run and the cold one differ", want, later)
				})
			})
		}
	}
}

// TestWorkersKeepNamesThatAreAskedFor: to what git's names lead is kept of units that the source has names for.
func TestWorkersKeepNamesThatAreAskedFor(t *testing.T) {
	t.Parallel()
	const kept = 6
	for _, tt := range []struct {
		what  string
		of    func(scope.Fleet) scope.Fleet
		names bool
	}{
		{"named", func(f scope.Fleet) scope.Fleet { return named{f} }, true},
		{"read", func(f scope.Fleet) scope.Fleet { return unnamed{namedCounting{&counting{Fleet: f}}} }, false},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			w, store := newWorld(t, redistest.Server(t)), &cachetest.Memory{}
			w.workCached(store, lines.New())
			s := severalKinds(t)
			s.Fleet = tt.of(s.Fleet)
			w.warm(s, store, kept)
			for deadline := time.Now().Add(patience); tt.names && store.Len(cache.Contents) == 0 && time.Now().Before(deadline); {
				if ledger.Sleep(t.Context(), time.Millisecond) != nil {
					return
				}
			}
			if n := store.Len(cache.Contents); n > 0 != tt.names {
				t.Errorf("%d names are kept", n)
			}
		})
	}
}

// TestWhatIsKnownIsAboutTheseBytes: a unit that has changed is decided.
func TestWhatIsKnownIsAboutTheseBytes(t *testing.T) {
	t.Parallel()
	dir, store := texts(t, 12), &cachetest.Memory{}
	w := newWorld(t, redistest.Server(t))
	w.workCached(store, words{})
	w.warm(scopeOf(t, dir, words{}), store, 12)
	write(t, dir+"/texts/"+folder(3)+"/a.txt", "worse")
	r := w.run(w.cached(scopeOf(t, dir, words{}), store))
	same(t, "run and validate differ", validated(t, dir), r)
	if r.Cached.Units != 11 || r.Summary.Invalid != 4 {
		t.Errorf("%d units are known, and %d invalid; want 11, and the changed one among 4", r.Cached.Units, r.Summary.Invalid)
	}
}

// TestImpureDecisionsAreNotLookedUp, and units that have such a check are decided.
func TestImpureDecisionsAreNotLookedUp(t *testing.T) {
	t.Parallel()
	s := ownChecks(t, "one")
	store := &cachetest.Memory{}
	s.Checks = check.Kinds{lines.New(), impureShort{}}
	w := newWorld(t, redistest.Server(t))
	w.workCached(store, s.Checks...)
	want := w.run(w.options(s))
	w.warm(s, store, 5) // the lines of 2 apps and 3 rules
	r := w.run(w.cached(s, store))
	same(t, "the warm and the cold run differ", want, r)
	if r.Cached.Units != 2 {
		t.Errorf("%d units are known, want the apps", r.Cached.Units)
	}
}

type impureShort struct{ short }

func (impureShort) Traits() check.Traits { return check.Traits{Impure: true} }
func (i impureShort) Open(shared fs.FS) (check.Session, error) {
	_, err := i.short.Open(shared)
	return i, err
}

// broken is a store that is away, or does not answer.
type broken struct {
	cachetest.Memory
	slow   bool
	salted bool // it has told the salt before
	calls  atomic.Int64
}

func (b *broken) Salt(ctx context.Context, domain string) (string, error) {
	if b.salted {
		return "", nil
	}
	_, err := b.Get(ctx, cache.Verdicts, domain, nil)
	return "", err
}

func (b *broken) Get(ctx context.Context, _ cache.Space, _ string, _ []cache.Key) ([][]byte, error) {
	b.calls.Add(1)
	if b.slow {
		<-ctx.Done()
		return nil, context.Cause(ctx)
	}
	return nil, errors.New("the store is away")
}

// TestACacheThatIsAwayChangesNothing: that is told once, and everything is decided.
func TestACacheThatIsAwayChangesNothing(t *testing.T) {
	t.Parallel()
	for name, store := range map[string]*broken{"from the start": {}, "later": {salted: true}, "slow": {slow: true, salted: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := texts(t, 12)
			w := newWorld(t, redistest.Server(t))
			w.work(2, words{})
			var said bytes.Buffer
			o := w.cached(scopeOf(t, dir, words{}), store)
			o.Log = slog.New(slog.NewTextHandler(&said, nil))
			o.Timing.Cache = 20 * time.Millisecond
			r := w.run(o)
			same(t, "run and validate differ", validated(t, dir), r)
			if n := strings.Count(said.String(), "the cache cannot be read"); n != 1 || r.Cached.Units != 0 {
				t.Errorf("%d units are known, and it is told %d times: %s", r.Cached.Units, n, &said)
			}
		})
	}
}

// TestWhoCannotReadWhatIsKeptHasNoReport that is complete: it names the units, and what to do.
func TestWhoCannotReadWhatIsKept(t *testing.T) {
	t.Parallel()
	dir, store := texts(t, 12), &cachetest.Memory{}
	w := newWorld(t, redistest.Server(t))
	w.workCached(store, words{})
	s := scopeOf(t, dir, words{})
	w.warm(s, store, 12)
	r := w.run(w.cached(s, store))
	if r.Cached.Units != 12 {
		t.Fatalf("%d units are known", r.Cached.Units)
	}
	other := &cachetest.Memory{}
	for name, c := range map[string]struct {
		cache run.Cache
		want  string
	}{
		"no cache":              {run.Cache{}, "none is given to this process"},
		"an empty one":          {run.Cache{Store: other}, "gone from the cache: continue the run"},
		"one that is away":      {run.Cache{Store: &broken{}}, "the store is away"},
		"a domain not trusted":  {run.Cache{Store: store, Domains: []string{"pr"}}, "--cache-domain"},
		"one with other values": {run.Cache{Store: swapped{store}}, "not what the run was told of: continue the run"},
	} {
		o := w.follow(words{})
		o.Cache = c.cache
		got, err := run.Collect(t.Context(), r.ID, o)
		if err != nil || got.Summary.Complete || got.Summary.Missing != 12 || got.Summary.OK != 0 {
			t.Errorf("%s: %+v, %v; want 12 missing", name, got.Summary.Counts, err)
		}
		if cause := causes(got)[unit(3)]; !strings.Contains(cause, c.want) {
			t.Errorf("%s: a verdict is missing because %q, want %q", name, cause, c.want)
		}
		if got.ExitCode() != 3 {
			t.Errorf("%s: exit %d, want 3", name, got.ExitCode())
		}
	}
	o := w.cached(s, store)
	o.ID, o.Resume = r.ID, true
	if again := w.run(o); !again.Summary.Complete || again.Cached.Units != 12 {
		t.Errorf("continued: %+v, %+v", again.Summary.Counts, again.Cached)
	}
}

// swapped gives for each key what is kept under another.
type swapped struct{ *cachetest.Memory }

func (s swapped) Get(ctx context.Context, space cache.Space, domain string, keys []cache.Key) ([][]byte, error) {
	values, err := s.Memory.Get(ctx, space, domain, keys)
	for i := range values {
		values[i] = values[(i+1)%len(values)]
	}
	return values, err
}

// TestOldDecisionsTravel before the store forgets them, so that a worker writes them again.
func TestOldDecisionsTravel(t *testing.T) {
	t.Parallel()
	dir, store := texts(t, 12), &cachetest.Memory{}
	w := newWorld(t, redistest.Server(t))
	w.workCached(store, words{})
	s := scopeOf(t, dir, words{})
	w.warm(s, store, 12)
	for name, c := range map[string]struct {
		life  time.Duration
		write bool
		want  int
	}{"young": {time.Hour, true, 12}, "old": {time.Millisecond, true, 0}, "old, and nobody writes": {time.Millisecond, false, 12}} {
		o := w.cached(s, store)
		o.Cache.Life, o.Cache.Write = c.life, c.write
		if r := w.run(o); r.Cached.Units != c.want || !r.Summary.Complete {
			t.Errorf("%s: %d units are known, want %d", name, r.Cached.Units, c.want)
		}
	}
}

// TestEnoughErrsAmongTheKnown end a run, too.
func TestEnoughErrsAmongTheKnown(t *testing.T) {
	t.Parallel()
	dir, store := texts(t, 40), &cachetest.Memory{}
	w := newWorld(t, redistest.Server(t))
	w.workCached(store, words{})
	s := scopeOf(t, dir, words{})
	w.warm(s, store, 40)
	o := w.cached(s, store)
	o.MaxErrs = 2
	if r := w.run(o); !r.Enough || r.Summary.Complete {
		t.Errorf("stopped %q, %+v", r.Stopped, r.Summary.Counts)
	}
}
