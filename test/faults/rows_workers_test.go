//go:build linux

package faults

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/test/trouble"
)

// tail is the longest that verdicts may stay away after a crash is over.
const tail = 15 * time.Second

// killedWorker kills one of two workers while it has tasks under way: a few short ones, and
// as many long ones as it has slots.
func killedWorker(t *testing.T, f *figures, fl fleet) {
	t.Run("few", func(t *testing.T) {
		t.Parallel()
		w := newWorldOf(t, fl)
		w.crowd(48, "sleep 100ms")
		victim, survivor := w.worker("--concurrency", "4"), w.worker("--concurrency", "4")
		e := w.enqueue()
		w.decided(8)
		w.begun(victim, 1)
		w.killed(victim, e, f, "kill to last verdict", tail)
		survivor.signal(syscall.SIGTERM)
		if code := survivor.exit(long); code != 0 {
			t.Errorf("the surviving worker ended with %d", code)
		}
	})
	t.Run("many", func(t *testing.T) {
		t.Parallel()
		const all, slots, check = 96, 32, 2 * time.Second
		w := newWorldOf(t, fl)
		n := all
		if fl == cached { // of which half need no task
			n *= 2
		}
		w.crowd(n, "sleep "+check.String())
		victim := w.worker("--concurrency", fmt.Sprint(slots))
		w.worker("--concurrency", fmt.Sprint(slots))
		e := w.enqueue()
		w.begun(victim, slots)
		needs := all / slots * check // by the one that is left
		w.killed(victim, e, f, fmt.Sprintf("the same amid %d checks of %s, of which a worker makes %d at once", all, check, slots), needs+tail)
	})
	if slices.Contains(fl.sizes(48), many) {
		t.Run("large", func(t *testing.T) {
			t.Parallel()
			w := newWorldOf(t, fl)
			w.crowd(many, "sleep 5ms")
			victim := w.worker("--concurrency", "4")
			w.worker("--concurrency", "4")
			e := w.enqueue()
			w.decided(many - 300)
			w.killed(victim, e, f, sized(many, "kill to last verdict"), tail)
		})
	}
}

// killed kills a worker. The run must end within a time, and its report must be true.
func (w *world) killed(victim *process, e *enqueuer, f *figures, what string, within time.Duration) {
	w.t.Helper()
	victim.kill()
	begin := time.Now()
	if w.fleet == offered {
		f.took("kill to no process of its commands", w.noOrphans())
	}
	o := e.outcome(long)
	took := time.Since(begin)
	f.took(what, took)
	w.truth(o, nil)
	if took > within {
		w.t.Errorf("the run ended %s after the kill, want %s at most", took, within)
	}
}

// frozenWorker freezes a worker for longer than its leases last, and one for less,
// so that its verdicts do arrive.
func frozenWorker(t *testing.T, f *figures) {
	for _, frozen := range []time.Duration{10 * time.Second, 90 * time.Second} {
		t.Run(frozen.String(), func(t *testing.T) {
			t.Parallel()
			late := freezeWorker(t, f, frozen)
			f.note(fmt.Sprintf("late verdicts after %.0f s", frozen.Seconds()), float64(late), "")
			if late == 0 && frozen < 30*time.Second {
				t.Error("no late verdict has arrived: the row proves nothing")
			}
		})
	}
}

// freezeWorker stops a worker with tasks under way and ends it in good order when
// it has been thawed. It returns how many verdicts came too late.
func freezeWorker(t *testing.T, f *figures, frozen time.Duration) (late int) {
	w := newWorld(t)
	w.crowd(16, "wait gate")
	victim := w.worker("--concurrency", "4")
	e := w.enqueue("--unit-timeout", "5m")
	w.begun(victim, 4)
	victim.signal(syscall.SIGSTOP)
	stopped := time.Now()
	w.open("gate")
	w.worker("--concurrency", "4")
	first := e.outcome(long)
	f.took("freeze to last verdict", time.Since(stopped))
	w.truth(first, nil)
	before, keys := w.header(), w.keys()

	lasts(t, frozen-time.Since(stopped))
	victim.signal(syscall.SIGCONT)
	victim.signal(syscall.SIGTERM) // it waits for what it has under way
	if code := victim.exit(long); code != 0 {
		t.Errorf("the thawed worker ended with %d after SIGTERM", code)
	}
	after := w.header()
	if after.Decided != before.Decided || fmt.Sprint(after.Kinds) != fmt.Sprint(before.Kinds) || after.Final != before.Final {
		t.Errorf("late verdicts changed the run from %+v to %+v", before, after)
	}
	if now := w.keys(); !slices.Equal(now, keys) {
		t.Errorf("late verdicts changed the run's keys from %v to %v", keys, now)
	}
	if again := w.collect().outcome(long); again.about(t) != first.about(t) {
		t.Error("the run's report is another after the thaw")
	}
	return after.Late + after.Duplicates - before.Late - before.Duplicates
}

// rollingRestart ends workers while they have tasks under way: in themselves, and in a
// child.
func rollingRestart(t *testing.T, f *figures) {
	t.Run("tasks", func(t *testing.T) { t.Parallel(); restartAmidTasks(t, f) })
	t.Run("suspect", func(t *testing.T) { t.Parallel(); restartAmidSuspect(t, f) })
}

// restartAmidSuspect ends a worker whose child has not decided a suspect in time.
func restartAmidSuspect(t *testing.T, f *figures) {
	w := newWorld(t)
	w.unit("held", "wait gate")
	first := w.worker("--concurrency", "2")
	e := w.enqueue()
	w.begun(first, 1)
	first.kill()
	second := w.worker("--concurrency", "2", "--shutdown-timeout", "1ms")
	w.begun(second, 1)
	begin := time.Now()
	second.signal(syscall.SIGTERM)
	if code := second.exit(long); code != 0 {
		t.Errorf("the worker ended with %d after SIGTERM", code)
	}
	f.took("SIGTERM amid a suspect to the worker's end", time.Since(begin))
	if left := w.begunBy(nil); len(left) > 0 {
		t.Errorf("the worker has not given back %v", left)
	}
	w.open("gate")
	w.worker("--concurrency", "2")
	w.truth(e.outcome(long), nil)
	if n := w.attempts()["held"]; n != 2 {
		t.Errorf("the suspect was decided at attempt %d, want the second", n)
	}
}

// restartAmidTasks ends workers amid short checks.
func restartAmidTasks(t *testing.T, f *figures) {
	w := newWorld(t)
	w.crowd(120, "sleep 100ms")
	w.restartInTurn(f)
}

// restartInTurn runs the units on three workers, and ends and replaces each in turn while it has
// tasks under way, one of them without the time to finish what it has.
func (w *world) restartInTurn(f *figures) {
	t := w.t
	t.Helper()
	var old []*process
	for _, timeout := range []string{"30s", "30s", "1ms"} {
		old = append(old, w.worker("--concurrency", "2", "--shutdown-timeout", timeout))
	}
	e := w.enqueue()
	w.decided(6)
	for _, p := range old {
		w.worker("--concurrency", "2")
		w.begun(p, 1)
		p.signal(syscall.SIGTERM)
		if code := p.exit(long); code != 0 {
			t.Errorf("a worker ended with %d after SIGTERM", code)
		}
	}
	last := time.Now()
	o := e.outcome(long)
	f.took("last SIGTERM to last verdict", time.Since(last))
	w.truth(o, nil)
	if again := w.reissued(); len(again) > 0 {
		t.Errorf("%d services used up an attempt: %v", len(again), again)
	}
	if h := w.header(); h.Duplicates+h.Contradictions > 0 {
		t.Errorf("%d duplicates and %d contradictions", h.Duplicates, h.Contradictions)
	}
}

// deadly has services that kill the process which checks them: one among 64, and twenty
// among 300. A worker checks eight at once and is started again when it dies.
func deadly(t *testing.T, f *figures) {
	for _, c := range []struct{ deadly, all int }{{1, 64}, {20, 300}} {
		t.Run(fmt.Sprint(c.deadly), func(t *testing.T) {
			t.Parallel()
			deadlyAmong(t, f, c.deadly, c.all)
		})
	}
}

func deadlyAmong(t *testing.T, f *figures, deadly, all int) {
	w := newWorld(t)
	w.crowd(all, "sleep 50ms")
	except := map[string]string{}
	for i := range deadly {
		name := unitName(i*(all/deadly) + 5)
		w.unit(name, "sleep 20ms", "kill")
		except[name] = "failed"
	}
	stop := w.keep("--concurrency", "8")
	begin := time.Now()
	o := w.enqueue().outcome(long)
	f.took(fmt.Sprintf("whole run with %d of %d", deadly, all), time.Since(begin))
	deaths := stop()
	f.note(fmt.Sprintf("workers killed by %d", deadly), float64(deaths), "")
	w.truth(o, except)
	for name := range except {
		r, _ := o.err(name)
		if want := "2 processes died while each verified this unit and nothing else: signal: killed"; !strings.Contains(r.Cause, want) {
			t.Errorf("the cause of %s is %q, want %q", name, r.Cause, want)
		}
	}
	if o.Exit != 3 {
		t.Errorf("exit %d, want 3", o.Exit)
	}
	if deaths > deadly { // each takes a worker along when it is first met, if no other one does
		t.Errorf("%d workers died of %d services", deaths, deadly)
	}
}

// hangingCheck has as many hanging services as the worker has slots, before all
// others.
func hangingCheck(t *testing.T, f *figures) {
	w := newWorld(t)
	except := map[string]string{}
	for i := range 2 {
		name := fmt.Sprintf("a-hanging-%d", i)
		w.unit(name, "hang")
		except[name] = "failed"
	}
	w.crowd(16)
	w.worker("--concurrency", "2")
	begin := time.Now()
	o := w.enqueue("--unit-timeout", "500ms").outcome(long)
	f.took("whole run with two services that hang at a timeout of 0.5 s", time.Since(begin))
	w.truth(o, except)
	for name := range except {
		if r, _ := o.err(name); !strings.Contains(r.Cause, "500ms") {
			t.Errorf("the cause of %s is %q and does not name the timeout", name, r.Cause)
		}
	}
	if o.Exit != 3 {
		t.Errorf("exit %d, want 3", o.Exit)
	}
}

// mixedVersions runs two workers with different engines, each of which decides
// something.
func mixedVersions(t *testing.T, f *figures) {
	w := newWorld(t)
	w.crowd(8, "wait gate")
	one := w.workerWith([]string{trouble.EngineEnv + "=older"}, "--concurrency", "2")
	two := w.workerWith([]string{trouble.EngineEnv + "=newer"}, "--concurrency", "2")
	e := w.enqueue()
	w.begun(one, 1)
	w.begun(two, 1)
	w.open("gate")
	o := e.outcome(long)
	w.truth(o, nil)
	if want := []string{"newer", "older"}; !slices.Equal(o.Run.Engines, want) {
		t.Errorf("engines %v, want %v", o.Run.Engines, want)
	}
	f.note("engines named in the report", float64(len(o.Run.Engines)), "")
	said := strings.Join(e.Said(), "\n")
	for _, want := range []string{"mixed engines", "workers check with other rules than this program's (engine trouble-1): engine newer of version", "engine older of version"} {
		if !strings.Contains(said, want) {
			t.Errorf("the enqueuer does not say %q:\n%s", want, said)
		}
	}
}
