package ledger

import (
	"cmp"
	"context"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/id"
)

// ChangedError is the error of Expect for a unit that the run expects with another
// digest: the folder has changed since the run began.
type ChangedError struct {
	Run     id.Run
	Unit    id.Unit
	Was, Is id.Digest
}

func (e *ChangedError) Error() string {
	return fmt.Sprintf("run %s expects unit %q with digest %s, and what lies there now has %s: start a new run", e.Run, e.Unit, e.Was.Short(), e.Is.Short())
}

// Expectation is how a run expects a unit.
type Expectation struct {
	Answer  Answer // Expected, Decided or Ended
	Attempt int    // that the unit is in, if the answer is Expected
	Held    bool   // the bundle is in Redis, and kept for TTL
}

// expectRequest is a unit with its digest and its kind.
type expectRequest struct {
	unit   id.Unit
	digest id.Digest
	kind   string
}

// expectReply is Redis's reply about one unit: the script's word and detail, and whether
// the bundle is there.
type expectReply struct {
	answer Answer
	detail string
	held   bool
}

// Expect records the digest of a listed unit and its kind, "" where the plan has none, says which attempt the unit is in, and asks
// for the bundle. It must be called before the unit's task is pushed, and a bundle that
// is not held must be put in between. Those who ask at about the same time share a round
// trip.
func (o *Owner) Expect(ctx context.Context, unit id.Unit, digest id.Digest, kind string) (Expectation, error) {
	reply, err := o.expects.do(ctx, expectRequest{unit, digest, kind})
	if err != nil {
		return Expectation{}, fmt.Errorf("expect %q in run %s: %w", unit, o.run, err)
	}
	return reply.read(o.run, unit, digest)
}

func (o *Owner) expect(ctx context.Context, units []expectRequest) ([]expectReply, error) {
	l, k := o.ledger, keysOf(o.run)
	keys := []string{k.run, k.expect, k.decided, k.attempts, k.kinds}
	args := make([]any, 2, 2+3*len(units))
	args[0], args[1] = o.Header.Generation, l.seconds()
	for _, u := range units {
		args = append(args, string(u.unit), string(u.digest), u.kind)
	}
	var script *redis.Cmd
	kept := make([]*redis.BoolCmd, len(units))
	// Each command has its own error.
	_, _ = l.bulk.Pipelined(ctx, func(p redis.Pipeliner) error {
		script = expectScript.EvalSha(ctx, p, keys, args...)
		for i, u := range units {
			kept[i] = p.Expire(ctx, bundleKey(u.digest), l.ttl)
		}
		return nil
	})
	words, err := answers(orEval(ctx, l.bulk, script, expectScript, keys, args...), 2*len(units))
	if err != nil {
		return nil, err
	}
	replies := make([]expectReply, len(units))
	for i := range replies {
		held, err := kept[i].Result()
		if err != nil {
			return nil, fmt.Errorf("ask for bundle %s: %w", units[i].digest.Short(), err)
		}
		replies[i] = expectReply{Answer(words[2*i]), words[2*i+1], held}
	}
	return replies, nil
}

// read turns a reply into an Expectation, or into the error that it stands for.
func (e expectReply) read(run id.Run, unit id.Unit, digest id.Digest) (Expectation, error) {
	switch e.answer {
	case Expected:
		attempt, err := strconv.Atoi(e.detail)
		return Expectation{Expected, attempt, e.held}, err
	case Decided, Ended:
		return Expectation{Answer: e.answer, Held: e.held}, nil
	case "changed":
		return Expectation{}, &ChangedError{run, unit, id.Digest(e.detail), digest}
	case "unlisted":
		return Expectation{}, fmt.Errorf("expect %q in run %s: its name was not recorded: %w", unit, run, ErrGone)
	}
	return Expectation{}, fmt.Errorf("expect %q in run %s: %w", unit, run, cmp.Or(e.answer.refusal(), ErrGone))
}
