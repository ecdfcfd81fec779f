package ledger

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/id"
)

// LaneUnits count the units of a run whose tasks wait in one lane.
type LaneUnits struct {
	Expected int // that are recorded so far
	Decided  int // that have a verdict
}

// Undecided are those that still need a verdict.
func (u LaneUnits) Undecided() int { return max(0, u.Expected-u.Decided) }

// ByLane counts the units of a run by the lanes of its plan. The lanes of commands are counted by
// kinds, and the rest is the queue's own: units whose kind is not known, and those of programs of
// the version before, which count no kinds and know no commands.
func (h Header) ByLane() map[string]LaneUnits {
	all := map[string]LaneUnits{}
	rest := LaneUnits{h.Listed, h.Decided}
	for _, k := range h.Plan.All() {
		lane := id.Lane(h.Plan.Queue, id.Needs(k.Checks))
		u := all[lane]
		if lane != h.Plan.Queue {
			is := LaneUnits{h.ExpectedOf[k.Kind], h.DecidedOf[k.Kind]}
			if k.Kind == "" { // the only one
				is = rest
			}
			u = LaneUnits{u.Expected + is.Expected, u.Decided + is.Decided}
			rest = LaneUnits{rest.Expected - is.Expected, rest.Decided - is.Decided}
		}
		all[lane] = u
	}
	if rest = (LaneUnits{max(0, rest.Expected), max(0, rest.Decided)}); rest != (LaneUnits{}) {
		all[h.Plan.Queue] = rest
	}
	return all
}

// Care is who looks after a run that has not ended.
type Care string

// What care a run has. One without it stays as it is until somebody continues, collects or cancels
// it, or until a worker finds that it is to end: more workers decide nothing of it.
const (
	CaredFor       Care = "attended"
	CareAbandoned  Care = "abandoned"  // see Header.Abandoned
	CareUnfollowed Care = "unfollowed" // nobody waits for its verdicts: a worker that gets a task of it cancels it
	CareOverdue    Care = "overdue"    // its deadline is over: a worker that serves its queue ends it
)

// care says who looks after a run that has not ended.
func (h Header) care(t Timing) Care {
	switch detached := !h.Deadline.IsZero(); {
	case h.Abandoned:
		return CareAbandoned
	case detached && h.Now.After(h.Deadline):
		return CareOverdue
	case !detached && !h.Detached && h.Now.Sub(h.Followed) > t.OrphanAfter+t.OrphanGrace:
		return CareUnfollowed
	}
	return CaredFor
}

// OpenRun is a run that has not ended.
type OpenRun struct {
	Header
	Care Care
}

// OpenRuns reads the runs that have not ended, again and again. It remembers which ones have, so
// that a look costs little beside thousands of those. It is for one goroutine at a time.
type OpenRuns struct {
	ledger *Ledger
	ended  map[id.Run]endedRun
}

// endedRun is a run that was seen to have ended.
type endedRun struct {
	start float64   // in the list of all runs; one that was continued has a later one
	seen  time.Time // by this machine's clock
}

// endedFor is for how long a run that has ended is not looked at again. Who continues a run lists
// it with its new start, a moment after it has opened it; should that be lost, this heals it.
const endedFor = 10 * time.Minute

// runsAtOnce bounds a pipeline about runs, so that others need not wait for long.
const runsAtOnce = 500

// OpenRuns makes one that knows nothing yet.
func (l *Ledger) OpenRuns() *OpenRuns { return &OpenRuns{ledger: l, ended: map[id.Run]endedRun{}} }

// Read returns the runs that have not ended, without those of another format. It
// writes nothing.
func (o *OpenRuns) Read(ctx context.Context) ([]OpenRun, error) {
	open, err := o.find(ctx)
	if err != nil {
		return nil, fmt.Errorf("look which runs are open: %w", err)
	}
	var all []OpenRun
	for some := range slices.Chunk(open, runsAtOnce) {
		hs, errs, err := o.ledger.headers(ctx, some)
		if err != nil {
			return nil, fmt.Errorf("read the open runs: %w", err)
		}
		for i, h := range hs {
			if errs[i] == nil && !h.Ended() {
				all = append(all, OpenRun{h, h.care(o.ledger.timing)})
			}
		}
	}
	return all, nil
}

// find lists the runs that are not known to have ended, and forgets those that are gone.
func (o *OpenRuns) find(ctx context.Context) ([]id.Run, error) {
	listed, err := o.ledger.plain.ZRevRangeWithScores(ctx, runsKey, 0, -1).Result()
	if err != nil {
		return nil, err
	}
	now, known, ended := time.Now(), map[id.Run]endedRun{}, o.ended
	var open []id.Run
	for some := range slices.Chunk(listed, runsAtOnce) {
		var fresh []redis.Z
		for _, z := range some {
			run := id.Run(z.Member.(string))
			if e, ok := ended[run]; ok && e.start == z.Score && now.Sub(e.seen) < endedFor {
				known[run] = e
				continue
			}
			fresh = append(fresh, z)
		}
		states, err := o.states(ctx, fresh)
		if err != nil {
			return nil, err
		}
		for i, z := range fresh {
			run := id.Run(z.Member.(string))
			switch state := State(states[i].Val()); state {
			case Open, Sealed:
				open = append(open, run)
			default: // or gone, which somebody who may write takes out of the list
				known[run] = endedRun{z.Score, now}
			}
		}
	}
	o.ended = known
	return open, nil
}

// states reads the states of runs in one round trip; "" for one that is gone.
func (o *OpenRuns) states(ctx context.Context, runs []redis.Z) ([]*redis.StringCmd, error) {
	if len(runs) == 0 {
		return nil, nil
	}
	all := make([]*redis.StringCmd, len(runs))
	_, err := o.ledger.plain.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, z := range runs {
			all[i] = p.HGet(ctx, keysOf(id.Run(z.Member.(string))).run, "state")
		}
		return nil
	})
	for _, cmd := range all {
		if err := cmd.Err(); err != nil && err != redis.Nil {
			return nil, err
		}
	}
	if err == redis.Nil {
		err = nil
	}
	return all, err
}
