package run

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
)

// sharedLimit bounds the raw size of a run's shared files.
const sharedLimit = 64 << 20

// FollowOptions say how somebody else's run is followed.
type FollowOptions struct {
	Ledger      *ledger.Ledger
	Client      *tasks.Client
	Checkers    []verdict.Checker
	Timeout     time.Duration
	OnUndecided OnUndecided // DecideLocal is Wait here: a follower has no folders
	FailFast    bool
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
		return Result{}, usagef("run %s is not in Redis: `enqueue runs` lists those that are", id)
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
	fold := aggregator.New(aggregator.Options{Joins: checker.Joins(), Config: config, Whole: header.Plan.Whole})
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
	b, err := bundle.Unpack(packed, bundle.Digest(digest), sharedLimit)
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
	c := &consumer{inbox: make(chan any, 1024), fold: fold, observe: o.Observe, log: o.Log, onUndecided: o.OnUndecided,
		failFast: o.FailFast, noWorker: o.NoWorker, total: -1,
		inWindow: map[string]int{}, hopeless: map[string]string{}}
	var once sync.Once
	follow := &follower{id: header.ID, ledger: o.Ledger, tell: c.tell, log: o.Log, sealed: func(ctx context.Context) {
		once.Do(func() { c.tell(ctx, named(ctx, header, o.Ledger, c.tell)) })
	}}
	watch := &watcher{id: header.ID, generation: header.Generation, ledger: o.Ledger, client: o.Client, queue: header.Plan.Queue, tell: c.tell}
	var wg sync.WaitGroup
	wg.Go(func() { follow.run(inner) })
	wg.Go(func() { watch.run(inner) })
	defer wg.Wait()
	err := c.run(ctx, o.Timeout)
	cancel()
	r.Interrupted = ctx.Err() != nil
	if err != nil {
		return r, err
	}
	c.finished(&r)
	if header.State == ledger.Closed {
		r.Finished = header.Ended
	}
	if r.Summary.Complete && header.State != ledger.Closed {
		n := r.Summary.Counts
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishTimeout)
		defer cancel()
		if err := o.Ledger.Close(ctx, header.ID, ledger.Final{OK: n.OK, Errs: n.Expected - n.OK, Complete: true}); err != nil {
			o.Log.Warn("the end of the run could not be written to Redis", "run", header.ID, "err", err)
		}
	}
	return r, nil
}

// named tells the names that the run's enqueuer recorded, and returns what ends
// the listing.
func named(ctx context.Context, header ledger.Header, l *ledger.Ledger, tell func(context.Context, any)) any {
	seen := map[string]bool{}
	err := patiently(ctx, func(ctx context.Context) error {
		return l.Services(ctx, header.ID, func(service, _ string) {
			if !seen[service] {
				seen[service] = true
				tell(ctx, listed{[]string{service}, []string{service}})
			}
		})
	}, func(err error) { tell(ctx, trouble{err}) })
	if err == nil && !header.Plan.Whole {
		err = patiently(ctx, func(ctx context.Context) error {
			return l.FolderNames(ctx, header.ID, func(name string) { tell(ctx, listed{nil, []string{name}}) })
		}, func(err error) { tell(ctx, trouble{err}) })
	}
	if err != nil {
		return broken{err}
	}
	return listingEnded{len(seen)}
}
