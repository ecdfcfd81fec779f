//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"time"

	"github.com/seed306eabeb/muster/test/proxy"
)

var scaleOut = row{
	letter: "e", title: "Scale-out",
	what: "Services a second where each check waits 100 ms, with worker processes of concurrency 8, over the whole time of `enqueue run`, start and tail included; the fleet grows " +
		"with the workers, so that each run takes about as long. Against one worker, and against `enqueue validate` with as many threads as cores; " +
		"directly, and through a proxy that adds 1 ms to each round trip.",
	measure: measureScaleOut,
}

const (
	waitEach          = 100 * time.Millisecond
	workerConcurrency = 8
	scaleOutGoal      = 30 // × at 32 workers
	scaleOutWorkers   = 32
)

func measureScaleOut(ctx context.Context, b *bench, s *section) error {
	programs, err := b.troubled(ctx)
	if err != nil {
		return err
	}
	x := &expansion{bench: b, section: s, programs: programs, fleets: map[int]testFleet{}}
	if err := x.prepare(); err != nil {
		return err
	}
	networks := []network{{"", 0}, {" at 1 ms", time.Millisecond}}
	err = b.rounds(ctx, "e", func() error {
		err := x.pooled(ctx)
		for _, n := range networks {
			err = errors.Join(err, x.spread(ctx, n))
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, n := range networks {
		x.conclude(n)
	}
	return nil
}

// network is a distance to Redis, and its name behind that of a figure.
type network struct {
	name  string
	delay time.Duration
}

// expansion measures rates over more and more workers.
type expansion struct {
	bench    *bench
	section  *section
	programs string
	fleets   map[int]testFleet // by the number of slots that work on it
}

// prepare writes fleets that keep their slots busy equally long.
func (x *expansion) prepare() error {
	slots := []int{runtime.NumCPU()}
	for _, n := range x.bench.size.workers {
		slots = append(slots, n*workerConcurrency)
	}
	for _, n := range slots {
		services := n * int(x.bench.size.steady/waitEach)
		f, err := x.bench.units(fmt.Sprintf("waits-%d", n), services, "sleep "+waitEach.String())
		if err != nil {
			return err
		}
		x.fleets[n] = f
	}
	return nil
}

func (x *expansion) rate(name string) *figure { return x.section.figure(name, "/s") }

// pool names validate.
var pool = fmt.Sprintf("validate -j %d", runtime.NumCPU())

func (x *expansion) pooled(ctx context.Context) error {
	f := x.fleets[runtime.NumCPU()]
	seconds, err := x.bench.enqueue(ctx, x.programs, f, "validate", "-j", strconv.Itoa(runtime.NumCPU()))
	x.rate(pool).add(float64(f.services) / seconds)
	return err
}

func crew(workers int, n network) string {
	if workers == 1 {
		return "1 worker" + n.name
	}
	return fmt.Sprintf("%d workers%s", workers, n.name)
}

// spread runs with ever more workers on one Redis.
func (x *expansion) spread(ctx context.Context, n network) (err error) {
	redis, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, redis.close()) }()
	url := redis.process.URL()
	if n.delay > 0 {
		p, err := proxy.New("unix", redis.process.Socket())
		if err != nil {
			return err
		}
		defer p.Close()
		p.Delay(n.delay)
		url = "redis://" + p.Addr()
	}
	took, err := roundTrip(ctx, url)
	if err != nil {
		return err
	}
	x.section.figure("round trip"+n.name, "ms").add(took)
	w := newWorkers(x.programs, url, concurrency(workerConcurrency))
	defer w.stop()
	for _, count := range x.bench.size.workers {
		if err := w.grow(ctx, count); err != nil {
			return err
		}
		f := x.fleets[count*workerConcurrency]
		seconds, err := x.bench.enqueue(ctx, x.programs, f, "run", "--redis", url)
		if err != nil {
			return err
		}
		x.rate(crew(count, n)).add(float64(f.services) / seconds)
	}
	return nil
}

// conclude adds the speed-ups.
func (x *expansion) conclude(n network) {
	one := x.rate(crew(1, n))
	for _, count := range x.bench.size.workers[1:] {
		many := x.rate(crew(count, n))
		times := x.section.paired(fmt.Sprintf("%s / 1 worker", crew(count, n)), "×", many, one, ratio)
		if count == scaleOutWorkers {
			times.atLeast(scaleOutGoal)
			x.section.paired(fmt.Sprintf("%s / %s", crew(count, n), pool), "×", many, x.rate(pool), ratio)
		}
	}
}
