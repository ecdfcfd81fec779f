package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/id"
)

// attemptsAnEpoch is how many attempts a unit may have before those of the next epoch
// begin: a task of an earlier epoch is told by its number.
const attemptsAnEpoch = 1_000_000

// ErrReplaced: another enqueuer has continued the run since. What this one still says about
// it is refused.
var ErrReplaced = errors.New("another enqueuer has continued the run")

// OwnedError is what Open returns for a run whose owner is alive.
type OwnedError struct {
	Run   id.Run
	Heard time.Duration // ago
}

func (e *OwnedError) Error() string {
	return fmt.Sprintf("run %s belongs to another enqueuer, which was heard %s ago: follow it with `enqueue collect %s`, or choose another run ID",
		e.Run, e.Heard.Round(100*time.Millisecond), e.Run)
}

// Opening says how a run becomes this process's.
type Opening struct {
	Plan      Plan
	Owner     string // names the process, for people
	MustExist bool   // continue a run, and make none
	// Limit makes the run a detached one: the workers push its tasks, and end it when it has
	// taken that long. 0 for one that its owner looks after.
	Limit time.Duration
}

// Owner is what only the process may do whose run it is: add names, expect bytes, seal, and
// end what is not complete. It is the owner in one epoch; once another process has continued
// the run, each step fails with ErrReplaced. It is safe for concurrent use.
type Owner struct {
	// Header is the run as it was when it became this process's.
	Header Header
	// Continued says that the run was there before; Earlier reads its verdicts.
	Continued bool

	ledger  *Ledger
	run     id.Run
	expects batcher[expectRequest, expectReply]
	hands   batcher[listing, Answer]
}

// Open makes the run this process's: it makes it, or continues the one of the same ID under a
// new epoch, whatever its end was. It is an *OwnedError if another owner is alive, and wraps
// ErrGone if the run must exist and does not.
func (l *Ledger) Open(ctx context.Context, run id.Run, o Opening) (*Owner, error) {
	if err := run.Check(); err != nil {
		return nil, err
	}
	plan, err := json.Marshal(o.Plan)
	if err != nil {
		return nil, err
	}
	k, generation, must := keysOf(run), newToken(), 0
	if o.MustExist {
		must = 1
	}
	args := []any{generation, l.seconds(), l.timing.OwnerSilence.Milliseconds(), must, attemptsAnEpoch, o.Plan.format(), plan, string(o.Plan.Shared), o.Owner, o.Limit.Milliseconds(), newest}
	for _, kind := range o.Plan.Kinds {
		args = append(args, kind.Kind, string(kind.Shared))
	}
	word, detail, err := answer(openScript.Run(ctx, l.plain, k.all(), args...))
	switch {
	case err == nil && word == "format":
		err = fmt.Errorf("%w: its format is %q, this program reads 1 to %d", ErrFormat, detail, newest)
	case err == nil && word == "owned":
		ms, _ := strconv.ParseInt(detail, 10, 64)
		return nil, &OwnedError{run, time.Duration(ms) * time.Millisecond}
	}
	if err != nil {
		return nil, fmt.Errorf("open run %s: %w", run, err)
	}
	return l.own(ctx, run, generation, word == "continued")
}

// own reads a run that has just become this process's, and lists it among all runs.
func (l *Ledger) own(ctx context.Context, run id.Run, generation string, continued bool) (*Owner, error) {
	h, err := l.Header(ctx, run)
	if err == nil && h.Generation != generation {
		err = ErrReplaced // this process was paused for long
	}
	if err != nil {
		return nil, fmt.Errorf("open run %s: %w", run, err)
	}
	_, err = l.plain.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.ZAdd(ctx, runsKey, redis.Z{Score: float64(h.Started.UnixMilli()), Member: string(run)})
		p.Expire(ctx, runsKey, l.ttl)
		if key := detachedKey(h.Plan.Queue); !h.Deadline.IsZero() {
			p.ZAdd(ctx, key, redis.Z{Score: float64(h.Started.UnixMilli()), Member: string(run)})
			p.Expire(ctx, key, l.ttl) // perhaps no worker ever comes
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("open run %s: %w", run, err)
	}
	o := &Owner{Header: h, Continued: continued, ledger: l, run: run}
	o.expects.call, o.hands.call = o.expect, o.handOver
	return o, nil
}

// AddExpected records expected units. A unit that is recorded already stays as it is; a
// sealed run takes no new one.
func (o *Owner) AddExpected(ctx context.Context, names []id.Unit) error {
	return o.AddExpectedOf(ctx, "", names)
}

// AddExpectedOf is AddExpected of units of one kind, which is recorded as well: where kinds need
// commands, followers tell by it what a unit waits for that is not packed yet. "" records none.
func (o *Owner) AddExpectedOf(ctx context.Context, kind string, names []id.Unit) error {
	k := keysOf(o.run)
	return o.add(ctx, addExpectedScript, []string{k.run, k.expect, k.kinds}, names, kind)
}

// AddKnown records known units, the names of all folders in the fleet, for a run that
// does not expect all of them.
func (o *Owner) AddKnown(ctx context.Context, names []id.Unit) error {
	k := keysOf(o.run)
	return o.add(ctx, addKnownScript, []string{k.run, k.folders}, names)
}

func (o *Owner) add(ctx context.Context, s *redis.Script, keys []string, names []id.Unit, more ...any) error {
	for some := range slices.Chunk(names, scanStep) {
		args := make([]any, 0, len(some)+2+len(more))
		args = append(args, o.Header.Generation, o.ledger.seconds())
		args = append(args, more...)
		for _, n := range some {
			args = append(args, string(n))
		}
		if err := o.ledger.done(o.run, fmt.Sprintf("record %d names of", len(names)), s.Run(ctx, o.ledger.plain, keys, args...)); err != nil {
			return err
		}
	}
	return nil
}

// Seal records that all names are listed: total of them. Sealing again with the same
// total is no error, with another one it is ErrOtherTotal. ErrGone means that the run is
// not in Redis, or that Redis has lost names.
func (o *Owner) Seal(ctx context.Context, total int) error {
	return o.ledger.Reseal(ctx, o.Header, total)
}

// MarkAlive records that the owner is alive, and what else is true of it. It must be called
// about once a second.
func (o *Owner) MarkAlive(ctx context.Context, as ...Presence) error {
	return o.ledger.markAlive(ctx, o.run, o.Header.Generation, append(as, Owned))
}

// End closes the run with a result that is not complete: no attempt begins any more, and
// later verdicts are dropped. The result that comes first stands.
func (o *Owner) End(ctx context.Context, f Final) error {
	b, err := json.Marshal(f)
	if err != nil {
		return err
	}
	k := keysOf(o.run)
	return o.ledger.done(o.run, "end", endScript.Run(ctx, o.ledger.plain, []string{k.run, k.events, k.begun}, o.Header.Generation, b, o.ledger.seconds()))
}

// Leave says that this process does nothing more for the run.
func (o *Owner) Leave(ctx context.Context) error {
	return o.ledger.done(o.run, "leave", leaveScript.Run(ctx, o.ledger.plain, []string{keysOf(o.run).run}, o.Header.Generation))
}

// FirstAttempt is the number of the first attempt of every unit in this epoch.
func (h Header) FirstAttempt() int { return h.Base + 1 }

// Earlier calls each for the verdicts that the run had before it was continued, in their
// order.
func (o *Owner) Earlier(ctx context.Context, each func(Event)) error {
	key := keysOf(o.run).earlier
	for after := "-"; ; {
		page, err := o.ledger.plain.XRangeN(ctx, key, after, "+", readCount).Result()
		if err != nil {
			return fmt.Errorf("read the earlier verdicts of run %s: %w", o.run, err)
		}
		for _, m := range page {
			for _, e := range appendEvents(nil, m) {
				each(e)
			}
		}
		if len(page) < readCount {
			return nil
		}
		after = "(" + page[len(page)-1].ID
	}
}

// done is the error of a step: Redis's own, or what the script's answer means.
func (l *Ledger) done(run id.Run, verb string, cmd *redis.Cmd) error {
	word, detail, err := answer(cmd)
	if err == nil && word == "sealed" && detail != "" {
		err = fmt.Errorf("%w: %q is none of them", ErrSealed, detail)
	}
	if err != nil {
		return fmt.Errorf("%s run %s: %w", verb, run, err)
	}
	return nil
}
