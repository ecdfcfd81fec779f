package run

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/reissue"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/tasks"
)

// enqueuer is one run of this process, put together.
type enqueuer struct {
	Options
	scope    scope.Resolved
	lanes    lanes
	consumer *consumer
	owner    *ledger.Owner
	backlog  *backlog
	list     *lister
	inquire  *inquirer // nil where nothing is looked up
	feed     *feeder
	history  history
	// stopReissuing is called when this process decides the rest itself.
	stopReissuing context.CancelFunc
}

// newEnqueuer puts a run together whose goroutines end with ctx.
func newEnqueuer(ctx context.Context, o Options, s scope.Resolved, owner *ledger.Owner, earlier earlierVerdicts, inquire *inquirer, fold *aggregator.Fold) *enqueuer {
	e := &enqueuer{Options: o, scope: s, owner: owner, lanes: lanesOf(owner.Header.Plan, s)}
	e.backlog = newBacklog(listAhead, 0, e.lanes.names...)
	for i, lane := range e.lanes.names {
		if !o.Detach {
			e.backlog.resize(i, tasks.WindowOf(lane, 0, 0))
		}
	}
	lost := make(chan reissue.Attempt, maxLost)
	reverify := newReverifier(o.Cache, string(owner.Header.ID), s.Process, owner.Header.FirstAttempt(), o.Log)
	e.consumer = newConsumer(consumerOptions{runID: owner.Header.ID, process: s.Process, fold: fold, noun: s.Fleet.Layout().Called(), lanes: e.lanes.names, canDecide: func(lane int) bool { return !e.lanes.lacking[lane] }, backlog: e.backlog, lost: lost,
		onUndecided: o.OnUndecided, patience: o.Patience, maxErrs: o.MaxErrs, detach: o.Detach, mortalRedis: o.RedisLost != nil, noWorker: o.NoWorkerHint,
		observe: o.Observe, reverify: reverify, log: o.Log, timing: o.Timing,
		allPushed: func() { e.history.watch.allPushed.Store(true) },
		toLocal:   func(lane int) { e.feed.local[lane].Store(true) },
		allLocal: func(giveUpRedis bool) {
			e.stopReissuing()
			if giveUpRedis {
				e.feed.giveUp()
			}
		}})
	e.feed = newFeeder(ctx, o, s, owner, earlier, e.lanes, e.backlog, e.consumer.tell)
	if e.inquire = inquire; inquire != nil {
		inquire.reverify, inquire.changed = reverify, o.Changed
		inquire.backlog, inquire.lane, inquire.pack, inquire.tell, inquire.ahead, inquire.hit = e.backlog, e.lanes.lane, e.feed.packBy(inquire.reading()), e.consumer.tell, &e.feed.ahead, e.feed.hit
		if reverify == nil && !e.lanes.several() { // else names are recorded before what is known of them, or with their kinds
			inquire.list = e.feed.list
		}
	}
	e.list = &lister{inquire: inquire, changed: o.Changed, source: s.Fleet, selection: s.Selection, lane: e.lanes.lane, backlog: e.backlog, tell: e.consumer.tell, record: e.feed.record, seal: e.feed.seal}
	e.history = newHistory(owner.Header, o.Conn, e.consumer, lost, func(context.Context) {})
	e.feed.recent, e.history.follow.own = e.history.restore.recent, true
	e.history.watch.owner, e.history.watch.memory = owner, o.RedisMemory
	return e
}

// run owns the goroutines of a run, which live in inner: it starts them, ends them with
// cancel, and returns when all have ended.
func (e *enqueuer) run(ctx, inner context.Context, cancel context.CancelFunc, r *Result) error {
	defer context.AfterFunc(inner, e.backlog.close)()
	reissuing, stop := context.WithCancel(inner)
	defer stop()
	e.stopReissuing = stop
	var wg sync.WaitGroup
	wg.Go(func() { e.list.run(inner) })
	if e.inquire != nil {
		wg.Go(func() { e.inquire.run(inner) })
	}
	wg.Go(func() { e.feed.feedAll(inner) })
	wg.Go(func() { e.history.watch.watch(inner) })
	if e.RedisLost != nil {
		wg.Go(func() { e.watchLife(inner) })
	}
	if !e.Detach {
		wg.Go(func() { e.history.follow.follow(inner) })
		wg.Go(func() { e.history.watchAttempts(reissuing) })
	}
	defer await(&wg, r, e.Timing)
	err := e.consumer.run(ctx, e.Timeout)
	cancel()
	r.Interrupted = ctx.Err() != nil
	if err != nil {
		return err
	}
	e.consumer.finishListing(e.scope.Fleet.Units(context.WithoutCancel(ctx)), e.scope.Selection.Has)
	if e.Since != nil && !e.Detach {
		e.Policy.Since = e.since(ctx)
		r.Interrupted = ctx.Err() != nil
	}
	e.consumer.result(r, e.Policy)
	r.Doubted = e.Queue == tasks.QueueAudit && r.Reverified != nil && r.Reverified.Differed > 0
	if r.Stood > 0 {
		r.StoodFrom = e.owner.Header.EarlierStarted
	}
	if err := checkNotEmpty(e.consumer.tally.total, e.AllowEmpty, r.Stopped, e.scope.Fleet.Layout()); err != nil {
		lastWords(ctx, e.Conn, r, e.Log, e.owner.Leave)
		return err
	}
	if e.consumer.health.redisLost {
		return nil
	}
	// Closing the run also wakes the follower out of its blocking read.
	lastWords(ctx, e.Conn, r, e.Log, func(ctx context.Context) error { return e.closeRun(ctx, r) })
	return nil
}

// since waits for what the run is compared with. Meanwhile the run is still this process's.
func (e *enqueuer) since(ctx context.Context) (s *policy.Since) {
	done := make(chan struct{})
	go func() { defer close(done); s = e.Since(ctx) }()
	tick := time.NewTicker(e.Timing.Presence)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return s
		case <-tick.C:
			// One that fails is made up for by the next.
			e.owner.MarkAlive(ctx, ledger.Follower)
		}
	}
}

// watchLife tells the consumer when Redis has ended for good.
func (e *enqueuer) watchLife(ctx context.Context) {
	if err := e.RedisLost(ctx); err != nil {
		e.consumer.tell(ctx, redisLost{err})
	}
}

// closeRun tells Redis how the run ended, leaves it, and takes out what still waits there.
func (e *enqueuer) closeRun(ctx context.Context, r *Result) error {
	if e.Detach && r.Stopped == "" {
		r.Detached = true
		e.warnOfWorkers(ctx)
		return errors.Join(e.owner.MarkAlive(ctx, ledger.AllPushed, ledger.Detached), e.owner.Leave(ctx))
	}
	if err := e.end(ctx, r); err != nil {
		return err
	}
	if err := e.owner.Leave(ctx); err != nil {
		return err
	}
	left := e.consumer.leftover()
	if e.Detach {
		var err error
		if left, err = queued(ctx, e.Ledger, e.owner.Header); err != nil {
			return err
		}
	}
	return dropAll(ctx, e.Conn, e.owner.Header, left)
}

// warnOfWorkers says if all live workers of the queue are of a version that leaves detached
// runs alone.
func (e *enqueuer) warnOfWorkers(ctx context.Context) {
	workers, err := e.Ledger.Workers(ctx, e.Timing.Reissue.Silent)
	serve := func(w ledger.Worker) bool { return slices.Contains(w.Queues, e.Queue) && w.Slots > 0 }
	push := func(w ledger.Worker) bool { return serve(w) && w.Detached }
	if err == nil && slices.ContainsFunc(workers, serve) && !slices.ContainsFunc(workers, push) {
		e.Log.Warn("the workers of this queue are of a version that does not push the tasks of a detached run: it waits for a newer one", "queue", e.Queue)
	}
}

// end notes that the run is complete, or says why it is not.
func (e *enqueuer) end(ctx context.Context, r *Result) error {
	n := r.Summary.Counts
	final := ledger.Final{OK: n.OK, Errs: n.Expected - n.OK, Complete: r.Summary.Complete, Reason: r.Stopped}
	if !final.Complete {
		return e.owner.End(ctx, final)
	}
	if err := e.history.restore.complete(ctx, r.Summary.Summary); err != nil {
		return err
	}
	noted, err := e.Ledger.Complete(ctx, e.owner.Header, final)
	if err == nil && !noted {
		err = errors.New("not all its verdicts are in Redis")
	}
	return err
}

// history is what reads a run's history in Redis, and sees to it that it goes on.
type history struct {
	restore *restorer
	follow  *follower
	watch   *watcher
	reissue *reissue.Reissuer
	lost    <-chan reissue.Attempt // from the consumer: in flight for long
}

// newHistory reads a run for a consumer. sealed is called when all names are listed, or
// never will be.
func newHistory(h ledger.Header, conn Conn, c *consumer, lost chan reissue.Attempt, sealed func(context.Context)) history {
	recent := &recentVerdicts{}
	restore := &restorer{run: h, ledger: conn.Ledger, recent: recent, log: c.log}
	follow := &follower{run: h, ledger: conn.Ledger, block: conn.Timing.Block, recent: recent, tell: c.tell, log: c.log, sealed: sealed}
	return history{
		restore: restore,
		follow:  follow,
		watch: &watcher{run: h.ID, lanes: h.Plan.Lanes(), ledger: conn.Ledger, client: conn.Client, timing: conn.Timing, sealed: sealed, tell: c.tell,
			losses: newLossDetector(restore, follow.rewind)},
		reissue: newReissuer(h, conn, c),
		lost:    lost,
	}
}

// await waits for a run's goroutines. After an interrupt one may be blocked in the
// auto-pipelined client, which ignores contexts, on a Redis that does not answer: it is
// left behind, for the process is about to exit.
func await(wg *sync.WaitGroup, r *Result, t Timing) {
	if !r.redisAbandoned {
		wg.Wait()
		return
	}
	done := make(chan struct{})
	go func() { defer close(done); wg.Wait() }()
	select {
	case <-done:
	case <-time.After(t.Leave):
	}
}

// dropAll takes the tasks of attempts out of their queues, many at a time.
func dropAll(ctx context.Context, conn Conn, h ledger.Header, attempts map[id.Unit]int) error {
	lanes, err := conn.Ledger.LanesOf(ctx, h.ID, h.Plan, slices.Collect(maps.Keys(attempts)))
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(Feeders)
	for unit, number := range attempts {
		g.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return conn.Client.Drop(lanes[unit], tasks.Task{Run: h.ID, Unit: unit, Attempt: number})
		})
	}
	return g.Wait()
}
