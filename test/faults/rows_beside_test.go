//go:build linux

package faults

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/test/trouble"
)

// beside keeps the queue busy with another run until the test ends: some of its tasks wait
// there all the time.
func (w *world) beside() {
	w.t.Helper()
	const busy = "busy"
	other := &world{t: w.t, redis: w.redis, url: w.url, repo: w.t.TempDir(), gates: w.gates, units: map[string]string{}}
	other.write(trouble.Marker, "")
	other.crowd(4000, "sleep 50ms")
	report := filepath.Join(w.t.TempDir(), "busy.json")
	start(w.t, []string{trouble.GatesEnv + "=" + w.gates}, "enqueue", "run", "--redis", w.url, "--repo", other.repo, "--run-id", busy, "--format", "json="+report)
	await(w.t, long, "a busy queue", func() bool {
		h, err := w.books.Header(w.t.Context(), busy)
		return err == nil && h.Decided > 0
	})
	w.t.Cleanup(func() {
		if h, err := w.books.Header(w.t.Context(), busy); err == nil && h.Ended() {
			w.t.Errorf("the other run has ended, with %d of %d decided: the row proves less than it says", h.Decided, h.Total)
		}
	})
}

// killedBeside kills a worker beside a busy queue: the run's own tasks must be found among
// those of others.
func killedBeside(t *testing.T, f *figures) {
	for name, rtt := range map[string]time.Duration{"kill to last verdict": 0, "the same at 200 ms of round trip": 200 * time.Millisecond} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.via().Delay(rtt)
			w.crowd(48, "sleep 100ms")
			victim := w.worker("--concurrency", "8")
			w.worker("--concurrency", "8")
			w.beside()
			e := w.enqueue()
			w.decided(4)
			w.begun(victim, 1)
			w.killed(victim, e, f, name, tail)
		})
	}
}

// deletedBeside deletes the tasks of a run from a queue in which another one is busy.
func deletedBeside(t *testing.T, f *figures) {
	w := newWorld(t)
	w.crowd(40, "sleep 100ms")
	w.worker("--concurrency", "2")
	w.beside()
	e := w.enqueue()
	w.decided(4)
	inspector := asynq.NewInspectorFromRedisClient(w.plain())
	deleted := 0
	for unit := range w.units {
		task := tasks.Task{Run: runID, Unit: id.Unit(unit), Attempt: 1}
		if inspector.DeleteTask(tasks.QueueCI, task.ID()) == nil {
			deleted++
		}
	}
	begin := time.Now()
	o := e.outcome(long)
	f.took("deletion to last verdict", time.Since(begin))
	f.note("tasks deleted", float64(deleted), "")
	w.truth(o, nil)
	if deleted == 0 {
		t.Error("no task was there to be deleted: the row proves nothing")
	}
	if took := time.Since(begin); took > tail {
		t.Errorf("the run ended %s after its tasks were deleted, want %s at most", took, tail)
	}
}

// foreignTask is another program's: it is scheduled in our queue for later, and never ours to
// wait for.
func foreignTask(t *testing.T, f *figures) {
	w := newWorld(t)
	w.crowd(24, "sleep 100ms")
	client := asynq.NewClientFromRedisClient(w.plain())
	for _, when := range []asynq.Option{asynq.ProcessIn(time.Hour), asynq.ProcessIn(0)} {
		if _, err := client.EnqueueContext(t.Context(), asynq.NewTask("mail:send", []byte("{}")), asynq.Queue(tasks.QueueCI), when); err != nil {
			t.Fatal(err)
		}
	}
	victim := w.worker("--concurrency", "4")
	w.worker("--concurrency", "4")
	e := w.enqueue()
	w.decided(4)
	w.begun(victim, 1)
	w.killed(victim, e, f, "kill to last verdict", tail)
}

// detachedRun kills a worker while nobody follows a run, and then the one that looks after it.
func detachedRun(t *testing.T, f *figures, fl fleet) {
	w := newWorldOf(t, fl)
	w.crowd(96, "sleep 100ms")
	if o := w.command("run", "--repo", w.repo, "--detach").exit(long); o != 0 {
		t.Fatalf("enqueue run --detach ended with %d", o)
	}
	if n := w.waitingTasks(); n != 0 {
		t.Errorf("%d tasks wait without a worker, want none", n)
	}
	victims := []*process{w.worker("--concurrency", "4"), w.worker("--concurrency", "4")}
	w.decided(8)
	w.worker("--concurrency", "4")
	var begin time.Time
	for _, victim := range victims {
		w.begun(victim, 1)
		victim.kill()
		begin = time.Now()
	}
	await(t, long, "all verdicts", func() bool { return w.header().Decided == 96 })
	took := time.Since(begin)
	f.took("last kill to last verdict", took)
	if took > tail {
		t.Errorf("the last verdict came %s after the last kill, want %s at most", took, tail)
	}
	o := w.collect().outcome(long)
	w.truth(o, nil)
	if h := w.header(); h.State != ledger.Closed || h.Contradictions > 0 {
		t.Errorf("the run is %s with %d contradictions", h.State, h.Contradictions)
	}
}

// waitingTasks is how many tasks wait in the queue.
func (w *world) waitingTasks() int64 {
	return w.plain().LLen(w.t.Context(), tasks.PendingKey(tasks.QueueCI)).Val()
}

// besideDetached runs three services beside ten thousand of a detached run, and beside as many
// of one that somebody waits for, in turn.
func besideDetached(t *testing.T, f *figures) {
	took := map[bool]time.Duration{}
	for _, detached := range []bool{false, true} {
		took[detached] = smallBeside(t, detached)
	}
	f.took("three services beside 10,000 that somebody waits for", took[false])
	f.took("beside 10,000 of a detached run", took[true])
	if slack := 2 * time.Second; took[true] > 2*took[false]+slack {
		t.Errorf("three services took %s beside a detached run, and %s beside another one: want twice that and %s at most", took[true], took[false], slack)
	}
}

// smallBeside measures a run of three services while a large one is under way.
func smallBeside(t *testing.T, detached bool) time.Duration {
	w := newWorld(t)
	large := *w
	large.share(10_000)
	args := []string{"run", "--redis", w.url, "--repo", large.repo, "--run-id", "large", "--quiet"}
	if detached {
		args = append(args, "--detach")
	}
	workers := []*process{w.worker("--concurrency", "4"), w.worker("--concurrency", "4")}
	big := start(t, nil, "enqueue", args...)
	await(t, long, "a large run under way", func() bool {
		h, err := w.books.Header(t.Context(), "large")
		return err == nil && h.Decided > 200
	})
	w.crowd(3)
	begin := time.Now()
	o := w.enqueue().outcome(long)
	took := time.Since(begin)
	w.truth(o, nil)
	big.signal(syscall.SIGKILL)
	for _, p := range workers {
		p.kill()
	}
	return took
}
