package run

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
)

// gather is the pause between two reads while verdicts come in: each read then
// brings several of them, and nobody waits longer for one.
const gather = 5 * time.Millisecond

// follower reads a run's history from the beginning to its end and tells it.
type follower struct {
	run    id.Run
	ledger *ledger.Ledger
	block  time.Duration // how long a read waits for news
	recent *recentVerdicts
	tell   func(context.Context, message)
	log    *slog.Logger
	sealed func(context.Context) // called when all names are listed, or never will be
}

func (f *follower) follow(ctx context.Context) {
	after, caught := ledger.Start, false
	for ctx.Err() == nil {
		var h ledger.History
		err := ledger.Retry(ctx, func(ctx context.Context) (err error) {
			h, err = f.ledger.Read(ctx, f.run, after, f.block)
			return err
		}, func(err error) { f.tell(ctx, redisFails{err}) })
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
		if len(h.Events) > 0 && !h.More && ledger.Sleep(ctx, gather) != nil {
			return
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
		return f.runEnded(ctx)
	case ledger.VerdictRecorded:
		f.recent.keep(e)
	case ledger.VerdictDropped:
		f.recent.drop(e.Unit)
	}
	m, err := decode(e)
	if err != nil {
		f.log.Error("an event of the run cannot be read", "err", err)
	} else if m != nil {
		f.tell(ctx, m)
	}
	return false
}

// runEnded tells why a run takes no more verdicts, unless it was reopened after this
// event or is complete.
func (f *follower) runEnded(ctx context.Context) bool {
	h, err := f.ledger.Header(ctx, f.run)
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
