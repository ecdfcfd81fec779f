package run

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
)

// beatEvery is how often a worker says that it is alive. A run condemns nobody who
// has beaten within silentAfter.
const beatEvery = time.Second

// WorkerOptions say what a worker is.
type WorkerOptions struct {
	Name     string // of this process, unlike any other's
	Ledger   *ledger.Ledger
	Checkers []verdict.Checker
	// Concurrency is how many checks it makes at once, at least 1.
	Concurrency int
	UnitLimit   int // raw bytes of one service
	Fetch       tasks.Options
	Log         *slog.Logger
}

// Worker verifies what the queues hold, and says every second that it is alive.
type Worker struct {
	servers  *tasks.Servers
	recorder *recorder
	ledger   *ledger.Ledger
	name     string
	queues   []string
	slots    atomic.Int64
	log      *slog.Logger
	cancel   context.CancelFunc
	heart    sync.WaitGroup
}

// StartWorker starts a worker. The caller must call Shutdown.
func StartWorker(ctx context.Context, o WorkerOptions) (*Worker, error) {
	w := &Worker{ledger: o.Ledger, name: o.Name, queues: slices.Sorted(maps.Keys(o.Fetch.Queues)), log: o.Log}
	w.slots.Store(int64(o.Concurrency))
	if err := w.beat(ctx); err != nil {
		return nil, err
	}
	w.recorder = startRecorder(ctx, o.Ledger, o.Log)
	handler := tasks.NewHandler(store{o.Ledger, w.recorder, o.Log}, o.Checkers, o.Name, o.Concurrency, o.UnitLimit, o.Log)
	servers, err := tasks.Start(handler, o.Fetch)
	if err != nil {
		w.recorder.close(0)
		return nil, err
	}
	w.servers = servers
	beating, cancel := context.WithCancel(context.WithoutCancel(ctx))
	w.cancel = cancel
	w.heart.Go(func() { w.live(beating) })
	return w, nil
}

func (w *Worker) beat(ctx context.Context) error {
	return w.ledger.Heartbeat(ctx, w.name, ledger.Capacity{Slots: int(w.slots.Load()), Queues: w.queues})
}

// live beats until ctx ends.
func (w *Worker) live(ctx context.Context) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if err := w.beat(ctx); err != nil && ctx.Err() == nil {
			w.log.Warn("Redis did not hear that this worker is alive", "err", err)
		}
	}
}

// Shutdown ends fetching, waits for what is under way as tasks.Servers.Shutdown
// does, writes what was decided, and then falls silent.
func (w *Worker) Shutdown() {
	w.slots.Store(0) // no run is to count on them from the next beat on
	w.servers.Shutdown()
	w.recorder.close(finishTimeout)
	w.cancel()
	w.heart.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), finishTimeout)
	defer cancel()
	if err := w.ledger.Deregister(ctx, w.name); err != nil {
		w.log.Debug("the worker's beats stay until they are forgotten", "err", err)
	}
}
