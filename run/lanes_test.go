package run_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/fleet/worktree"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/test/lines"
	"github.com/seed306eabeb/muster/test/pace"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/worker"
)

// program is the command "lint", as a kind of check: it finds what begins with "bad". Without an engine it
// is one that the process does not offer.
type program struct {
	check.Session
	engine string
	impure bool
	before func(id.Unit)
}

var linted = verdict.Rule{Code: "chart/lint", Name: "run", Severity: verdict.Error, Summary: "lint finds nothing wrong"}

func (program) Name() string                        { return id.CommandCheck("lint") }
func (p program) Engine() string                    { return p.engine }
func (program) Rules() []verdict.Rule               { return []verdict.Rule{linted} }
func (p program) Open(fs.FS) (check.Session, error) { return p, nil }
func (program) Findings() []verdict.Finding         { return nil }
func (program) Joins() []verdict.Join               { return nil }
func (p program) Traits() check.Traits              { return check.Traits{Impure: p.impure || p.engine == ""} }
func (p program) Check(_ context.Context, u check.Unit, _ []string) (d verdict.Decision, err error) {
	if p.engine == "" {
		return d, errors.New("asked without a program")
	}
	if p.before != nil {
		p.before(u.Name)
	}
	text, err := fs.ReadFile(u.Files, u.Path)
	if strings.HasPrefix(string(text), "bad") {
		d.Findings = append(d.Findings, linted.At(verdict.Place{File: u.Path, Line: 1, Column: 1}, "lint says bad", ""))
	}
	d.Regions = []string{}
	return d, err
}

const lintLane = tasks.QueueCI + "+lint"

// charts is a fleet of notes, which need nothing, and of charts, which need lint; the first of each is
// bad.
func charts(t *testing.T, notes, charts int, lint program) scope.Scope {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "fleet.conf"), "")
	for kind, n := range map[string]int{"notes": notes, "charts": charts} {
		for i := range n {
			text := "good"
			if i == 0 {
				text = "bad"
			}
			write(t, filepath.Join(dir, kind, fmt.Sprintf("%03d.txt", i)), text)
		}
	}
	shared := []string{"fleet.conf"}
	tree, err := worktree.Open(dir, fleet.Layout{Marker: "fleet.conf", Kinds: []fleet.Kind{
		{Name: "chart", At: []string{"charts/*.txt"}, Given: map[string][]byte{"chart.conf": []byte("given")}, Checks: []string{id.CommandCheck("lint"), "lines"}},
		{Name: "note", At: []string{"notes/*.txt"}, Shared: shared, Checks: []string{"lines"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tree.Close() })
	return scope.Scope{Fleet: tree, Checks: check.Kinds{lines.New(), lint}}
}

// counted says how many of the units are charts and have a verdict, and which have none.
func counted(r run.Result) (charts, notes, missing int) {
	of := func(u id.Unit) {
		if strings.HasPrefix(string(u), "charts/") {
			charts++
		} else {
			notes++
		}
	}
	for _, u := range r.Summary.OKs {
		of(u.Name)
	}
	for _, u := range r.Summary.Errs {
		if u.Kind == verdict.Missing {
			missing++
		} else {
			of(u.Name)
		}
	}
	return charts, notes, missing
}

// offer lets a worker tell of commands that it runs, until it is called off or the test ends.
func (w *world) offer(name string, offers ...ledger.Offer) (off func()) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	can := ledger.Capacity{Slots: 2, CommandSlots: 2, Offers: offers, Queues: []string{tasks.QueueCI}}
	beat := func() {
		if err := w.ledger.Heartbeat(ctx, name, can); err != nil && ctx.Err() == nil {
			w.t.Error(err)
		}
	}
	beat()
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(pace.Worker().Heartbeat)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				beat()
			case <-ctx.Done():
				return
			}
		}
	})
	off = sync.OnceFunc(func() {
		cancel()
		wg.Wait()
		if err := w.ledger.Deregister(context.Background(), name); err != nil {
			w.t.Error(err)
		}
	})
	w.t.Cleanup(off)
	return off
}

// workIn starts a worker of some queues.
func (w *world) workIn(name string, queues []string, kinds ...check.Kind) (stop func()) {
	w.t.Helper()
	weights := map[string]int{}
	for _, q := range queues {
		weights[q] = 1
	}
	log := slog.New(slog.DiscardHandler)
	started, err := worker.Start(w.t.Context(), worker.Options{Name: name, Ledger: w.ledger, Client: w.client, Kinds: kinds, Concurrency: 2, UnitLimit: 1 << 20, Timing: pace.Worker(), Log: log,
		Fetch: worker.FetchOptions{Redis: w.conn.Bulk(), Queues: weights, Fetchers: 1, Poll: 5 * time.Millisecond, ShutdownTimeout: 5 * time.Second, Log: log}})
	if err != nil {
		w.t.Fatal(err)
	}
	stop = sync.OnceFunc(started.Shutdown)
	w.t.Cleanup(stop)
	return stop
}

var lintOffer = ledger.Offer{Name: "lint", Engine: "lint-1", Version: "v1", Slots: 2}

// TestNobodyOffersWhatUnitsNeed: it is told with what the workers offer, the others are decided, and
// what the user has chosen happens to the rest.
func TestNobodyOffersWhatUnitsNeed(t *testing.T) {
	t.Parallel()
	const lacks = "no live worker of muster-ci offers the command lint"
	for _, c := range []struct {
		name   string
		choice run.OnUndecided
		here   program // of the process that runs
		others []ledger.Offer
		exit   int
		charts int
		says   []string // in the log
		cause  string   // of a chart
	}{
		{"fail", run.Fail, program{}, nil, 3, 0, []string{lacks + " (30 units wait for it); the live workers offer no command (1 worker); waiting for 600ms", lacks}, lacks},
		{"fail beside others", run.Fail, program{}, []ledger.Offer{{Name: "b", Slots: 1}, {Name: "a", Slots: 1}}, 3, 0,
			[]string{lacks + " (30 units wait for it); the live workers offer: a, b (2 workers)"}, lacks},
		{"local without it", run.DecideLocal, program{}, nil, 3, 0, []string{lacks}, "this process cannot decide them either, for it does not offer the command lint"},
		{"local with it", run.DecideLocal, program{engine: "lint-1"}, nil, 1, 30, []string{lacks, "deciding what waits for it in this process"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, redistest.Server(t))
			w.workIn("plain", []string{tasks.QueueCI}, lines.New())
			if len(c.others) > 0 {
				w.offer("other", c.others...)
			}
			said := &whenSaid{}
			o := w.options(charts(t, 300, 30, c.here))
			o.OnUndecided, o.Patience, o.Log = c.choice, 600*time.Millisecond, slog.New(slog.NewTextHandler(said, nil))
			r := w.run(o)
			if charts, notes, missing := counted(r); charts != c.charts || notes != 300 || missing != 30-c.charts || r.ExitCode() != c.exit {
				t.Errorf("exit code %d with %d charts and %d notes decided, %d missing; want %d with %d, 300, %d; stopped: %s",
					r.ExitCode(), charts, notes, missing, c.exit, c.charts, 30-c.charts, r.Stopped)
			}
			for _, text := range c.says {
				if !strings.Contains(said.all.String(), text) {
					t.Errorf("the log does not say %q:\n%s", text, said.all.String())
				}
			}
			if cause := causes(r)["charts/007.txt"]; !strings.Contains(cause, c.cause) {
				t.Errorf("a chart is missing because %q, want %q", cause, c.cause)
			}
			if n := w.conn.Plain().LLen(t.Context(), tasks.PendingKey(lintLane)).Val(); n != 0 {
				t.Errorf("%d tasks are left in the lane", n)
			}
		})
	}
}

// TestAWorkerWithTheCommandComes, and goes, and comes again: a run that waits goes on, and says each
// once.
func TestAWorkerWithTheCommandComes(t *testing.T) {
	t.Parallel()
	lint := program{engine: "lint-1"}
	for _, detached := range []bool{false, true} {
		t.Run(fmt.Sprintf("detached %v", detached), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, redistest.Server(t))
			w.workIn("plain", []string{tasks.QueueCI}, lines.New())
			const lacks, there = "no live worker of muster-ci offers the command lint", "a worker is there that offers the command lint"
			said := &whenSaid{text: lacks}
			var comes sync.WaitGroup
			comes.Add(1)
			said.do = func() {
				defer comes.Done()
				w.offer("linter", lintOffer)
				w.workIn("linting", []string{lintLane}, lines.New(), lint)
			}
			log := slog.New(slog.NewTextHandler(said, nil))
			o := w.options(charts(t, 300, 30, program{}))
			o.Log, o.Detach = log, detached
			r := w.run(o)
			if detached {
				follow := w.follow(lines.New(), program{})
				follow.Log = log
				var err error
				if r, err = run.Collect(t.Context(), r.ID, follow); err != nil {
					t.Fatal(err)
				}
			}
			comes.Wait()
			if charts, notes, missing := counted(r); charts != 30 || notes != 300 || missing != 0 || r.ExitCode() != 1 {
				t.Errorf("exit code %d with %d charts, %d notes, %d missing; want 1 with 30, 300 and 0", r.ExitCode(), charts, notes, missing)
			}
			for text, n := range map[string]int{lacks: 1, there: 1} {
				if got := strings.Count(said.all.String(), text); got != n {
					t.Errorf("the log says %q %d times, want %d:\n%s", text, got, n, said.all.String())
				}
			}
			for _, u := range r.Summary.Errs {
				if want := map[id.Unit]int{"charts/000.txt": 2, "notes/000.txt": 1}[u.Name]; len(u.Findings) != want {
					t.Errorf("%s has %d findings, want %d", u.Name, len(u.Findings), want)
				}
			}
		})
	}
}

// TestAWorkerLosesTheCommand in mid-run: what waits then waits for what nobody does, and what is
// decided stays.
func TestAWorkerLosesTheCommand(t *testing.T) {
	t.Parallel()
	const lacks = "no live worker of muster-ci offers the command lint"
	w := newWorld(t, redistest.Server(t))
	off := w.offer("linter", lintOffer)
	w.workIn("plain", []string{tasks.QueueCI}, lines.New())
	lost, once := make(chan struct{}), sync.Once{}
	hold := make(chan struct{})
	var begun atomic.Int64
	w.workIn("linting", []string{lintLane}, lines.New(), program{engine: "lint-1", before: func(id.Unit) {
		if begun.Add(1) > 5 { // in whatever order
			once.Do(func() { close(lost) })
			<-hold
		}
	}})
	said := &whenSaid{}
	o := w.options(charts(t, 50, 30, program{}))
	o.OnUndecided, o.Patience, o.Log = run.Fail, 600*time.Millisecond, slog.New(slog.NewTextHandler(said, nil))
	var gone sync.WaitGroup
	gone.Go(func() { <-lost; off() })
	r := w.run(o)
	gone.Wait()
	close(hold)
	charts, notes, missing := counted(r)
	if charts < 1 || notes != 50 || charts+missing != 30 || r.ExitCode() != 3 || !strings.Contains(said.all.String(), lacks) {
		t.Errorf("exit code %d with %d charts, %d notes, %d missing; want 3, some charts and all notes; the log:\n%s", r.ExitCode(), charts, notes, missing, said.all.String())
	}
}

// TestNobodyComesToAPrivateRedis: a run over one that waits for a command which its own workers lack
// ends, whatever was chosen.
func TestNobodyComesToAPrivateRedis(t *testing.T) {
	t.Parallel()
	w := newWorld(t, redistest.Server(t))
	w.workIn("plain", []string{tasks.QueueCI}, lines.New())
	o := w.options(charts(t, 50, 5, program{}))
	o.RedisLost = func(ctx context.Context) error { <-ctx.Done(); return nil }
	r := w.run(o)
	if charts, notes, missing := counted(r); charts != 0 || notes != 50 || missing != 5 || r.ExitCode() != 3 {
		t.Errorf("exit code %d with %d charts, %d notes, %d missing; want 3 with 0, 50 and 5", r.ExitCode(), charts, notes, missing)
	}
}

// TestTwoVersionsOfACommand are told, with their workers.
func TestTwoVersionsOfACommand(t *testing.T) {
	t.Parallel()
	lint := program{engine: "lint-1"}
	w := newWorld(t, redistest.Server(t))
	w.offer("one", lintOffer)
	w.offer("two", ledger.Offer{Name: "lint", Engine: "lint-2", Version: "v2", Slots: 1})
	w.workIn("both", []string{tasks.QueueCI, lintLane}, lines.New(), lint)
	said := &whenSaid{}
	o := w.options(charts(t, 3, 3, program{}))
	o.Log = slog.New(slog.NewTextHandler(said, nil))
	w.run(o)
	if want := "v1 (engine lint-1) on one; v2 (engine lint-2) on two"; !strings.Contains(said.all.String(), want) {
		t.Errorf("the log does not say %q:\n%s", want, said.all.String())
	}
}

// TestAFullLaneStopsNobody: units that need nothing are decided while a worker is at the first of
// many that need a command.
func TestAFullLaneStopsNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, redistest.Server(t))
	quick := make(chan struct{})
	lint := program{engine: "lint-1", before: func(id.Unit) { <-quick }}
	w.offer("linter", lintOffer)
	w.workIn("linting", []string{lintLane}, lines.New(), lint)
	w.workIn("plain", []string{tasks.QueueCI}, lines.New())
	o := w.options(charts(t, 300, 4200, program{}))
	n := 0
	o.Observe = func(e run.Event) {
		if e.Kind == run.Decided && strings.HasPrefix(string(e.Unit), "notes/") {
			if n++; n == 300 {
				close(quick)
			}
		}
	}
	r := w.run(o)
	if charts, notes, _ := counted(r); charts != 4200 || notes != 300 {
		t.Errorf("%d charts and %d notes are decided, want 4200 and 300", charts, notes)
	}
}
