//go:build linux

package faults

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/test/trouble"
)

// waiting lists the tasks in the queue by the service they are about.
func (w *world) waiting() map[string]*asynq.TaskInfo {
	w.t.Helper()
	list, err := asynq.NewInspectorFromRedisClient(w.plain()).ListPendingTasks(tasks.QueueCI, asynq.PageSize(1000))
	if err != nil {
		w.t.Fatal(err)
	}
	all := map[string]*asynq.TaskInfo{}
	for _, info := range list {
		v, err := tasks.Decode(info.Payload)
		if err != nil {
			w.t.Fatal(err)
		}
		all[string(v.Unit)] = info
	}
	return all
}

// replace puts other bytes in the place of a task's payload.
func (w *world) replace(info *asynq.TaskInfo, payload []byte) {
	w.t.Helper()
	if err := asynq.NewInspectorFromRedisClient(w.plain()).DeleteTask(info.Queue, info.ID); err != nil {
		w.t.Fatal(err)
	}
	w.push(info.ID, payload)
}

func (w *world) push(id string, payload []byte) {
	w.t.Helper()
	task := asynq.NewTask(tasks.TypeVerify, payload)
	_, err := asynq.NewClientFromRedisClient(w.plain()).EnqueueContext(w.t.Context(), task,
		asynq.Queue(tasks.QueueCI), asynq.TaskID(id), asynq.MaxRetry(2), asynq.Timeout(time.Minute))
	if err != nil {
		w.t.Fatal(err)
	}
}

// unreadableTask spoils three waiting tasks: the version of one, the payload of
// another, and asynq's own envelope of the third.
func unreadableTask(t *testing.T, f *figures) {
	w := newWorld(t)
	w.crowd(16)
	w.unit("future")
	w.unit("garbage")
	w.unit("shredded")
	e := w.enqueue()
	w.pending(19)
	waiting := w.waiting()
	var payload map[string]any
	if err := json.Unmarshal(waiting["future"].Payload, &payload); err != nil {
		t.Fatal(err)
	}
	payload["v"] = 99
	later, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	w.replace(waiting["future"], later)
	w.replace(waiting["garbage"], []byte("\x00 no payload"))
	key := "asynq:{" + tasks.QueueCI + "}:t:" + waiting["shredded"].ID
	if err := w.plain().HSet(t.Context(), key, "msg", "\xff no message").Err(); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	w.worker("--concurrency", "4")
	o := e.outcome(long)
	f.took("worker's start to the run's end", time.Since(begin))
	w.invariant(o)
	if r, _ := o.err("future"); r.Kind != "failed" || !strings.Contains(r.Cause, "99") {
		t.Errorf("the task of version 99: %+v, want failed with the version as its cause", r)
	}
	if !o.Complete || o.Exit != 3 {
		t.Errorf("complete %t, exit %d; want a complete report and exit 3", o.Complete, o.Exit)
	}
	for _, name := range []string{"garbage", "shredded"} {
		if r, isErr := o.err(name); isErr && r.Kind != "failed" {
			t.Errorf("%s: %+v, want ok after another attempt, or failed", name, r)
		}
	}
}

// deliveredTwice gives one task to two workers, which both work on it.
func deliveredTwice(t *testing.T, f *figures) {
	w := newWorld(t)
	w.unit("a", "wait a")
	w.unit("z", "wait z") // keeps the run open
	e := w.enqueue()
	w.pending(2)
	copied := w.waiting()["a"].Payload
	w.begun(w.worker("--concurrency", "2"), 2)
	w.push("a copy", copied)
	w.begun(w.worker("--concurrency", "1"), 1)
	w.open("a")
	await(t, long, "the end of both deliveries", func() bool { return w.active() == 1 })
	w.open("z")
	o := e.outcome(long)
	w.truth(o, nil)
	h := w.header()
	f.note("duplicates counted", float64(h.Duplicates), "")
	if h.Duplicates != 1 || h.Contradictions != 0 || h.Decided != 2 {
		t.Errorf("%d duplicates, %d contradictions, %d decided; want 1, 0 and 2", h.Duplicates, h.Contradictions, h.Decided)
	}
}

// disagreement gives one task to two workers that differ about it.
func disagreement(t *testing.T, f *figures) {
	w := newWorld(t)
	w.unit("a", "wait a", "differ")
	w.unit("z", "wait z")
	e := w.enqueue()
	w.pending(2)
	copied := w.waiting()["a"].Payload
	w.begun(w.worker("--concurrency", "2"), 2)
	other := t.TempDir()
	w.push("a copy", copied)
	w.begun(w.workerWith([]string{trouble.GatesEnv + "=" + other, trouble.DiffersEnv + "=1"}, "--concurrency", "1"), 1)
	w.open("a")
	w.decided(1)
	w.gates, other = other, w.gates
	w.open("a")
	await(t, long, "the second verdict", func() bool { return w.header().Contradictions == 1 })
	w.gates = other
	w.open("z")
	o := e.outcome(long)
	w.truth(o, map[string]string{"a": "ok"})
	f.note("disagreements reported", float64(len(o.Run.Conflicts)), "")
	if len(o.Run.Conflicts) != 1 || !strings.Contains(o.Run.Conflicts[0], "a") {
		t.Errorf("conflicts %q, want one about a", o.Run.Conflicts)
	}
}

// lateVerdict lets a worker decide after its run has ended: once while the run is
// still known, once when its keys have expired.
func lateVerdict(t *testing.T, f *figures) {
	w := newWorld(t)
	w.unit("held", "wait closed")
	w.unit("quick")
	worker := w.worker("--concurrency", "2")
	e := w.enqueue("--timeout", "1s")
	o := e.outcome(long)
	w.invariant(o)
	if o.Exit != 3 || o.Counts.Missing != 1 || o.Counts.OK != 1 {
		t.Errorf("exit %d, counts %+v; want 3, one ok and one missing", o.Exit, o.Counts)
	}
	before := w.header()
	w.open("closed")
	await(t, long, "the verdict after the end", func() bool { return w.header().Late == 1 })
	if h := w.header(); h.Decided != before.Decided || h.Final != before.Final {
		t.Errorf("a late verdict changed %+v to %+v", before, h)
	}
	f.note("late verdicts counted", float64(w.header().Late), "")

	w.expire()
	w.unit("held", "wait expired")
	e = w.enqueue("--timeout", "1s")
	w.invariant(e.outcome(long))
	w.expire()
	w.open("expired")
	await(t, long, "the verdict of no run", func() bool { return worker.Count("because=gone") == 1 })
	if left := w.keys(); len(left) > 0 {
		t.Errorf("a verdict brought keys back: %v", left)
	}
}

// keys lists what Redis has of the run.
func (w *world) keys() []string {
	return slices.Sorted(slices.Values(w.plain().Keys(w.t.Context(), "muster:{"+runID+"}:*").Val()))
}

// expire ends the time to live of the run's keys.
func (w *world) expire() {
	w.t.Helper()
	for _, k := range w.keys() {
		if err := w.plain().PExpire(w.t.Context(), k, time.Millisecond).Err(); err != nil {
			w.t.Fatal(err)
		}
	}
	await(w.t, long, "expired keys", func() bool { return len(w.keys()) == 0 })
}

var evalsha = regexp.MustCompile(`(?i)evalsha\r\n\$40\r\n([0-9a-f]{40})`)

// lostReplies cuts the connection under the first reply of each script, in the
// enqueuer and in the worker. Redis knows the scripts already: it acts on each of
// them and is not heard.
func lostReplies(t *testing.T, f *figures) {
	w := newWorld(t)
	w.crowd(200, "sleep 10ms")
	warm := w.worker("--concurrency", "2")
	w.truth(w.enqueue().outcome(long), nil)
	warm.kill()
	w.expire()

	p := w.via()
	e := w.enqueue()
	w.pending(8) // the first dequeue is to find something
	var mu sync.Mutex
	lost := map[string]bool{}
	p.LoseReply(func(request []byte) bool {
		mu.Lock()
		defer mu.Unlock()
		fresh := false
		for _, m := range evalsha.FindAllSubmatch(request, -1) {
			fresh = fresh || !lost[string(m[1])]
			lost[string(m[1])] = true
		}
		return fresh
	})
	begin := time.Now()
	w.worker("--concurrency", "4")
	o := e.outcome(long)
	took := time.Since(begin)
	p.LoseReply(nil)
	mu.Lock()
	defer mu.Unlock()
	f.took("whole run of 200", took)
	f.note("scripts whose reply was lost", float64(len(lost)), "")
	w.truth(o, nil)
	h := w.header()
	f.note("duplicates", float64(h.Duplicates), "")
	if h.Contradictions > 0 || len(o.Run.Conflicts) > 0 || h.Decided != 200 {
		t.Errorf("%d contradictions, %v reported, %d decided; want none and 200", h.Contradictions, o.Run.Conflicts, h.Decided)
	}
	if len(lost) < 8 {
		t.Errorf("only %d scripts were seen: %v", len(lost), lost)
	}
	if took > 2*tail {
		t.Errorf("the run took %s, want %s at most", took, 2*tail)
	}
}
