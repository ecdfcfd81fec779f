package ledger

import (
	"context"
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
// not there. Those who ask at about the same time share that round trip.
func (l *Ledger) Begin(ctx context.Context, run, service, digest string, attempt int, delivery string, want ...string) (Leave, [][]byte, error) {
	b, err := l.begins.do(ctx, beginRequest{run, service, digest, attempt, delivery, want})
	if err == nil {
		err = b.err
	}
	if err != nil {
		return "", nil, fmt.Errorf("begin %q of run %s: %w", service, run, err)
	}
	return b.leave, b.bundles, nil
}

// beginRequest is what Begin asks.
type beginRequest struct {
	run, unit, digest string
	attempt              int
	delivery             string
	want                 []string
}

// beginReply is what Begin answers. Questions about different runs have different errors.
type beginReply struct {
	leave   Leave
	bundles [][]byte
	err     error
}

// beginAll is one round trip: a script for each of the runs, and one command that
// fetches what they want.
func (l *Ledger) beginAll(ctx context.Context, all []beginRequest) ([]beginReply, error) {
	type script struct {
		keys  []string
		args  []any
		about []int // places in all
		sent  *redis.Cmd
	}
	runs := make(map[string]*script)
	wanted := make(map[string]int)
	var bundles []string
	for i, b := range all {
		s := runs[b.run]
		if s == nil {
			k := keysOf(b.run)
			s = &script{keys: []string{k.run, k.expect, k.decided, k.begun, k.events, k.attempts},
				args: []any{l.seconds(), orphanAfter.Milliseconds(), orphanGrace.Milliseconds()}}
			runs[b.run] = s
		}
		s.args = append(s.args, b.unit, b.digest, b.attempt, b.delivery)
		s.about = append(s.about, i)
		for _, d := range b.want {
			if _, ok := wanted[d]; !ok {
				wanted[d] = len(bundles)
				bundles = append(bundles, bundleKey(d))
			}
		}
	}
	var fetch *redis.SliceCmd
	// Each command has its own error.
	_, _ = l.bulk.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, s := range runs {
			s.sent = beginScript.EvalSha(ctx, p, s.keys, s.args...)
		}
		if len(bundles) > 0 {
			fetch = p.MGet(ctx, bundles...)
		}
		return nil
	})
	answers := make([]beginReply, len(all))
	for _, s := range runs {
		said, err := words(orEval(ctx, l.bulk, s.sent, beginScript, s.keys, s.args...), len(s.about))
		for n, i := range s.about {
			if answers[i].err = err; err == nil {
				answers[i].leave = Leave(said[n])
			}
		}
	}
	for i, b := range all {
		if answers[i].leave == Go && len(b.want) > 0 {
			answers[i].bundles, answers[i].err = fetched(fetch, b.want, wanted)
		}
	}
	return answers, nil
}

// fetched picks the bundles wanted out of those that were fetched, by their places.
func fetched(all *redis.SliceCmd, want []string, places map[string]int) ([][]byte, error) {
	if err := all.Err(); err != nil {
		return nil, fmt.Errorf("fetch bundle %.12s: %w", want[0], err)
	}
	bundles := make([][]byte, len(want))
	for i, d := range want {
		if s, ok := all.Val()[places[d]].(string); ok {
			bundles[i] = []byte(s)
		}
	}
	return bundles, nil
}

// Release gives back what Begin gave this delivery: a stopping worker has not
// decided the service.
func (l *Ledger) Release(ctx context.Context, run, service, delivery string) error {
	if err := call(ctx, l.plain, releaseScript, []string{keysOf(run).begun}, service, delivery).Err(); err != nil {
		return fmt.Errorf("release %q of run %s: %w", service, run, err)
	}
	return nil
}
