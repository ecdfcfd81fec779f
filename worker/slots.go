package worker

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	// shortCheck is how long checks may take on average for tasks to be fetched ahead.
	// A task that waits for a slot here could have begun elsewhere meanwhile, and waits
	// about as long as a check takes.
	shortCheck = 250 * time.Millisecond
	// recentWindow is how long the end of a check says something about the next ones.
	recentWindow = 5 * time.Second
)

// errNoSlot is why a task goes back to its queue unchecked.
var errNoSlot = errors.New("no slot is free")

// slots bound how many checks a process makes at once, and know how long they take of
// late. It is safe for concurrent use.
type slots struct {
	taken   chan struct{}
	longest time.Duration // that a task waits for a slot

	mu    sync.Mutex
	mean  time.Duration // the later a check, the more it counts
	ended time.Time     // the last check
}

// newSlots makes n, at least 1.
func newSlots(n int, longest time.Duration) *slots {
	return &slots{taken: make(chan struct{}, n), longest: longest}
}

// take waits for a slot until ctx ends, and for the longest wait at most: then it returns
// errNoSlot. Whoever takes a slot must free it.
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
	late := time.NewTimer(s.longest)
	defer late.Stop()
	select {
	case s.taken <- struct{}{}:
		return nil
	case <-late.C:
		s.recordTimeout()
		return errNoSlot
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// free gives a slot back.
func (s *slots) free() { <-s.taken }

// record tells how long a check took, while its slot is taken still.
func (s *slots) record(took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if now.Sub(s.ended) > recentWindow && len(s.taken) <= 1 { // nothing was checked for a while
		s.mean = took
	}
	s.mean += (took - s.mean) / 8
	s.ended = now
}

// recordTimeout notes that a task has waited in vain: checks are not as quick as they were.
func (s *slots) recordTimeout() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mean, s.ended = max(s.mean, s.longest, 2*shortCheck), time.Now()
}

// areShort says whether checks have been short of late.
func (s *slots) areShort() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mean <= shortCheck && time.Since(s.ended) <= recentWindow
}
