package tasks

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	// quickCheck is how long checks may take on average for tasks to be fetched ahead.
	// A task that waits for a slot here could have begun elsewhere meanwhile, and waits
	// about as long as a check takes.
	quickCheck = 250 * time.Millisecond
	// ofLate is how long a check that has ended says something about the next ones.
	ofLate = 5 * time.Second
	// slotPatience is how long a task waits for a slot before it goes back to its queue:
	// the checks have become slow, and another worker may have a slot.
	slotPatience = time.Second
)

// errNoSlot is why a task goes back to its queue that was not checked.
var errNoSlot = errors.New("no slot is free")

// slots bound how many checks a process makes at once, and know how long they take of
// late. It is safe for concurrent use.
type slots struct {
	taken chan struct{}

	mu    sync.Mutex
	mean  time.Duration // the later a check, the more it counts
	ended time.Time     // the last check
}

// newSlots makes n, at least 1.
func newSlots(n int) *slots { return &slots{taken: make(chan struct{}, n)} }

// take waits for a slot until ctx ends, and no longer than slotPatience unless it is to be
// patient: that is errNoSlot. Who has a slot must free it.
func (s *slots) take(ctx context.Context, patient bool) error {
	if err := s.wait(ctx, patient); err != nil {
		return err
	}
	if ctx.Err() != nil {
		s.free()
		return context.Cause(ctx)
	}
	return nil
}

func (s *slots) wait(ctx context.Context, patient bool) error {
	select {
	case s.taken <- struct{}{}:
		return nil
	default:
	}
	var late <-chan time.Time
	if !patient {
		timer := time.NewTimer(slotPatience)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case s.taken <- struct{}{}:
		return nil
	case <-late:
		s.inVain()
		return errNoSlot
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// free gives a slot back.
func (s *slots) free() { <-s.taken }

// note tells how long a check took.
func (s *slots) note(took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if now.Sub(s.ended) > ofLate {
		s.mean = took
	}
	s.mean += (took - s.mean) / 8
	s.ended = now
}

// inVain notes that a task has waited in vain: what ended before says nothing any more.
func (s *slots) inVain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mean, s.ended = slotPatience, time.Now()
}

// quick says whether checks have been short of late.
func (s *slots) quick() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mean <= quickCheck && time.Since(s.ended) <= ofLate
}
