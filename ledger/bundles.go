package ledger

import (
	"context"
	"fmt"
)

func bundleKey(digest string) string { return prefix + "bundle:" + digest }

// Upload puts a bundle under its digest unless it is there, and keeps it for TTL.
// packed is called only if the bundle is missing. It says whether it sent it.
func (l *Ledger) Upload(ctx context.Context, digest string, packed func() []byte) (bool, error) {
	there, err := l.bulk.Expire(ctx, bundleKey(digest), l.ttl).Result()
	if err != nil {
		return false, fmt.Errorf("ask for bundle %.12s: %w", digest, err)
	}
	if there {
		return false, nil
	}
	return true, l.Put(ctx, digest, packed())
}

// Put puts a bundle under its digest and keeps it for TTL.
func (l *Ledger) Put(ctx context.Context, digest string, packed []byte) error {
	if err := l.bulk.Set(ctx, bundleKey(digest), packed, l.ttl).Err(); err != nil {
		return fmt.Errorf("upload bundle %.12s: %w", digest, err)
	}
	return nil
}

// Bundle fetches one bundle, nil if it is not there.
func (l *Ledger) Bundle(ctx context.Context, digest string) ([]byte, error) {
	all, err := l.plain.MGet(ctx, bundleKey(digest)).Result()
	if err != nil {
		return nil, fmt.Errorf("fetch bundle %.12s: %w", digest, err)
	}
	if s, ok := all[0].(string); ok {
		return []byte(s), nil
	}
	return nil, nil
}
