//go:build linux

package faults

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// killedRedis kills a Redis that keeps its file, amid a run, and starts it again.
func killedRedis(t *testing.T, f *figures, fl fleet) {
	fl.eachSize(t, 400, func(t *testing.T, n int) { killRedis(t, f, fl, n) })
}

// killRedis does so when 300 of n units have no verdict.
func killRedis(t *testing.T, f *figures, fl fleet, n int) {
	w := newWorldOf(t, fl, keepFile...)
	w.crowd(n, "sleep 5ms")
	w.worker("--concurrency", "4")
	w.worker("--concurrency", "4")
	e := w.enqueue()
	w.decided(n - 300)
	w.redisDies(e, f, sized(n, "start to last verdict"), n, tail)
}

// redisDies kills Redis and starts it again. The run must end within a time with its n verdicts.
func (w *world) redisDies(e *enqueuer, f *figures, what string, n int, within time.Duration) {
	t := w.t
	t.Helper()
	w.redis.Kill()
	w.redis.Restart()
	back := time.Now()
	o := e.outcome(long)
	took := time.Since(back)
	f.took(what, took)
	w.truth(o, nil)
	if took > within {
		t.Errorf("the run ended %s after Redis was back, want %s at most", took, within)
	}
	if h := w.header(); h.Decided != n || h.Contradictions != 0 || len(o.Run.Conflicts) != 0 {
		t.Errorf("%d decided and %d contradictions, want %d and none", h.Decided, h.Contradictions, n)
	}
}

// emptyRedis takes all that Redis has from a run, in two ways.
func emptyRedis(t *testing.T, f *figures, fl fleet) {
	t.Run("flushed", func(t *testing.T) {
		loseAll(t, f, fl, "FLUSHALL to exit", func(w *world) { w.plain().FlushAll(t.Context()) })
	})
	t.Run("restarted", func(t *testing.T) {
		loseAll(t, f, fl, "start without a file to exit", func(w *world) { w.redis.Restart() })
	})
}

func loseAll(t *testing.T, f *figures, fl fleet, what string, empty func(*world)) {
	t.Helper()
	w := newWorldOf(t, fl)
	w.crowd(64, "sleep 20ms")
	w.worker("--concurrency", "2")
	e := w.enqueue()
	w.decided(8)
	empty(w)
	begin := time.Now()
	o := e.outcome(long)
	f.took(what, time.Since(begin))
	w.invariant(o)
	if o.Exit != 3 || o.Complete || o.Counts.Missing == 0 {
		t.Errorf("exit %d, complete %t, counts %+v; want 3 and missing services", o.Exit, o.Complete, o.Counts)
	}
	if cause := missingCause(o); !strings.Contains(cause, "lost the run") {
		t.Errorf("what is missing is so because of %q, which does not say that Redis has lost the run", cause)
	}
}

// slowNetwork measures the throughput of one worker behind a proxy that delays.
func slowNetwork(t *testing.T, f *figures) {
	const fetchers, slots = 16, 64
	for _, rtt := range []time.Duration{2 * time.Millisecond, 20 * time.Millisecond, 200 * time.Millisecond} {
		// All commands of a process share one connection, one batch at a time: a
		// fetcher's next question waits for the batch that is under way, and takes
		// two round trips.
		model := fetchers / (2 * rtt.Seconds())
		w := newWorld(t)
		n := int(min(max(8*model, 300), 3000))
		w.crowd(n)
		w.via().Delay(rtt)
		w.worker("--concurrency", fmt.Sprint(slots), "--fetchers", fmt.Sprint(fetchers))
		e := w.enqueue()
		rate := w.rate(n/10, n*9/10)
		w.truth(e.outcome(long), nil)
		f.note(fmt.Sprintf("at %s", rtt), rate, fmt.Sprintf("services a second (the model says %.0f)", model))
		if h := w.header(); h.Duplicates+h.Contradictions > 0 || h.Decided != n {
			t.Errorf("%s: %d duplicates, %d contradictions, %d decided of %d", rtt, h.Duplicates, h.Contradictions, h.Decided, n)
		}
		// Beyond a thousand a second the processors count, not the network.
		if floor := min(model, 1000) / 2; rate < floor {
			t.Errorf("%s: %.0f services a second, want %.0f at least", rtt, rate, floor)
		}
	}
}

// rate is how many services are decided a second between two counts of verdicts.
func (w *world) rate(from, to int) float64 {
	w.t.Helper()
	first, begin := 0, time.Time{}
	await(w.t, long, fmt.Sprintf("%d verdicts", from), func() bool {
		first, begin = w.header().Decided, time.Now()
		return first >= from
	})
	last, end := 0, time.Time{}
	await(w.t, long, fmt.Sprintf("%d verdicts", to), func() bool {
		last, end = w.header().Decided, time.Now()
		return last >= to
	})
	return float64(last-first) / end.Sub(begin).Seconds()
}
