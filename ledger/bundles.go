package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/id"
)

func bundleKey(d id.Digest) string { return prefix + "bundle:" + string(d) }

// Upload stores a bundle under its digest unless Redis has it, and keeps it for TTL in
// either case. It calls packed only if the bundle is missing, and says whether it stored
// the bundle.
func (l *Ledger) Upload(ctx context.Context, digest id.Digest, packed func() []byte) (bool, error) {
	there, err := l.bulk.Expire(ctx, bundleKey(digest), l.ttl).Result()
	if err != nil {
		return false, fmt.Errorf("ask for bundle %s: %w", digest.Short(), err)
	}
	if there {
		return false, nil
	}
	return true, l.Put(ctx, digest, packed())
}

// Put stores a bundle under its digest and keeps it for TTL.
func (l *Ledger) Put(ctx context.Context, digest id.Digest, packed []byte) error {
	if err := l.bulk.Set(ctx, bundleKey(digest), packed, l.ttl).Err(); err != nil {
		return fmt.Errorf("upload bundle %s: %w", digest.Short(), err)
	}
	return nil
}

// Bundle fetches one bundle, nil if it is missing.
func (l *Ledger) Bundle(ctx context.Context, digest id.Digest) ([]byte, error) {
	packed, err := l.plain.Get(ctx, bundleKey(digest)).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("fetch bundle %s: %w", digest.Short(), err)
	}
	return packed, nil
}

// Lacking lists those of a run's units that cannot be decided any more, because their bundle or
// one of shared files is missing, be it that of another kind: who uploads one uploads all.
func (l *Ledger) Lacking(ctx context.Context, h Header, units []id.Unit) ([]id.Unit, error) {
	if len(units) == 0 {
		return nil, nil
	}
	digests, err := l.plain.HMGet(ctx, keysOf(h.ID).expect, fields(units)...).Result()
	if err != nil {
		return nil, fmt.Errorf("read the digests of run %s: %w", h.ID, err)
	}
	shared := h.Plan.sharedKeys()
	there := make([]*redis.IntCmd, len(units))
	_, err = l.plain.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, d := range digests {
			own, _ := d.(string)
			there[i] = p.Exists(ctx, append(shared, bundleKey(id.Digest(own)))...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("ask for the bundles of run %s: %w", h.ID, err)
	}
	var lacking []id.Unit
	for i, u := range units {
		if digests[i] != nil && digests[i] != "" && there[i].Val() <= int64(len(shared)) {
			lacking = append(lacking, u)
		}
	}
	return lacking, nil
}
