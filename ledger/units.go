package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// AddExpected records expected units. A unit that is recorded already stays as it is.
func (l *Ledger) AddExpected(ctx context.Context, run id.Run, names []id.Unit) error {
	k := keysOf(run)
	return l.add(ctx, addExpectedScript, run, []string{k.run, k.expect}, names)
}

// AddKnown records known units, the names of all folders in the fleet, for a run that
// does not expect all of them.
func (l *Ledger) AddKnown(ctx context.Context, run id.Run, names []id.Unit) error {
	k := keysOf(run)
	return l.add(ctx, addKnownScript, run, []string{k.run, k.folders}, names)
}

func (l *Ledger) add(ctx context.Context, s *redis.Script, run id.Run, keys []string, names []id.Unit) error {
	for some := range slices.Chunk(names, scanStep) {
		args := make([]any, 0, len(some)+1)
		args = append(args, l.seconds())
		for _, n := range some {
			args = append(args, string(n))
		}
		word, _, err := answer(s.Run(ctx, l.plain, keys, args...))
		if err == nil && word == Gone {
			err = ErrGone
		}
		if err != nil {
			return fmt.Errorf("record %d names of run %s: %w", len(names), run, err)
		}
	}
	return nil
}

// Replace makes the run expect other bytes of a unit. A verdict about the old bytes is
// dropped, and followers are told so.
func (l *Ledger) Replace(ctx context.Context, run id.Run, unit id.Unit, digest id.Digest) error {
	return l.replace(ctx, run, unit, digest, "")
}

func (l *Ledger) replace(ctx context.Context, run id.Run, unit id.Unit, digest id.Digest, recorded string) error {
	k := keysOf(run)
	word, _, err := answer(replaceScript.Run(ctx, l.bulk, []string{k.run, k.expect, k.decided, k.begun, k.attempts, k.events},
		string(unit), string(digest), l.seconds(), recorded))
	if err == nil && word != Expected {
		err = fmt.Errorf("the run is %s: %w", word, ErrGone)
	}
	if err != nil {
		return fmt.Errorf("replace %q in run %s: %w", unit, run, err)
	}
	return nil
}

// DropKind drops all verdicts of a kind, so that their units are decided again, and says
// how many there were.
func (l *Ledger) DropKind(ctx context.Context, run id.Run, kind verdict.Kind) (int, error) {
	var units, recorded []string
	var cursor uint64
	for {
		page, next, err := l.plain.HScan(ctx, keysOf(run).decided, cursor, "", scanStep).Result()
		if err != nil {
			return 0, fmt.Errorf("read the verdicts of run %s: %w", run, err)
		}
		for i := 0; i+1 < len(page); i += 2 {
			if fields := strings.Fields(page[i+1]); len(fields) > 1 && fields[1] == kindPrefix+string(kind) {
				units, recorded = append(units, page[i]), append(recorded, page[i+1])
			}
		}
		if cursor = next; cursor == 0 {
			break
		}
	}
	for i, u := range units {
		if err := l.replace(ctx, run, id.Unit(u), AnyDigest, recorded[i]); err != nil {
			return i, err
		}
	}
	return len(units), nil
}

// EachExpected calls each for every expected unit and its digest, in no order. A unit may
// come twice.
func (l *Ledger) EachExpected(ctx context.Context, run id.Run, each func(unit id.Unit, digest id.Digest)) error {
	var cursor uint64
	for {
		page, next, err := l.plain.HScan(ctx, keysOf(run).expect, cursor, "", scanStep).Result()
		if err != nil {
			return fmt.Errorf("read the services of run %s: %w", run, err)
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

// Undecided returns those of the units that have no verdict.
func (l *Ledger) Undecided(ctx context.Context, run id.Run, units []id.Unit) ([]id.Unit, error) {
	var undecided []id.Unit
	for page := range slices.Chunk(units, scanStep) {
		fields := make([]string, len(page))
		for i, u := range page {
			fields[i] = string(u)
		}
		found, err := l.plain.HMGet(ctx, keysOf(run).decided, fields...).Result()
		if err != nil {
			return nil, fmt.Errorf("read which services of run %s are decided: %w", run, err)
		}
		for i, v := range found {
			if v == nil {
				undecided = append(undecided, page[i])
			}
		}
	}
	return undecided, nil
}

const kindPrefix = "kind:"

func cutKind(field string) (string, bool) { return strings.CutPrefix(field, kindPrefix) }

// Digest reads the digest with which a unit is expected.
func (l *Ledger) Digest(ctx context.Context, run id.Run, unit id.Unit) (id.Digest, error) {
	d, err := l.plain.HGet(ctx, keysOf(run).expect, string(unit)).Result()
	if errors.Is(err, redis.Nil) {
		err = ErrGone
	}
	if err != nil {
		return "", fmt.Errorf("read the digest of %q in run %s: %w", unit, run, err)
	}
	return id.Digest(d), nil
}
