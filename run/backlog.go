package run

import (
	"sync"

	"github.com/seed306eabeb/muster/id"
)

// job is one service to be fed to the queue, or decided here.
type job struct {
	unit    id.Unit
	lost    int  // the attempt that this job makes up for; 0 for the first
	suspect bool // it may have killed its worker
	again   bool // it was fed before
}

// backlog holds the services that are listed and not fed. Its bound makes the
// listing wait for the feeding; its window makes the feeding wait for verdicts.
// It is safe for concurrent use.
type backlog struct {
	mu      sync.Mutex
	work    sync.Cond // there may be a job to take
	room    sync.Cond // there may be room to put
	waiting []job
	bound   int // of waiting, for put
	taken   int // and not released
	window  int // of taken, for take; 0 means none
	paused  bool
	closed  bool
}

func newBacklog(bound, window int) *backlog {
	b := &backlog{bound: bound, window: window}
	b.work.L, b.room.L = &b.mu, &b.mu
	return b
}

// put adds services. It waits while the backlog is full, and says false once it is
// closed.
func (b *backlog) put(units []id.Unit) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.waiting) >= b.bound && !b.closed {
		b.room.Wait()
	}
	for _, u := range units {
		b.waiting = append(b.waiting, job{unit: u})
		b.work.Signal()
	}
	return !b.closed
}

// again puts a job in front of all others, without waiting.
func (b *backlog) again(j job) {
	b.mu.Lock()
	defer b.mu.Unlock()
	j.again = true
	b.waiting = append([]job{j}, b.waiting...)
	b.work.Signal()
}

// take waits for a job and for room in the window, and says false once the
// backlog is closed.
func (b *backlog) take() (job, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for (len(b.waiting) == 0 || b.paused || b.window > 0 && b.taken >= b.window) && !b.closed {
		b.work.Wait()
	}
	if b.closed {
		return job{}, false
	}
	j := b.waiting[0]
	b.waiting = b.waiting[1:]
	b.taken++
	if len(b.waiting) < b.bound {
		b.room.Signal()
	}
	return j, true
}

// release makes room for another job: one that was taken is decided.
func (b *backlog) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.taken--
	b.work.Signal()
}

// resize sets the window; 0 means that there is none.
func (b *backlog) resize(window int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.window = window
	b.work.Broadcast()
}

// pause holds all jobs back, or lets them go on.
func (b *backlog) pause(on bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.paused = on
	b.work.Broadcast()
}

// close wakes everybody up for the last time.
func (b *backlog) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.work.Broadcast()
	b.room.Broadcast()
}
