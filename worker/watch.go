package worker

import (
	"context"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/tasks"
)

// watch has one server of a process look whether there are tasks while the queues are empty, and the others wait
// until it has found some and there is more than it fetches. An idle process costs what one such look costs, and one that
// gets work has all its servers at it within some round trips. It is safe for concurrent use.
type watch struct {
	pause   time.Duration // between two looks
	pending func(ctx context.Context) bool
	looks   chan struct{} // has room for the one server that looks
	more    chan struct{}
	gave    moment // when a server last found a task
}

// quickLook is the pause between two looks for busyFor after a task: more may come of it.
const quickLook = 10 * time.Millisecond

func newWatch(pause time.Duration, pending func(ctx context.Context) bool) *watch {
	return &watch{pause: pause, pending: pending, looks: make(chan struct{}, 1), more: make(chan struct{})}
}

// pendingIn says whether tasks wait in one of the queues. Where Redis does not say so there may be some: who
// fetches learns the reason. Those of a paused queue wait in vain, so that one server alone asks for them.
func pendingIn(client redis.UniversalClient, queues []string) func(ctx context.Context) bool {
	return func(ctx context.Context) bool {
		lengths, err := client.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, queue := range queues {
				p.LLen(ctx, tasks.PendingKey(queue))
			}
			return nil
		})
		return err != nil || slices.ContainsFunc(lengths, func(n redis.Cmder) bool { return n.(*redis.IntCmd).Val() > 0 })
	}
}

// call has one of the servers that wait fetch at once, if there is one.
func (w *watch) call() {
	select {
	case w.more <- struct{}{}:
	default:
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
			if w.pending(ctx) {
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
