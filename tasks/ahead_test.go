package tasks

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/verdict"
)

func TestNothingIsFetchedAheadWithoutUse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		make func(h *Handler, stop func())
		asks bool
	}{
		{"before any check", func(*Handler, func()) {}, false},
		{"after a quick check", func(h *Handler, _ func()) { h.slots.record(time.Millisecond) }, true},
		{"after a slow check", func(h *Handler, _ func()) { h.slots.record(time.Second) }, false},
		{"beside another task", func(h *Handler, _ func()) { h.slots.record(time.Millisecond); h.exclusive.RLock() }, true},
		{"beside a task that runs alone", func(h *Handler, _ func()) { h.slots.record(time.Millisecond); h.exclusive.Lock() }, false},
		{"when the process stops", func(h *Handler, stop func()) { h.slots.record(time.Millisecond); stop() }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, b := &scripted{}, newBench(t, fine)
			stopping := make(chan struct{})
			a := prefetch{s, b.Handler, stopping}
			tt.make(b.Handler, func() { close(stopping) })
			for name, cmd := range map[string]*redis.Cmd{
				"EvalSha": a.EvalSha(t.Context(), "0a1b", fetchKeys), "Eval": a.Eval(t.Context(), "return nil", fetchKeys),
			} {
				if none := errors.Is(cmd.Err(), redis.Nil); none == tt.asks {
					t.Errorf("%s: no task is %t, want %t", name, none, !tt.asks)
				}
			}
			if asked := len(s.asked); asked != 2 && tt.asks || asked != 0 && !tt.asks {
				t.Errorf("Redis was asked %d times", asked)
			}
			s.asked = nil
			a.EvalSha(t.Context(), "0a1b", fetchKeys[:3])
			a.Eval(t.Context(), "return nil", fetchKeys[:3])
			if len(s.asked) != 2 {
				t.Errorf("of two other scripts %d came through", len(s.asked))
			}
		})
	}
}

// holding is a ledger that tells with each beginning how many tasks are begun, and
// neither recorded nor released.
type holding struct {
	*notes
	now  *atomic.Int64
	told chan int
}

func hold(b *bench) <-chan int {
	h := holding{&b.notes, new(atomic.Int64), make(chan int, 100)}
	b.ledger = h
	return h.told
}

func (h holding) Begin(ctx context.Context, v Task, delivery string, want ...string) (bool, [][]byte, error) {
	leave, packed, err := h.notes.Begin(ctx, v, delivery, want...)
	h.told <- int(h.now.Add(1))
	return leave, packed, err
}

func (h holding) Record(ctx context.Context, v Task, delivery string, made verdict.Verdict) error {
	h.now.Add(-1)
	return h.notes.Record(ctx, v, delivery, made)
}

func (h holding) Release(ctx context.Context, v Task, delivery string) error {
	h.now.Add(-1)
	return h.notes.Release(ctx, v, delivery)
}

func TestTasksWaitForASlotBesideQuickChecks(t *testing.T) {
	t.Parallel()
	const concurrency, tasks = 2, 5
	conn := dial(t, redistest.Server(t))
	var mu sync.Mutex
	now, most := 0, 0
	count := func(n int) {
		mu.Lock()
		defer mu.Unlock()
		now += n
		most = max(most, now)
	}
	goOn := make(chan struct{})
	b := newBench(t, func(ctx context.Context) (verdict.Decision, error) {
		count(1)
		defer count(-1)
		select {
		case <-goOn:
		case <-ctx.Done():
		}
		return verdict.Decision{}, ctx.Err()
	})
	held := hold(b)
	client := NewClient(conn.Bulk(), conn.Plain())
	for i := range tasks {
		b.task.Unit = "service-" + strconv.Itoa(i)
		b.push(t, client)
	}
	s := startTwo(t, b.Handler, conn)
	defer s.Shutdown()
	late, soon := time.After(8*time.Second), time.NewTicker(20*time.Millisecond)
	defer soon.Stop()
	for n := 0; n < 2*concurrency; {
		select {
		case n = <-held:
		case <-soon.C:
			b.slots.record(0) // as quick checks do
		case <-late:
			t.Fatalf("no %d tasks are begun at once, one for each slot and one that waits for it", 2*concurrency)
		}
	}
	close(goOn)
	for b.heard("record ok") < tasks {
		select {
		case <-soon.C:
		case <-late:
			t.Fatalf("%d of %d tasks were recorded", b.heard("record ok"), tasks)
		}
	}
	s.Shutdown()
	if most != concurrency {
		t.Errorf("%d checks ran at once, want %d", most, concurrency)
	}
	if n := len(b.slots.taken); n != 0 {
		t.Errorf("%d slots stay taken", n)
	}
}

// occupy takes all slots.
func (b *bench) occupy(t *testing.T) {
	t.Helper()
	for range b.Concurrency() {
		if err := b.slots.take(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestATaskWithoutASlotGoesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, fine)
		b.occupy(t)
		err := b.process(t, t.Context())
		if !errors.Is(err, errNoSlot) {
			t.Errorf("the handler returned %v", err)
		}
		if config(t.Context(), Options{}, 1, time.Second).IsFailure(err) {
			t.Error("asynq counts it as a try")
		}
		b.expect(t, "begin billing", "release billing")
	})
}

// await waits for so many beginnings.
func await(t *testing.T, begun <-chan int, n int) {
	t.Helper()
	late := time.After(20 * time.Second)
	for i := range n {
		select {
		case <-begun:
		case <-late:
			t.Fatalf("the task was begun %d times, want %d", i, n)
		}
	}
}

func TestATaskThatWentBackIsHandedOutAgain(t *testing.T) {
	t.Parallel()
	conn := dial(t, redistest.Server(t))
	checked := make(chan string, 1)
	b := newBench(t, func(context.Context) (verdict.Decision, error) {
		checked <- ""
		return verdict.Decision{}, nil
	})
	b.occupy(t)
	begun := hold(b)
	client := NewClient(conn.Bulk(), conn.Plain())
	b.push(t, client)
	s := startTwo(t, b.Handler, conn)
	defer s.Shutdown()
	await(t, begun, 2)
	if info, err := client.inspect.GetTaskInfo(QueueCI, b.task.ID()); err != nil || info.Retried != 0 {
		t.Errorf("the task that was given back is %+v, with %v; want that no try was counted", info, err)
	}
	b.slots.free()
	select {
	case <-checked:
	case <-time.After(20 * time.Second):
		t.Error("the task was not checked when a slot was free")
	}
}

// TestTheLastTryStaysBegun is about a task that asynq does not hand out again: its attempt
// must neither count as failed, for it was not checked, nor be released, so that it is
// overdue some time.
func TestTheLastTryStaysBegun(t *testing.T) {
	t.Parallel()
	conn := dial(t, redistest.Server(t))
	var b *bench
	var tries atomic.Int64
	occupied := make(chan struct{}, 2)
	b = newBench(t, func(context.Context) (verdict.Decision, error) {
		if tries.Add(1) == retries {
			for range b.Concurrency() { // this try's slot among them, when it has ended
				go func() { b.slots.taken <- struct{}{}; occupied <- struct{}{} }()
			}
		}
		return verdict.Decision{}, errors.New("not decided")
	})
	begun := hold(b)
	client := NewClient(conn.Bulk(), conn.Plain())
	b.push(t, client)
	s := startTwo(t, b.Handler, conn)
	defer s.Shutdown()
	await(t, begun, retries+1)
	for range b.Concurrency() {
		<-occupied
	}
	late, soon := time.After(20*time.Second), time.NewTicker(20*time.Millisecond)
	defer soon.Stop()
	for archived := false; !archived; {
		select {
		case <-soon.C:
			info, err := client.inspect.GetTaskInfo(QueueCI, b.task.ID())
			archived = err == nil && info.State == asynq.TaskStateArchived
		case <-late:
			t.Fatal("asynq has not put the task away")
		}
	}
	s.Shutdown()
	b.expect(t, "begin billing", "begin billing", "begin billing")
}
