//go:build linux

package main

import "time"

// size says how much is measured.
type size struct {
	runs int // of everything

	few, many, most int // services in a fleet

	tasks, slowTasks int           // for a quick and for a slow way to queue
	idle             time.Duration // of watching an idle worker

	latencies int // services one by one, in each run

	workers []int         // how many, in steps
	steady  time.Duration // of one run of theirs

	costRuns  int     // of each cell of the break-even table
	costScale float64 // of the fleets in it

	copies int // of a repository, to have a large one

	chartCopies         int // of all charts
	slowUnits, slowRuns int // of slow commands
	cachedUnits         int // of a slow command that is pure
}

var fullSize = size{
	runs: 5, few: 500, many: 10_000, most: 100_000, tasks: 20_000, slowTasks: 1_000, idle: 3 * time.Second, latencies: 100,
	workers: []int{1, 2, 4, 8, 16, 32}, steady: 4 * time.Second, costRuns: 3, costScale: 0.6, copies: 20,
	chartCopies: 10, slowUnits: 400, slowRuns: 2, cachedUnits: 1600,
}

var quickSize = size{
	runs: 2, few: 100, many: 1_000, most: 3_000, tasks: 2_000, slowTasks: 200, idle: time.Second, latencies: 10,
	workers: []int{1, 2, 4}, steady: time.Second, costRuns: 1, costScale: 0.1, copies: 2,
	chartCopies: 1, slowUnits: 40, slowRuns: 1, cachedUnits: 40,
}

func chooseSize(quick bool, runs int) size {
	s := fullSize
	if quick {
		s = quickSize
	}
	if runs > 0 {
		s.runs, s.costRuns, s.slowRuns = runs, runs, runs
	}
	return s
}
