package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/id"
)

// BeginRequest asks for permission to work on a unit.
type BeginRequest struct {
	Run      id.Run
	Unit     id.Unit
	Digest   id.Digest // of the bytes that the task names
	Attempt  int
	Delivery id.Delivery
	Want     []id.Digest // bundles to fetch in the same round trip
	// Beside are keys of plain values that are not the ledger's, to be read in the same round trip.
	Beside []string
}

// Grant is the answer of Begin: Granted, or the reason why there is nothing to do. With
// Granted come the wanted bundles in their order, nil for each that is missing.
type Grant struct {
	Answer  Answer
	Bundles [][]byte
	// Beside are the values of the keys asked for, nil for each that is missing, and BesideErr is why
	// some could not be read, which keeps nobody from beginning.
	Beside    [][]byte
	BesideErr error

	err error // of this request alone
}

// Begin asks for permission, and fetches bundles in the same round trip. Requests that
// come at about the same time share that round trip.
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

// beginCall is one call of the script, for the requests about one run.
type beginCall struct {
	keys  []string
	args  []any
	about []int // indexes of these requests
	sent  *redis.Cmd
}

// begin replies to many requests in one round trip: one script call for each run, and one
// command for each bundle, because bundles have no hash tag in common.
func (l *Ledger) begin(ctx context.Context, all []BeginRequest) ([]Grant, error) {
	calls := l.beginCalls(all)
	fetches, beside := map[id.Digest]*redis.StringCmd{}, map[string]*redis.StringCmd{}
	// Each command has its own error.
	_, _ = l.bulk.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, c := range calls {
			c.sent = beginScript.EvalSha(ctx, p, c.keys, c.args...)
		}
		for _, r := range all {
			for _, d := range r.Want {
				if fetches[d] == nil {
					fetches[d] = p.Get(ctx, bundleKey(d))
				}
			}
			for _, key := range r.Beside {
				if beside[key] == nil {
					beside[key] = p.Get(ctx, key)
				}
			}
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
			grants[i].Bundles, grants[i].err = fetched(fetches, r.Want)
		}
		if grants[i].Answer == Granted && len(r.Beside) > 0 {
			grants[i].Beside, grants[i].BesideErr = readBeside(beside, r.Beside)
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

// fetched picks the bundles wanted out of all that were fetched.
func fetched(all map[id.Digest]*redis.StringCmd, want []id.Digest) ([][]byte, error) {
	bundles := make([][]byte, len(want))
	for i, d := range want {
		switch b, err := all[d].Bytes(); {
		case err == nil:
			bundles[i] = b
		case !errors.Is(err, redis.Nil):
			return nil, fmt.Errorf("fetch bundle %s: %w", d.Short(), err)
		}
	}
	return bundles, nil
}

// readBeside picks the values of keys out of all that were read.
func readBeside(all map[string]*redis.StringCmd, keys []string) (values [][]byte, err error) {
	values = make([][]byte, len(keys))
	for i, key := range keys {
		switch value, failed := all[key].Bytes(); {
		case failed == nil:
			values[i] = value
		case !errors.Is(failed, redis.Nil):
			err = failed
		}
	}
	return values, err
}

// Release ends an attempt that Begin has granted to a delivery, without a verdict: the
// worker stops, has no free slot, or finds a bundle missing. The attempt may begin again.
func (l *Ledger) Release(ctx context.Context, run id.Run, unit id.Unit, d id.Delivery) error {
	if err := releaseScript.Run(ctx, l.plain, []string{keysOf(run).begun}, string(unit), string(d)).Err(); err != nil {
		return fmt.Errorf("release %q of run %s: %w", unit, run, err)
	}
	return nil
}
