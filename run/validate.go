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

// validate owns the goroutines: a lister, the jobs with as many that read for them, and
// this one, which counts.
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
	ready := make(chan packed, o.Jobs)
	wg.Go(func() { packAhead(inner, o.Jobs, s, b, ready) })
	for range o.Jobs {
		wg.Go(func() { checkPacked(inner, o, s, ready, c.tell) })
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

// packed is a service whose folder was read, or could not be.
type packed struct {
	service string
	files   bundle.Bundle
	err     error
}

// packAhead reads folders, so many at once, until the backlog is closed or ctx ends, and
// then closes ready. A job that read its own folder would leave its core idle meanwhile.
func packAhead(ctx context.Context, readers int, s opened, b *backlog, ready chan<- packed) {
	defer close(ready)
	var wg sync.WaitGroup
	defer wg.Wait()
	for range readers {
		wg.Go(func() {
			for j, ok := b.take(); ok; j, ok = b.take() {
				p := packed{service: j.service}
				p.files, p.err = s.Fleet.Pack(ctx, j.service)
				select {
				case ready <- p:
				case <-ctx.Done():
					return
				}
			}
		})
	}
}

func checkPacked(ctx context.Context, o ValidateOptions, s opened, ready <-chan packed, tell func(context.Context, any)) {
	for p := range ready {
		tell(ctx, decidedHere{v: decidePacked(ctx, s, p, o.ServiceTimeout)})
	}
}

func decidePacked(ctx context.Context, s opened, p packed, timeout time.Duration) verdict.Verdict {
	if p.err != nil {
		return unpackable(s, p.service, p.err)
	}
	return checkHere(ctx, s, p.service, p.files, timeout)
}

// checkNotEmpty refuses a run that verified nothing: it must not look like one
// that found no mistake.
func checkNotEmpty(total int, allowed bool, stopped string, c verdict.Checker) error {
	if total == 0 && !allowed && stopped == "" {
		return &UsageError{fmt.Sprintf("there are no services under %s/: pass --allow-empty if that is right", c.Layout().Units)}
	}
	return nil
}
