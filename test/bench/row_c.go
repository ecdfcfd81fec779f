//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/test/proxy"
)

var plainAsynq = row{
	letter: "c", title: "Enqueueing and fetching, against plain asynq",
	what: "Tasks a second through Redis, without any verifying: `tasks.Client.Push` from as many goroutines as a run has (512) over its streamed connection, against " +
		"one goroutine that calls `asynq.Client.Enqueue`; and the fetchers that a worker of concurrency 64 has, which take and finish tasks that " +
		"do nothing, against one `asynq.Server` of concurrency 64; directly over loopback TCP, and through a proxy that adds 2.5 ms to each round trip. " +
		"Then how often an idle worker process calls Redis, scripts counted as one call.",
	measure: measurePlainAsynq,
}

const (
	slowRoundTrip    = 2500 * time.Microsecond
	fetchConcurrency = 64
	idleGoal         = 200 // calls a second
)

// The least that muster's rates are meant to be, in asynq's own.
var (
	enqueueGoals = [...]float64{6, 100}
	fetchGoals   = [...]float64{2.5, 20}
)

func measurePlainAsynq(ctx context.Context, b *bench, s *section) error {
	if err := throughput(ctx, b, s); err != nil {
		return err
	}
	for _, w := range []struct {
		name string
		args []string
	}{
		{"calls of an idle worker", nil},
		{"calls of an idle worker of concurrency 64", []string{concurrency(fetchConcurrency)}},
	} {
		if err := idleCalls(ctx, b, s.figure(w.name, "/s").atMost(idleGoal), w.args); err != nil {
			return err
		}
	}
	return nil
}

// throughput compares the rates over a quick and over a slow network.
func throughput(ctx context.Context, b *bench, s *section) (err error) {
	redis, address, err := startServerOnPort(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, redis.close()) }()
	slow, err := proxy.New("tcp", address)
	if err != nil {
		return err
	}
	defer slow.Close()
	slow.Delay(slowRoundTrip)
	for i, path := range []lane{
		{redis: redis, address: address, name: "at 0 ms", ours: b.size.tasks, theirs: b.size.tasks / 2},
		{redis: redis, address: slow.Addr(), name: "at 2.5 ms", ours: b.size.tasks, theirs: b.size.slowTasks},
	} {
		if err := path.compare(ctx, b, s, i); err != nil {
			return err
		}
	}
	return nil
}

// lane is a way to a Redis, and how many tasks go along it.
type lane struct {
	redis        *server
	address      string
	name         string
	ours, theirs int
}

func (l lane) compare(ctx context.Context, b *bench, s *section, i int) error {
	conn, err := dial("redis://" + l.address)
	if err != nil {
		return err
	}
	defer conn.Close()
	distance := s.figure("round trip "+l.name, "ms")
	pushed, enqueued := s.figure("enqueue "+l.name+", muster", "/s"), s.figure("enqueue "+l.name+", asynq", "/s")
	fetched, served := s.figure("fetch and finish "+l.name+", muster", "/s"), s.figure("fetch and finish "+l.name+", asynq", "/s")
	err = b.rounds(ctx, "c "+l.name, func() error {
		took, err := roundTrip(ctx, "redis://"+l.address)
		distance.add(took)
		return errors.Join(err, l.once(ctx, conn, pushed, fetched), l.oncePlain(ctx, enqueued, served))
	})
	if err != nil {
		return err
	}
	s.paired("enqueue "+l.name+", muster / asynq", "×", pushed, enqueued, ratio).atLeast(enqueueGoals[i])
	s.paired("fetch and finish "+l.name+", muster / asynq", "×", fetched, served, ratio).atLeast(fetchGoals[i])
	return nil
}

// once sends tasks out and back muster's way.
func (l lane) once(ctx context.Context, conn *redisconn.Conn, pushed, fetched *figure) error {
	begin := time.Now()
	if err := push(ctx, conn, l.ours); err != nil {
		return err
	}
	pushed.add(float64(l.ours) / time.Since(begin).Seconds())
	return l.drain(ctx, tasks.QueueCI, l.ours, fetched, func(begun func()) (func(), error) {
		return fetch(conn, fetchConcurrency, begun)
	})
}

// oncePlain does the same with asynq alone. What is fetched is enqueued by the
// quick way beforehand.
func (l lane) oncePlain(ctx context.Context, enqueued, served *figure) error {
	begin := time.Now()
	if err := plainEnqueue(ctx, l.address, l.theirs); err != nil {
		return err
	}
	enqueued.add(float64(l.theirs) / time.Since(begin).Seconds())
	return l.drain(ctx, plainQueue, l.theirs, served, func(begun func()) (func(), error) {
		return plainFetch(l.address, fetchConcurrency, begun)
	})
}

// drainTimeout is far more than the slowest way needs.
const drainTimeout = 2 * time.Minute

// drain measures how quickly servers take and finish n tasks that wait.
func (l lane) drain(ctx context.Context, queue string, n int, rate *figure, start func(begun func()) (stop func(), err error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, drainTimeout, fmt.Errorf("%d tasks were not finished within %s", n, drainTimeout))
	defer cancel()
	var count atomic.Int64
	all := make(chan struct{})
	begin := time.Now()
	stop, err := start(func() {
		if count.Add(1) == int64(n) {
			close(all)
		}
	})
	if err != nil {
		return err
	}
	defer stop()
	select {
	case <-all:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if err := l.finished(ctx, queue); err != nil {
		return err
	}
	rate.add(float64(n) / time.Since(begin).Seconds())
	return l.redis.flush(ctx)
}

// finished waits until no task of a queue is active, which no event tells.
func (l lane) finished(ctx context.Context, queue string) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		n, err := l.redis.conn.Plain().LLen(ctx, "asynq:{"+queue+"}:active").Result()
		if err != nil || n == 0 {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
