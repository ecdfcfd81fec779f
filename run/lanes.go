package run

import "github.com/seed306eabeb/muster/ledger"

// forceOf counts who works in a run's lanes.
func forceOf(lanes []string, workers []ledger.Worker, paused []bool) workforce {
	force := workforce{paused: true}
	for i, lane := range lanes {
		force.paused = force.paused && paused[i]
		for _, w := range workers {
			force.slots += w.SlotsOf(lane)
		}
	}
	return force
}
