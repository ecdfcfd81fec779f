//go:build linux

package faults

import (
	"testing"
	"time"

	"github.com/seed306eabeb/muster/policy"
)

// manyInvalid has more errs than asynq's archive keeps.
func manyInvalid(t *testing.T, f *figures) {
	const n = 12_000
	w := newWorld(t)
	w.crowdOf(n, "bad")
	w.worker()
	begin := time.Now()
	o := w.enqueue("-q").outcome(long)
	f.took("whole run", time.Since(begin))
	f.note("errs reported", float64(len(o.Errs)), "")
	w.truth(o, nil)
	if o.Exit != policy.ExitInvalid || o.Counts.Invalid != n {
		t.Errorf("exit %d with %d invalid, want 1 with %d", o.Exit, o.Counts.Invalid, n)
	}
}

// sizes runs fleets of no service, of one, and of many.
func sizes(t *testing.T, f *figures) {
	w := newWorld(t)
	w.worker()
	if e := w.enqueue(); e.exit(long) != policy.ExitConfig {
		t.Errorf("no service: exit %d, want 2", e.exit(long))
	}
	w.expire()
	if e := w.enqueue("--allow-empty"); e.exit(long) != policy.ExitOK {
		t.Errorf("no service, and that is allowed: exit %d, want 0", e.exit(long))
	}
	w.expire()
	w.unit("one")
	o := w.enqueue().outcome(long)
	w.truth(o, nil)
	if o.Exit != policy.ExitOK {
		t.Errorf("one service: exit %d, want 0", o.Exit)
	}

	const small, large = 10_000, 100_000
	less, more := peakOf(t, f, small), peakOf(t, f, large)
	f.note("enqueuer's peak with 10,000", float64(less)/(1<<20), "MiB")
	f.note("with 100,000", float64(more)/(1<<20), "MiB")
	// Names, claims and verdicts grow with the fleet; folders, bundles and tasks
	// must not.
	const each = 1 << 10
	if growth := (more - less) / (large - small); growth > each {
		t.Errorf("the enqueuer grows by %d bytes a service, want %d at most", growth, each)
	}
}

// peakOf runs n services and returns the enqueuer's most memory.
func peakOf(t *testing.T, f *figures, n int) int64 {
	w := newWorld(t)
	w.crowdOf(n)
	w.worker()
	e := w.enqueue("-q")
	begin := time.Now()
	o := e.outcome(5 * time.Minute)
	if n >= 100_000 {
		f.took("100,000 services", time.Since(begin))
	}
	w.truth(o, nil)
	return e.peak()
}

// crowdOf adds n units that all do the same.
func (w *world) crowdOf(n int, steps ...string) {
	w.t.Helper()
	for i := range n {
		w.unit(unitName(i), steps...)
	}
}
