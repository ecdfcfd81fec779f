//go:build unix

package steps

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// spin uses a CPU for d of its time, however many others want it.
func spin(ctx context.Context, d time.Duration) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	begin, err := threadTime()
	if err != nil {
		return err
	}
	for now := begin; now-begin < d; {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		work()
		if now, err = threadTime(); err != nil {
			return err
		}
	}
	return nil
}

// threadTime is how long the calling thread has run on a CPU.
func threadTime() (time.Duration, error) {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		return 0, fmt.Errorf("read the thread's CPU time: %w", err)
	}
	return time.Duration(t.Nano()), nil
}

// work takes some microseconds, so that little of a spin is asking for the time.
func work() {
	x := uint64(1)
	for range 10_000 {
		x = x*6364136223846793005 + 1442695040888963407
	}
	runtime.KeepAlive(x)
}
