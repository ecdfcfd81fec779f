package run

import (
	"context"
	"errors"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/verdict"
)

func notThere(run id.Run) error {
	return scope.Usagef("run %s is not in Redis: `enqueue runs` lists those that are", run)
}

// resume prepares a run to be gone on with: it takes verdicts again, those that
// failed are dropped, and what it expects is what the checkout has.
func resume(ctx context.Context, o Options, s scope.Resolved, h ledger.Header) error {
	if h.Total >= 0 {
		if err := sameUnits(ctx, o, s, h); err != nil {
			return err
		}
	}
	if err := o.Ledger.Reopen(ctx, o.ID); err != nil {
		return err
	}
	dropped, err := o.Ledger.DropKind(ctx, o.ID, verdict.Failed)
	if err != nil {
		return err
	}
	o.Log.Info("resuming the run", "run", o.ID, "decided", h.Decided-dropped, "failed before", dropped)
	return nil
}

// sameUnits refuses to resume a run whose services are not those of the
// checkout.
func sameUnits(ctx context.Context, o Options, s scope.Resolved, h ledger.Header) error {
	expected := make(map[id.Unit]bool, h.Total)
	if err := o.Ledger.EachExpected(ctx, o.ID, func(name id.Unit, _ id.Digest) { expected[name] = true }); err != nil {
		return err
	}
	listed := 0
	for name, err := range s.Fleet.Names(ctx) {
		if err != nil {
			return err
		}
		if !s.Selection.Has(name) {
			continue
		}
		listed++
		if !expected[name] {
			return scope.Usagef("run %s does not expect service %q: start a new run", o.ID, name)
		}
	}
	if listed != len(expected) {
		return scope.Usagef("run %s expects %d services, and the checkout has %d: start a new run", o.ID, len(expected), listed)
	}
	return nil
}

// Cancel ends a run before it is decided: its followers report what there is, and
// its tasks end without work. A run that Redis does not know is a *scope.UsageError.
func Cancel(ctx context.Context, conn Conn, run id.Run, reason string) error {
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
	if err := conn.Ledger.Cancel(ctx, run, reason); err != nil {
		return err
	}
	left, err := queued(ctx, conn.Ledger, run)
	if err != nil {
		return err
	}
	return dropAll(ctx, conn.Client, h.Plan.Queue, run, left)
}

// queued are the attempts whose tasks may wait in a run's queue.
func queued(ctx context.Context, l *ledger.Ledger, run id.Run) (map[id.Unit]int, error) {
	attempts, err := l.Attempts(ctx, run)
	if err != nil {
		return nil, err
	}
	all := map[id.Unit]int{}
	err = l.EachExpected(ctx, run, func(unit id.Unit, digest id.Digest) {
		if digest != "" {
			all[unit] = max(attempts[unit], 1)
		}
	})
	return all, err
}
