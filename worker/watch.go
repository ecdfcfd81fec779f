package worker

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// watch has one server of a process look whether there are tasks while the queues are empty, and the others wait
// until it has found some and there is more than it fetches. An idle process costs what one such look costs, and one that
// gets work has all its servers at it within some round trips. It is safe for concurrent use.
type watch struct {
	pause   time.Duration // between two looks
	pending func(ctx context.Context) int64
	looks   chan struct{} // has room for the one server that looks
	more    chan struct{}
	gave    moment // when a server last found a task
}

// quickLook is the pause between two looks for busyFor after a task: more may come of it.
const quickLook = 10 * time.Millisecond

func newWatch(pause time.Duration, pending func(ctx context.Context) int64) *watch {
	return &watch{pause: pause, pending: pending, looks: make(chan struct{}, 1), more: make(chan struct{})}
}

// pendingIn says how many tasks wait in the queues. Where Redis does not say so there may be one: who
// fetches it learns the reason.
func pendingIn(client redis.UniversalClient, queues []string) func(ctx context.Context) int64 {
	return func(ctx context.Context) (all int64) {
		lengths, err := client.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, queue := range queues {
				p.LLen(ctx, pendingKey(queue))
			}
			return nil
		})
		if err != nil {
			return 1
		}
		for _, n := range lengths {
			all += n.(*redis.IntCmd).Val()
		}
		return all
	}
}

// pendingKey is where asynq v0.26 keeps the tasks of a queue that wait.
func pendingKey(queue string) string { return "asynq:{" + queue + "}:pending" }

// call has one of the servers that wait fetch at once, and says whether there was one.
func (w *watch) call() bool {
	select {
	case w.more <- struct{}{}:
		return true
	default:
		return false
	}
}

// turn is what one server of a watch has found. It is for one goroutine, that which fetches.
type turn struct {
	watch  *watch
	queues int // of the server
	empty  int // looks in a row that found nothing
	found  int // that found a task
}

// note records whether a fetch found a task. A second task in a row says that there may be some for others.
func (t *turn) note(found bool) {
	if !found {
		t.found = 0
		t.empty++
		return
	}
	t.empty = 0
	t.watch.gave.note()
	if t.found++; t.found > 1 {
		t.watch.call()
	}
}

// wait waits, where all queues were empty, until the server is to ask each of them again. It returns false after laneWait,
// or when ctx ends or the server is to stop.
func (t *turn) wait(ctx context.Context, stopping <-chan struct{}) bool {
	if t.empty < t.queues {
		return true
	}
	over := time.NewTimer(laneWait)
	defer over.Stop()
	select {
	case <-t.watch.more:
	case t.watch.looks <- struct{}{}:
		found := t.watch.look(ctx, stopping, over.C)
		<-t.watch.looks
		if !found {
			return false
		}
	case <-over.C:
		return false
	case <-stopping:
		return false
	case <-ctx.Done():
		return false
	}
	t.empty = 0
	return true
}

// look looks until there are tasks, or more than others fetch. It returns false if over says so before, ctx ends or the
// server is to stop.
func (w *watch) look(ctx context.Context, stopping <-chan struct{}, over <-chan time.Time) bool {
	next := time.NewTimer(w.rest())
	defer next.Stop()
	for {
		select {
		case <-next.C:
			if n := w.pending(ctx); n > 0 {
				for n > 1 && w.call() {
					n--
				}
				return true
			}
			next.Reset(w.rest())
		case <-w.more:
			return true
		case <-over:
			return false
		case <-stopping:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// rest is the pause until the next look.
func (w *watch) rest() time.Duration {
	if time.Since(w.gave.last()) < busyFor {
		return min(w.pause, quickLook)
	}
	return w.pause
}
