package tasks

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/internal/redistest"
	"github.com/seed306eabeb/muster/verdict"
)

func TestQueuesAreEmptyUnlessChecksAreQuick(t *testing.T) {
	t.Parallel()
	s := &scripted{}
	q := whenQuick{s, newSlots(1)}
	ask := func(keys []string) (asked int, errs [2]error) {
		s.asked = nil
		errs[0] = q.EvalSha(t.Context(), "0a1b", keys).Err()
		errs[1] = q.Eval(t.Context(), "return nil", keys).Err()
		return len(s.asked), errs
	}
	if asked, errs := ask(fetchKeys); asked != 0 || !errors.Is(errs[0], redis.Nil) || !errors.Is(errs[1], redis.Nil) {
		t.Errorf("before any check Redis was asked %d times and the answers are %v, want no question and no task", asked, errs)
	}
	if asked, errs := ask(fetchKeys[:3]); asked != 2 || errs != [2]error{} {
		t.Errorf("of other scripts %d came through, with %v", asked, errs)
	}
	q.slots.note(time.Millisecond)
	if asked, errs := ask(fetchKeys); asked != 2 || errs != [2]error{} {
		t.Errorf("after a quick check Redis was asked %d times and the answers are %v", asked, errs)
	}
}

// begins is a ledger that tells of each task that has its leave.
type begins struct {
	*notes
	told chan string
}

func (b begins) Begin(ctx context.Context, v Verify, delivery string, want ...string) (bool, [][]byte, error) {
	leave, packed, err := b.notes.Begin(ctx, v, delivery, want...)
	b.told <- v.Service
	return leave, packed, err
}

func TestTasksWaitForASlotBesideQuickChecks(t *testing.T) {
	t.Parallel()
	const concurrency, tasks = 2, 5
	conn := dial(t, redistest.Server(t))
	var now, most atomic.Int64
	checking, hold := make(chan string, tasks), make(chan struct{})
	b := newBench(t, func(ctx context.Context) (verdict.Decision, error) {
		defer now.Add(-1)
		if n := now.Add(1); n > most.Load() {
			most.Store(n) // it is enough that too many are seen sometimes
		}
		checking <- ""
		select {
		case <-hold:
		case <-ctx.Done():
		}
		return verdict.Decision{}, ctx.Err()
	})
	begun := make(chan string, tasks)
	b.ledger, b.slots = begins{&b.notes, begun}, newSlots(concurrency)
	client := NewClient(conn.Bulk(), conn.Plain())
	for i := range tasks {
		b.task.Service = "service-" + strconv.Itoa(i)
		if err := client.Push(t.Context(), QueueCI, b.task); err != nil {
			t.Fatal(err)
		}
	}
	s := startTwo(t, b.Handler, conn)
	defer s.Shutdown()
	await := func(told <-chan string, n int, what string) {
		t.Helper()
		late, soon := time.After(8*time.Second), time.NewTicker(time.Second)
		defer soon.Stop()
		for n > 0 {
			select {
			case <-told:
				n--
			case <-soon.C:
				b.slots.note(time.Millisecond)
			case <-late:
				t.Errorf("%d more have not %s", n, what)
				return
			}
		}
	}
	await(checking, concurrency, "got a slot")
	b.slots.note(time.Millisecond)
	await(begun, 2*concurrency, "begun: a task waits for each slot")
	close(hold)
	await(begun, tasks-2*concurrency, "begun when slots were free again")
	s.Shutdown()
	if most.Load() != concurrency {
		t.Errorf("%d checks ran at once, want %d", most.Load(), concurrency)
	}
	if n := len(b.said); n != 2*tasks {
		t.Errorf("the ledger was told %d things, want that each of %d tasks began and was recorded: %q", n, tasks, b.said)
	}
}

func TestAStopEndsTheWaitForASlot(t *testing.T) {
	t.Parallel()
	b := newBench(t, fine)
	if err := b.slots.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errStopping)
	if err := b.process(t, ctx); !errors.Is(err, errStopping) {
		t.Errorf("the handler returned %v", err)
	}
	b.expect(t, "begin billing", "release billing")
}
