package ledger

import "time"

// Timing is how long Redis, and who uses it, may be silent. All spans are measured by
// Redis's clock.
type Timing struct {
	// OrphanAfter and OrphanGrace: a run that is not detached lives for their sum without
	// anybody who follows it, and then its workers cancel it: CI jobs are killed without a
	// word. It is noticed after the first, and its followers have the second to be heard.
	OrphanAfter time.Duration
	OrphanGrace time.Duration
	// OwnerSilence is how long an enqueuer may be silent before it counts as dead.
	OwnerSilence time.Duration
}

// DefaultTiming is that of a released program.
func DefaultTiming() Timing {
	return Timing{OrphanAfter: 20 * time.Second, OrphanGrace: 10 * time.Second, OwnerSilence: 10 * time.Second}
}
