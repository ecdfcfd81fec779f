package tasks

import (
	"context"
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
)

// slots bound how many checks a process makes at once, and know how long they take of
// late. It is safe for concurrent use.
type slots struct {
	taken chan struct{}

	mu    sync.Mutex
	mean  time.Duration // the later a check, the more it counts
	ended time.Time     // the last check
}

func newSlots(n int) *slots { return &slots{taken: make(chan struct{}, n)} }

// take waits for a slot, or for the end of ctx. Who has one must free it.
func (s *slots) take(ctx context.Context) error {
	select {
	case s.taken <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// free gives a slot back, with which a check took so long.
func (s *slots) free(took time.Duration) {
	s.note(took)
	<-s.taken
}

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

// quick says whether checks have been short of late.
func (s *slots) quick() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mean <= quickCheck && time.Since(s.ended) <= ofLate
}
