//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/run"
)

var latency = row{
	letter: "d", title: "How long one service takes, and the first of many",
	what: "The time from the call of `run.Run` in this process to the event that tells it of a verdict, with two idle worker processes and real manifests: of runs of " +
		"one service each, p50 and p99 of the runs of each round; and of runs of a whole fleet, which are ended with their first verdict. The start of a process is not in it.",
	measure: measureLatency,
}

// The most milliseconds.
const (
	medianLatencyGoal = 40
	tailLatencyGoal   = 100
	firstVerdictGoal  = 60
)

func measureLatency(ctx context.Context, b *bench, s *section) (err error) {
	redis, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, redis.close()) }()
	w, err := startWorkers(ctx, b.shipped, redis.process.URL(), runWorkers)
	if err != nil {
		return err
	}
	defer w.stop()
	if err := singly(ctx, b, s, redis.conn); err != nil {
		return err
	}
	for _, n := range []int{b.size.many, b.size.most} {
		f, err := b.fleet(n)
		if err != nil {
			return err
		}
		first := s.figure(fmt.Sprintf("first verdict of %s services", number(float64(n))), "ms").atMost(firstVerdictGoal)
		err = b.rounds(ctx, "d first verdict", func() error {
			took, err := firstVerdict(ctx, redis.conn, f.dir, nil)
			first.add(milliseconds(took))
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// singly runs services one at a time.
func singly(ctx context.Context, b *bench, s *section, conn *redisconn.Conn) error {
	f, err := b.fleet(b.size.few)
	if err != nil {
		return err
	}
	names, err := os.ReadDir(filepath.Join(f.dir, "services"))
	if err != nil {
		return err
	}
	half := s.figure("one service, p50", "ms").atMost(medianLatencyGoal)
	tail := s.figure("one service, p99", "ms").atMost(tailLatencyGoal)
	return b.rounds(ctx, "d one service", func() error {
		var all []float64
		for i := range b.size.latencies {
			took, err := firstVerdict(ctx, conn, f.dir, []id.Unit{id.Unit(names[i%len(names)].Name())})
			if err != nil {
				return err
			}
			all = append(all, milliseconds(took))
		}
		half.add(quantile(all, 0.5))
		tail.add(quantile(all, 0.99))
		return nil
	})
}

// firstVerdict is how long a run takes to its first verdict, with which it is ended.
func firstVerdict(ctx context.Context, conn *redisconn.Conn, dir string, units []id.Unit) (took time.Duration, err error) {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	begin := time.Now()
	result, err := verify(inner, conn, dir, units, func(e run.Event) {
		if e.Kind == run.Decided && took == 0 {
			took = time.Since(begin)
			if len(units) != 1 {
				cancel()
			}
		}
	})
	if err == nil && took == 0 {
		err = fmt.Errorf("no verdict came: the run ended as %q with %+v", result.Stopped, result.Summary.Counts)
	}
	return took, errors.Join(err, ctx.Err())
}
