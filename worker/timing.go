package worker

import (
	"time"

	"github.com/seed306eabeb/muster/reissue"
)

// Timing is the pace of a worker. The zero value stands for DefaultTiming.
type Timing struct {
	// Heartbeat is how often the worker records that it is alive. A run counts a worker
	// as dead after five seconds without a heartbeat.
	Heartbeat time.Duration
	// SlotWait is how long a task waits for a slot before it goes back to its queue: the
	// checks have become slow, and another worker may have a slot.
	SlotWait time.Duration
	// Retry is the pause before a task that could not be decided is retried. It doubles
	// with each try.
	Retry time.Duration
	// Forward is how often tasks whose pause is over are put back into their queue.
	Forward time.Duration
	// Quarantine is the pause between two fetches from the quarantine lanes, which are
	// empty unless a worker has died and an enqueuer is of the version before.
	Quarantine time.Duration
	// Detached is how often a worker looks for detached runs that nobody looks after.
	Detached time.Duration
	// Lease is for how long a worker looks after a detached run without a word.
	Lease   time.Duration
	Reissue reissue.Timing // of these runs
}

// DefaultTiming is the timing of a released program.
func DefaultTiming() Timing {
	return Timing{Heartbeat: time.Second, SlotWait: time.Second, Retry: 500 * time.Millisecond,
		Forward: time.Second, Quarantine: 500 * time.Millisecond,
		Detached: time.Second, Lease: 3 * time.Second, Reissue: reissue.DefaultTiming()}
}
