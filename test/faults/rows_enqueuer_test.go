//go:build linux

package faults

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

// sameRunTwice starts a second enqueuer for a run that is under way, and again when the
// first has ended.
func sameRunTwice(t *testing.T, f *figures, fl fleet) {
	w := newWorldOf(t, fl)
	w.crowd(16, "wait gate")
	w.worker("--concurrency", "4")
	first := w.enqueue()
	w.begun(nil, 1)
	for _, args := range [][]string{nil, {"--queue", "audit"}, {"--timeout", "100ms"}, {"--fail-fast"}} {
		second := w.enqueue(args...)
		if code := second.exit(long); code != 2 || second.Count("enqueue collect "+runID) != 1 {
			t.Errorf("a second enqueuer with %q ended with %d and %q, want 2 and advice", args, code, second.Said())
		}
	}
	w.open("gate")
	a := first.outcome(long)
	w.truth(a, nil)
	again := w.enqueue()
	b := again.outcome(long)
	w.truth(b, nil)
	if a.about(t) != b.about(t) {
		t.Error("the same run again reports something else")
	}
	h := w.header()
	f.note("duplicates", float64(h.Duplicates), "")
	f.note("verdicts that stood", float64(b.Run.Stood), "")
	if h.Decided != 16 || h.Contradictions != 0 || b.Run.Stood != 16 {
		t.Errorf("%d decided, %d contradictions, %d stood; want 16, none, 16", h.Decided, h.Contradictions, b.Run.Stood)
	}
}

// severalCollectors kills one of three collectors amid a run.
func severalCollectors(t *testing.T, f *figures, fl fleet) {
	fl.eachSize(t, 16, func(t *testing.T, n int) { collectTogether(t, f, fl, n) })
}

func collectTogether(t *testing.T, f *figures, fl fleet, n int) {
	w := newWorldOf(t, fl)
	w.crowd(n, "wait gate")
	w.worker("--concurrency", "4")
	e := w.enqueue()
	w.begun(nil, 4)
	victim, one, two := w.collect("-v"), w.collect(), w.collect()
	await(t, long, "four followers", func() bool { return w.followers() == 4 })
	victim.kill()
	w.open("gate")
	want := e.outcome(long)
	w.truth(want, nil)
	later := w.collect().outcome(long)
	for _, o := range []outcome{one.outcome(long), two.outcome(long), later} {
		w.truth(o, nil)
		if o.about(t) != want.about(t) {
			t.Error("a collector's report differs from the enqueuer's")
		}
		if o.Exit != want.Exit {
			t.Errorf("a collector ended with %d, the enqueuer with %d", o.Exit, want.Exit)
		}
	}
	f.note(sized(n, "reports alike"), 4, "")
}

// followers counts the clients that wait for a run's events.
func (w *world) followers() int {
	return strings.Count(w.plain().ClientList(w.t.Context()).Val(), "cmd=xread ")
}

// abandoned kills the enqueuer before it has pushed everything, reports the run
// and resumes it.
func abandoned(t *testing.T, f *figures, fl fleet) {
	fl.eachSize(t, 400, func(t *testing.T, n int) { abandon(t, f, fl, n) })
}

func abandon(t *testing.T, f *figures, fl fleet, n int) {
	w := newWorldOf(t, fl)
	w.crowd(n, fmt.Sprintf("sleep %dms", max(1, 20*400/n)))
	w.worker("--concurrency", "4")
	e := w.enqueue()
	w.decided(20)
	e.kill()
	killed := time.Now()
	o := w.collect().outcome(long)
	f.took(sized(n, "kill to report by collect"), time.Since(killed))
	w.partial(o)
	if o.Exit != 3 || o.Complete {
		t.Errorf("collect: exit %d, complete %t; want 3 and false", o.Exit, o.Complete)
	}
	if cause := missingCause(o); !strings.Contains(cause, "abandoned") || !strings.Contains(cause, "--resume "+runID) {
		t.Errorf("what is missing is so because of %q, want that the run is abandoned and how to finish it", cause)
	}
	before := w.header().Decided
	begin := time.Now()
	w.truth(w.enqueue("--resume", runID).outcome(long), nil)
	f.took(sized(n, "resumed run"), time.Since(begin))
	f.note(sized(n, "verdicts kept"), float64(before), "")
}

func missingCause(o outcome) string {
	for _, r := range o.Errs {
		if r.Kind == "missing" {
			return r.Cause
		}
	}
	return ""
}

// stopped ends a run with nearly everything undone, by Ctrl-C and by cancel.
func stopped(t *testing.T, f *figures) {
	t.Run("ctrl-c", func(t *testing.T) {
		w, e := busy(t)
		e.signal(syscall.SIGINT)
		w.ends(e, f, "Ctrl-C to exit", 130)
	})
	t.Run("cancel", func(t *testing.T) {
		w, e := busy(t)
		cancel := start(t, nil, "enqueue", "cancel", "--redis", w.url, runID)
		w.ends(e, f, "cancel to the enqueuer's exit", 3)
		if code := cancel.exit(long); code != 0 {
			t.Errorf("cancel ended with %d", code)
		}
	})
}

// busy is a run of 10,000 services that has only just begun.
func busy(t *testing.T) (*world, *enqueuer) {
	w := newWorld(t)
	w.share(10_000, "sleep 5ms")
	w.worker("--concurrency", "4")
	e := w.enqueue()
	w.decided(16)
	return w, e
}

// ends holds a stopped run to what it owes: an end at once, a report of a part,
// and an idle queue.
func (w *world) ends(e *enqueuer, f *figures, what string, exit int) {
	w.t.Helper()
	begin := time.Now()
	o := e.outcome(long)
	took := time.Since(begin)
	f.took(what, took)
	if o.Exit != exit || o.Complete || o.Counts.OK == 0 {
		w.t.Errorf("exit %d, complete %t, counts %+v; want %d and a report of a part", o.Exit, o.Complete, o.Counts, exit)
	}
	w.partial(o)
	if took > 2*time.Second {
		w.t.Errorf("the enqueuer ended after %s, want 2 s at most", took)
	}
	await(w.t, long, "an idle queue", func() bool { return w.active() == 0 && len(w.waiting()) == 0 })
}

// partial is the invariant of a run that was stopped while its names were still
// listed: each name stands once, and the exit code is not 0.
func (w *world) partial(o outcome) {
	w.t.Helper()
	seen := map[string]bool{}
	for _, r := range append(o.OKs, o.Errs...) {
		if _, known := w.units[r.Service]; seen[r.Service] || !known {
			w.t.Errorf("%s is reported twice, or is no service", r.Service)
		}
		seen[r.Service] = true
	}
	if len(seen) != o.Expected || o.Exit == 0 {
		w.t.Errorf("%d names of %d expected, exit %d", len(seen), o.Expected, o.Exit)
	}
}
