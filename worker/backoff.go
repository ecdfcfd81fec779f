package worker

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// The wait before a server fetches again after an error is at least half of firstWait,
// and at most lastWait.
const (
	firstWait = 200 * time.Millisecond
	lastWait  = 2 * time.Second
)

// fetchBackoff is the Redis client of one asynq server. When fetching a task fails, asynq
// fetches again at once: thousands of times a second while Redis is full, a replica, or
// loading. Here such a fetch waits, longer after each failure in a row. All other
// commands pass unchanged, but for the subscription, which is not made.
//
// asynq fetches with a script, through EvalSha and, when Redis does not know the script,
// Eval; the keys tell it from asynq's other scripts.
type fetchBackoff struct {
	redis.UniversalClient
	empty *emptyQueues // of all servers of the process
	turn  *turn        // nil for a server that looks whenever asynq asks it to
	// stopping ends a wait, so that a server stops without delay.
	stopping <-chan struct{}

	mu   sync.Mutex
	span time.Duration // of the last wait; 0 while fetching works
	next time.Time     // when the next fetch may run
}

func (b *fetchBackoff) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	return b.fetch(ctx, keys, func() *redis.Cmd { return b.UniversalClient.EvalSha(ctx, sha, keys, args...) })
}

func (b *fetchBackoff) Eval(ctx context.Context, script string, keys []string, args ...any) *redis.Cmd {
	return b.fetch(ctx, keys, func() *redis.Cmd { return b.UniversalClient.Eval(ctx, script, keys, args...) })
}

func (b *fetchBackoff) Subscribe(context.Context, ...string) *redis.PubSub {
	return noSubscription(b.stopping)
}

// fetch runs a script, and waits first if it is a fetch that follows a failed one. It
// replies that the queue is empty, without asking Redis, if the server stops meanwhile, it is another
// server's turn to look, or the queue can be skipped.
func (b *fetchBackoff) fetch(ctx context.Context, keys []string, run func() *redis.Cmd) *redis.Cmd {
	if !fetchesTask(keys) {
		return run()
	}
	if b.turn != nil && !b.turn.wait(ctx, b.stopping) {
		return answer(ctx, redis.Nil)
	}
	if b.empty.skip(keys[0]) {
		b.note(false)
		return answer(ctx, redis.Nil)
	}
	if err := b.wait(ctx); err != nil {
		return answer(ctx, err)
	}
	cmd := run()
	b.observe(cmd.Err())
	if err := cmd.Err(); err == nil || errors.Is(err, redis.Nil) {
		b.empty.note(keys[0], err == nil)
		b.note(err == nil)
	}
	return cmd
}

// note tells the server's turn whether a queue gave a task.
func (b *fetchBackoff) note(found bool) {
	if b.turn != nil {
		b.turn.note(found)
	}
}

// answer makes the reply to a script that is not run; redis.Nil stands for an empty
// queue.
func answer(ctx context.Context, err error) *redis.Cmd {
	cmd := redis.NewCmd(ctx)
	cmd.SetErr(err)
	return cmd
}

// wait waits until the next fetch may run. If the server stops before, it returns
// redis.Nil, which means an empty queue to asynq.
func (b *fetchBackoff) wait(ctx context.Context) error {
	b.mu.Lock()
	left := time.Until(b.next)
	b.mu.Unlock()
	if left <= 0 {
		return nil
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-b.stopping:
		return redis.Nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// observe sets the next wait. Every error leads to a wait, because none goes away by
// fetching again at once. An unknown script is the exception: asynq sends it in full
// next.
func (b *fetchBackoff) observe(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case err == nil, errors.Is(err, redis.Nil):
		b.span, b.next = 0, time.Time{}
	case redis.HasErrorPrefix(err, "NOSCRIPT"):
	default:
		b.span = min(max(2*b.span, firstWait), lastWait)
		b.next = time.Now().Add(b.span/2 + rand.N(b.span/2))
	}
}

// fetchesTask says whether a script with these keys is the one with which asynq v0.26
// takes a task from a queue. Its keys are the queue's pending list, the mark of a paused
// queue, the active list and the leases, in this order.
func fetchesTask(keys []string) bool {
	if len(keys) != 4 {
		return false
	}
	queue, pending := strings.CutSuffix(keys[0], "}:pending")
	if !pending || !strings.HasPrefix(queue, "asynq:{") {
		return false
	}
	for i, part := range []string{"}:paused", "}:active", "}:lease"} {
		if rest, ok := strings.CutPrefix(keys[i+1], queue); !ok || rest != part {
			return false
		}
	}
	return true
}
