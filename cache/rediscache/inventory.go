package rediscache

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/cache"
)

// names is a pattern of the keys of all spaces, and of little else.
const names = prefix + "[clv]*:*:*"

// parse reads what Key has written; ok is false for the name of something else.
func parse(name string) (f cache.Found, ok bool) {
	parts := strings.Split(name, ":")
	if len(parts) != 4 || parts[0]+":" != prefix {
		return f, false
	}
	f.Space, f.Domain = cache.Space(parts[1]), parts[2]
	raw, err := base64.RawURLEncoding.DecodeString(parts[3])
	if f.Space != cache.Verdicts && f.Space != cache.Contents && f.Space != cache.Latest || err != nil || len(raw) != len(f.Key) {
		return f, false
	}
	copy(f.Key[:], raw)
	return f, true
}

// Each tells of all items, in steps that keep no other client waiting, until it returns an error. What
// comes and goes meanwhile is told of or not, and some items are told of twice. When an item was written
// follows from what is left of its life, as if the life were the store's.
func (s *Store) Each(ctx context.Context, tell func(cache.Found) error) error {
	return s.scan(ctx, func(all []cache.Found) error {
		for _, f := range all {
			if err := tell(f); err != nil {
				return err
			}
		}
		return nil
	})
}

// Remove removes the items of which drop says so, and returns how many there were.
func (s *Store) Remove(ctx context.Context, drop func(cache.Found) bool) (n int, err error) {
	err = s.scan(ctx, func(all []cache.Found) error {
		var gone []string
		for _, f := range all {
			if drop(f) {
				gone = append(gone, Key(f.Space, f.Domain, f.Key))
			}
		}
		if len(gone) == 0 {
			return nil
		}
		removed, err := s.client.Unlink(ctx, gone...).Result()
		n += int(removed)
		return err
	})
	return n, err
}

// scan walks over the keys, a thousand at a time, of which it reads those that are items.
func (s *Store) scan(ctx context.Context, look func([]cache.Found) error) error {
	for cursor := uint64(0); ; {
		found, next, err := s.client.Scan(ctx, cursor, names, batch).Result()
		if err != nil {
			return fmt.Errorf("list what the cache has: %w", err)
		}
		all, err := s.lookAt(ctx, found)
		if err != nil {
			return fmt.Errorf("look at what the cache has: %w", err)
		}
		if err := look(all); err != nil {
			return err
		}
		if cursor = next; cursor == 0 {
			return nil
		}
	}
}

// lookAt reads the items of those names that are of one.
func (s *Store) lookAt(ctx context.Context, found []string) (all []cache.Found, err error) {
	var of []string
	for _, name := range found {
		if f, ok := parse(name); ok {
			all, of = append(all, f), append(of, name)
		}
	}
	if len(of) == 0 {
		return nil, nil
	}
	var values *redis.SliceCmd
	left, bytes := make([]*redis.DurationCmd, len(of)), make([]*redis.IntCmd, len(of))
	_, err = s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		values = p.MGet(ctx, of...)
		for i, name := range of {
			left[i], bytes[i] = p.TTL(ctx, name), p.MemoryUsage(ctx, name)
		}
		return nil
	})
	if err != nil && err != redis.Nil { // of what has gone meanwhile
		return nil, err
	}
	now, there := time.Now(), all[:0]
	for i, v := range values.Val() {
		if text, ok := v.(string); ok {
			f := all[i]
			f.Value, f.Bytes, f.Written = []byte(text), int(bytes[i].Val()), now.Add(left[i].Val()-s.life)
			there = append(there, f)
		}
	}
	return there, nil
}
