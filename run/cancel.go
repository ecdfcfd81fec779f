package run

import (
	"context"
	"errors"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/scope"
)

// Cancel ends a run before it is decided: its followers report what there is, and
// its tasks end without work. A run that Redis does not know is a *scope.UsageError.
func Cancel(ctx context.Context, conn Conn, run id.Run, why ledger.Cancellation) error {
	h, err := conn.Ledger.Header(ctx, run)
	if errors.Is(err, ledger.ErrGone) {
		return notThere(run)
	}
	if err != nil {
		return err
	}
	if h.Ended() {
		return scope.Usagef("run %s has ended already: it is %s", run, h.State)
	}
	if err := conn.Ledger.Cancel(ctx, run, why); err != nil {
		return err
	}
	left, err := queued(ctx, conn.Ledger, h)
	if err != nil {
		return err
	}
	return dropAll(ctx, conn, h, left)
}

// queued are the attempts whose tasks may wait in a run's queue.
func queued(ctx context.Context, l *ledger.Ledger, h ledger.Header) (map[id.Unit]int, error) {
	attempts, err := l.Attempts(ctx, h.ID)
	if err != nil {
		return nil, err
	}
	all := map[id.Unit]int{}
	add := func(unit id.Unit) { all[unit] = max(attempts[unit], h.FirstAttempt()) }
	if !h.Deadline.IsZero() { // the others are in the list
		claimed, err := l.ClaimedUnits(ctx, h.ID)
		for _, unit := range claimed {
			add(unit)
		}
		return all, err
	}
	err = l.EachExpected(ctx, h.ID, func(unit id.Unit, digest id.Digest) {
		if digest != "" {
			add(unit)
		}
	})
	return all, err
}
