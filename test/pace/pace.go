// Package pace is the patience of a released program in a fraction: tests see what it does
// when something does not come, and do not wait for as long.
package pace

import (
	"time"

	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/worker"
)

// part is what is left of a span: little enough to wait for, and more than a loaded
// machine takes between two heartbeats.
const part = 5

// Run is that of runs. What a run says at its end it says as patiently as ever.
func Run() run.Timing {
	t := run.DefaultTiming()
	for _, span := range []*time.Duration{&t.Block, &t.Watch, &t.Presence, &t.Look,
		&t.NoWorker, &t.RedisDown, &t.Reissue.Quiet, &t.Reissue.Silent, &t.Reissue.Idle, &t.Reissue.Overdue, &t.Reissue.Steady, &t.Reissue.Gap} {
		*span /= part
	}
	return t
}

// Worker is that of workers that such a run takes for alive.
func Worker() worker.Timing {
	t := worker.DefaultTiming()
	for _, span := range []*time.Duration{&t.Heartbeat, &t.SlotWait, &t.Retry, &t.Forward, &t.Quarantine,
		&t.Detached, &t.Lease, &t.Reissue.Quiet, &t.Reissue.Silent, &t.Reissue.Idle, &t.Reissue.Overdue, &t.Reissue.Steady, &t.Reissue.Gap} {
		*span /= part
	}
	return t
}

// Ledger is that of the ledger of both.
func Ledger() ledger.Timing {
	t := ledger.DefaultTiming()
	for _, span := range []*time.Duration{&t.OrphanAfter, &t.OrphanGrace, &t.OwnerSilence} {
		*span /= part
	}
	return t
}
