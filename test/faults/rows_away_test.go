//go:build linux

package faults

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/policy"
)

// awayRedis freezes Redis for 5 s amid a run; takes it away for a minute amid
// another; and presses Ctrl-C while it is frozen.
func awayRedis(t *testing.T, f *figures, fl fleet) {
	t.Run("frozen", func(t *testing.T) { frozenRedis(t, f, fl) })
	t.Run("away", func(t *testing.T) { unreachableRedis(t, f, fl) })
	t.Run("interrupted", func(t *testing.T) { interruptedWhileFrozen(t, f, fl) })
}

func frozenRedis(t *testing.T, f *figures, fl fleet) {
	w := newWorldOf(t, fl)
	w.crowd(200, "sleep 20ms")
	w.worker("--concurrency", "4")
	e := w.enqueue()
	w.decided(20)
	w.redis.Freeze()
	lasts(t, 5*time.Second)
	w.redis.Thaw()
	thawed := time.Now()
	o := e.outcome(long)
	f.took("frozen for 5 s: thaw to last verdict", time.Since(thawed))
	w.truth(o, nil)
	if took := time.Since(thawed); took > tail {
		t.Errorf("the run ended %s after the thaw, want %s at most", took, tail)
	}
	if n := e.Count("an attempt is lost"); n > 0 {
		t.Errorf("%d services were issued again whose worker was only unheard of", n)
	}
	// A dequeue that Redis answers when nobody listens any more has taken a task out
	// of the queue: that one is lost indeed.
	f.note("tasks that the freeze orphaned, issued again", float64(len(w.reissued())), "")
}

func unreachableRedis(t *testing.T, f *figures, fl fleet) {
	const away = time.Minute
	w := newWorldOf(t, fl)
	w.crowd(400, "sleep 20ms")
	p := w.via()
	w.worker("--concurrency", "4")
	e := w.enqueue()
	w.decided(20)
	before := p.Dials()
	p.Cut()
	lasts(t, away)
	perSecond := float64(p.Dials()-before) / away.Seconds()
	f.note("away for 60 s: dials by worker and enqueuer", perSecond, "a second")
	if perSecond > 200 {
		t.Errorf("%.0f dials a second while Redis was away, want 200 at most", perSecond)
	}
	p.Mend()
	mended := time.Now()
	o := e.outcome(long)
	f.took("back to last verdict", time.Since(mended))
	w.truth(o, nil)
	if took := time.Since(mended); took > 2*tail {
		t.Errorf("the run ended %s after Redis was back, want %s at most", took, 2*tail)
	}
	f.note("services issued again", float64(len(w.reissued())), "")
}

func interruptedWhileFrozen(t *testing.T, f *figures, fl fleet) {
	w := newWorldOf(t, fl)
	w.crowd(200, "sleep 20ms")
	w.worker("--concurrency", "4")
	e := w.enqueue()
	w.decided(20)
	w.redis.Freeze()
	e.says("Redis does not answer", long)
	e.signal(syscall.SIGINT)
	pressed := time.Now()
	o := e.outcome(long)
	f.took("Ctrl-C while it is frozen", time.Since(pressed))
	w.invariant(o)
	if took := time.Since(pressed); took > 2*time.Second {
		t.Errorf("the enqueuer ended %s after Ctrl-C, want 2 s at most", took)
	}
	if o.Exit != 130 {
		t.Errorf("exit %d, want 130", o.Exit)
	}
	w.redis.Thaw()
}

// fullRedis brings Redis near its limit and over it, amid runs.
func fullRedis(t *testing.T, f *figures) {
	t.Run("nearly", func(t *testing.T) { nearlyFull(t) })
	t.Run("full", func(t *testing.T) { fullOfOthers(t, f) })
	t.Run("for ever", func(t *testing.T) { fullForEver(t, f) })
}

// limit sets maxmemory to where Redis uses the given share of it.
func (w *world) limit(share float64) {
	w.t.Helper()
	var used int64
	for line := range strings.Lines(w.plain().Info(w.t.Context(), "memory").Val()) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), "used_memory:"); ok {
			fmt.Sscan(v, &used)
		}
	}
	w.unlimit(int64(float64(used) / share))
}

// unlimit sets maxmemory, in bytes; 0 is none.
func (w *world) unlimit(bytes int64) {
	w.t.Helper()
	if err := w.plain().ConfigSet(w.t.Context(), "maxmemory", fmt.Sprint(bytes)).Err(); err != nil {
		w.t.Fatal(err)
	}
}

// nearlyFull: the enqueuer pauses and the workers drain the queue.
func nearlyFull(t *testing.T) {
	w := newWorld(t)
	w.crowd(2000, "sleep 10ms")
	w.worker("--concurrency", "4")
	e := w.enqueue()
	w.decided(20)
	w.limit(0.9)
	e.says("nearly full", long)
	await(t, long, "an empty queue", func() bool { return w.active() == 0 && len(w.waiting()) == 0 })
	if h := w.header(); h.Decided == 2000 {
		t.Error("everything is decided: the enqueuer did not pause")
	}
	w.unlimit(0)
	e.says("room again", long)
	w.truth(e.outcome(long), nil)
}

// fullOfOthers: nobody can write. Calls stay bounded, and all goes on when there is room.
func fullOfOthers(t *testing.T, f *figures) {
	const fetchers, window = 4, 5 * time.Second
	w := newWorld(t)
	w.crowd(400, "sleep 10ms")
	worker := w.worker("--concurrency", "4", "--fetchers", fmt.Sprint(fetchers))
	e := w.enqueue()
	w.decided(20)
	w.limit(2)
	worker.says("OOM", long)
	before := w.scripts()
	lasts(t, window)
	perSecond := float64(w.scripts()-before) / window.Seconds()
	f.note(fmt.Sprintf("full: script calls of a worker with %d fetchers and an enqueuer", fetchers), perSecond, "a second")
	// Twenty for each fetcher and for the lane of suspects, and as many for all
	// that beats and follows.
	if most := 20.0 * (fetchers + 2); perSecond > most {
		t.Errorf("%.0f script calls a second in a full Redis, want %.0f at most", perSecond, most)
	}
	w.unlimit(0)
	roomy := time.Now()
	o := e.outcome(long)
	f.took("limit raised to last verdict", time.Since(roomy))
	w.truth(o, nil)
	if took := time.Since(roomy); took > 2*tail {
		t.Errorf("the run ended %s after the limit was raised, want %s at most", took, 2*tail)
	}
	if e.Count("OOM") == 0 && e.Count("maxmemory") == 0 {
		t.Error("the enqueuer does not name the cause")
	}
}

// scripts counts the script calls that Redis has had so far.
func (w *world) scripts() int64 {
	var n int64
	for line := range strings.Lines(w.plain().Info(w.t.Context(), "commandstats").Val()) {
		for _, command := range []string{"cmdstat_evalsha:", "cmdstat_eval:"} {
			if v, ok := strings.CutPrefix(line, command); ok {
				var calls int64
				fmt.Sscanf(v, "calls=%d", &calls)
				n += calls
			}
		}
	}
	return n
}

// fullForEver: the run ends at its deadline.
func fullForEver(t *testing.T, f *figures) {
	w := newWorld(t)
	w.crowd(400, "sleep 10ms")
	w.worker("--concurrency", "4")
	e := w.enqueue("--timeout", "8s")
	w.decided(20)
	w.limit(2)
	begin := time.Now()
	o := e.outcome(long)
	f.took("never raised: exit at a timeout of 8 s after", time.Since(begin))
	w.invariant(o)
	if o.Exit != policy.ExitUndecided {
		t.Errorf("exit %d, want 3", o.Exit)
	}
}
