package worker

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// shortCheck is the longest average check with which tasks are prefetched. A
	// prefetched task waits for about one check, and could have begun in another worker
	// meanwhile.
	shortCheck = 250 * time.Millisecond
	// recentWindow is how long after its end a check still says something about the next
	// ones.
	recentWindow = 5 * time.Second
)

// errNoSlot is why a task goes back to its queue unchecked.
var errNoSlot = errors.New("no slot is free")

// slots bound how many checks a process makes at once, and measure how long recent checks
// took. It is safe for concurrent use.
type slots struct {
	taken   chan struct{}
	longest time.Duration // a task waits for a slot at most so long
	queued  atomic.Int64  // how many wait

	mu    sync.Mutex
	mean  time.Duration // how long checks take; the later a check, the more it counts
	ended time.Time     // when the last check did
}

// newSlots makes n slots, at least 1. A task waits for a slot at most for longest.
func newSlots(n int, longest time.Duration) *slots {
	return &slots{taken: make(chan struct{}, n), longest: longest}
}

// take waits for a free slot. It returns errNoSlot after the longest wait, or the cause
// of ctx if ctx ends. A slot that was taken must be freed.
func (s *slots) take(ctx context.Context) error {
	if err := s.wait(ctx); err != nil {
		return err
	}
	if ctx.Err() != nil {
		s.free()
		return context.Cause(ctx)
	}
	return nil
}

func (s *slots) wait(ctx context.Context) error {
	select {
	case s.taken <- struct{}{}:
		return nil
	default:
	}
	s.queued.Add(1)
	defer s.queued.Add(-1)
	timer := time.NewTimer(s.longest)
	defer timer.Stop()
	select {
	case s.taken <- struct{}{}:
		return nil
	case <-timer.C:
		s.recordTimeout()
		return errNoSlot
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// free makes a slot free again.
func (s *slots) free() { <-s.taken }

// record notes how long a check took. It must be called before the slot of the check is
// freed.
func (s *slots) record(took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if now.Sub(s.ended) > recentWindow && len(s.taken) <= 1 { // this check is the first one for a while
		s.mean = took
	}
	s.mean += (took - s.mean) / 8
	s.ended = now
}

// recordTimeout notes that a task found no free slot in time: checks have become slow.
func (s *slots) recordTimeout() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mean, s.ended = max(s.mean, s.longest, 2*shortCheck), time.Now()
}

// areShort says whether recent checks were short on average.
func (s *slots) areShort() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mean <= shortCheck && time.Since(s.ended) <= recentWindow
}
