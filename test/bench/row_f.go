//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
)

var memory = row{
	letter: "f", title: "Memory",
	what: "The most memory that was resident (VmHWM) of `enqueue run` and of the one worker that it has, of concurrency 64, over real manifests; and what Redis uses more of, " +
		"a service: when all names and bundles of a detached run wait (`enqueue run --detach`, no worker), and when a run has ended and is kept for a day.",
	measure: measureMemory,
}

// The most MiB.
const (
	enqueuerGoal = 120
	workerGoal   = 80
)

func measureMemory(ctx context.Context, b *bench, s *section) error {
	sizes := []int{b.size.many / 10, b.size.many, b.size.most}
	for _, n := range sizes {
		if _, err := b.fleet(n); err != nil {
			return err
		}
	}
	return b.rounds(ctx, "f", func() error {
		for _, n := range sizes {
			if err := b.peaks(ctx, s, b.fleets[n]); err != nil {
				return err
			}
		}
		return b.pending(ctx, s, b.fleets[b.size.many])
	})
}

// peaks is the memory of one run and all who take part in it.
func (b *bench) peaks(ctx context.Context, s *section, f testFleet) error {
	of := fmt.Sprintf(", %s services", number(float64(f.services)))
	enqueuers, workers := s.figure("enqueuer"+of, "MiB"), s.figure("worker"+of, "MiB")
	if f.services == b.size.most {
		enqueuers.atMost(enqueuerGoal)
		workers.atMost(workerGoal)
	}
	return keptByRedis(ctx, s.figure("Redis, a service of a finished run"+of, "B"), f.services, func(url string) error {
		w, err := startWorkers(ctx, b.shipped, url, 1, concurrency(fetchConcurrency))
		if err != nil {
			return err
		}
		defer w.stop()
		enqueuer, err := b.peakOf(ctx, filepath.Join(b.shipped, "enqueue"), "run", "--quiet", cacheOff, oneRegion, "--repo", f.dir, "--redis", url)
		if err != nil {
			return err
		}
		enqueuers.add(enqueuer)
		worker, err := highWater(w.all[0].PID())
		workers.add(worker)
		return err
	})
}

// pending is what a run takes in Redis before anybody has worked on it.
func (b *bench) pending(ctx context.Context, s *section, f testFleet) error {
	kept := s.figure(fmt.Sprintf("Redis, a pending service, %s services", number(float64(f.services))), "B")
	return keptByRedis(ctx, kept, f.services, func(url string) error {
		e, err := b.command(ctx, filepath.Join(b.shipped, "enqueue"), "run", "--detach", cacheOff, oneRegion, "--repo", f.dir, "--redis", url)
		if err == nil && e.code != 0 {
			err = fmt.Errorf("%s exited %d", e.command, e.code)
		}
		return err
	})
}

// keptByRedis adds what a fresh Redis uses more, for each of n, when some work on it
// is over and its clients have gone.
func keptByRedis(ctx context.Context, to *figure, n int, work func(url string) error) (err error) {
	redis, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, redis.close()) }()
	before, err := redis.info(ctx, "memory", "used_memory")
	if err != nil {
		return err
	}
	if err := work(redis.process.URL()); err != nil {
		return err
	}
	after, err := redis.info(ctx, "memory", "used_memory")
	to.add((after - before) / float64(n))
	return err
}
