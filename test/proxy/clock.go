package proxy

import (
	"slices"
	"sync"
	"time"
)

// coarse is how late a timer may be: what is left of a wait then is slept apart.
const coarse = 1500 * time.Microsecond

// clock wakes many waiters more exactly than timers do. One thread sleeps for all of them,
// and only while somebody waits; whoever comes while it sleeps and is due before the others
// is woken with the first of them, less than coarse too late. It is safe for concurrent use.
type clock struct {
	sleeper sync.WaitGroup

	mu      sync.Mutex
	asleep  bool
	waiting []alarm // the earliest first
}

// alarm is somebody who waits.
type alarm struct {
	due time.Time
	off chan struct{}
}

// wait waits for a moment that is less than coarse away.
func (c *clock) wait(due time.Time) {
	a := alarm{due, make(chan struct{})}
	c.set(a)
	<-a.off
}

func (c *clock) set(a alarm) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := len(c.waiting)
	for i > 0 && c.waiting[i-1].due.After(a.due) {
		i--
	}
	c.waiting = slices.Insert(c.waiting, i, a)
	if !c.asleep {
		c.asleep = true
		c.sleeper.Go(c.run)
	}
}

// run sleeps until nobody waits.
func (c *clock) run() {
	for {
		left, more := c.ring(time.Now())
		if !more {
			return
		}
		rest(left)
	}
}

// ring wakes those who are due, and says how long the next one has to wait.
func (c *clock) ring(now time.Time) (left time.Duration, more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.waiting) > 0 {
		if left = c.waiting[0].due.Sub(now); left > 0 {
			return left, true
		}
		close(c.waiting[0].off)
		c.waiting = c.waiting[1:]
	}
	c.asleep = false
	return 0, false
}
