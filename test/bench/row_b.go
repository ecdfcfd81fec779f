//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
)

var queueCost = row{
	letter: "b", title: "What the queue costs",
	what: "The time of `enqueue run` over real manifests with a fresh redis-server and two fresh worker processes, which are up before it starts, " +
		"against `enqueue validate` on the same cores; the difference by the number of services is what the way over the queue costs.",
	measure: measureQueueCost,
}

const (
	queueCostGoal = 70 // µs a service
	runWorkers    = 2
)

func measureQueueCost(ctx context.Context, b *bench, s *section) error {
	f, err := b.fleet(b.size.many)
	if err != nil {
		return err
	}
	of := fmt.Sprintf(", %s services", number(float64(f.services)))
	queued, local := s.figure("run"+of, "s"), s.figure("validate"+of, "s")
	err = b.rounds(ctx, "b", func() error {
		seconds, err := b.runCold(ctx, f)
		if err != nil {
			return err
		}
		queued.add(seconds)
		seconds, err = b.enqueue(ctx, b.shipped, f, "validate", oneRegion)
		local.add(seconds)
		return err
	})
	if err != nil {
		return err
	}
	s.paired("(run − validate) / services", "µs", queued, local, func(q, l float64) float64 {
		return 1e6 * (q - l) / float64(f.services)
	}).atMost(queueCostGoal)
	s.paired("run / validate", "×", queued, local, ratio)
	return nil
}

// runCold is the time of one run with nothing warm but the page cache.
func (b *bench) runCold(ctx context.Context, f testFleet) (seconds float64, err error) {
	redis, err := startServer(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, redis.close()) }()
	w, err := startWorkers(ctx, b.shipped, redis.process.URL(), runWorkers)
	if err != nil {
		return 0, err
	}
	defer w.stop()
	return b.enqueue(ctx, b.shipped, f, "run", oneRegion, "--redis", redis.process.URL())
}
