package run_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/test/redistest"
)

// until waits for what becomes of a run that nobody follows.
func (w *world) until(name id.Run, what string, so func(ledger.Header) bool) ledger.Header {
	w.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; ledger.Sleep(w.t.Context(), 5*time.Millisecond) {
		h, err := w.ledger.Header(w.t.Context(), name)
		switch {
		case err != nil:
			w.t.Fatal(err)
		case so(h):
			return h
		case time.Now().After(deadline):
			w.t.Fatalf("%d of %d are decided, the run is %s; want %s", h.Decided, h.Total, h.State, what)
		}
	}
}

func decided(n int) func(ledger.Header) bool {
	return func(h ledger.Header) bool { return h.Decided == n }
}

func (w *world) pending() int64 {
	return w.conn.Plain().LLen(w.t.Context(), tasks.PendingKey(tasks.QueueCI)).Val()
}

// TestADetachedRunWaitsItsTurn: its enqueuer leaves no task in the queue, and the workers never
// have more there than a window.
func TestADetachedRunWaitsItsTurn(t *testing.T) {
	t.Parallel()
	dir := texts(t, 700)
	w := newWorld(t, redistest.Server(t))
	w.detached(dir, "r")
	if n := w.pending(); n != 0 {
		t.Errorf("%d tasks wait before a worker is there, want none", n)
	}
	var most atomic.Int64
	w.work(2, words{before: func(context.Context, id.Unit) error {
		most.Store(max(most.Load(), w.pending()))
		return nil
	}})
	w.until("r", "all to be decided", decided(700))
	if n := most.Load(); n == 0 || n > 300 {
		t.Errorf("at most %d of 700 tasks were in the queue, want a window of them", n)
	}
	same(t, "collect and validate differ", validated(t, dir), w.collect("r"))
}

// TestASmallRunDoesNotWaitForADetachedOne of the same queue.
func TestASmallRunDoesNotWaitForADetachedOne(t *testing.T) {
	t.Parallel()
	const many = 2000
	url := redistest.Server(t)
	w := newWorld(t, url)
	w.detached(texts(t, many), "large")
	w.work(4, words{before: func(ctx context.Context, _ id.Unit) error { return ledger.Sleep(ctx, 4*time.Millisecond) }})
	w.until("large", "some to be decided", func(h ledger.Header) bool { return h.Decided > 100 })
	other := newWorld(t, url)
	r := other.run(other.options(scopeOf(t, texts(t, 3), words{})))
	if h, err := w.ledger.Header(t.Context(), "large"); err != nil || h.Decided > many/2 || !r.Summary.Complete {
		t.Errorf("%d of %d of the detached run were decided first, complete %v, %v", h.Decided, many, r.Summary.Complete, err)
	}
}

// TestWhoFollowsADetachedRunPushesNothing: what waits its turn is not lost.
func TestWhoFollowsADetachedRunPushesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, redistest.Server(t))
	w.detached(texts(t, 50), "r")
	c := w.follow(words{})
	c.Timeout = 3 * c.Timing.Reissue.Quiet
	if r, err := run.Collect(t.Context(), "r", c); err != nil || r.Summary.Missing != 50 {
		t.Errorf("%d are missing, %v; want all 50", r.Summary.Missing, err)
	} else if u := r.Summary.Errs[0]; u.Path != "texts/"+string(u.Name) {
		t.Errorf("%s, which is missing, lies in %q", u.Name, u.Path)
	}
	if n := w.pending(); n != 0 {
		t.Errorf("%d tasks wait, want none", n)
	}
	if attempts, err := w.ledger.Attempts(t.Context(), "r"); err != nil || len(attempts) > 0 {
		t.Errorf("attempts %v, %v; want the first of each alone", attempts, err)
	}
}

// TestAClaimIsNotLostWithItsWorker: one has claimed units and died before it pushed them, and
// another has died over a unit that it had begun. Nobody follows the run.
func TestAClaimIsNotLostWithItsWorker(t *testing.T) {
	t.Parallel()
	dir := texts(t, 60)
	w := newWorld(t, redistest.Server(t))
	w.detached(dir, "r")
	h, err := w.ledger.Header(t.Context(), "r")
	if err != nil {
		t.Fatal(err)
	}
	c, err := w.ledger.Claim(t.Context(), h, ledger.Claim{Worker: "dead", Lease: time.Millisecond, Windows: []int{20}, Quiet: time.Minute, Most: 20})
	if err != nil || len(c.Units) != 20 {
		t.Fatalf("Claim = %+v, %v", c, err)
	}
	g, err := w.ledger.Begin(t.Context(), ledger.BeginRequest{Run: "r", Unit: c.Units[0].Unit, Digest: c.Units[0].Digest, Attempt: 1, Delivery: "dead#1"})
	if err != nil || g.Answer != ledger.Granted {
		t.Fatalf("Begin = %+v, %v", g, err)
	}
	w.work(2, words{})
	w.until("r", "all to be decided", decided(60))
	same(t, "collect and validate differ", validated(t, dir), w.collect("r"))
}

// TestADetachedRunHasADeadline, which the workers keep.
func TestADetachedRunHasADeadline(t *testing.T) {
	t.Parallel()
	w := newWorld(t, redistest.Server(t))
	o := w.options(scopeOf(t, texts(t, 40), words{}))
	o.ID, o.Detach, o.Timeout = "r", true, 300*time.Millisecond
	w.run(o)
	w.work(1, words{before: func(ctx context.Context, unit id.Unit) error {
		if unit == "unit-00005" {
			<-ctx.Done()
		}
		return ctx.Err()
	}})
	h := w.until("r", "it to end", ledger.Header.Ended)
	if want := "not decided within 300ms"; h.State != ledger.Closed || h.Final.Complete || h.Final.Reason != want || h.Final.OK+h.Final.Errs != 40 {
		t.Errorf("the run is %s with %+v, want it closed because %q", h.State, h.Final, want)
	}
	if r := w.collect("r"); r.ExitCode() != 3 || !strings.Contains(r.Stopped, "not decided within") {
		t.Errorf("collect exits %d, because %q", r.ExitCode(), r.Stopped)
	}
}

// TestADetachedRunEndsWithoutItsBundles: units whose bytes are lost, more than a window of them,
// keep no other from being decided, and whoever continues the run decides them.
func TestADetachedRunEndsWithoutItsBundles(t *testing.T) {
	t.Parallel()
	const all, lost = 50, 43 // of which all have the same bytes
	dir := texts(t, all)
	w := newWorld(t, redistest.Server(t))
	w.detached(dir, "r")
	digest := w.conn.Plain().HGet(t.Context(), "muster:{r}:expect", folder(1)).Val()
	if n := w.conn.Plain().Del(t.Context(), "muster:bundle:"+digest).Val(); n != 1 || lost <= tasks.MinWindow {
		t.Fatalf("%d bundles %q are deleted, of %d units; want 1, of more than a window of %d", n, digest, lost, tasks.MinWindow)
	}
	w.work(2, words{})
	w.until("r", "all to be decided", decided(all))
	r := w.collect("r")
	n, cause := r.Summary.Counts, causes(r)[unit(1)]
	if n.Failed != lost || n.Missing != 0 || !strings.Contains(cause, "no longer in Redis") {
		t.Errorf("%d have failed and %d are missing, one because %q; want %d and 0", n.Failed, n.Missing, cause, lost)
	}
	same(t, "run and validate differ", validated(t, dir), w.run(w.again(dir)))
}

// TestADetachedRunIsContinued by one that stays: no worker pushes its tasks any more.
func TestADetachedRunIsContinued(t *testing.T) {
	t.Parallel()
	dir := texts(t, 100)
	w := newWorld(t, redistest.Server(t))
	w.detached(dir, "r")
	w.pushAll("r")
	o := w.again(dir)
	w.work(2, words{})
	same(t, "run and validate differ", validated(t, dir), w.run(o))
	for end := time.Now().Add(20 * time.Second); ; ledger.Sleep(t.Context(), 5*time.Millisecond) {
		runs, err := w.ledger.DetachedRuns(t.Context(), []string{tasks.QueueCI})
		if err == nil && len(runs) == 0 {
			return
		}
		if err != nil || time.Now().After(end) {
			t.Fatalf("the detached runs are %q, %v; want none", runs, err)
		}
	}
}

// TestTwoDetachedRunsShareTheWorkers: the later one need not wait for the end of the first.
func TestTwoDetachedRunsShareTheWorkers(t *testing.T) {
	t.Parallel()
	url := redistest.Server(t)
	w := newWorld(t, url)
	first, second := texts(t, 1500), texts(t, 300)
	var wg sync.WaitGroup
	for name, dir := range map[id.Run]string{"first": first, "second": second} {
		wg.Go(func() { newWorld(t, url).detached(dir, name) })
	}
	wg.Wait()
	w.work(4, words{before: func(ctx context.Context, _ id.Unit) error { return ledger.Sleep(ctx, 2*time.Millisecond) }})
	w.until("second", "all to be decided", decided(300))
	if h, err := w.ledger.Header(t.Context(), "first"); err != nil || h.Decided == 0 || h.Decided > 1200 {
		t.Errorf("%d of 1500 of the other run are decided, %v; want a part of them", h.Decided, err)
	}
}

// TestAPlaceThatIsLostIsGivenAgain: Redis has forgotten that some units wait, when nobody is
// there any more who could say so.
func TestAPlaceThatIsLostIsGivenAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, redistest.Server(t))
	w.detached(texts(t, 40), "r")
	if n := w.conn.Plain().ZPopMin(t.Context(), "muster:{r}:waiting", 15).Val(); len(n) != 15 {
		t.Fatalf("%d units were waiting, want 15", len(n))
	}
	w.work(2, words{})
	w.until("r", "all to be decided", decided(40))
}

// TestARunOfNothingIsLeft: it was refused, and may be run again at once.
func TestARunOfNothingIsLeft(t *testing.T) {
	t.Parallel()
	dir := texts(t, 0)
	if err := os.MkdirAll(filepath.Join(dir, "texts"), 0o755); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, redistest.Server(t))
	for _, detach := range []bool{false, true, false} {
		o := w.again(dir)
		o.Detach = detach
		var usage *scope.UsageError
		if _, err := run.Run(t.Context(), o); !errors.As(err, &usage) || strings.Contains(err.Error(), "belongs") {
			t.Errorf("detached %v: %v, want that the fleet is empty", detach, err)
		}
	}
}
