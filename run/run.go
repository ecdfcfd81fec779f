// Package run drives one run from the listing of units to their oks and errs.
//
//	lister ──names──▶ backlog ──▶ feeders ──task──▶ Redis ──verdict──▶ follower
//	   │                             │                                   │
//	   └──────────── all tell one consumer, which counts ◀───────────────┘
//
// Run drives a run over Redis, Collect follows one that somebody else started,
// Validate does without Redis. What decides the tasks is not its business: it sees of the
// workers what the ledger says of them.
package run

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
)

// OnUndecided is what a run does when verdicts stay away: no worker is alive,
// Redis does not answer, or the time is over.
type OnUndecided string

// The choices.
const (
	Wait        OnUndecided = "wait"  // until the deadline
	Fail        OnUndecided = "fail"  // end at once
	DecideLocal OnUndecided = "local" // decide the rest in this process
)

// Conn is the Redis of a run.
type Conn struct {
	Ledger *ledger.Ledger
	Client *tasks.Client
	// Close closes the connections, when Redis keeps an interrupted run waiting; nil for
	// nothing.
	Close  func()
	Timing Timing
}

// Limits bound a run.
type Limits struct {
	Timeout     time.Duration // of the run
	UnitTimeout time.Duration // of one check
	MaxErrs     int           // stop at so many errs; 0 for any number
}

// Options say how a run goes.
type Options struct {
	scope.Scope
	Conn
	Limits
	ID     id.Run // "" for a new one
	Queue  string
	Policy policy.Policy // judges what is found, at the end
	// Since says, once everything is decided, what stood before the change; nil for a run that is compared with
	// nothing. The run's owner waits for it, until ctx ends.
	Since       func(ctx context.Context) *policy.Since
	OnUndecided OnUndecided
	// Patience is how long verdicts may stay away before OnUndecided is acted upon; 0 is as
	// long as Timing bears with it. What is lacking is told before.
	Patience  time.Duration
	Detach    bool   // hand over all tasks and return
	Resume    bool   // the run ID must be there
	Supersede string // cancel the run before this one with the same key
	Sequence  int64  // of the run among those of that key; 0 for the order of their starts
	// Commit and Track are what others look for who ask which commit of a line of them was verified
	// last; "" for nothing of the kind.
	Commit, Track string
	AllowEmpty    bool
	NoWorkerHint  string // what to tell people when no worker serves the queue
	// Cache is what the run may use of decisions that are kept.
	Cache Cache
	// Changed says of a unit that it has changed, as far as the caller knows: it is verified before others.
	// It may be called from several goroutines at once; nil says so of none.
	Changed func(id.Unit) bool
	// RedisMemory reads how full Redis is; nil does not look.
	RedisMemory func(context.Context) (Memory, error)
	// Isolate verifies a unit that has killed a worker; nil does it here.
	Isolate Isolate
	// RedisLost waits until Redis has ended for good, as one does that lives for this run
	// alone, and says how; nil when ctx ends first. Without it Redis may always come back.
	RedisLost func(ctx context.Context) error
	Observe   func(Event)
	Log       *slog.Logger
}

// Isolate verifies a task in a process of its own, given the packed bundles. An error
// says why the unit could not be decided, and comes with the failed verdict if there is one.
type Isolate func(ctx context.Context, t tasks.Task, unit, shared []byte) (verdict.Verdict, error)

// superseded is the result of a run that a newer one has superseded before it began.
func superseded(r Result, fold *aggregator.Fold, p policy.Policy, newer id.Run) Result {
	fold.ListingIncomplete()
	r.judge(fold.Summary(nil), p)
	r.Stopped, r.Superseded = "superseded by run "+string(newer), true
	return r
}

// newFold is the fold of a run over a resolved scope.
func newFold(s scope.Resolved) *aggregator.Fold {
	return aggregator.New(aggregator.Options{Joins: s.Joins(), Checks: scope.ChecksOf(s.Kinds), Selections: scope.SelectionsOf(s.Kinds), Config: s.Findings(), Whole: s.Selection.Whole(), Path: s.Path})
}

// Run enqueues what is in scope and collects the verdicts. A run of the same ID is continued:
// what was decided about the same bytes by the same rules stands, and everything else is
// decided. It is a *scope.UsageError while another enqueuer has it. An error means that there
// is no result.
func Run(ctx context.Context, o Options) (Result, error) {
	o.Timing = cmp.Or(o.Timing, DefaultTiming())
	r, today := Result{ID: o.ID, Started: time.Now()}, o.Policy.Today
	s, err := o.Resolve(ctx)
	if err != nil {
		return r, err
	}
	r.Checks, r.Regions, r.Noun = s.CheckNames(), s.Regions, s.Fleet.Layout().Called()
	r.Rules, r.Shared = s.Rules(), scope.SharedOf(s.Kinds)
	fold := newFold(s)
	o.Policy = judging(o.Policy, s.Kinds, s.Regions, r.Started)
	if s.Invalid() {
		r.judge(fold.Summary(nil), o.Policy)
		return r, nil
	}
	if o.ID == "" {
		o.ID = id.NewRun(r.Started)
		r.ID = o.ID
	}
	owner, newer, err := start(ctx, o, s)
	if err != nil {
		return r, err
	}
	if newer != "" {
		return superseded(r, fold, o.Policy, newer), nil
	}
	r.Started = owner.Header.Started
	o.Policy.Today = cmp.Or(today, policy.Day(r.Started))
	earlier, err := readEarlier(ctx, o.Ledger, owner, o.Timing.Reissue.Silent)
	if err != nil {
		return r, err
	}
	inquire, err := inquirerOf(ctx, o, s)
	if err != nil {
		return r, err
	}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	return r, newEnqueuer(inner, o, s, owner, earlier, inquire, fold).run(ctx, inner, cancel, &r)
}
