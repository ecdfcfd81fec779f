package cli

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// CollectAbove lets the heap grow to floor bytes before garbage is collected. Above
// twice what is live it is collected as ever: a large fleet takes no more memory than
// without. Go's own rule alone, that the heap may double, collects dozens of times a
// second where little is live and every check leaves a hundred kilobytes behind. A memory
// limit would do the same until more than the limit is live, and then collect without
// end. What GOGC and GOMEMLIMIT in the environment say goes first.
func CollectAbove(floor uint64) {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		retune(&heapFloor{bytes: floor})
	}
}

// heapFloor is garbage itself: that its finalizer runs means that a collection has
// ended. The pointer keeps it out of the blocks that small values share, where it could
// live on.
type heapFloor struct {
	bytes uint64
	_     *byte
}

// retune sets the growth for the next collection, and asks to be called after it.
func retune(f *heapFloor) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	debug.SetGCPercent(growth(f.bytes, live[0].Value.Uint64()))
	runtime.SetFinalizer(f, retune)
}

// growth is by how many percent a heap of so many live bytes may grow. Before the first
// collection it speaks of the least heap that Go collects, 4 MiB.
func growth(floor, live uint64) int {
	live = max(live, 4<<20)
	if floor <= 2*live {
		return 100
	}
	return int((floor - live) * 100 / live)
}
