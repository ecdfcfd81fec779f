package worker

import "time"

// Timing is the pace of a worker. The zero value stands for DefaultTiming.
type Timing struct {
	// Heartbeat is how often the worker says that it is alive: a run gives up nobody who
	// has been heard within five of these.
	Heartbeat time.Duration
	// SlotWait is how long a task waits for a slot before it goes back to its queue: the
	// checks have become slow, and another worker may have a slot.
	SlotWait time.Duration
	// Retry is the pause before a task that could not be decided is tried again. It
	// doubles from try to try.
	Retry time.Duration
	// Forward is how often tasks whose pause is over go back into their queue.
	Forward time.Duration
	// Quarantine is the pause between two looks at the lanes of suspects, which are empty
	// unless a worker has died.
	Quarantine time.Duration
}

// DefaultTiming is that of a released program.
func DefaultTiming() Timing {
	return Timing{Heartbeat: time.Second, SlotWait: time.Second, Retry: 500 * time.Millisecond,
		Forward: time.Second, Quarantine: 500 * time.Millisecond}
}
