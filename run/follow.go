package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
)

const (
	// block is how long one read of the events waits for news. It is also the
	// slow poll behind them.
	block = time.Second
	// watchEvery is how often the workers are counted and the run's header is
	// looked at.
	watchEvery = 250 * time.Millisecond
	// touchEvery is how often the run's time to live is renewed.
	touchEvery = time.Minute
)

// follower reads a run's history from the beginning to its end and tells it.
type follower struct {
	id     string
	ledger *ledger.Ledger
	tell   func(context.Context, any)
	log    *slog.Logger
	sealed func(context.Context) // called when all names are listed
}

func (f *follower) run(ctx context.Context) {
	after := ledger.Start
	for ctx.Err() == nil {
		var events []ledger.Event
		err := patiently(ctx, func(ctx context.Context) (err error) {
			events, after, err = f.ledger.Read(ctx, f.id, after, block)
			return err
		}, func(err error) { f.tell(ctx, trouble{err}) })
		if err != nil {
			return
		}
		for _, e := range events {
			f.pass(ctx, e)
			if e.Kind == ledger.RunClosed {
				return
			}
		}
	}
}

func (f *follower) pass(ctx context.Context, e ledger.Event) {
	switch e.Kind {
	case ledger.RunSealed:
		f.sealed(ctx)
		return
	case ledger.RunClosed:
		f.closed(ctx)
		return
	}
	m, err := decode(e)
	if err != nil {
		f.log.Error("an event of the run cannot be read", "err", err)
	} else if m != nil {
		f.tell(ctx, m)
	}
}

// closed tells why a run was closed before everything was decided.
func (f *follower) closed(ctx context.Context) {
	h, err := f.ledger.Header(ctx, f.id)
	if err == nil && !h.Final.Complete {
		f.sealed(ctx)
		f.tell(ctx, stop{cmp.Or(h.Final.Reason, "the run was closed before everything was decided")})
	}
}

// watcher looks after what no event tells: whether the run is still there, and
// whether anybody works.
type watcher struct {
	id, generation string
	ledger         *ledger.Ledger
	client         *tasks.Client
	queue          string
	tell           func(context.Context, any)
}

func (w *watcher) run(ctx context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	touched := time.Now()
	deaf := false
	for {
		err := w.look(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, ledger.ErrGone):
			w.tell(ctx, stop{"Redis has lost the run: " + err.Error()})
			return
		case err != nil:
			deaf = true
			w.tell(ctx, trouble{err})
		case deaf:
			deaf = false
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

func (w *watcher) look(ctx context.Context) error {
	h, err := w.ledger.Header(ctx, w.id)
	if err != nil {
		return err
	}
	if h.Generation != w.generation {
		return fmt.Errorf("run %s was opened anew: %w", w.id, ledger.ErrGone)
	}
	slots, err := w.client.Slots(w.queue)
	if err != nil {
		return err
	}
	w.tell(ctx, workers{slots})
	return nil
}
