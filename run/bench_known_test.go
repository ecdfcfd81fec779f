package run_test

import (
	"context"
	"iter"
	"log/slog"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/blob"
	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/cache/rediscache"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/fleet/worktree"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/test/genfleet"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/verdict"
)

// known is a fleet whose files git knows, all in memory.
type known struct {
	scope.Fleet
	names []id.Unit
	files map[id.Unit][]blob.File
}

func (known) Format() blob.Format { return blob.SHA1 }

func (k known) Files(_ context.Context, u id.Unit) ([]blob.File, int, bool) {
	return k.files[u], 0, true
}

func (k known) Units(context.Context) iter.Seq2[id.Unit, error] {
	return func(yield func(id.Unit, error) bool) {
		for _, u := range k.names {
			if !yield(u, nil) {
				return
			}
		}
	}
}

// BenchmarkWarmRun is a run over a Redis of a fleet of which all is known, and git's names with it:
// MUSTER_WARM services, 10,000 if that is not set.
func BenchmarkWarmRun(b *testing.B) {
	n, err := strconv.Atoi(os.Getenv("MUSTER_WARM"))
	if err != nil {
		n = 10_000
	}
	dir := b.TempDir()
	if _, err := genfleet.Write(dir, genfleet.Options{Services: n, Bad: 0.01}); err != nil {
		b.Fatal(err)
	}
	tree, err := worktree.Open(dir, config.Builtin()[0].Layout)
	if err != nil {
		b.Fatal(err)
	}
	defer tree.Close()
	k := known{Fleet: tree, files: map[id.Unit][]blob.File{}}
	s := scope.Scope{Fleet: k, Checks: config.Builtin()[0].Checks}
	r, err := s.Resolve(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	conn := redistest.Dial(b, redistest.Server(b))
	store := rediscache.New(conn.Plain(), time.Hour)
	warmUp(b, tree, k, r, store)
	for u, err := range tree.Units(b.Context()) {
		if err != nil {
			b.Fatal(err)
		}
		k.names = append(k.names, u)
	}
	s.Fleet = k
	o := run.Options{Scope: s, Conn: run.Conn{Ledger: ledger.New(conn.Bulk(), conn.Plain()), Client: tasks.NewClient(conn.Bulk(), conn.Plain())}, Queue: "muster-ci", Limits: run.Limits{Timeout: patience, UnitTimeout: 10 * time.Second}, OnUndecided: run.Wait,
		Log: slog.New(slog.DiscardHandler), Cache: run.Cache{Store: store, Domains: []string{"main"}, Read: true, Write: true, Life: 24 * time.Hour}}
	runtime.GC()
	b.ResetTimer()
	for range b.N {
		start, first := time.Now(), time.Duration(0)
		o.Observe = func(e run.Event) {
			if first == 0 && e.Kind == run.Decided {
				first = time.Since(start)
			}
		}
		got, err := run.Run(b.Context(), o)
		if err != nil || got.Cached.Units != n {
			b.Fatalf("%+v, %+v, %v", got.Summary.Counts, got.Cached, err)
		}
		b.ReportMetric(float64(time.Since(start).Microseconds())/float64(n), "µs/unit")
		b.ReportMetric(float64(first.Milliseconds()), "ms-first")
	}
}

// warmUp keeps what is decided about a fleet.
func warmUp(b *testing.B, tree *worktree.Tree, k known, r scope.Resolved, store cache.Store) {
	b.Helper()
	lookup, err := cache.NewLookup(b.Context(), store, "main")
	if err != nil {
		b.Fatal(err)
	}
	w := cache.Writer{Store: store, Domain: func() cache.Domain { return lookup.Domains()[0] }, By: "worker"}
	recipe := cache.NewRecipe(r.Of(0).Session.Facts(), r.Of(0).Shared.Digest(), r.Regions, 10*time.Second, r.MaxBytes(""))
	var verdicts, contents []cache.Item
	keep := func() {
		for space, items := range map[cache.Space][]cache.Item{cache.Verdicts: verdicts, cache.Contents: contents} {
			if err := w.Keep(b.Context(), space, items); err != nil {
				b.Fatal(err)
			}
		}
		verdicts, contents = nil, nil
	}
	for u := range tree.Units(b.Context()) {
		files, kind, err := tree.Unit(b.Context(), u)
		if err != nil {
			b.Fatal(err)
		}
		v := r.Decide(b.Context(), u, kind, files, 10*time.Second)
		if k.files[u], err = blob.Of(files, blob.SHA1); err != nil {
			b.Fatal(err)
		}
		q := cache.Question{Recipe: recipe, Unit: cache.Unit{Unit: u, Path: r.Path(u), Digests: recipe.Digests(files)}}
		made, err := w.Made(q, v, map[string]verdict.Part{}, nil, time.Now())
		if err != nil {
			b.Fatal(err)
		}
		named, err := w.ContentsOf(recipe, files, blob.SHA1)
		if err != nil {
			b.Fatal(err)
		}
		if verdicts, contents = append(verdicts, made...), append(contents, named...); len(verdicts) >= 1000 {
			keep()
		}
	}
	keep()
}

var _ fleet.Named = known{}
