package run

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
)

// FollowOptions say how somebody else's run is followed.
type FollowOptions struct {
	Ledger      *ledger.Ledger
	Client      *tasks.Client
	Checkers    []verdict.Checker
	Timeout     time.Duration
	OnUndecided OnUndecided // DecideLocal is Wait here: a follower has no folders
	MaxErrs     int         // stop following at so many errs; 0 for any number
	Strict      bool        // warnings count
	Abort       func()      // closes the connections, when Redis keeps an interrupted follower waiting
	NoWorker    string
	Observe     func(Event)
	Log         *slog.Logger
}

// Collect follows a run that another process started, to its end. It needs Redis
// alone. A run that Redis does not know is a *UsageError.
func Collect(ctx context.Context, id string, o FollowOptions) (Result, error) {
	header, err := o.Ledger.Header(ctx, id)
	switch {
	case errors.Is(err, ledger.ErrGone):
		return Result{}, notThere(id)
	case err != nil:
		return Result{}, err
	}
	checker := checkerOf(o.Checkers, header.Plan.Checker)
	if checker == nil {
		return Result{}, usagef("run %s is checked by %q, which this program does not have", id, header.Plan.Checker)
	}
	config, err := sharedFindings(ctx, o.Ledger, checker, header.Plan.Shared)
	if err != nil {
		return Result{}, err
	}
	fold := aggregator.New(aggregator.Options{Joins: checker.Joins(), Config: config, Whole: header.Plan.Whole, Strict: o.Strict})
	return collect(ctx, header, fold, o)
}

func checkerOf(all []verdict.Checker, name string) verdict.Checker {
	for _, c := range all {
		if c.Name() == name {
			return c
		}
	}
	return nil
}

// sharedFindings reads what the run's shared files have to say again.
func sharedFindings(ctx context.Context, l *ledger.Ledger, c verdict.Checker, digest string) ([]verdict.Finding, error) {
	packed, err := l.Bundle(ctx, digest)
	if err != nil {
		return nil, err
	}
	if packed == nil {
		return nil, errors.New("the run's shared files are no longer in Redis: its report cannot be made")
	}
	b, err := bundle.Unpack(packed, bundle.Digest(digest), fleet.SharedLimit)
	if err != nil {
		return nil, err
	}
	session, err := c.Open(b.FS())
	if err != nil {
		return nil, err
	}
	return session.Findings(), nil
}

// collect owns the goroutines of a follower.
func collect(ctx context.Context, header ledger.Header, fold *aggregator.Fold, o FollowOptions) (Result, error) {
	r := Result{ID: header.ID, Started: header.Started, Regions: header.Plan.Regions}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	suspicions := make(chan lost, maxHaste)
	c := newConsumer(fold, o.Log)
	c.lost, c.observe, c.noWorker, c.onUndecided, c.maxErrs = suspicions, o.Observe, o.NoWorker, o.OnUndecided, o.MaxErrs
	var once sync.Once
	sealed := func(ctx context.Context) {
		once.Do(func() { c.tell(ctx, named(ctx, header, o.Ledger, c.tell)) })
	}
	told := &recollection{}
	follow := &follower{id: header.ID, ledger: o.Ledger, told: told, tell: c.tell, log: o.Log, sealed: sealed}
	watch := &watcher{id: header.ID, generation: header.Generation, ledger: o.Ledger, queue: header.Plan.Queue,
		reminder: &reminder{id: header.ID, ledger: o.Ledger, told: told, log: o.Log}, sealed: sealed, tell: c.tell}
	lookAgain := &reissuer{id: header.ID, plan: header.Plan, ledger: o.Ledger, client: o.Client, lost: suspicions, tell: c.tell, log: o.Log}
	var wg sync.WaitGroup
	wg.Go(func() { follow.run(inner) })
	wg.Go(func() { watch.run(inner) })
	wg.Go(func() { lookAgain.run(inner) })
	defer await(&wg, &r)
	err := c.run(ctx, o.Timeout)
	cancel()
	r.Interrupted = ctx.Err() != nil
	if err != nil {
		return r, err
	}
	c.finished(&r)
	if header.State == ledger.Closed {
		r.Finished = header.EndedAt
		return r, nil
	}
	closeComplete(ctx, header.ID, o, &r)
	return r, nil
}

// closeComplete ends a run whose enqueuer may not be there to do it.
func closeComplete(ctx context.Context, id string, o FollowOptions, r *Result) {
	timeout := finishTimeout
	if r.Interrupted {
		timeout = hurriedTimeout
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer cancel()
	var err error
	if n := r.Summary.Counts; r.Summary.Complete {
		err = o.Ledger.Close(ctx, id, ledger.Final{OK: n.OK, Errs: n.Expected - n.OK, Complete: true})
	} else {
		_, err = o.Ledger.Header(ctx, id)
	}
	if err != nil {
		o.Log.Warn("the end of the run could not be written to Redis", "run", id, "err", err)
		desert(r, o.Abort)
	}
}

// named tells the names that the run's enqueuer recorded and which of them have
// tasks, and returns what ends the listing.
func named(ctx context.Context, header ledger.Header, l *ledger.Ledger, tell func(context.Context, any)) any {
	seen := map[string]bool{}
	err := patiently(ctx, func(ctx context.Context) error {
		attempts, err := l.Attempts(ctx, header.ID)
		if err != nil {
			return err
		}
		return l.EachExpected(ctx, header.ID, func(service, digest string) {
			if seen[service] {
				return
			}
			seen[service] = true
			tell(ctx, listed{[]string{service}, []string{service}})
			if digest != "" {
				tell(ctx, pending{service, max(attempts[service], 1)})
			}
		})
	}, func(err error) { tell(ctx, trouble{err}) })
	if err == nil && !header.Plan.Whole {
		err = patiently(ctx, func(ctx context.Context) error {
			return l.EachKnown(ctx, header.ID, func(name string) { tell(ctx, listed{nil, []string{name}}) })
		}, func(err error) { tell(ctx, trouble{err}) })
	}
	if err != nil {
		return broken{err}
	}
	now, err := l.Header(ctx, header.ID)
	return listingEnded{len(seen), err == nil && now.Total >= 0}
}
