package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/id"
)

// EachExpected calls each for every expected unit and its digest, in no order. A unit may
// come twice.
func (l *Ledger) EachExpected(ctx context.Context, run id.Run, each func(unit id.Unit, digest id.Digest)) error {
	var cursor uint64
	for {
		page, next, err := l.plain.HScan(ctx, keysOf(run).expect, cursor, "", scanStep).Result()
		if err != nil {
			return fmt.Errorf("read the units of run %s: %w", run, err)
		}
		for i := 0; i+1 < len(page); i += 2 {
			each(id.Unit(page[i]), id.Digest(page[i+1]))
		}
		if cursor = next; cursor == 0 {
			return nil
		}
	}
}

// EachKnown calls each for every unit that AddKnown has recorded, in no order. A unit may
// come twice.
func (l *Ledger) EachKnown(ctx context.Context, run id.Run, each func(name id.Unit)) error {
	var cursor uint64
	for {
		page, next, err := l.plain.SScan(ctx, keysOf(run).folders, cursor, "", scanStep).Result()
		if err != nil {
			return fmt.Errorf("read the folder names of run %s: %w", run, err)
		}
		for _, n := range page {
			each(id.Unit(n))
		}
		if cursor = next; cursor == 0 {
			return nil
		}
	}
}

// fields are units as a hash or a sorted set of Redis names them.
func fields(units []id.Unit) []string {
	names := make([]string, len(units))
	for i, u := range units {
		names[i] = string(u)
	}
	return names
}

// Undecided returns those of the units that have no verdict.
func (l *Ledger) Undecided(ctx context.Context, run id.Run, units []id.Unit) ([]id.Unit, error) {
	var undecided []id.Unit
	for page := range slices.Chunk(units, scanStep) {
		found, err := l.plain.HMGet(ctx, keysOf(run).decided, fields(page)...).Result()
		if err != nil {
			return nil, fmt.Errorf("read which units of run %s are decided: %w", run, err)
		}
		for i, v := range found {
			if v == nil {
				undecided = append(undecided, page[i])
			}
		}
	}
	return undecided, nil
}

// LanesOf are the queues in which the tasks of units wait. A unit whose kind Redis does not know
// waits in the queue that needs nothing.
func (l *Ledger) LanesOf(ctx context.Context, run id.Run, p Plan, units []id.Unit) (map[id.Unit]string, error) {
	all := make(map[id.Unit]string, len(units))
	if lanes := p.Lanes(); len(lanes) == 1 {
		for _, u := range units {
			all[u] = lanes[0]
		}
		return all, nil
	}
	for page := range slices.Chunk(units, scanStep) {
		kinds, err := l.plain.HMGet(ctx, keysOf(run).kinds, fields(page)...).Result()
		if err != nil {
			return nil, fmt.Errorf("read of which kinds units of run %s are: %w", run, err)
		}
		for i, kind := range kinds {
			name, _ := kind.(string)
			all[page[i]] = p.Lane(name)
		}
	}
	return all, nil
}

// EachKind calls each for every unit of which Redis knows the kind, in no order. A unit may come
// twice.
func (l *Ledger) EachKind(ctx context.Context, run id.Run, each func(unit id.Unit, kind string)) error {
	var cursor uint64
	for {
		page, next, err := l.plain.HScan(ctx, keysOf(run).kinds, cursor, "", scanStep).Result()
		if err != nil {
			return fmt.Errorf("read of which kinds units of run %s are: %w", run, err)
		}
		for i := 0; i+1 < len(page); i += 2 {
			each(id.Unit(page[i]), page[i+1])
		}
		if cursor = next; cursor == 0 {
			return nil
		}
	}
}

const kindPrefix = "kind:"

// expectedPrefix and decidedPrefix begin the header's counters of the units of a kind: those whose
// kind is known, and those that have a verdict.
const (
	expectedPrefix = "expected:"
	decidedPrefix  = "decided:"
)

func cutKind(field string) (string, bool) { return strings.CutPrefix(field, kindPrefix) }

// Digest reads the digest with which a unit is expected, and its kind, "" where the plan has
// none.
func (l *Ledger) Digest(ctx context.Context, run id.Run, unit id.Unit) (digest id.Digest, kind string, err error) {
	var d, k *redis.StringCmd
	// Each command has its own error.
	_, _ = l.plain.Pipelined(ctx, func(p redis.Pipeliner) error {
		d, k = p.HGet(ctx, keysOf(run).expect, string(unit)), p.HGet(ctx, keysOf(run).kinds, string(unit))
		return nil
	})
	switch err = d.Err(); {
	case errors.Is(err, redis.Nil):
		err = ErrGone
	case err == nil && !errors.Is(k.Err(), redis.Nil):
		err = k.Err()
	}
	if err != nil {
		return "", "", fmt.Errorf("read the digest of %q in run %s: %w", unit, run, err)
	}
	return id.Digest(d.Val()), k.Val(), nil
}
