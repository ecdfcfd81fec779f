//go:build linux

package main

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"

	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/worker"
)

var redisCPU = row{
	letter: "g", title: "Redis",
	what: "The CPU time of redis-server (INFO cpu) for each service of `enqueue run` over real manifests with two workers, without an append-only file and with one " +
		"(`appendfsync everysec`), from its start to its end; against asynq's own three scripts, for tasks that are pushed, fetched and finished by the " +
		"same clients and as many servers, and do nothing.",
	measure: measureRedisCPU,
}

const (
	addedCPUGoal = 14 // µs beyond asynq's own
	second       = 1e6
)

func measureRedisCPU(ctx context.Context, b *bench, s *section) error {
	f, err := b.fleet(b.size.many)
	if err != nil {
		return err
	}
	whole, kept, bare := s.figure("a service", "µs"), s.figure("a service, with an append-only file", "µs"), s.figure("a task of asynq's own", "µs")
	err = b.rounds(ctx, "g", func() error {
		return errors.Join(
			onFreshRedis(ctx, whole, func(r *server) (float64, error) { return b.cpuOfRun(ctx, r, f) }),
			onFreshRedis(ctx, bare, func(r *server) (float64, error) { return cpuOfAsynq(ctx, r, f.services) }),
			onFreshRedis(ctx, kept, func(r *server) (float64, error) { return b.cpuOfRun(ctx, r, f) },
				"--appendonly", "yes", "--appendfsync", "everysec"))
	})
	if err != nil {
		return err
	}
	s.paired("a service − a task of asynq's own", "µs", whole, bare, difference).atMost(addedCPUGoal)
	perCore := func(micros, _ float64) float64 { return second / micros }
	s.paired("services that one core of Redis carries", "/s", whole, whole, perCore)
	s.paired("services that one core of Redis carries, with an append-only file", "/s", kept, kept, perCore)
	return nil
}

// onFreshRedis adds what a Redis of its own computes for something.
func onFreshRedis(ctx context.Context, to *figure, measure func(*server) (float64, error), args ...string) (err error) {
	redis, err := startServer(ctx, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, redis.close()) }()
	micros, err := measure(redis)
	to.add(micros)
	return err
}

// cpuFor is what a Redis computes for each of n, in microseconds, during some work.
func (s *server) cpuFor(ctx context.Context, n int, work func() error) (float64, error) {
	before, err := s.cpu(ctx)
	if err != nil {
		return 0, err
	}
	if err := work(); err != nil {
		return 0, err
	}
	after, err := s.cpu(ctx)
	return (after - before) / float64(n), err
}

// cpuOfRun is for each service of a run, from its start to its end.
func (b *bench) cpuOfRun(ctx context.Context, redis *server, f testFleet) (float64, error) {
	w, err := startWorkers(ctx, b.shipped, redis.process.URL(), runWorkers)
	if err != nil {
		return 0, err
	}
	defer w.stop()
	return redis.cpuFor(ctx, f.services, func() error {
		_, err := b.enqueue(ctx, b.shipped, f, "run", oneRegion, "--redis", redis.process.URL())
		return err
	})
}

// cpuOfAsynq is for each of n tasks that go through Redis and back to servers like
// those of as many workers.
func cpuOfAsynq(ctx context.Context, redis *server, n int) (float64, error) {
	return redis.cpuFor(ctx, n, func() error {
		if err := push(ctx, redis.conn, n); err != nil {
			return err
		}
		return fetchAll(ctx, redis, n)
	})
}

// fetchAll fetches and finishes the n tasks that wait.
func fetchAll(ctx context.Context, redis *server, n int) error {
	all := make(chan struct{})
	var count atomic.Int64
	begun := func() {
		if count.Add(1) == int64(n) {
			close(all)
		}
	}
	for range runWorkers {
		conn, err := dial(redis.process.URL())
		if err != nil {
			return err
		}
		defer conn.Close()
		stop, err := fetchLikeAWorker(conn, begun)
		if err != nil {
			return err
		}
		defer stop()
	}
	select {
	case <-all:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return lane{redis: redis}.finished(ctx, tasks.QueueCI)
}

// fetchLikeAWorker has the concurrency that a worker has by itself.
func fetchLikeAWorker(conn *redisconn.Conn, begun func()) (stop func(), err error) {
	return fetch(conn, worker.ConcurrencyFor(runtime.NumCPU()), begun)
}
