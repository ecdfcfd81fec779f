package worker

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// prefetch is the Redis of the one asynq server of a process that fetches ahead. That server
// holds up to as many tasks as there are slots; they are begun, have their bytes and wait
// for a slot, so that a slot does not wait for round trips. To that server the queues are
// empty unless checks have been quick of late: with slow ones a round trip does not matter,
// and a task that waits for one could have begun on another machine. They are empty, too,
// while a task runs alone, which nothing may run beside, and when the process stops.
type prefetch struct {
	redis.UniversalClient
	handler  *Handler
	stopping <-chan struct{}
}

func (a prefetch) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	if fetchesTask(keys) && !a.wanted() {
		return answer(ctx, redis.Nil)
	}
	return a.UniversalClient.EvalSha(ctx, sha, keys, args...)
}

func (a prefetch) Eval(ctx context.Context, script string, keys []string, args ...any) *redis.Cmd {
	if fetchesTask(keys) && !a.wanted() {
		return answer(ctx, redis.Nil)
	}
	return a.UniversalClient.Eval(ctx, script, keys, args...)
}

// wanted says whether a task that is fetched ahead will soon have a slot.
func (a prefetch) wanted() bool {
	select {
	case <-a.stopping:
		return false
	default:
	}
	if !a.handler.slots.areShort() || !a.handler.exclusive.TryRLock() {
		return false
	}
	a.handler.exclusive.RUnlock()
	return true
}
