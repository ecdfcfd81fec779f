package run

import (
	"context"
	"errors"

	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
)

func notThere(id string) error {
	return usagef("run %s is not in Redis: `enqueue runs` lists those that are", id)
}

// resume prepares a run to be gone on with: it takes verdicts again, those that
// failed are dropped, and what it expects is what the checkout has.
func resume(ctx context.Context, o Options, s opened, h ledger.Header) error {
	if h.Total >= 0 {
		if err := sameServices(ctx, o, s, h); err != nil {
			return err
		}
	}
	if err := o.Ledger.Reopen(ctx, o.ID); err != nil {
		return err
	}
	dropped, err := o.Ledger.DropKind(ctx, o.ID, string(verdict.Failed))
	if err != nil {
		return err
	}
	o.Log.Info("resuming the run", "run", o.ID, "decided", h.Decided-dropped, "failed before", dropped)
	return nil
}

// sameServices refuses to resume a run whose services are not those of the
// checkout.
func sameServices(ctx context.Context, o Options, s opened, h ledger.Header) error {
	expected := make(map[string]bool, h.Total)
	if err := o.Ledger.EachExpected(ctx, o.ID, func(name, _ string) { expected[name] = true }); err != nil {
		return err
	}
	chosen, listed := s.chosen(), 0
	for name, err := range s.Fleet.Names(ctx) {
		if err != nil {
			return err
		}
		if chosen != nil && !chosen[name] {
			continue
		}
		listed++
		if !expected[name] {
			return usagef("run %s does not expect service %q: start a new run", o.ID, name)
		}
	}
	if listed != len(expected) {
		return usagef("run %s expects %d services, and the checkout has %d: start a new run", o.ID, len(expected), listed)
	}
	return nil
}

// Cancel ends a run before it is decided: its followers report what there is, and
// its tasks end without work. A run that Redis does not know is a *UsageError.
func Cancel(ctx context.Context, id, reason string, o FollowOptions) error {
	h, err := o.Ledger.Header(ctx, id)
	if errors.Is(err, ledger.ErrGone) {
		return notThere(id)
	}
	if err != nil {
		return err
	}
	if h.Ended() {
		return usagef("run %s has ended already: it is %s", id, h.State)
	}
	if err := o.Ledger.Cancel(ctx, id, reason); err != nil {
		return err
	}
	left, err := undecided(ctx, o.Ledger, h)
	if err != nil {
		return err
	}
	return dropAll(ctx, o.Client, h.Plan.Queue, left)
}

// undecided are the tasks that may wait in a run's queue.
func undecided(ctx context.Context, l *ledger.Ledger, h ledger.Header) ([]tasks.Task, error) {
	attempts, err := l.Attempts(ctx, h.ID)
	if err != nil {
		return nil, err
	}
	var left []tasks.Task
	err = l.EachExpected(ctx, h.ID, func(service, digest string) {
		if digest != "" {
			left = append(left, tasks.Task{Run: h.ID, Unit: service, Attempt: max(attempts[service], 1)})
		}
	})
	return left, err
}
