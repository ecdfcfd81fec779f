package run

import "time"

const (
	// tasksPerSlot is how many tasks a run keeps in Redis for each task that the
	// live workers can work on at once.
	tasksPerSlot = 4
	// minWindow feeds workers that have only just appeared.
	minWindow = 32
	// maxHaste bounds the window that speed alone justifies.
	maxHaste = 1024
	// lead is how much work, in time, waits in Redis when checks are quick: it
	// covers the way of a verdict back to the enqueuer and of a task out again.
	lead = 100 * time.Millisecond
)

// windowSize is how many undecided tasks a run keeps in Redis, given the slots of
// the live workers and how fast verdicts come in, per second. Slow checks make
// it a few tasks a slot, so that another run's tasks wait behind few; quick ones
// make it as much as is decided within lead.
func windowSize(slots int, perSecond float64) int {
	haste := min(int(perSecond*lead.Seconds()), maxHaste)
	return max(slots*tasksPerSlot, haste, minWindow)
}
