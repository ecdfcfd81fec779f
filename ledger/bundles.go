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
