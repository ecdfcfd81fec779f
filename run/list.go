package run

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/ledger"
)

const (
	// listBatch is how many names are recorded in Redis at a time.
	listBatch = 256
	// listAhead is how many names may be listed and not fed. It bounds what an
	// enqueuer keeps of a fleet beyond its verdicts.
	listAhead = 4096
)

// lister walks the fleet once: it records the names and puts those that are
// expected into the backlog.
type lister struct {
	fleet   *fleet.Fleet
	chosen  map[string]bool // nil means all
	backlog *backlog
	tell    func(context.Context, any)
	// record writes a batch where other processes find it: names to be expected
	// and, where not all are, the names of all folders.
	record func(ctx context.Context, expected, folders []string) error
	seal   func(ctx context.Context, total int) error
}

func (l *lister) run(ctx context.Context) error {
	var batch []string
	total := 0
	for name, err := range l.fleet.Names(ctx) {
		if err != nil {
			return fmt.Errorf("list the services: %w", err)
		}
		if batch = append(batch, name); len(batch) == listBatch {
			n, err := l.pass(ctx, batch)
			if err != nil {
				return err
			}
			batch, total = nil, total+n
		}
	}
	n, err := l.pass(ctx, batch)
	if err != nil {
		return err
	}
	total += n
	if err := l.seal(ctx, total); err != nil {
		return err
	}
	l.tell(ctx, listingEnded{total, true})
	return ctx.Err()
}

// pass hands on one batch and says how many of it are expected.
func (l *lister) pass(ctx context.Context, batch []string) (int, error) {
	expected, folders := batch, []string(nil)
	if l.chosen != nil {
		expected, folders = nil, batch
		for _, name := range batch {
			if l.chosen[name] {
				expected = append(expected, name)
			}
		}
	}
	if err := l.record(ctx, expected, folders); err != nil {
		return 0, err
	}
	l.tell(ctx, listed{expected, batch})
	l.backlog.put(expected)
	return len(expected), ctx.Err()
}

// recordTo writes batches into a run's ledger.
func recordTo(l *ledger.Ledger, id string) func(context.Context, []string, []string) error {
	return func(ctx context.Context, expected, folders []string) error {
		if err := l.AddKnown(ctx, id, folders); err != nil {
			return err
		}
		return l.AddExpected(ctx, id, expected)
	}
}

// listAll lists, and tells the consumer how that failed.
func listAll(ctx context.Context, l *lister, c *consumer) {
	switch err := l.run(ctx); {
	case err == nil || ctx.Err() != nil:
	case errors.Is(err, ledger.ErrGone):
		c.tell(ctx, stop{"Redis has lost the run"})
	default:
		c.tell(ctx, broken{err})
	}
}

// patientRecord and patientSeal wait for a Redis that does not answer, until it
// is given up: the listing then goes on without it.
func patientRecord(f *feeder, record func(context.Context, []string, []string) error) func(context.Context, []string, []string) error {
	return func(ctx context.Context, expected, folders []string) error {
		return unlessGivenUp(ctx, f, func(ctx context.Context) error { return record(ctx, expected, folders) })
	}
}

func patientSeal(f *feeder, l *ledger.Ledger, id string) func(context.Context, int) error {
	return func(ctx context.Context, total int) error {
		return unlessGivenUp(ctx, f, func(ctx context.Context) error { return l.Seal(ctx, id, total) })
	}
}

func unlessGivenUp(ctx context.Context, f *feeder, step func(context.Context) error) error {
	if err := f.patiently(step); err != nil && (f.remote.Err() == nil || ctx.Err() != nil) {
		return err
	}
	return nil
}
