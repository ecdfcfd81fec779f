// Package worker is a worker process: it fetches tasks, begins their attempts in the
// ledger, checks their units, and records the verdicts.
//
//	queue ──task──▶ servers ──▶ handler ──verdict──▶ recorder ──▶ ledger
//
// It records a heartbeat every second. All that it knows of a run stands in tasks and in
// the ledger's answers, and all that an enqueuer knows of a worker stands in the ledger.
package worker

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
)

// heartbeatTimeout bounds one heartbeat, so that their loop turns whatever Redis does.
const heartbeatTimeout = 10 * time.Second

// finishTimeout bounds each of the last writes of a worker that stops.
const finishTimeout = 5 * time.Second

// Options say what a worker is.
type Options struct {
	Name    string // of this process; no other process has it
	Version string // of the program, for those who list workers
	Ledger  *ledger.Ledger
	Client  *tasks.Client // pushes the tasks of detached runs; nil leaves them to other workers
	Kinds   check.Kinds
	// Offers are the commands that this worker runs; nil for none.
	Offers Offers
	// Concurrency is how many checks run at once, at least 1, beside those that run a command.
	Concurrency int
	// CommandSlots is how many checks that run a command run at once; 0 for as many as there are
	// cores. Without Offers there are none.
	CommandSlots int
	UnitLimit    int // bytes of one unit, as bundle.Bundle.Size counts them
	// Isolate decides a suspect in a process of its own; nil does it in this one.
	Isolate  Isolate
	Cache    *CacheOptions // nil for none
	Fetch    FetchOptions
	Timing   Timing
	Observer Observer // nil for nobody
	Log      *slog.Logger
}

// Worker checks the units of the tasks in its queues.
type Worker struct {
	servers  *Servers
	recorder *recorder
	keeper   *keeper // nil for none
	ledger   *ledger.Ledger
	name     string
	kinds    check.Kinds                     // but for the commands
	offers   Offers                          // nil for none
	capacity atomic.Pointer[ledger.Capacity] // as heartbeats tell it, but for what says that it stops
	pace     time.Duration                   // between heartbeats
	leaving  atomic.Bool                     // no run is to count on this worker
	server   string                          // the Redis that answered the last heartbeat
	log      *slog.Logger
	cancel   context.CancelFunc
	heart    sync.WaitGroup
	detached sync.WaitGroup
	leave    context.CancelFunc // ends looking after detached runs
	heard    moment             // when Redis last took a heartbeat
	turned   moment             // when the loop of heartbeats last turned
}

// Start starts a worker. The caller must call Shutdown.
func Start(ctx context.Context, o Options) (*Worker, error) {
	o.Timing = cmp.Or(o.Timing, DefaultTiming())
	o.Fetch.Timing = o.Timing
	if o.Offers != nil && o.CommandSlots == 0 {
		o.CommandSlots = CommandSlotsFor(runtime.GOMAXPROCS(0))
	}
	w := &Worker{ledger: o.Ledger, name: o.Name, kinds: o.Kinds, offers: o.Offers, pace: o.Timing.Heartbeat, log: o.Log}
	w.capacity.Store(&ledger.Capacity{Slots: o.Concurrency, CommandSlots: o.CommandSlots, Queues: slices.Sorted(maps.Keys(o.Fetch.Queues)), Version: o.Version,
		Engines: o.Kinds.Engines(), Detached: o.Client != nil})
	if o.Cache != nil {
		w.capacity.Load().CacheDomain = o.Cache.Domain
	}
	w.tellOffers()
	if err := w.announce(ctx); err != nil {
		return nil, err
	}
	w.recorder = startRecorder(ctx, o.Ledger, o.Log)
	w.keeper = startKeeper(ctx, o.Cache, o.Name, o.Observer, o.Log)
	handler := NewHandler(HandlerOptions{Name: o.Name, Attempts: o.Ledger, Recorder: w.recorder, Kinds: o.Kinds,
		Concurrency: o.Concurrency, CommandSlots: o.CommandSlots, UnitLimit: o.UnitLimit, SlotWait: o.Timing.SlotWait, Isolate: o.Isolate, Observer: o.Observer, Log: o.Log})
	handler.keeper = w.keeper
	servers, err := StartServers(handler, o.Fetch)
	if err != nil {
		w.recorder.close(0)
		w.keeper.close(0)
		w.deregister()
		return nil, err
	}
	w.servers = servers
	w.turned.note()
	alive, cancel := context.WithCancel(context.WithoutCancel(ctx))
	w.cancel = cancel
	w.heart.Go(func() { w.live(alive) })
	if w.keeper != nil {
		w.heart.Go(func() { w.keeper.tend(alive, w.pace) })
	}
	w.startOffers(alive)
	w.startDetached(ctx, o)
	return w, nil
}

// startDetached begins to look after detached runs, until w.leave.
func (w *Worker) startDetached(ctx context.Context, o Options) {
	ctx, w.leave = context.WithCancel(context.WithoutCancel(ctx))
	if o.Client == nil {
		return
	}
	runs := &detachedRuns{worker: o.Name, queues: w.capacity.Load().Queues, ledger: o.Ledger, client: o.Client, timing: o.Timing, log: o.Log, tended: map[id.Run]bool{}, held: map[id.Run]time.Time{}}
	w.detached.Go(func() { runs.watch(ctx) })
}

// announce remembers which Redis answers, before there is a verdict, for it may be another one
// by the next look; and sends the first heartbeat. From then on the worker may be counted, be the reply
// lost: where Redis is away it waits as at any other time, and gives up only where Redis says no.
func (w *Worker) announce(ctx context.Context) (err error) {
	if w.server, err = w.ledger.Server(ctx); err != nil {
		return err
	}
	err = w.heartbeat(ctx)
	if no := (redis.Error)(nil); err == nil || errors.As(err, &no) || ctx.Err() != nil {
		return err
	}
	w.log.Warn("Redis has not answered the first heartbeat of this worker", "err", err)
	return nil
}

func (w *Worker) heartbeat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, heartbeatTimeout)
	defer cancel()
	now := *w.capacity.Load()
	if w.leaving.Load() {
		now.Slots, now.CommandSlots, now.Lanes = 0, 0, nil
	}
	err := w.ledger.Heartbeat(ctx, w.name, now)
	if err == nil {
		w.heard.note()
	}
	return err
}

// live sends heartbeats until ctx ends.
func (w *Worker) live(ctx context.Context) {
	tick := time.NewTicker(w.pace)
	defer tick.Stop()
	for {
		w.turned.note()
		select {
		case <-tick.C:
			w.beat(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// beat sends one heartbeat. When another Redis answers than before, it is told again what was
// decided last: a Redis that comes back may have lost what it had taken.
func (w *Worker) beat(ctx context.Context) {
	if err := w.heartbeat(ctx); err != nil && ctx.Err() == nil {
		w.log.Warn("Redis did not hear that this worker is alive", "err", err)
	}
	if next, err := w.ledger.Server(ctx); err == nil && next != w.server {
		if w.server != "" {
			w.heart.Go(func() { w.recorder.repeat(ctx) })
		}
		w.server = next
	}
}

// Shutdown ends fetching, waits for tasks in progress as Servers.Shutdown does, writes
// the verdicts and the entries of the cache that wait, and deregisters the worker.
func (w *Worker) Shutdown() {
	w.leave()
	w.leaving.Store(true) // from the next heartbeat on, no run counts on its slots
	w.servers.Shutdown()
	w.detached.Wait()
	w.recorder.close(finishTimeout)
	w.keeper.close(finishTimeout)
	w.cancel()
	w.heart.Wait()
	w.deregister()
}

// deregister says that this worker is gone.
func (w *Worker) deregister() {
	ctx, cancel := context.WithTimeout(context.Background(), finishTimeout)
	defer cancel()
	if err := w.ledger.Deregister(ctx, w.name); err != nil {
		w.log.Debug("the worker's heartbeats stay until they are forgotten", "err", err)
	}
}
