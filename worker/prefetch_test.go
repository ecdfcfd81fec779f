package worker

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

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
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
		{"when the process stops", func(h *Handler, stop func()) { h.slots.record(time.Millisecond); stop() }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, b := &scripted{}, newBench(t, fine)
			stopping := make(chan struct{})
			p := prefetch{s, b.Handler, stopping}
			tt.make(b.Handler, func() { close(stopping) })
			for name, cmd := range map[string]*redis.Cmd{
				"EvalSha": p.EvalSha(t.Context(), "0a1b", fetchKeys), "Eval": p.Eval(t.Context(), "return nil", fetchKeys),
			} {
				if none := errors.Is(cmd.Err(), redis.Nil); none == tt.asks {
					t.Errorf("%s: no task is %t, want %t", name, none, !tt.asks)
				}
			}
			if asked := len(s.asked); asked != 2 && tt.asks || asked != 0 && !tt.asks {
				t.Errorf("Redis was asked %d times", asked)
			}
			s.asked = nil
			p.EvalSha(t.Context(), "0a1b", fetchKeys[:3])
			p.Eval(t.Context(), "return nil", fetchKeys[:3])
			if len(s.asked) != 2 {
				t.Errorf("of two other scripts %d came through", len(s.asked))
			}
		})
	}
}

// holding is a ledger that tells with each beginning how many attempts are in progress.
type holding struct {
	*notes
	now  *atomic.Int64
	told chan int
}

func hold(b *bench) <-chan int {
	h := holding{&b.notes, new(atomic.Int64), make(chan int, 100)}
	b.Attempts, b.Recorder = h, h
	return h.told
}

func (h holding) Begin(ctx context.Context, r ledger.BeginRequest) (ledger.Grant, error) {
	g, err := h.notes.Begin(ctx, r)
	h.told <- int(h.now.Add(1))
	return g, err
}

func (h holding) Record(ctx context.Context, run id.Run, e ledger.Entry) error {
	h.now.Add(-1)
	return h.notes.Record(ctx, run, e)
}

func (h holding) Release(ctx context.Context, run id.Run, unit id.Unit, d id.Delivery) error {
	h.now.Add(-1)
	return h.notes.Release(ctx, run, unit, d)
}

func TestTasksWaitForASlotBesideQuickChecks(t *testing.T) {
	t.Parallel()
	const concurrency, pushed = 2, 5
	conn := redistest.Dial(t, redistest.Server(t))
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
	client := tasks.NewClient(conn.Bulk(), conn.Plain())
	for i := range pushed {
		b.task.Unit = id.Unit("unit-" + strconv.Itoa(i))
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
	for b.heard("record ok") < pushed {
		select {
		case <-soon.C:
		case <-late:
			t.Fatalf("%d of %d tasks were recorded", b.heard("record ok"), pushed)
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
	for range b.Concurrency {
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
		if config(t.Context(), FetchOptions{}, 1, time.Second).IsFailure(err) {
			t.Error("asynq counts it as a try")
		}
		b.expect(t, "begin billing", "release billing")
	})
}

func inspect(conn *redisconn.Conn) *asynq.Inspector {
	return asynq.NewInspectorFromRedisClient(conn.Plain())
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
	conn := redistest.Dial(t, redistest.Server(t))
	checked := make(chan string, 1)
	b := newBench(t, func(context.Context) (verdict.Decision, error) {
		checked <- ""
		return verdict.Decision{}, nil
	})
	b.occupy(t)
	begun := hold(b)
	client := tasks.NewClient(conn.Bulk(), conn.Plain())
	b.push(t, client)
	s := startTwo(t, b.Handler, conn)
	defer s.Shutdown()
	await(t, begun, 2)
	if info, err := inspect(conn).GetTaskInfo(tasks.QueueCI, b.task.ID()); err != nil || info.Retried != 0 {
		t.Errorf("the task that was given back is %+v, with %v; want that no try was counted", info, err)
	}
	b.slots.free()
	select {
	case <-checked:
	case <-time.After(20 * time.Second):
		t.Error("the task was not checked when a slot was free")
	}
}

// TestTheLastTryStaysBegun is about a task that asynq does not deliver again. Its attempt
// must not count as failed, because it was not checked, and must not be released, so that
// it is overdue some time.
func TestTheLastTryStaysBegun(t *testing.T) {
	t.Parallel()
	conn := redistest.Dial(t, redistest.Server(t))
	var b *bench
	var tries atomic.Int64
	occupied := make(chan struct{}, 2)
	b = newBench(t, func(context.Context) (verdict.Decision, error) {
		if tries.Add(1) == tasks.Retries {
			for range b.Concurrency { // this try's slot among them, when it has ended
				go func() { b.slots.taken <- struct{}{}; occupied <- struct{}{} }()
			}
		}
		return verdict.Decision{}, errors.New("not decided")
	})
	begun := hold(b)
	client := tasks.NewClient(conn.Bulk(), conn.Plain())
	b.push(t, client)
	s := startTwo(t, b.Handler, conn)
	defer s.Shutdown()
	await(t, begun, tasks.Retries+1)
	for range b.Concurrency {
		<-occupied
	}
	late, soon := time.After(20*time.Second), time.NewTicker(20*time.Millisecond)
	defer soon.Stop()
	for archived := false; !archived; {
		select {
		case <-soon.C:
			info, err := inspect(conn).GetTaskInfo(tasks.QueueCI, b.task.ID())
			archived = err == nil && info.State == asynq.TaskStateArchived
		case <-late:
			t.Fatal("asynq has not put the task away")
		}
	}
	s.Shutdown()
	b.expect(t, "begin billing", "begin billing", "begin billing")
}
