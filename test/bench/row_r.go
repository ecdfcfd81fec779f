//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

var fewChanged = row{
	letter: "r", title: "Three services changed",
	what: "The time of `enqueue run` over a checkout in which three services are other than at the last run, and all others in the cache, with fleet rules over all of them, a redis-server and two worker processes, " +
		"and of `enqueue run --ref HEAD` once three others are committed: " +
		"against `enqueue validate` of the same files without a cache.",
	measure: measureFewChanged,
}

const (
	changedServices = 3
	// changedGoal is the part of the time of a cold validate that the run may take.
	changedGoal = 0.2
)

func measureFewChanged(ctx context.Context, b *bench, s *section) (err error) {
	f, err := b.committed(ctx, b.size.many)
	if err != nil {
		return err
	}
	k, err := b.keep(ctx, f, runWorkers, nil, oneRegion)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.close()) }()
	of := fmt.Sprintf(", %s services", number(float64(f.services)))
	warm, cold := s.figure(fmt.Sprintf("run, %d changed", changedServices)+of, "s"), s.figure("validate without a cache"+of, "s")
	committed := s.figure(fmt.Sprintf("run --ref HEAD, %d changed", changedServices)+of, "s")
	if _, err := k.run(ctx, b, f, oneRegion, "--ref=HEAD"); err != nil { // from here on git's names lead to what is known
		return err
	}
	round := 0
	err = b.rounds(ctx, "r", func() error {
		round++
		if err := change(f.dir, "services/*/manifest.yml", changedServices, fmt.Sprintf("# changed %d times\n", round)); err != nil {
			return err
		}
		seconds, err := k.run(ctx, b, f, oneRegion)
		if err != nil {
			return err
		}
		warm.add(seconds)
		if err := errors.Join(change(f.dir, "services/*/manifest.yml", changedServices, fmt.Sprintf("# committed %d times\n", round)), b.commit(ctx, f.dir)); err != nil {
			return err
		}
		if seconds, err = k.run(ctx, b, f, oneRegion, "--ref=HEAD"); err != nil {
			return err
		}
		committed.add(seconds)
		seconds, err = b.enqueue(ctx, b.shipped, f, "validate", oneRegion)
		cold.add(seconds)
		return err
	})
	s.paired("run / cold validate", "×", warm, cold, ratio).atMost(changedGoal)
	s.paired("run --ref HEAD / cold validate", "×", committed, cold, ratio).atMost(changedGoal)
	return err
}

// change adds a text to n of the files that match in a folder, far from each other.
func change(dir, pattern string, n int, text string) error {
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	if err == nil && len(files) < n {
		err = fmt.Errorf("%s has %d files that match %s, want %d", dir, len(files), pattern, n)
	}
	if err != nil {
		return err
	}
	for i := range n {
		file, err := os.OpenFile(files[i*len(files)/n], os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = file.WriteString(text)
		if err := errors.Join(err, file.Close()); err != nil {
			return err
		}
	}
	return nil
}
