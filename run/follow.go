package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/seed306eabeb/muster/ledger"
)

const (
	// block is how long one read of the events waits for news. It is also the
	// slow poll behind them.
	block = time.Second
	// gather is the pause between two reads while verdicts come in: each read then
	// brings several of them, and nobody waits longer for one.
	gather = 5 * time.Millisecond
	// watchEvery is how often the workers are counted and the run's header is
	// looked at.
	watchEvery = 250 * time.Millisecond
	// attendEvery is how often a follower says that it is there.
	attendEvery = time.Second
	// touchEvery is how often the run's time to live is renewed.
	touchEvery = time.Minute
)

// follower reads a run's history from the beginning to its end and tells it.
type follower struct {
	id     string
	ledger *ledger.Ledger
	told   *recollection
	tell   func(context.Context, any)
	log    *slog.Logger
	sealed func(context.Context) // called when all names are listed, or never will be
}

func (f *follower) run(ctx context.Context) {
	after, caught := ledger.Start, false
	for ctx.Err() == nil {
		var h ledger.History
		err := patiently(ctx, func(ctx context.Context) (err error) {
			h, err = f.ledger.Read(ctx, f.id, after, block)
			return err
		}, func(err error) { f.tell(ctx, trouble{err}) })
		if err != nil {
			return
		}
		after = h.Next
		ended := false
		for _, e := range h.Events {
			ended = f.pass(ctx, e) || ended
		}
		if !caught && (ended || !h.More) {
			caught = true
			f.tell(ctx, caughtUp{})
		}
		if ended {
			return
		}
		if len(h.Events) > 0 && !h.More {
			pause(ctx, gather)
		}
	}
}

// pass tells one event, and says whether it is the run's last.
func (f *follower) pass(ctx context.Context, e ledger.Event) (ended bool) {
	switch e.Kind {
	case ledger.RunSealed:
		f.sealed(ctx)
		return false
	case ledger.RunCancelled, ledger.RunClosed:
		return f.ended(ctx)
	case ledger.VerdictRecorded:
		f.told.keep(e)
	case ledger.VerdictDropped:
		f.told.drop(e.Unit)
	}
	m, err := decode(e)
	if err != nil {
		f.log.Error("an event of the run cannot be read", "err", err)
	} else if m != nil {
		f.tell(ctx, m)
	}
	return false
}

// ended tells why a run takes no more verdicts, unless it was reopened after this
// event or is complete.
func (f *follower) ended(ctx context.Context) bool {
	h, err := f.ledger.Header(ctx, f.id)
	if err != nil || !h.Ended() {
		return false
	}
	if !h.Final.Complete {
		f.sealed(ctx)
		f.tell(ctx, stop{whyEnded(h)})
	}
	return true
}

func whyEnded(h ledger.Header) string {
	if h.Reason != "" {
		return "the run was cancelled: " + h.Reason
	}
	return cmp.Or(h.Final.Reason, "the run was closed before everything was decided")
}

// watcher looks after what no event tells: whether the run is still there and
// itself, whether its enqueuer lives, and whether anybody works. It also says that
// this process is there.
type watcher struct {
	id, generation string
	ledger         *ledger.Ledger
	queue          string
	memory         func(context.Context) (used, most int64, err error) // nil without
	owner          bool
	allFed         atomic.Bool // all tasks are pushed
	sealed         func(context.Context)
	tell           func(context.Context, any)
	reminder       *reminder
	seen           ledger.Header // at the last look
	server         string        // the Redis that answered it
	deaf           bool          // it did not answer
	steady         time.Time     // since when Redis has answered without a gap
}

func (w *watcher) run(ctx context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	attended, touched := time.Time{}, time.Now()
	w.seen.Total = -1
	w.steady = time.Now()
	for {
		if time.Since(attended) >= attendEvery && w.attend(ctx) == nil {
			attended = time.Now()
		}
		start := time.Now()
		err := w.look(ctx)
		if err != nil || time.Since(start) > gap {
			w.steady = time.Now()
		}
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, ledger.ErrGone):
			w.tell(ctx, stop{"Redis has lost the run: " + err.Error()})
			return
		case err != nil:
			w.deaf = true
			w.tell(ctx, trouble{err})
		case w.deaf:
			w.deaf = false
			w.tell(ctx, answering{})
		}
		if time.Since(touched) > touchEvery && w.ledger.Touch(ctx, w.id) == nil {
			touched = time.Now()
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (w *watcher) attend(ctx context.Context) error {
	as := []ledger.Presence{ledger.Follower}
	if w.owner {
		as = append(as, ledger.Owner)
	}
	if w.allFed.Load() {
		as = append(as, ledger.AllPushed)
	}
	if w.memory != nil {
		if used, most, err := w.memory(ctx); err == nil {
			w.tell(ctx, memory{used, most})
		}
	}
	return w.ledger.MarkAlive(ctx, w.id, as...)
}

func (w *watcher) look(ctx context.Context) error {
	h, err := w.header(ctx)
	if err != nil {
		return err
	}
	w.seen = h
	if h.Abandoned() && !w.owner && time.Since(w.steady) > steadyFor {
		w.sealed(ctx)
		w.tell(ctx, stop{fmt.Sprintf("the run is abandoned: its enqueuer ended before it had pushed all tasks; finish it with `enqueue run --resume %s`", w.id)})
	}
	slots, err := w.ledger.Slots(ctx, w.queue, silentAfter)
	if err != nil {
		return err
	}
	w.tell(ctx, workers{slots})
	return nil
}

// header reads the run, and makes sure that Redis has not lost any of it. A Redis
// that was away, that is another one, or that knows less than before, is first told
// again what is known here.
func (w *watcher) header(ctx context.Context) (ledger.Header, error) {
	h, err := w.ledger.Header(ctx, w.id)
	if err != nil {
		return h, err
	}
	if h.Generation != w.generation {
		return h, fmt.Errorf("run %s was opened anew: %w", w.id, ledger.ErrGone)
	}
	server, err := w.ledger.Server(ctx)
	if err != nil {
		return h, err
	}
	if doubtful := w.deaf || w.shrunk(h) || server != w.server; doubtful && !h.Ended() && h.Dropped == w.seen.Dropped {
		if err := w.reminder.remind(ctx, w.seen.Total); err != nil {
			return h, err
		}
		if h, err = w.ledger.Header(ctx, w.id); err != nil {
			return h, err
		}
	}
	w.server = server
	if w.shrunk(h) {
		return h, fmt.Errorf("run %s had %d names and %d verdicts and has %d and %d: %w",
			w.id, w.seen.Listed, w.seen.Decided, h.Listed, h.Decided, ledger.ErrGone)
	}
	return h, nil
}

// shrunk says whether Redis has forgotten something: no count of its may shrink.
func (w *watcher) shrunk(h ledger.Header) bool {
	return h.Listed < w.seen.Listed || h.Decided+h.Dropped < w.seen.Decided+w.seen.Dropped
}
