package run

import (
	"context"
	"errors"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/scope"
)

const (
	// listBatch is how many names are recorded in Redis at a time.
	listBatch = 256
	// listAhead is how many names may be listed and not fed, but for those that wait for
	// commands. It bounds what an enqueuer keeps of a fleet beyond its verdicts.
	listAhead = 4096
)

// lister walks the fleet once: it records the names and puts those that are
// expected into the backlog.
type lister struct {
	source    fleet.Source
	selection scope.Selection
	lane      func(id.Unit) int // in which a unit waits; nil for the first
	backlog   *backlog
	changed   func(id.Unit) bool // as in Options
	inquire   *inquirer          // what is known does not come into the backlog; nil: all does
	tell      func(context.Context, message)
	// record writes a batch where other processes find it: names to be expected
	// and, where not all are, the names of all folders.
	record func(ctx context.Context, expected, known []id.Unit) error
	seal   func(ctx context.Context, total int) error
}

// run lists, and tells the consumer how that failed.
func (l *lister) run(ctx context.Context) {
	switch err := l.list(ctx); {
	case err == nil || ctx.Err() != nil:
	case errors.Is(err, ledger.ErrGone), errors.Is(err, ledger.ErrReplaced):
		l.tell(ctx, stopFor(err))
	default:
		l.tell(ctx, broken{err})
	}
}

func (l *lister) list(ctx context.Context) error {
	total, err := l.walk(ctx)
	if l.inquire != nil {
		close(l.inquire.batches)
	}
	if err == nil && l.inquire.records() {
		err = l.inquire.wait(ctx)
	}
	if err != nil {
		return err
	}
	if err := l.seal(ctx, total); err != nil {
		return err
	}
	l.tell(ctx, listingEnded{total, true})
	return ctx.Err()
}

// walk hands on all names in batches, and says how many are expected.
func (l *lister) walk(ctx context.Context) (total int, err error) {
	var batch []id.Unit
	for name, err := range l.source.Units(ctx) {
		if err != nil {
			return 0, err // which says that listing failed
		}
		if batch = append(batch, name); len(batch) == listBatch {
			n, err := l.pass(ctx, batch)
			if err != nil {
				return 0, err
			}
			batch, total = nil, total+n
		}
	}
	n, err := l.pass(ctx, batch)
	return total + n, err
}

// pass hands on one batch and says how many of it are expected.
func (l *lister) pass(ctx context.Context, batch []id.Unit) (int, error) {
	expected, known := batch, []id.Unit(nil)
	if !l.selection.Whole() {
		expected, known = nil, batch
		for _, name := range batch {
			if l.selection.Has(name) {
				expected = append(expected, name)
			}
		}
	}
	record := expected
	if l.inquire.records() {
		record = nil
	}
	if err := l.record(ctx, record, known); err != nil {
		return 0, err
	}
	l.tell(ctx, listed{expected, batch, l.lane})
	if l.inquire != nil {
		l.inquire.put(ctx, expected)
	} else {
		l.backlog.put(expected, l.lane, l.changed)
	}
	return len(expected), ctx.Err()
}
