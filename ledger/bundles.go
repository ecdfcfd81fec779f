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
	if err == nil && !there {
		err = l.bulk.Set(ctx, bundleKey(digest), packed(), l.ttl).Err()
	}
	if err != nil {
		return false, fmt.Errorf("upload bundle %.12s: %w", digest, err)
	}
	return !there, nil
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
