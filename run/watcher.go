package run

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
)

// Memory is how full a Redis is, in bytes. Limit is 0 where there is none.
type Memory struct {
	Used, Limit int64
	NearlyFull  bool // feeding has to pause
}

// watcher looks after what no event tells: whether the run is still there and
// itself, whether its enqueuer lives, and whether anybody works. It also says that
// this process is there, and which lanes its run has tasks in.
type watcher struct {
	run       id.Run
	lanes     []string // the queues of its tasks
	ledger    *ledger.Ledger
	client    *tasks.Client
	timing    Timing
	memory    func(context.Context) (Memory, error) // nil without
	owner     *ledger.Owner                         // nil for a follower of another's run
	readOnly  bool                                  // whatever this process might write is left to others
	allPushed atomic.Bool                           // all tasks are pushed
	sealed    func(context.Context)
	tell      func(context.Context, message)
	losses    lossDetector
	steady    time.Time // since when Redis has answered without a gap
}

func (w *watcher) watch(ctx context.Context) {
	tick := time.NewTicker(w.timing.Watch)
	defer tick.Stop()
	present, touched := time.Time{}, time.Now()
	w.steady = time.Now()
	for {
		if time.Since(present) >= w.timing.Presence && w.markAlive(ctx) == nil {
			present = time.Now()
		}
		if lost := w.lookOnce(ctx); lost || ctx.Err() != nil {
			return
		}
		if !w.readOnly && time.Since(touched) > w.timing.Touch && w.ledger.Touch(ctx, w.run) == nil {
			touched = time.Now()
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// lookOnce tells how a look at Redis went, and says whether the run is lost.
func (w *watcher) lookOnce(ctx context.Context) (lost bool) {
	start := time.Now()
	err := w.look(ctx)
	if err != nil || time.Since(start) > w.timing.Reissue.Gap {
		w.steady = time.Now()
	}
	switch wasAway := w.losses.redisAway; {
	case ctx.Err() != nil:
	case errors.Is(err, ledger.ErrReplaced):
		w.tell(ctx, stop{why: continuedElsewhere(w.run)})
		return true
	case errors.Is(err, ledger.ErrGone):
		w.tell(ctx, stop{why: "Redis has lost the run: " + err.Error()})
		return true
	case err != nil:
		w.losses.redisAway = true
		w.tell(ctx, redisFails{err})
	case wasAway:
		w.losses.redisAway = false
		w.tell(ctx, redisUp{})
	}
	return false
}

// markAlive says that this process is there, and looks how full Redis is.
func (w *watcher) markAlive(ctx context.Context) error {
	if w.memory != nil {
		if m, err := w.memory(ctx); err == nil {
			w.tell(ctx, memoryUse(m))
		}
	}
	switch {
	case w.readOnly:
		return nil
	case w.owner == nil:
		return errors.Join(w.ledger.MarkFollowed(ctx, w.run), w.ledger.Announce(ctx, w.lanes...))
	}
	if err := w.ledger.Announce(ctx, w.lanes...); err != nil {
		return err
	}
	as := []ledger.Presence{ledger.Follower}
	if w.allPushed.Load() {
		as = append(as, ledger.AllPushed)
	}
	return w.owner.MarkAlive(ctx, as...)
}

func (w *watcher) look(ctx context.Context) error {
	h, err := w.losses.header(ctx)
	if err != nil {
		return err
	}
	if h.Abandoned && w.owner == nil && time.Since(w.steady) > w.timing.Reissue.Steady {
		w.sealed(ctx)
		w.tell(ctx, stop{why: fmt.Sprintf("the run is abandoned: its enqueuer ended before it had pushed all tasks; finish it with `enqueue run --resume %s`", w.run)})
	}
	workers, err := w.ledger.Workers(ctx, w.timing.Reissue.Silent)
	if err != nil {
		return err
	}
	paused, err := w.client.Paused(ctx, w.lanes...)
	if err != nil {
		return err
	}
	w.tell(ctx, forceOf(w.lanes, workers, paused))
	return nil
}
