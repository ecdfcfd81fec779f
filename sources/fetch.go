package sources

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
)

var (
	errChanged = errors.New("the files have changed since they were checked")
	errExpired = errors.New("what was checked is no longer in Redis")
	errSilent  = errors.New("Redis does not answer")
)

// Checkout packs units again, and gives those that are what they were.
func Checkout(ctx context.Context, source fleet.Source) Fetch {
	ctx = context.WithoutCancel(ctx) // a run that was interrupted has a report, too
	return func(u aggregator.Unit) (bundle.Bundle, error) {
		b, _, err := source.Unit(ctx, u.Name)
		if err != nil || b.Digest() != u.Digest {
			return bundle.Bundle{}, errChanged
		}
		return b, nil
	}
}

// Store has packed bundles by their digests, nil for one that it has not.
type Store interface {
	Bundle(ctx context.Context, digest id.Digest) ([]byte, error)
}

// answerWithin is how long a store may take for a bundle. One that took longer is not asked
// again.
const answerWithin = 5 * time.Second

// Stored takes the bundles that workers took.
func Stored(ctx context.Context, store Store) Fetch {
	ctx = context.WithoutCancel(ctx)
	var silent atomic.Bool
	return func(u aggregator.Unit) (bundle.Bundle, error) {
		if silent.Load() {
			return bundle.Bundle{}, errSilent
		}
		ctx, cancel := context.WithTimeout(ctx, answerWithin)
		defer cancel()
		packed, err := store.Bundle(ctx, u.Digest)
		switch {
		case err != nil:
			silent.Store(true)
			return bundle.Bundle{}, errSilent
		case packed == nil:
			return bundle.Bundle{}, errExpired
		}
		b, err := bundle.Unpack(packed, u.Digest, fleet.MostUnit)
		if err != nil {
			return bundle.Bundle{}, errExpired
		}
		return b, nil
	}
}

// Either asks the second one for what the first has not.
func Either(first, second Fetch) Fetch {
	return func(u aggregator.Unit) (bundle.Bundle, error) {
		b, err := first(u)
		if err == nil {
			return b, nil
		}
		if b, otherwise := second(u); otherwise == nil {
			return b, nil
		}
		return bundle.Bundle{}, err
	}
}
