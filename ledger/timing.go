package ledger

import "time"

// Timing is how long the processes of a run may be silent, by Redis's clock.
type Timing struct {
	// OrphanAfter and OrphanGrace: the workers cancel a run that is not detached once it
	// has had no follower for the sum of both, because CI jobs are killed without a word.
	// After OrphanAfter the run counts as lonely, and its followers have OrphanGrace to
	// mark themselves alive.
	OrphanAfter time.Duration
	OrphanGrace time.Duration
	// OwnerSilence is how long an enqueuer may be silent before it counts as dead.
	OwnerSilence time.Duration
}

// DefaultTiming is the timing of a released program.
func DefaultTiming() Timing {
	return Timing{OrphanAfter: 20 * time.Second, OrphanGrace: 10 * time.Second, OwnerSilence: 10 * time.Second}
}
