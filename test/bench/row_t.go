//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
)

var cacheMemory = row{
	letter: "t", title: "What a cached verdict takes in Redis",
	what:    "What `MEMORY USAGE` says of the keys that a run of a commit with an empty cache has left, key, value and time to live: of verdicts, and of the names by which git's objects lead to them.",
	measure: measureCacheMemory,
}

const (
	// cachedGoal is the most bytes of a cached verdict, in the median.
	cachedGoal = 600
	// looked is how many keys are looked at.
	looked = 1000
)

func measureCacheMemory(ctx context.Context, b *bench, s *section) (err error) {
	f, err := b.committed(ctx, b.size.many)
	if err != nil {
		return err
	}
	k, err := b.keep(ctx, f, runWorkers, nil, oneRegion, "--ref=HEAD")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.close()) }()
	verdicts, contents := s.figure("a cached verdict", "B").atMost(cachedGoal), s.figure("the name of a content", "B")
	return errors.Join(k.redis.usages(ctx, "muster:verdict:*", verdicts), k.redis.usages(ctx, "muster:content:*", contents))
}

// usages adds what each of some keys takes.
func (s *server) usages(ctx context.Context, pattern string, to *figure) error {
	keys := s.conn.Plain().Scan(ctx, 0, pattern, 1000).Iterator()
	for n := 0; n < looked && keys.Next(ctx); n++ {
		bytes, err := s.conn.Plain().MemoryUsage(ctx, keys.Val()).Result()
		if err != nil {
			return err
		}
		to.add(float64(bytes))
	}
	if len(to.samples) == 0 {
		return errors.Join(keys.Err(), fmt.Errorf("no key matches %s", pattern))
	}
	return keys.Err()
}
