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
	"log/slog"
	"strings"
	"sync"
	"time"

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
	told := &recollection{}
	remember := &reminder{id: o.ID, ledger: o.Ledger, told: told, log: o.Log}
	watch := &watcher{id: o.ID, reminder: remember, generation: header.Generation, ledger: o.Ledger, queue: o.Queue,
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
	follow := &follower{id: o.ID, ledger: o.Ledger, told: told, tell: c.tell, log: o.Log, sealed: func(context.Context) {}}
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
	return finish(ctx, o, c, remember, r)
}
