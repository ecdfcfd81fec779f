package run

import (
	"context"
	"log/slog"
	"time"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// Result is how a run ended.
type Result struct {
	ID       id.Run // "" for Validate
	Started  time.Time
	Finished time.Time
	Checks   []string   // their names
	Regions  []string   // selected, resolved
	Noun     fleet.Noun // what the units are called
	// Shared are the files that units share, of each kind, as they were checked.
	Shared []bundle.Bundle
	// Rules are those that the configuration makes, beside the checks' own.
	Rules []verdict.Rule
	policy.Outcome

	// Stopped says why the run ended before everything was decided, "" if it did not.
	Stopped string
	// Stood is the number of units whose verdict was given before the run was continued, by
	// the same rules about the same bytes, and StoodFrom when the run had started then.
	Stood     int
	StoodFrom time.Time
	// Cached counts the units whose verdicts were made before the run and kept.
	Cached Cached
	// Reverified is how what was known stood its test, nil for a run that made none.
	Reverified *Reverified
	// DecidedHere lists the units that this process decided itself, sorted.
	DecidedHere []id.Unit

	// redisAbandoned is set when an interrupted run could not reach Redis any more.
	redisAbandoned bool
}

// judge puts down at the end what a fold found, as a policy judges it: the report, the exit
// code and the counts in Redis are made of that.
func (r *Result) judge(found aggregator.Summary, p policy.Policy) {
	r.Summary, r.Finished = p.Take(found), time.Now()
}

// lastWords says to Redis how a run ended, in bounded time. It gives up a Redis that keeps
// an interrupted run waiting.
func lastWords(ctx context.Context, conn Conn, r *Result, log *slog.Logger, say func(context.Context) error) {
	timeout := conn.Timing.Finish
	if r.Interrupted {
		timeout = conn.Timing.Hurried
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer cancel()
	err := say(ctx)
	if err == nil {
		return
	}
	log.Warn("the end of the run could not be written to Redis", "run", r.ID, "err", err)
	r.redisAbandoned = r.Interrupted
	if conn.Close != nil {
		conn.Close()
	}
}

// Progress is how far a run is.
type Progress struct {
	Listed, Pushed, Decided, Errs int
	Total                         int        // -1 while the listing goes on
	Commands                      int        // listed units without a verdict that wait for commands, beside others that wait for none
	Noun                          fleet.Noun // what the units are called
}

// EventKind is what an observer is told.
type EventKind string

// The events of a run, in the order in which its one consumer sees them.
const (
	Listed       EventKind = "listed"        // Unit
	ListingEnded EventKind = "listing ended" //
	Pushed       EventKind = "pushed"        // Unit
	Decided      EventKind = "decided"       // Unit
	Waiting      EventKind = "waiting"       // nothing new; told a few times a second
)

// Event is one step of a run. Observers are called by one goroutine and should
// return at once.
type Event struct {
	Kind     EventKind
	Run      id.Run // "" for Validate
	Unit     id.Unit
	Verdict  verdict.Verdict // of the unit that is Decided, as its checks have it; empty otherwise
	Progress Progress
}
