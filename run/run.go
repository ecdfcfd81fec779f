// Package run drives one run from the listing of services to their oks and errs.
//
//	lister ──names──▶ backlog ──▶ feeders ──task──▶ Redis ──verdict──▶ follower
//	   │                             │                                   │
//	   └──────────── all tell one consumer, which counts ◀───────────────┘
//
// It is the one library package that knows the queue (tasks), the state of runs
// (ledger) and the fold (aggregator). Run drives a run over Redis, Collect
// follows one that somebody else started, Validate does without Redis.
package run

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
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

// Options say how a run goes.
type Options struct {
	Scope
	ID             string // "" for a new one
	Queue          string
	Ledger         *ledger.Ledger
	Client         *tasks.Client
	Timeout        time.Duration // of the run
	ServiceTimeout time.Duration // of one check
	OnUndecided    OnUndecided
	Detach         bool   // hand over all tasks and return
	Resume         bool   // go on with the run ID, which must be there
	Supersede      string // cancel the run before this one with the same key
	MaxErrs        int    // stop at so many errs; 0 for any number
	Strict         bool   // warnings count
	AllowEmpty     bool
	NoWorker       string // what to tell people when no worker serves the queue
	// Memory reads how many bytes Redis uses and may use, 0 for no limit.
	Memory func(context.Context) (used, most int64, err error)
	// Apart verifies a service that has killed a worker; nil does it here.
	Apart   Apart
	Abort   func() // closes the connections, when Redis keeps an interrupted run waiting
	Observe func(Event)
	Log     *slog.Logger
}

// follow are the options of a follower of the same run.
func (o Options) follow() FollowOptions {
	return FollowOptions{Ledger: o.Ledger, Client: o.Client, Timeout: o.Timeout, OnUndecided: o.OnUndecided,
		MaxErrs: o.MaxErrs, Abort: o.Abort, NoWorker: o.NoWorker, Observe: o.Observe, Log: o.Log}
}

// NewID makes a run ID that sorts by time.
func NewID(now time.Time) string {
	return now.UTC().Format("20060102-150405-") + strings.ToLower(rand.Text()[:6])
}

// Run enqueues what is in scope and collects the verdicts. A run of the same ID
// and plan is joined; one of another plan is a *UsageError. An error means that
// there is no result.
func Run(ctx context.Context, o Options) (Result, error) {
	r := Result{ID: o.ID, Started: time.Now()}
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
	if o.ID == "" {
		o.ID = NewID(r.Started)
		r.ID = o.ID
	}
	header, err := start(ctx, o, s)
	if err != nil {
		return r, err
	}
	if header.State == ledger.Closed && !o.Resume {
		return collect(ctx, header, fold, o.follow())
	}
	r.Started = header.Started
	return r, drive(ctx, o, s, header, fold, &r)
}

// start makes the run known in Redis, or joins or resumes it, and uploads the
// shared files.
func start(ctx context.Context, o Options, s opened) (ledger.Header, error) {
	plan := ledger.Plan{Queue: o.Queue, Checker: o.Checker.Name(), Shared: string(s.shared.Digest()), Regions: s.regions,
		Selection: strings.Join(s.Services, " "), Whole: s.whole(), TimeoutMS: o.ServiceTimeout.Milliseconds()}
	header, err := enter(ctx, o, plan)
	if err != nil {
		return header, err
	}
	if o.Supersede != "" {
		if err := supersede(ctx, o); err != nil {
			return header, err
		}
	}
	if o.Resume {
		if err := resume(ctx, o, s, header); err != nil {
			return header, err
		}
	}
	_, err = o.Ledger.Upload(ctx, plan.Shared, s.shared.Pack)
	return header, err
}

// enter opens the run, or finds the one that is there.
func enter(ctx context.Context, o Options, plan ledger.Plan) (header ledger.Header, err error) {
	created := false
	if o.Resume {
		header, err = o.Ledger.Header(ctx, o.ID)
		if errors.Is(err, ledger.ErrGone) {
			err = notThere(o.ID)
		}
	} else {
		header, created, err = o.Ledger.Open(ctx, o.ID, plan)
	}
	if err != nil || created {
		return header, err
	}
	if diff := differences(header.Plan, plan); diff != "" {
		return header, usagef("run %s is there already with other %s: start a new run", o.ID, diff)
	}
	if !o.Resume {
		o.Log.Info("joining the run", "run", o.ID, "state", header.State, "decided", header.Decided)
	}
	return header, nil
}

// supersede cancels the run that this one replaces.
func supersede(ctx context.Context, o Options) error {
	before, err := o.Ledger.Supersede(ctx, o.Supersede, o.ID)
	if err != nil || before == "" {
		return err
	}
	err = o.Ledger.Cancel(ctx, before, "superseded by run "+o.ID)
	if err != nil && !errors.Is(err, ledger.ErrGone) {
		return err
	}
	return nil
}

// differences names what two plans do not have in common.
func differences(a, b ledger.Plan) string {
	var diff []string
	for name, equal := range map[string]bool{
		"shared files": a.Shared == b.Shared, "queue": a.Queue == b.Queue, "checker": a.Checker == b.Checker,
		"regions": slices.Equal(a.Regions, b.Regions), "services": a.Selection == b.Selection && a.Whole == b.Whole,
	} {
		if !equal {
			diff = append(diff, name)
		}
	}
	slices.Sort(diff)
	return strings.Join(diff, " and ")
}

// drive owns the goroutines of a run: it starts them and returns when all have
// ended.
func drive(ctx context.Context, o Options, s opened, header ledger.Header, fold *aggregator.Fold, r *Result) error {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	b := newBacklog(listAhead, minWindow)
	defer context.AfterFunc(inner, b.close)()
	if o.Detach {
		b.resize(0)
	}
	suspicions := make(chan lost, maxHaste)
	c := newConsumer(fold, o.Log)
	c.name, c.backlog, c.lost, c.observe, c.noWorker = s.name, b, suspicions, o.Observe, o.NoWorker
	c.onUndecided, c.maxErrs, c.detach, c.resume = o.OnUndecided, o.MaxErrs, o.Detach, o.Resume
	feed := newFeeder(inner, o, s, b, c.tell)
	watch := &watcher{id: o.ID, generation: header.Generation, ledger: o.Ledger, client: o.Client, queue: o.Queue,
		memory: o.Memory, owner: true, sealed: func(context.Context) {}, tell: c.tell}
	c.allFed = func() { watch.allFed.Store(true) }
	again, giveUpAgain := context.WithCancel(inner)
	defer giveUpAgain()
	c.local = func(giveUpRedis bool) {
		feed.local.Store(true)
		giveUpAgain()
		if giveUpRedis {
			feed.giveUp()
		}
	}
	list := &lister{fleet: s.Fleet, chosen: s.chosen(), backlog: b, tell: c.tell,
		record: patientRecord(feed, recordTo(o.Ledger, o.ID)), seal: patientSeal(feed, o.Ledger, o.ID)}
	follow := &follower{id: o.ID, ledger: o.Ledger, tell: c.tell, log: o.Log, sealed: func(context.Context) {}}
	lookAgain := &reissuer{id: o.ID, plan: header.Plan, ledger: o.Ledger, client: o.Client, lost: suspicions, tell: c.tell, log: o.Log}

	var wg sync.WaitGroup
	wg.Go(func() { listAll(inner, list, c) })
	wg.Go(func() { feed.run(inner) })
	wg.Go(func() { watch.run(inner) })
	if !o.Detach {
		wg.Go(func() { follow.run(inner) })
		wg.Go(func() { lookAgain.run(again) })
	}
	defer await(&wg, r)
	err := c.run(ctx, o.Timeout)
	cancel()
	r.Interrupted = ctx.Err() != nil
	if err != nil {
		return err
	}
	listRest(ctx, s, c)
	c.finished(r)
	// Closing the run also wakes the follower out of its blocking read.
	return finish(ctx, o, c, r)
}

// await waits for a run's goroutines. Those of an interrupted run may hang in a
// pipeline that hears of no context, on a Redis that does not answer: they are
// left behind, for the process is about to end and the user waits.
func await(wg *sync.WaitGroup, r *Result) {
	if !r.deserted {
		wg.Wait()
		return
	}
	done := make(chan struct{})
	go func() { defer close(done); wg.Wait() }()
	select {
	case <-done:
	case <-time.After(desertedTimeout):
	}
}

// listRest completes the names of a run that was stopped while they were listed:
// its report accounts for all of them, and whether a service exists is judged
// against all folders.
func listRest(ctx context.Context, s opened, c *consumer) {
	if c.total >= 0 {
		return
	}
	chosen := s.chosen()
	for name, err := range s.Fleet.Names(context.WithoutCancel(ctx)) {
		if err != nil {
			c.log.Warn("the services that were not listed cannot be", "err", err)
			return
		}
		c.fold.Unit(name)
		if chosen == nil || chosen[name] {
			c.fold.Expect(name)
		}
	}
	c.listed = true
}

// listAll lists, and tells the consumer how that failed.
func listAll(ctx context.Context, l *lister, c *consumer) {
	switch err := l.run(ctx); {
	case err == nil || ctx.Err() != nil:
	case errors.Is(err, ledger.ErrGone):
		c.tell(ctx, stop{"Redis has lost the run"})
	default:
		c.tell(ctx, broken{err})
	}
}

// finish tells Redis how the run ended, and takes out what still waits there.
func finish(ctx context.Context, o Options, c *consumer, r *Result) error {
	if err := checkNotEmpty(c.total, o.AllowEmpty, r.Stopped, o.Checker); err != nil {
		return err
	}
	timeout := finishTimeout
	if r.Interrupted {
		timeout = hurriedTimeout
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer cancel()
	err := conclude(ctx, o, c, r)
	if err != nil {
		o.Log.Warn("the end of the run could not be written to Redis", "run", r.ID, "err", err)
		desert(r, o.Abort)
	}
	return nil
}

// desert gives up a Redis that keeps an interrupted run waiting.
func desert(r *Result, abort func()) {
	r.deserted = r.Interrupted
	if abort != nil {
		abort()
	}
}

func conclude(ctx context.Context, o Options, c *consumer, r *Result) error {
	if o.Detach && r.Stopped == "" {
		r.Detached = true
		return o.Ledger.Attend(ctx, r.ID, ledger.HandedBy, ledger.Detaches)
	}
	n := r.Summary.Counts
	err := o.Ledger.Close(ctx, r.ID, ledger.Final{OK: n.OK, Errs: n.Expected - n.OK, Complete: r.Summary.Complete, Reason: r.Stopped})
	if err != nil {
		return err
	}
	maps.Copy(c.left, c.inWindow)
	var left []tasks.Verify
	for service, attempt := range c.left {
		left = append(left, tasks.Verify{Run: r.ID, Service: service, Attempt: attempt})
	}
	return dropAll(ctx, o.Client, o.Queue, left)
}

// finishTimeout bounds the last words of a run, hurriedTimeout those of one that
// the user has interrupted.
const (
	finishTimeout  = 5 * time.Second
	hurriedTimeout = 700 * time.Millisecond
	// desertedTimeout is for what still ends when the connections are closed.
	desertedTimeout = 200 * time.Millisecond
)

// dropAll takes tasks out of their queue, many at a time.
func dropAll(ctx context.Context, client *tasks.Client, queue string, all []tasks.Verify) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(feeders)
	for _, v := range all {
		g.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return client.Drop(queue, v)
		})
	}
	return g.Wait()
}

// patientRecord and patientSeal wait for a Redis that does not answer, until it
// is given up: the listing then goes on without it.
func patientRecord(f *feeder, record func(context.Context, []string, []string) error) func(context.Context, []string, []string) error {
	return func(ctx context.Context, expected, folders []string) error {
		return unlessGivenUp(ctx, f, func(ctx context.Context) error { return record(ctx, expected, folders) })
	}
}

func patientSeal(f *feeder, l *ledger.Ledger, id string) func(context.Context, int) error {
	return func(ctx context.Context, total int) error {
		return unlessGivenUp(ctx, f, func(ctx context.Context) error { return l.Seal(ctx, id, total) })
	}
}

func unlessGivenUp(ctx context.Context, f *feeder, step func(context.Context) error) error {
	if err := f.patiently(step); err != nil && (f.remote.Err() == nil || ctx.Err() != nil) {
		return err
	}
	return nil
}
