package tasks

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// whenQuick is the Redis of the one asynq server of a process that fetches ahead: it
// holds as many tasks as there are slots, which have their leave and their bytes and wait
// for a slot, so that a slot waits for no round trip. To that server the queues are empty
// unless checks have been quick of late: with slow ones, a round trip does not matter,
// and a task that waits for one could have begun on another machine.
type whenQuick struct {
	redis.UniversalClient
	slots *slots
}

func (q whenQuick) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	if fetchesTask(keys) && !q.slots.quick() {
		return noTask(ctx)
	}
	return q.UniversalClient.EvalSha(ctx, sha, keys, args...)
}

func (q whenQuick) Eval(ctx context.Context, script string, keys []string, args ...any) *redis.Cmd {
	if fetchesTask(keys) && !q.slots.quick() {
		return noTask(ctx)
	}
	return q.UniversalClient.Eval(ctx, script, keys, args...)
}

// noTask is what an empty queue answers.
func noTask(ctx context.Context) *redis.Cmd {
	cmd := redis.NewCmd(ctx)
	cmd.SetErr(redis.Nil)
	return cmd
}
