package worker

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// prefetch is the Redis client of one more asynq server, which fetches tasks before there
// are slots for them. Those tasks are begun, have their bytes, and wait for a slot, so
// that no slot waits for the round trips between two checks. There are at most as many of
// them as slots.
//
// To this server the queues look empty in two cases:
//
//   - Recent checks were not short, or there were none. A round trip hardly matters then,
//     and a task that waits here could have begun in another worker.
//   - The process stops.
type prefetch struct {
	redis.UniversalClient
	handler  *Handler
	stopping <-chan struct{}
}

func (p prefetch) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	if fetchesTask(keys) && !p.wanted() {
		return answer(ctx, redis.Nil)
	}
	return p.UniversalClient.EvalSha(ctx, sha, keys, args...)
}

func (p prefetch) Eval(ctx context.Context, script string, keys []string, args ...any) *redis.Cmd {
	if fetchesTask(keys) && !p.wanted() {
		return answer(ctx, redis.Nil)
	}
	return p.UniversalClient.Eval(ctx, script, keys, args...)
}

// wanted says whether a prefetched task will soon get a slot.
func (p prefetch) wanted() bool {
	select {
	case <-p.stopping:
		return false
	default:
	}
	return p.handler.slots.areShort()
}
