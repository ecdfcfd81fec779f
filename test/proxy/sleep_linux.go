package proxy

import (
	"syscall"
	"time"
)

// rest sleeps for a moment as exactly as the kernel can. The runtime's own timers
// wake up whole milliseconds late where nothing else happens, which would make
// short delays twice as long.
func rest(d time.Duration) {
	t := syscall.NsecToTimespec(int64(d))
	_ = syscall.Nanosleep(&t, nil) // a signal ends it early: a moment is no promise
}
