//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

var breakEven = row{
	letter: "h", title: "From where on a queue pays",
	what: "Services a second, over the whole time of the command, of `enqueue validate` and of `enqueue run` with 1, 4 and 16 workers that are up already, all on the same " +
		"cores and with default concurrency, for checks that cost a time of waiting or of CPU. The fleets are the smaller the more a check costs.",
	measure: measureBreakEven,
}

// cost is what a check takes, and how many services are enough to see it.
type cost struct {
	label    string
	step     string
	services int
}

var costs = []cost{
	{"nothing", "", 4000},
	{"1 ms of waiting", "sleep 1ms", 2000},
	{"10 ms of waiting", "sleep 10ms", 800},
	{"100 ms of waiting", "sleep 100ms", 128},
	{"300 ms of waiting", "sleep 300ms", 64},
	{"1 ms of CPU", "spin 1ms", 1000},
	{"10 ms of CPU", "spin 10ms", 160},
	{"100 ms of CPU", "spin 100ms", 32},
	{"300 ms of CPU", "spin 300ms", 16},
}

var crews = []int{1, 4, 16}

func measureBreakEven(ctx context.Context, b *bench, s *section) error {
	programs, err := b.troubled(ctx)
	if err != nil {
		return err
	}
	s.note(fmt.Sprintf("Each cell has %d runs. With checks that cost CPU no number of workers on one machine brings more than its cores; workers on other machines do.", b.size.costRuns))
	s.grid = &grid{corner: "services a second, where a check costs", columns: []string{"`validate`", "1 worker", "4 workers", "16 workers"}}
	for i, c := range costs {
		f, err := b.units(fmt.Sprintf("costs-%d", i), max(int(float64(c.services)*b.size.costScale), 1), c.step)
		if err != nil {
			return err
		}
		line := gridLine{label: c.label}
		for range s.grid.columns {
			line.cells = append(line.cells, &figure{})
		}
		s.grid.lines = append(s.grid.lines, line)
		for r := range b.size.costRuns {
			b.say("row h: %s, run %d of %d", c.label, r+1, b.size.costRuns)
			if err := b.price(ctx, programs, f, line.cells); err != nil {
				return err
			}
		}
	}
	return nil
}

// price measures each way once.
func (b *bench) price(ctx context.Context, programs string, f testFleet, cells []*figure) (err error) {
	redis, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, redis.close()) }()
	seconds, err := b.enqueue(ctx, programs, f, "validate")
	if err != nil {
		return err
	}
	cells[0].add(float64(f.services) / seconds)
	w := newWorkers(programs, redis.process.URL())
	defer w.stop()
	for i, n := range crews {
		if err := w.grow(ctx, n); err != nil {
			return err
		}
		seconds, err := b.enqueue(ctx, programs, f, "run", "--redis", redis.process.URL(), "--unit-timeout", time.Minute.String())
		if err != nil {
			return err
		}
		cells[1+i].add(float64(f.services) / seconds)
	}
	return nil
}
