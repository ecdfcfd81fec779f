package tasks

import "github.com/seed306eabeb/muster/id"

const (
	// tasksPerSlot is how many tasks a run keeps in its queue for each task that the
	// live workers can work on at once.
	tasksPerSlot = 4
	// MinWindow feeds workers that have only just appeared.
	MinWindow = 32
	// maxQuick bounds the window that speed alone justifies.
	maxQuick = 1024
)

// Window is how many undecided tasks a run keeps in its queue, given how many the live
// workers can work on at once, and how many are decided before more can be pushed. Slow
// checks make it a few tasks a slot, so that another run's tasks wait behind few; quick
// ones make it as much as is needed to keep the workers busy.
func Window(slots, quick int) int {
	return max(slots*tasksPerSlot, min(quick, maxQuick), MinWindow)
}

const (
	// laneTasksPerSlot is for commands, which take long: one that runs, and one that waits for
	// its slot, so that workers which come later share the rest.
	laneTasksPerSlot = 2
	// minLaneWindow feeds those that have only just begun to serve the lane.
	minLaneWindow = 4
)

// WindowOf is Window for a queue that may be a lane of units that need commands.
func WindowOf(queue string, slots, quick int) int {
	if !id.IsLane(queue) {
		return Window(slots, quick)
	}
	return max(slots*laneTasksPerSlot, min(quick, maxQuick), minLaneWindow)
}
