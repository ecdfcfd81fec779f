package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Leave is what Begin answers a delivery of a task.
type Leave string

// What Begin answers. Anything but Go ends the task without work.
const (
	Go        Leave = "go"
	Already   Leave = "decided" // another delivery was first
	Stopped   Leave = "ended"   // the run is closed or cancelled
	Stale     Leave = "stale"   // the run expects another digest, or a later attempt
	NoSuchRun Leave = "gone"
)

// A run that was not handed over lives for half a minute without anybody who follows
// it, and then its workers cancel it: CI jobs are killed without a word. It is noticed
// after orphanAfter, and its followers have orphanGrace to be heard.
const (
	orphanAfter = 20 * time.Second
	orphanGrace = 10 * time.Second
)

// Begin asks for leave to work on a service. delivery names this delivery of the
// task and nothing else: a worker's name, "#", and a count of its own. The bundles named by
// want come with the answer, in the same round trip; nil stands for one that is
// not there.
func (l *Ledger) Begin(ctx context.Context, run, service, digest string, attempt int, delivery string, want ...string) (Leave, [][]byte, error) {
	k := keysOf(run)
	keys := []string{k.run, k.expect, k.decided, k.begun, k.events, k.attempts}
	args := []any{service, digest, attempt, delivery, l.seconds(), orphanAfter.Milliseconds(), orphanGrace.Milliseconds()}
	gets := make([]*redis.StringCmd, len(want))
	var begin *redis.Cmd
	// Each command has its own error: a bundle that is not there is none of them.
	_, _ = l.bulk.Pipelined(ctx, func(p redis.Pipeliner) error {
		begin = beginScript.EvalSha(ctx, p, keys, args...)
		for i, d := range want {
			gets[i] = p.Get(ctx, bundleKey(d))
		}
		return nil
	})
	if redis.HasErrorPrefix(begin.Err(), "NOSCRIPT") {
		begin = beginScript.Eval(ctx, l.bulk, keys, args...)
	}
	word, _, err := answer(begin)
	if err != nil {
		return "", nil, fmt.Errorf("begin %q of run %s: %w", service, run, err)
	}
	if Leave(word) != Go {
		return Leave(word), nil, nil
	}
	bundles := make([][]byte, len(want))
	for i, get := range gets {
		b, err := get.Bytes()
		if err != nil && !errors.Is(err, redis.Nil) {
			return "", nil, fmt.Errorf("fetch bundle %.12s of %q: %w", want[i], service, err)
		}
		bundles[i] = b
	}
	return Go, bundles, nil
}

// Release gives back what Begin gave this delivery: a stopping worker has not
// decided the service.
func (l *Ledger) Release(ctx context.Context, run, service, delivery string) error {
	if err := call(ctx, l.plain, releaseScript, []string{keysOf(run).begun}, service, delivery).Err(); err != nil {
		return fmt.Errorf("release %q of run %s: %w", service, run, err)
	}
	return nil
}
