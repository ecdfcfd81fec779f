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

// killedWorker kills one of two workers while it has tasks under way.
func killedWorker(t *testing.T, f *figures) {
	w := newWorld(t)
	w.crowd(48, "sleep 100ms")
	victim, survivor := w.worker("--concurrency", "4"), w.worker("--concurrency", "4")
	e := w.enqueue()
	w.decided(8)
	w.begun(victim, 1)
	victim.kill()
	killed := time.Now()
	o := e.outcome(long)
	took := time.Since(killed)
	f.took("kill to last verdict", took)
	w.truth(o, nil)
	if took > tail {
		t.Errorf("the run ended %s after the kill, want %s at most", took, tail)
	}
	survivor.signal(syscall.SIGTERM)
	if code := survivor.exit(long); code != 0 {
		t.Errorf("the surviving worker ended with %d", code)
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
	e := w.enqueue("--service-timeout", "5m")
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

// rollingRestart ends each of three workers in turn while it has tasks under way,
// one of them without the time to finish what it has.
func rollingRestart(t *testing.T, f *figures) {
	w := newWorld(t)
	w.crowd(120, "sleep 100ms")
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

// deadly kills each worker that checks one of 64 services, eight of which are
// checked at once.
func deadly(t *testing.T, f *figures) {
	w := newWorld(t)
	w.crowd(63, "sleep 50ms")
	w.unit("deadly", "sleep 20ms", "kill")
	stop := w.keep("--concurrency", "8")
	begin := time.Now()
	o := w.enqueue().outcome(long)
	f.took("whole run", time.Since(begin))
	deaths := stop()
	f.note("workers killed", float64(deaths), "")
	w.truth(o, map[string]string{"deadly": "failed"})
	if r, _ := o.err("deadly"); !strings.Contains(r.Cause, "worker") {
		t.Errorf("the cause %q does not tell that workers died", r.Cause)
	}
	if o.Exit != 3 {
		t.Errorf("exit %d, want 3", o.Exit)
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
	o := w.enqueue("--service-timeout", "500ms").outcome(long)
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
