//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
)

var cacheCost = row{
	letter: "s", title: "What a cache saves on one machine, and costs",
	what: "The time of `enqueue validate` over a clean checkout whose services are all in the cache's folder, and of `enqueue validate --ref HEAD` over the same commit, against that without a cache; and what it costs to fill one: validate with an empty folder, " +
		"and `enqueue run` with a fresh redis-server and two worker processes that keep what they decide, each against the same without a cache.",
	measure: measureCacheCost,
}

const (
	localGoal = 0.17 // of the time without a cache
	fillGoal  = 1.1  // times that
)

func measureCacheCost(ctx context.Context, b *bench, s *section) error {
	f, err := b.committed(ctx, b.size.many)
	if err != nil {
		return err
	}
	of := fmt.Sprintf(", %s services", number(float64(f.services)))
	off, fill, warm := s.figure("validate without a cache"+of, "s"), s.figure("validate, which fills one"+of, "s"), s.figure("validate, all in the cache"+of, "s")
	ref := s.figure("validate --ref HEAD, all in the cache"+of, "s")
	runOff, runFill := s.figure("run without a cache"+of, "s"), s.figure("run, which fills one"+of, "s")
	err = b.rounds(ctx, "s", func() (err error) {
		dir, drop, err := b.shortLived("kept")
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, drop()) }()
		kept := []string{cacheAuto, cacheDir(dir)}
		named := append(kept, "--ref=HEAD")
		once := &figure{} // from then on git's names lead to what is known
		for _, c := range []struct {
			to   *figure
			args []string
		}{{off, []string{cacheOff}}, {fill, kept}, {warm, kept}, {once, named}, {ref, named}} {
			seconds, err := b.enqueue(ctx, b.shipped, f, append([]string{"validate", oneRegion}, c.args...)...)
			if err != nil {
				return err
			}
			c.to.add(seconds)
		}
		seconds, err := b.runCold(ctx, f)
		if err != nil {
			return err
		}
		runOff.add(seconds)
		seconds, err = b.runFilling(ctx, f)
		runFill.add(seconds)
		return err
	})
	s.paired("validate, warm / without a cache", "×", warm, off, ratio).atMost(localGoal)
	s.paired("validate --ref HEAD, warm / without a cache", "×", ref, off, ratio).atMost(localGoal)
	s.paired("validate, filling / without a cache", "×", fill, off, ratio).atMost(fillGoal)
	s.paired("run, filling / without a cache", "×", runFill, runOff, ratio).atMost(fillGoal)
	return err
}

// runFilling is runCold with workers that keep what they decide, in the same Redis.
func (b *bench) runFilling(ctx context.Context, f testFleet) (seconds float64, err error) {
	redis, err := startServer(ctx)
	if err != nil {
		return 0, err
	}
	k := &kept{redis: redis}
	defer func() { err = errors.Join(err, k.close()) }()
	if k.workers, err = startWorkers(ctx, b.shipped, redis.process.URL(), runWorkers, writes); err != nil {
		return 0, err
	}
	return k.run(ctx, b, f, oneRegion)
}
