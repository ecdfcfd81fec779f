package run

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
)

// gather is the pause between two reads while verdicts come in: each read then
// brings several of them, and nobody waits longer for one.
const gather = 5 * time.Millisecond

// follower reads a run's history from the beginning to its end and tells it.
type follower struct {
	run    ledger.Header // as it was seen first
	ledger *ledger.Ledger
	block  time.Duration // how long a read waits for news
	recent *recentVerdicts
	tell   func(context.Context, message)
	log    *slog.Logger
	own    bool                  // what this process tells of kept verdicts itself is no news
	kept   *keptReader           // nil for whoever owns the run
	again  atomic.Bool           // the events are to be read from the beginning
	sealed func(context.Context) // called when all names are listed, or never will be
}

// rewind makes the follower read from the beginning again: a position in a Redis that was
// restarted, or that another one has replaced, may be behind what is written there next.
func (f *follower) rewind() { f.again.Store(true) }

func (f *follower) follow(ctx context.Context) {
	after, caught := ledger.Start, false
	for ctx.Err() == nil {
		if f.again.Swap(false) {
			after = ledger.Start
		}
		var h ledger.History
		err := ledger.Retry(ctx, func(ctx context.Context) (err error) {
			h, err = f.ledger.Read(ctx, f.run.ID, after, f.block)
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
	case ledger.VerdictsKept:
		if !f.own {
			f.recent.keep(e)
			f.readKept(ctx, e)
		}
		return false
	case ledger.RunOpened:
		if string(e.Unit) != f.run.Generation { // the names are those of the other epoch
			f.tell(ctx, stop{why: continuedElsewhere(f.run.ID)})
			return true
		}
	}
	m, err := decode(e)
	if err != nil {
		f.log.Error("an event of the run cannot be read", "err", err)
	} else if m != nil {
		f.tell(ctx, m)
	}
	return false
}

// readKept tells the verdicts that an event points to.
func (f *follower) readKept(ctx context.Context, e ledger.Event) {
	hits, err := ledger.Pointers(e)
	if err != nil {
		f.log.Error("an event of the run cannot be read", "err", err)
		return
	}
	told, none := f.kept.read(ctx, hits)
	f.tell(ctx, told)
	for _, m := range none {
		f.tell(ctx, m)
	}
}

// runEnded tells why a run takes no more verdicts, unless it is complete.
func (f *follower) runEnded(ctx context.Context) bool {
	h, err := f.ledger.Header(ctx, f.run.ID)
	if err != nil || !h.Ended() || h.Generation != f.run.Generation {
		return false
	}
	if !h.Final.Complete {
		f.sealed(ctx)
		f.tell(ctx, stop{why: whyEnded(h), superseded: h.SupersededBy != ""})
	}
	return true
}

func continuedElsewhere(run id.Run) string {
	return fmt.Sprintf("another enqueuer has continued the run: follow it anew with `enqueue collect %s`", run)
}

func whyEnded(h ledger.Header) string {
	if h.Reason != "" {
		return "the run was cancelled: " + h.Reason
	}
	return cmp.Or(h.Final.Reason, "the run was closed before everything was decided")
}
