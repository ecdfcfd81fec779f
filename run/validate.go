package run

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/verdict"
)

// ValidateOptions say how a scope is verified in this process.
type ValidateOptions struct {
	Scope
	Jobs           int // services at once
	Timeout        time.Duration
	ServiceTimeout time.Duration
	MaxErrs        int  // stop at so many errs; 0 for any number
	Strict         bool // warnings count
	AllowEmpty     bool
	Observe        func(Event)
	Log            *slog.Logger
}

// Validate verifies what is in scope in this process, in parallel and without a
// queue, and gives the result that Run would.
func Validate(ctx context.Context, o ValidateOptions) (Result, error) {
	r := Result{Started: time.Now()}
	s, err := o.open(ctx)
	if err != nil {
		return r, err
	}
	r.Regions = s.regions
	fold := aggregator.New(aggregator.Options{Joins: o.Checker.Joins(), Config: s.session.Findings(), Whole: s.whole(), Strict: o.Strict})
	if s.broken() {
		r.Finished, r.Summary = time.Now(), fold.Summary(nil)
		return r, nil
	}
	return r, validate(ctx, o, s, fold, &r)
}

// validate owns the goroutines: a lister, the jobs, and this one, which counts.
func validate(ctx context.Context, o ValidateOptions, s opened, fold *aggregator.Fold, r *Result) error {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	b := newBacklog(listAhead, 0)
	defer context.AfterFunc(inner, b.close)()
	c := newConsumer(fold, o.Log)
	c.name, c.backlog, c.observe, c.maxErrs, c.caughtUp = s.name, b, o.Observe, o.MaxErrs, true
	list := &lister{fleet: s.Fleet, chosen: s.chosen(), backlog: b, tell: c.tell,
		record: func(context.Context, []string, []string) error { return nil },
		seal:   func(context.Context, int) error { return nil }}
	var wg sync.WaitGroup
	wg.Go(func() { listAll(inner, list, c) })
	for range o.Jobs {
		wg.Go(func() { validateJobs(inner, o, s, b, c.tell) })
	}
	err := c.run(ctx, o.Timeout)
	cancel()
	wg.Wait()
	r.Interrupted = ctx.Err() != nil
	if err != nil {
		return err
	}
	listRest(ctx, s, c)
	c.finished(r)
	r.Here = nil
	return checkNotEmpty(c.total, o.AllowEmpty, r.Stopped, s.Checker)
}

func validateJobs(ctx context.Context, o ValidateOptions, s opened, b *backlog, tell func(context.Context, any)) {
	for j, ok := b.take(); ok; j, ok = b.take() {
		tell(ctx, decidedHere{packAndCheck(ctx, s, j.service, o.ServiceTimeout)})
	}
}

func packAndCheck(ctx context.Context, s opened, service string, timeout time.Duration) verdict.Verdict {
	var files bundle.Bundle
	files, err := s.Fleet.Pack(ctx, service)
	if err != nil {
		return unpackable(s, service, err)
	}
	return checkHere(ctx, s, service, files, timeout)
}

// checkNotEmpty refuses a run that verified nothing: it must not look like one
// that found no mistake.
func checkNotEmpty(total int, allowed bool, stopped string, c verdict.Checker) error {
	if total == 0 && !allowed && stopped == "" {
		return &UsageError{fmt.Sprintf("there are no services under %s/: pass --allow-empty if that is right", c.Layout().Units)}
	}
	return nil
}
