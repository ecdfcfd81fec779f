package cli

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

// The floors of CollectAbove, in bytes. A worker has one session and its checks; an
// enqueuer remembers a fleet. One that looks up what is known of it goes through the verdicts of
// tens of thousands of units a second, each of which leaves some kilobytes behind.
const (
	EnqueuerHeap = 64 << 20
	LookupHeap   = 88 << 20
	WorkerHeap   = 32 << 20
)

// CollectAbove lets the heap grow to floor bytes before garbage is collected, and by a
// fifth of what is live where that is more. Go's own rule, that the heap may double,
// collects dozens of times a second where little is live and every check leaves a hundred
// kilobytes behind; with a large fleet, whose verdicts live until the report, it takes as
// much again for nothing. A fifth is enough: what lives long is mostly texts, which a
// collection need not look into. What stands empty goes back to the system when all
// memory is 16 MiB above the floor, or an eighth above what the heap may have. A fixed
// limit would do, until more than that is live, and then collect without end. What GOGC
// and GOMEMLIMIT in the environment say goes first.
//
// Another call changes the floor.
func CollectAbove(floor uint64) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	if collectAbove.Swap(floor) == 0 {
		retune(&collected{})
		return
	}
	tune(floor)
}

// collectAbove is the floor, 0 before there is one.
var collectAbove atomic.Uint64

// collected is garbage itself: that its finalizer runs means that a collection has
// ended. The pointer keeps it out of the blocks that small values share, where it could
// live on.
type collected struct{ _ *byte }

// retune sets the bounds for the next collection, and asks to be called after it.
func retune(c *collected) {
	tune(collectAbove.Load())
	runtime.SetFinalizer(c, retune)
}

func tune(floor uint64) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	percent, limit := bounds(floor, live[0].Value.Uint64())
	debug.SetGCPercent(percent)
	debug.SetMemoryLimit(limit)
}

// bounds are by how many percent a heap of so many live bytes may grow, and how many
// bytes all memory may have before what is unused is returned. Before the first
// collection they speak of the least heap that Go collects, 4 MiB.
func bounds(floor, live uint64) (percent int, limit int64) {
	live = max(live, 4<<20)
	heap := max(floor, live+live/5)
	return int((heap - live) * 100 / live), int64(max(floor+16<<20, heap+heap/8))
}
