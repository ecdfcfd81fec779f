package run

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/acl"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/reissue"
	"github.com/seed306eabeb/muster/scope"
)

// CollectOptions say how somebody else's run is followed.
type CollectOptions struct {
	Conn
	Limits
	Policy       policy.Policy // judges what is found, at the end
	Kinds        check.Kinds
	OnUndecided  OnUndecided   // DecideLocal is Wait here: a follower has no folders
	Patience     time.Duration // as in Options
	NoWorkerHint string
	Observe      func(Event)
	Log          *slog.Logger
	// Cache is where verdicts of the run may be kept: its Store, and its Domains if it is not to trust
	// others.
	Cache Cache
	// readOnly is set for a Redis user that may not write: attempts that are lost, and the
	// run's end, are left to other followers.
	readOnly bool
}

// Collect follows a run that another process started, to its end. It needs Redis
// alone. A run that Redis does not know is a *scope.UsageError.
func Collect(ctx context.Context, run id.Run, o CollectOptions) (Result, error) {
	o.Timing = cmp.Or(o.Timing, DefaultTiming())
	server, err := o.Ledger.Server(ctx) // before the run is read, which another one may know differently
	if err != nil {
		return Result{}, err
	}
	header, err := o.Ledger.Header(ctx, run)
	switch {
	case errors.Is(err, ledger.ErrGone):
		return Result{}, notThere(run)
	case err != nil:
		return Result{}, err
	}
	kinds, err := openShared(ctx, header, o)
	if err != nil {
		return Result{}, err
	}
	p, err := travelled(ctx, o.Ledger, header, o.Policy)
	if err != nil {
		return Result{}, err
	}
	o.Policy = judging(p, kinds, header.Plan.Regions, header.Started)
	if acl.Denied(o.Ledger.MarkFollowed(ctx, run)) != nil {
		o.readOnly = true
		o.Log.Info("this Redis user may only read: "+fleet.CalledIn(header.Plan.Units).Many+" that are lost are left to other followers", "run", run)
	}
	fold := aggregator.New(aggregator.Options{Joins: scope.JoinsOf(kinds), Checks: scope.ChecksOf(kinds), Selections: scope.SelectionsOf(kinds), Config: scope.FindingsOf(kinds), Whole: header.Plan.Whole, Path: header.Plan.Path})
	r, err := follow(ctx, header, server, kinds, fold, o)
	r.Shared, r.Rules = scope.SharedOf(kinds), scope.RulesOf(kinds)
	return r, err
}

// openShared opens the run's checks on its shared files again: they say which fleet rules
// there are, and what is wrong with the files themselves.
func openShared(ctx context.Context, header ledger.Header, o CollectOptions) (all []scope.Kind, err error) {
	for _, k := range header.Plan.All() {
		checks, err := o.Kinds.All(k.Checks)
		if err != nil {
			return nil, scope.Usagef("follow run %s: %v", header.ID, err)
		}
		packed, err := o.Ledger.Bundle(ctx, k.Shared)
		if err != nil {
			return nil, err
		}
		if packed == nil {
			return nil, errors.New("the run's shared files are no longer in Redis: its report cannot be made")
		}
		kind, err := scope.Unpack(k.Kind, checks, k.Shared, packed)
		if err != nil {
			return nil, err
		}
		all = append(all, kind)
	}
	return all, nil
}

// follow owns the goroutines of a follower.
func follow(ctx context.Context, header ledger.Header, server string, kinds []scope.Kind, fold *aggregator.Fold, o CollectOptions) (Result, error) {
	r := Result{ID: header.ID, Started: header.Started, Checks: header.Plan.Names(), Regions: header.Plan.Regions, Noun: fleet.CalledIn(header.Plan.Units)}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	lost := make(chan reissue.Attempt, maxLost)
	c := newConsumer(consumerOptions{runID: header.ID, fold: fold, noun: r.Noun, lanes: header.Plan.Lanes(), lost: lost, onUndecided: o.OnUndecided, patience: o.Patience, maxErrs: o.MaxErrs,
		noWorker: o.NoWorkerHint, observe: o.Observe, log: o.Log, timing: o.Timing})
	var once sync.Once
	h := newHistory(header, o.Conn, c, lost, func(ctx context.Context) {
		once.Do(func() { c.tell(ctx, replayNames(ctx, header, o.Ledger, c.tell)) })
	})
	h.watch.losses.server = server
	h.follow.kept = newKeptReader(header, o.Cache, kinds, o.Timing.Cache)
	if o.readOnly {
		c.lost, h.watch.readOnly, h.restore.readOnly = nil, true, true
	}
	var wg sync.WaitGroup
	wg.Go(func() { h.follow.follow(inner) })
	wg.Go(func() { h.watch.watch(inner) })
	if !o.readOnly {
		wg.Go(func() { h.watchAttempts(inner) })
	}
	defer await(&wg, &r, o.Timing)
	err := c.run(ctx, o.Timeout)
	cancel()
	r.Interrupted = ctx.Err() != nil
	if err != nil {
		return r, err
	}
	if !c.tally.listingComplete {
		c.replayListing(ctx, header, o)
	}
	c.result(&r, o.Policy)
	switch {
	case header.State == ledger.Closed:
		r.Finished = header.EndedAt
	case !o.readOnly:
		lastWords(ctx, o.Conn, &r, o.Log, func(ctx context.Context) error { return noteComplete(ctx, o.Ledger, header, &r) })
	}
	return r, nil
}

// replayListing takes the names that are recorded so far: a follower that gives up early says
// of how many units it knows.
func (c *consumer) replayListing(ctx context.Context, header ledger.Header, o CollectOptions) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.Timing.Hurried)
	defer cancel()
	tell := func(_ context.Context, m message) { m.apply(c) }
	if err := replayExpected(ctx, header, o.Ledger, map[id.Unit]bool{}, tell); err != nil {
		c.log.Warn("the "+c.noun.Many+" that are listed so far cannot be read", "err", err)
	}
}

// noteComplete notes that a run is complete, whose owner may not be there to do it, and makes
// sure that Redis answers for another one.
func noteComplete(ctx context.Context, l *ledger.Ledger, header ledger.Header, r *Result) error {
	if n := r.Summary.Counts; r.Summary.Complete {
		_, err := l.Complete(ctx, header, ledger.Final{OK: n.OK, Errs: n.Expected - n.OK, Complete: true})
		return err
	}
	_, err := l.Header(ctx, r.ID)
	return err
}

// replayNames tells the names that the run's enqueuer recorded and which of them have
// tasks, and returns what ends the listing. Names and header are read one after the other:
// they belong together if the run was not continued in between and the names are as many as
// were sealed.
func replayNames(ctx context.Context, header ledger.Header, l *ledger.Ledger, tell func(context.Context, message)) message {
	report := func(err error) { tell(ctx, redisFails{err}) }
	seen := map[id.Unit]bool{}
	err := ledger.Retry(ctx, func(ctx context.Context) error { return replayExpected(ctx, header, l, seen, tell) }, report)
	if err == nil && !header.Plan.Whole {
		err = ledger.Retry(ctx, func(ctx context.Context) error {
			return l.EachKnown(ctx, header.ID, func(name id.Unit) { tell(ctx, listed{known: []id.Unit{name}}) })
		}, report)
	}
	if err != nil {
		return broken{err}
	}
	now, err := l.Header(ctx, header.ID)
	if err == nil && now.Generation != header.Generation {
		return stop{why: continuedElsewhere(header.ID)}
	}
	return listingEnded{len(seen), err == nil && now.Total == len(seen)}
}

// replayExpected tells the units that are expected and not seen yet.
func replayExpected(ctx context.Context, h ledger.Header, l *ledger.Ledger, seen map[id.Unit]bool, tell func(context.Context, message)) error {
	attempts, err := l.Attempts(ctx, h.ID)
	if err != nil {
		return err
	}
	lane, err := replayLanes(ctx, h, l)
	if err != nil {
		return err
	}
	return l.EachExpected(ctx, h.ID, func(unit id.Unit, digest id.Digest) {
		if seen[unit] {
			return
		}
		seen[unit] = true
		tell(ctx, listed{[]id.Unit{unit}, []id.Unit{unit}, lane})
		if digest != "" {
			tell(ctx, inRedis{Unit: unit, Number: max(attempts[unit], h.FirstAttempt())})
		}
	})
}

// replayLanes reads which units wait in which lanes of a run, nil where all wait in one.
func replayLanes(ctx context.Context, h ledger.Header, l *ledger.Ledger) (func(id.Unit) int, error) {
	names := h.Plan.Lanes()
	if len(names) < 2 {
		return nil, nil
	}
	lanes := map[id.Unit]int{}
	err := l.EachKind(ctx, h.ID, func(unit id.Unit, kind string) {
		lanes[unit] = max(0, slices.Index(names, h.Plan.Lane(kind))) // a kind that the plan does not have waits nowhere else
	})
	return func(unit id.Unit) int { return lanes[unit] }, err
}
