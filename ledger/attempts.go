package ledger

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/id"
)

// BeginRequest asks for leave to work on a unit.
type BeginRequest struct {
	Run      id.Run
	Unit     id.Unit
	Digest   id.Digest // that the task is about
	Attempt  int
	Delivery id.Delivery
	Want     []id.Digest // bundles to come with the answer
}

// Grant is what Begin answers: Granted, or why there is nothing to do. With leave come
// the bundles wanted, nil for one that is not there.
type Grant struct {
	Answer  Answer
	Bundles [][]byte

	err error // of this request alone
}

// Begin asks for leave, and fetches bundles in the same round trip. Those who ask at
// about the same time share that round trip.
func (l *Ledger) Begin(ctx context.Context, r BeginRequest) (Grant, error) {
	g, err := l.begins.do(ctx, r)
	if err == nil {
		err = g.err
	}
	if err != nil {
		return Grant{}, fmt.Errorf("begin %q of run %s: %w", r.Unit, r.Run, err)
	}
	return g, nil
}

// beginCall is what begin asks of one run in one round trip.
type beginCall struct {
	keys  []string
	args  []any
	about []int // places in the requests
	sent  *redis.Cmd
}

// begin is one round trip: a script for each of the runs, and one command that fetches
// what they want.
func (l *Ledger) begin(ctx context.Context, all []BeginRequest) ([]Grant, error) {
	calls := l.beginCalls(all)
	places, bundles := wanted(all)
	var fetch *redis.SliceCmd
	// Each command has its own error.
	_, _ = l.bulk.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, c := range calls {
			c.sent = beginScript.EvalSha(ctx, p, c.keys, c.args...)
		}
		if len(bundles) > 0 {
			fetch = p.MGet(ctx, bundles...)
		}
		return nil
	})
	grants := make([]Grant, len(all))
	for _, c := range calls {
		words, err := answers(orEval(ctx, l.bulk, c.sent, beginScript, c.keys, c.args...), len(c.about))
		for n, i := range c.about {
			if grants[i].err = err; err == nil {
				grants[i].Answer = Answer(words[n])
			}
		}
	}
	for i, r := range all {
		if grants[i].Answer == Granted && len(r.Want) > 0 {
			grants[i].Bundles, grants[i].err = fetched(fetch, r.Want, places)
		}
	}
	return grants, nil
}

// beginCalls groups requests by their runs.
func (l *Ledger) beginCalls(all []BeginRequest) map[id.Run]*beginCall {
	calls := make(map[id.Run]*beginCall)
	for i, r := range all {
		c := calls[r.Run]
		if c == nil {
			k := keysOf(r.Run)
			c = &beginCall{keys: []string{k.run, k.expect, k.decided, k.begun, k.events, k.attempts},
				args: []any{l.seconds(), l.timing.OrphanAfter.Milliseconds(), l.timing.OrphanGrace.Milliseconds()}}
			calls[r.Run] = c
		}
		c.args = append(c.args, string(r.Unit), string(r.Digest), r.Attempt, string(r.Delivery))
		c.about = append(c.about, i)
	}
	return calls
}

// wanted are the keys of the bundles that requests want, each once, and their places.
func wanted(all []BeginRequest) (places map[id.Digest]int, keys []string) {
	places = make(map[id.Digest]int)
	for _, r := range all {
		for _, d := range r.Want {
			if _, twice := places[d]; !twice {
				places[d] = len(keys)
				keys = append(keys, bundleKey(d))
			}
		}
	}
	return places, keys
}

// fetched picks the bundles wanted out of those that were fetched, by their places.
func fetched(all *redis.SliceCmd, want []id.Digest, places map[id.Digest]int) ([][]byte, error) {
	if err := all.Err(); err != nil {
		return nil, fmt.Errorf("fetch bundle %s: %w", want[0].Short(), err)
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
// decided the unit.
func (l *Ledger) Release(ctx context.Context, run id.Run, unit id.Unit, d id.Delivery) error {
	if err := releaseScript.Run(ctx, l.plain, []string{keysOf(run).begun}, string(unit), string(d)).Err(); err != nil {
		return fmt.Errorf("release %q of run %s: %w", unit, run, err)
	}
	return nil
}
