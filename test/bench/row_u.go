//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
)

var slowCached = row{
	letter: "u", title: "A slow command, and a change of one in a hundred",
	what: "The time of `enqueue run` over small files that a muster.yaml gives one check, a pure command that waits 0.3 s behind all walls, with 8 worker processes of one slot each: when one in a hundred files " +
		"is other than at the last run, against the same without a cache.",
	measure: measureSlowCached,
}

const (
	cachedWorkers = 8
	// changedOf: one in so many is changed.
	changedOf = 100
	// slowCachedGoal is how many times quicker the cache makes it.
	slowCachedGoal = 60
)

// pureWaiting defines a command that waits, and reads nothing but its program.
const pureWaiting = `  wait:
    run: [%q, "%v"]
    exit: {clean: [0]}
    output: {format: exit}
    timeout: 30s
    pure: true
`

func measureSlowCached(ctx context.Context, b *bench, s *section) (err error) {
	sleep, err := b.waitProgram(ctx)
	if err != nil {
		return err
	}
	f := testFleet{dir: filepath.Join(b.dir, "cached-waits"), services: b.size.cachedUnits, oks: b.size.cachedUnits}
	if err := errors.Join(writeUnits(f.dir, "slow", f.services), writeFile(filepath.Join(f.dir, "muster.yaml"), waitsYAML), b.commit(ctx, f.dir)); err != nil {
		return err
	}
	offer, err := b.definitions("pure-wait", fmt.Sprintf(pureWaiting, sleep, commandWaits.Seconds()))
	if err != nil {
		return err
	}
	of := fmt.Sprintf(", %s files", number(float64(f.services)))
	off, warm := s.figure("run without a cache"+of, "s"), s.figure("run, one in a hundred changed"+of, "s")
	k, err := b.keep(ctx, f, cachedWorkers, []string{commandSlots(1), offer})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.close()) }()
	for i := range b.size.slowRuns {
		b.say("row u: run %d of %d", i+1, b.size.slowRuns)
		if err := change(f.dir, "slow/*.yaml", max(1, f.services/changedOf), fmt.Sprintf("# changed %d times\n", i)); err != nil {
			return err
		}
		seconds, err := k.run(ctx, b, f)
		if err != nil {
			return err
		}
		warm.add(seconds)
		seconds, err = b.enqueue(ctx, b.shipped, f, "run", "--redis", k.redis.process.URL())
		if err != nil {
			return err
		}
		off.add(seconds)
	}
	s.paired("without a cache / one in a hundred changed", "×", off, warm, ratio).atLeast(slowCachedGoal)
	return nil
}

// waitProgram is a program that waits and needs no libraries, so that all it reads is itself.
func (b *bench) waitProgram(ctx context.Context) (path string, err error) {
	programs, err := b.build(ctx, "waiter", "./test/bench/wait")
	if err != nil {
		return "", err
	}
	return filepath.Join(programs, "wait"), nil
}
