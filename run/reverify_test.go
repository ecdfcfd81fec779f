package run_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/cache/cachetest"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/verdict"
)

// fickle calls itself what words is, and finds something else each time.
type fickle struct {
	words
	times *atomic.Int64
}

type fickleSession struct {
	check.Session
	times *atomic.Int64
}

func (f fickle) Open(shared fs.FS) (check.Session, error) {
	s, err := f.words.Open(shared)
	return fickleSession{s, f.times}, err
}

func (s fickleSession) Check(ctx context.Context, u check.Unit, regions []string) (verdict.Decision, error) {
	d, err := s.Session.Check(ctx, u, regions)
	d.Findings = append(d.Findings, verdict.Finding{Rule: "W1", Severity: verdict.Error, Message: fmt.Sprintf("throw %d of the dice", s.times.Add(1)), Place: verdict.Place{File: "a.txt", Line: 1}})
	return d, err
}

// reverified are options of a run that tests a share of what is known.
func (w *world) reverified(dir string, store cache.Store, share float64, k check.Kind) run.Options {
	o := w.cached(scopeOf(w.t, dir, k), store)
	o.Cache.Reverify = share
	return o
}

// TestWhatIsKnownStandsItsTest where nothing is wrong: the report is the one of a cold run, whatever the share.
func TestWhatIsKnownStandsItsTest(t *testing.T) {
	t.Parallel()
	const units = 700 // several batches
	dir, store := texts(t, units), &cachetest.Memory{}
	want := validated(t, dir)
	w := newWorld(t, redistest.Server(t))
	w.workCached(store, words{})
	w.warm(scopeOf(t, dir, words{}), store, units)
	local := &cachetest.Memory{}
	validatedWith(t, scopeOf(t, dir, words{}), run.Cache{Store: local, Domains: []string{"main"}, Read: true, Write: true})
	for share, most := range map[float64]int{1: units, 0.1: 2 * units / 10, 1e-9: 1} {
		o := w.reverified(dir, store, share, words{})
		pushed := 0
		o.Observe = func(e run.Event) {
			if e.Kind == run.Pushed {
				pushed++
			}
		}
		c := o.Cache
		c.Store = local
		for how, r := range map[string]run.Result{"run": w.run(o), "validate": validatedWith(t, scopeOf(t, dir, words{}), c)} {
			same(t, how+" differs", want, r)
			got := *r.Reverified
			if got.Sampled == 0 || got.Sampled > most || share == 1 && got.Sampled != units || got.Differed+got.NotCompared > 0 {
				t.Errorf("%s, a share of %g: %+v", how, share, got)
			}
			if r.Cached.Units != units-got.Sampled || how == "run" && pushed != got.Sampled {
				t.Errorf("%s, a share of %g: %d units are known, and %d of a sample of %d pushed", how, share, r.Cached.Units, pushed, got.Sampled)
			}
		}
	}
}

// TestACheckThatDecidesOtherwise is found, and named, and nothing that is kept of it is believed.
func TestACheckThatDecidesOtherwise(t *testing.T) {
	t.Parallel()
	const units = 600
	dir, store := texts(t, units), &cachetest.Memory{}
	liar := fickle{times: new(atomic.Int64)}
	w := newWorld(t, redistest.Server(t))
	w.workCached(store, liar)
	w.warm(scopeOf(t, dir, liar), store, units)
	local := &cachetest.Memory{}
	validatedWith(t, scopeOf(t, dir, liar), run.Cache{Store: local, Domains: []string{"main"}, Read: true, Write: true})
	o := w.reverified(dir, store, 0.05, liar)
	audit := o
	audit.Queue = tasks.QueueAudit
	c := o.Cache
	c.Store = local
	for how, tt := range map[string]struct {
		result run.Result
		by     string
		exit   int
	}{
		"run":      {w.run(o), "worker", 1},
		"an audit": {w.run(audit), "worker", 3},
		"validate": {validatedWith(t, scopeOf(t, dir, liar), c), "", 1},
	} {
		r := tt.result
		got := r.Reverified
		if got.Sampled == 0 || got.Differed != got.Sampled || len(got.Differences) != min(got.Differed, run.MostDifferences) {
			t.Errorf("%s: %d of a sample of %d differ, %d are named, and %d could not be compared", how, got.Differed, got.Sampled, len(got.Differences), got.NotCompared)
			continue
		}
		d := got.Differences[0]
		if d.Check != "words" || d.Domain != "main" || d.Made.IsZero() || !strings.Contains(d.What, "throw ") || tt.by != "" && d.By != tt.by {
			t.Errorf("%s: it is told of %+v", how, d)
		}
		if r.Cached.Units != 0 || !r.Summary.Complete || r.ExitCode() != tt.exit {
			t.Errorf("%s: %d units are believed, complete %v, exit %d; want none, and %d", how, r.Cached.Units, r.Summary.Complete, r.ExitCode(), tt.exit)
		}
	}
}

// TestASampleThatCannotBeCompared is no difference, and is told of.
func TestASampleThatCannotBeCompared(t *testing.T) {
	t.Parallel()
	const units = 30
	dir, store := texts(t, units), &cachetest.Memory{}
	tired, kind := new(atomic.Bool), words{}
	kind.before = func(_ context.Context, u id.Unit) error {
		if tired.Load() && strings.HasSuffix(string(u), "3") {
			return errors.New("not today")
		}
		return nil
	}
	w := newWorld(t, redistest.Server(t))
	w.workCached(store, kind)
	w.warm(scopeOf(t, dir, kind), store, units)
	tired.Store(true)
	r := w.run(w.reverified(dir, store, 1, kind))
	if got := *r.Reverified; got.Sampled != units || got.Differed != 0 || got.NotCompared != 3 || r.Summary.Failed != 3 {
		t.Errorf("%+v, and %d failed; want 3 that were not compared", got, r.Summary.Failed)
	}
	if r.ExitCode() != 3 {
		t.Errorf("exit %d, want 3", r.ExitCode())
	}
}
