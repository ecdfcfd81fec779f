// Package rediscache keeps the cache of verdicts in a Redis that many processes share.
//
// Each item is a string under a key of its own, which ends with its time to live, and is read and
// written by plain commands alone: what a user of Redis may do with the cache follows from the rights
// to keys, which scripts could blur.
package rediscache

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/internal/preflight"
)

// How long items live that nobody renews.
const (
	// LifeBesideRuns is in a Redis that has the runs, too: it is there for these.
	LifeBesideRuns = 7 * 24 * time.Hour
	// LifeAlone is in a Redis that has nothing but the cache.
	LifeAlone = 30 * 24 * time.Hour
)

const (
	prefix     = "muster:"
	saltPrefix = prefix + "salt:"
	// batch is how many items travel in one command, or one pipeline: some hundred kilobytes, so that no
	// other client waits long for its turn.
	batch = 1000
	// streams is how many batches of one call travel at once.
	streams = 4
	// roomPercent is how much of its memory Redis may use before a cache adds nothing, where Redis evicts
	// nothing. Runs pause above 80 percent: it must not be the cache that stops them.
	roomPercent = 60
	// roomFor is for how long a look at the memory counts.
	roomFor = time.Second
)

// errFull says what to do.
var errFull = fmt.Errorf("%w: raise the maxmemory of its Redis, or give it a Redis of its own that evicts (maxmemory-policy volatile-lfu)", cache.ErrFull)

// Store is a cache.Store in a Redis. Its methods may be called from several goroutines at once.
type Store struct {
	client redis.UniversalClient
	life   time.Duration

	mu     sync.Mutex
	looked time.Time // at the memory
	full   bool
}

// New keeps items for life in the Redis that a client leads to, which must be no cluster. Contexts bound
// what the client does: it is one that heeds them. The caller closes it.
func New(client redis.UniversalClient, life time.Duration) *Store {
	return &Store{client: client, life: life}
}

// Life is for how long Redis keeps an item that nobody writes again.
func (s *Store) Life() time.Duration { return s.life }

// Key is what Redis calls an item.
func Key(s cache.Space, domain string, k cache.Key) string {
	return of(s, domain) + base64.RawURLEncoding.EncodeToString(k[:])
}

// of begins the names of a domain's items.
func of(s cache.Space, domain string) string { return prefix + string(s) + ":" + domain + ":" }

// Get reads items, a thousand in one command.
func (s *Store) Get(ctx context.Context, space cache.Space, domain string, keys []cache.Key) ([][]byte, error) {
	values := make([][]byte, len(keys))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(streams)
	for from := 0; from < len(keys); from += batch {
		part := keys[from:min(from+batch, len(keys))]
		g.Go(func() error { return s.read(ctx, space, domain, part, values[from:]) })
	}
	if err := g.Wait(); err != nil {
		return nil, fmt.Errorf("read %d items of cache domain %s: %w", len(keys), domain, err)
	}
	return values, nil
}

func (s *Store) read(ctx context.Context, space cache.Space, domain string, keys []cache.Key, to [][]byte) error {
	found, err := s.client.Do(ctx, mget(space, domain, keys)...).Slice()
	if err != nil {
		return err
	}
	room := 0
	for _, v := range found {
		if text, ok := v.(string); ok {
			room += len(text)
		}
	}
	all := make([]byte, 0, room)
	for i, v := range found {
		if text, ok := v.(string); ok {
			from := len(all)
			all = append(all, text...)
			to[i] = all[from:len(all):len(all)]
		}
	}
	return nil
}

// mget is the command that reads keys, whose names lie in one piece.
func mget(space cache.Space, domain string, keys []cache.Key) []any {
	begin := of(space, domain)
	length := len(begin) + base64.RawURLEncoding.EncodedLen(len(cache.Key{}))
	text := make([]byte, 0, length*len(keys))
	for i := range keys {
		text = base64.RawURLEncoding.AppendEncode(append(text, begin...), keys[i][:])
	}
	all, names, args := string(text), make([]string, len(keys)), make([]any, 1, 1+len(keys))
	args[0] = "mget"
	for i := range names {
		names[i] = all[i*length : (i+1)*length]
		args = append(args, &names[i])
	}
	return args
}

// Put writes items, each for the store's time to live. It is cache.ErrFull where they would take room that
// runs need.
func (s *Store) Put(ctx context.Context, space cache.Space, domain string, items []cache.Item) error {
	if len(items) == 0 {
		return nil
	}
	if full, err := s.isFull(ctx); err != nil || full {
		if err == nil {
			err = errFull
		}
		return fmt.Errorf("write %d items of cache domain %s: %w", len(items), domain, err)
	}
	for from := 0; from < len(items); from += batch {
		_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, i := range items[from:min(from+batch, len(items))] {
				p.Set(ctx, Key(space, domain, i.Key), i.Value, s.life)
			}
			return nil
		})
		if redis.HasErrorPrefix(err, "OOM") {
			err = errFull
		}
		if err != nil {
			return fmt.Errorf("write %d items of cache domain %s: %w", len(items), domain, err)
		}
	}
	return nil
}

// isFull looks at the memory, at most once a second.
func (s *Store) isFull(ctx context.Context) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.looked) < roomFor {
		return s.full, nil
	}
	m, err := preflight.MemoryOf(ctx, s.client)
	if err != nil {
		return false, err
	}
	s.looked, s.full = time.Now(), !m.Evicts && m.Limit > 0 && m.Used > m.Limit/100*roomPercent
	return s.full, nil
}

// Salt reads the salt of a domain.
func (s *Store) Salt(ctx context.Context, domain string) (string, error) {
	salt, err := s.client.Get(ctx, saltPrefix+domain).Result()
	if errors.Is(err, redis.Nil) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the salt of cache domain %s: %w", domain, err)
	}
	return salt, nil
}

// Disown gives a domain another salt: what was kept in it is found no more. Workers learn of the salt with
// their next beat, and runs that have begun go on with the one before.
func (s *Store) Disown(ctx context.Context, domain string) error {
	if err := s.client.Set(ctx, saltPrefix+domain, rand.Text(), 0).Err(); err != nil {
		return fmt.Errorf("disown cache domain %s: %w", domain, err)
	}
	return nil
}
