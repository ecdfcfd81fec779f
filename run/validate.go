package run

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/verdict"
)

// ValidateOptions say how a scope is verified in this process.
type ValidateOptions struct {
	scope.Scope
	Limits
	Policy policy.Policy // judges what is found, at the end
	// Since says, once everything is decided, what stood before the change; nil for nothing to compare with.
	Since      func(ctx context.Context) *policy.Since
	Jobs       int                // units at once
	Cache      Cache              // what may stand without being decided again; Life means nothing here
	Changed    func(id.Unit) bool // as in Options
	AllowEmpty bool
	Observe    func(Event)
	Log        *slog.Logger
}

// readAhead is how many units may have been read to be looked up and wait to be decided. What is live while garbage
// is collected costs more than it is worth to be further ahead of the cores.
const readAhead = 256

// Validate verifies what is in scope in this process, in parallel and without a
// queue, and gives the result that Run would.
func Validate(ctx context.Context, o ValidateOptions) (Result, error) {
	r := Result{Started: time.Now()}
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
	return r, validate(ctx, o, s, fold, &r)
}

// validate owns the goroutines: a lister, the jobs with as many that read for them, and
// this one, which counts.
func validate(ctx context.Context, o ValidateOptions, s scope.Resolved, fold *aggregator.Fold, r *Result) error {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	l := lanesOf(ledger.Plan{Kinds: kindPlans(s)}, s)
	b := newBacklog(listAhead, 0, l.names...)
	b.read = readAhead
	for i := range l.names {
		b.resize(i, min(o.Jobs, atOnceHere(l.names, i)))
	}
	defer context.AfterFunc(inner, b.close)()
	reverify := newReverifier(o.Cache, string(id.NewRun(r.Started)), s.Process, 0, o.Log)
	c := newConsumer(consumerOptions{process: s.Process, fold: fold, noun: r.Noun, lanes: l.names, backlog: b, maxErrs: o.MaxErrs, caughtUp: true, observe: o.Observe, reverify: reverify, log: o.Log})
	known := newLocalCache(inner, o.Cache, s, o.UnitTimeout, o.Log)
	inquire := known.inquirer(o.Log, b, l.lane, c.tell, reverify)
	if inquire != nil {
		inquire.changed = o.Changed
	}
	list := &lister{changed: o.Changed, source: s.Fleet, selection: s.Selection, lane: l.lane, backlog: b, inquire: inquire, tell: c.tell,
		record: func(context.Context, []id.Unit, []id.Unit) error { return nil },
		seal:   func(context.Context, int) error { return nil }}
	var wg sync.WaitGroup
	wg.Go(func() { list.run(inner) })
	if inquire != nil {
		wg.Go(func() { inquire.run(inner) })
	}
	ready := make(chan packed, o.Jobs)
	wg.Go(func() { packAhead(inner, o.Jobs, s, b, ready) })
	for range o.Jobs {
		wg.Go(func() { checkPacked(inner, o, s, known, ready, c.tell) })
	}
	err := c.run(ctx, o.Timeout)
	cancel()
	wg.Wait()
	r.Interrupted = ctx.Err() != nil
	if err != nil {
		return err
	}
	c.finishListing(s.Fleet.Units(context.WithoutCancel(ctx)), s.Selection.Has)
	if o.Since != nil {
		o.Policy.Since = o.Since(ctx)
		r.Interrupted = ctx.Err() != nil
	}
	c.result(r, o.Policy)
	r.DecidedHere = nil
	return checkNotEmpty(c.tally.total, o.AllowEmpty, r.Stopped, s.Fleet.Layout())
}

// packed is a unit whose folder was read, or could not be.
type packed struct {
	unit  id.Unit
	kind  int // of the layout
	files bundle.Bundle
	err   error
	named bool // it is read because it may have names that lead nowhere yet, not because it has none
	apart bool // as the job's
}

// packAhead reads folders, so many at once, until the backlog is closed or ctx ends, and
// then closes ready. A job that read its own folder would leave its core idle meanwhile.
func packAhead(ctx context.Context, readers int, s scope.Resolved, b *backlog, ready chan<- packed) {
	defer close(ready)
	var wg sync.WaitGroup
	defer wg.Wait()
	for range readers {
		wg.Go(func() {
			for j, ok := b.take(); ok; j, ok = b.take() {
				p := packed{unit: j.unit, apart: j.apart, named: j.packed == nil && !j.recalled}
				if j.packed != nil {
					p.files, p.kind = j.packed.files, j.packed.kind
				} else {
					p.files, p.kind, p.err = s.Fleet.Unit(ctx, j.unit)
				}
				select {
				case ready <- p:
				case <-ctx.Done():
					return
				}
			}
		})
	}
}

func checkPacked(ctx context.Context, o ValidateOptions, s scope.Resolved, known *localCache, ready <-chan packed, tell func(context.Context, message)) {
	for p := range ready {
		tell(ctx, decidePacked(ctx, s, known, p, o.UnitTimeout))
	}
}

func decidePacked(ctx context.Context, s scope.Resolved, known *localCache, p packed, timeout time.Duration) message {
	if p.err != nil {
		return decidedHere{v: s.Unpackable(p.unit, p.kind, p.err)}
	}
	if known == nil || p.apart {
		return decidedHere{v: s.Decide(ctx, p.unit, p.kind, p.files, timeout)}
	}
	v, made, whole := known.decide(ctx, p, timeout)
	if whole {
		return knew{verdicts: []verdict.Verdict{v}, prints: []verdict.Fingerprint{v.Fingerprint()}, made: [][2]time.Time{made}}
	}
	return decidedHere{v: v}
}

// checkNotEmpty refuses a run that verified nothing: it must not look like one
// that found no mistake.
func checkNotEmpty(total int, allowed bool, stopped string, l fleet.Layout) error {
	if total == 0 && !allowed && stopped == "" {
		return scope.Usagef("there are no %s under %s: pass --allow-empty if that is right", l.Called().Many, l.Where())
	}
	return nil
}
