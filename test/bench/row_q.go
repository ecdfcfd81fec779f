//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

var nothingChanged = row{
	letter: "q", title: "A commit that was verified before",
	what: "The time of `enqueue run --ref HEAD` over a commit whose services are all in the cache, with a redis-server and two worker processes on the same cores, against `enqueue validate` " +
		"of the same files without a cache; the time to the first event of it, and its most memory.",
	measure: measureNothingChanged,
}

const (
	// warmGoal is the part of the time of a cold validate that a warm run may take, and
	// warmHope what it should.
	warmGoal  = 0.15
	firstGoal = 0.2 // s
	peakGoal  = 150 // MiB
)

func measureNothingChanged(ctx context.Context, b *bench, s *section) (err error) {
	f, err := b.committed(ctx, b.size.most)
	if err != nil {
		return err
	}
	args := []string{oneRegion, "--ref=HEAD"}
	k, err := b.keep(ctx, f, runWorkers, nil, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.close()) }()
	of := fmt.Sprintf(", %s services", number(float64(f.services)))
	warm, cold := s.figure("run, all in the cache"+of, "s"), s.figure("validate without a cache"+of, "s")
	first, peak := s.figure("first event of the run"+of, "s").atMost(firstGoal), s.figure("memory of the run"+of, "MiB").atMost(peakGoal)
	url := k.redis.process.URL()
	err = b.rounds(ctx, "q", func() error {
		seconds, err := k.run(ctx, b, f, args...)
		if err != nil {
			return err
		}
		warm.add(seconds)
		if seconds, err = b.enqueue(ctx, b.shipped, f, "validate", oneRegion); err != nil {
			return err
		}
		cold.add(seconds)
		run := append([]string{"run", cacheAuto, "--redis", url, "--repo", f.dir}, args...)
		err = b.follow(ctx, b.shipped, run, func(_ event, after time.Duration) bool {
			first.add(after.Seconds())
			return true
		})
		if err != nil {
			return err
		}
		most, err := b.peakOf(ctx, filepath.Join(b.shipped, "enqueue"), append(run, "--quiet")...)
		peak.add(most)
		return err
	})
	s.paired("warm run / cold validate", "×", warm, cold, ratio).atMost(warmGoal)
	return err
}
