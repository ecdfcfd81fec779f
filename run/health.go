package run

import (
	"fmt"
	"time"

	"github.com/seed306eabeb/muster/internal/acl"
	"github.com/seed306eabeb/muster/tasks"
)

// health is how a run's Redis and its workers are.
type health struct {
	idleSince      time.Time // zero while a worker is alive and the queue is not paused
	redisDownSince time.Time // zero while it answers
	redisFull      bool      // nearly
	redisLost      bool      // for good
	warned         bool      // of the present lack of workers or of Redis
}

func (h *health) redisDown() bool { return !h.redisDownSince.IsZero() }

// apply notes how many slots there are, sizes the window, and notices that nobody works.
func (m workforce) apply(c *consumer) {
	if c.backlog != nil && !c.detach && !c.local {
		c.backlog.resize(tasks.Window(m.slots, c.window.rate.within(lookahead)))
	}
	h := &c.health
	switch {
	case m.slots > 0 && !m.paused:
		if h.warned && !h.idleSince.IsZero() {
			c.log.Info("a worker is there", "slots", m.slots)
		}
		h.idleSince, h.warned = time.Time{}, false
	case h.idleSince.IsZero():
		h.idleSince = time.Now()
	case time.Since(h.idleSince) >= c.timing.NoWorker && m.paused:
		c.blocked("the run's queue is paused: resume it, for example with asynq's command line or asynqmon", h.idleSince)
	case time.Since(h.idleSince) >= c.timing.NoWorker:
		c.blocked(c.noWorker, h.idleSince)
	}
	c.report(Waiting, "")
}

// apply lets feeding pause while Redis is nearly full: the workers need the rest to drain
// the queue.
func (m memoryUse) apply(c *consumer) {
	if m.NearlyFull == c.health.redisFull || c.backlog == nil {
		return
	}
	c.health.redisFull = m.NearlyFull
	c.backlog.pause(m.NearlyFull)
	if m.NearlyFull {
		c.log.Warn("Redis is nearly full: enqueueing waits until the workers have drained it", "used", m.Used, "maxmemory", m.Limit)
	} else {
		c.log.Info("Redis has room again")
	}
}

func (m redisFails) apply(c *consumer) {
	h := &c.health
	denied := acl.Denied(m.err)
	if !h.redisDown() {
		h.redisDownSince = time.Now()
		if denied == nil && !c.mortalRedis {
			c.log.Warn("Redis does not answer", "err", m.err)
		}
	}
	if denied != nil { // waiting does not help
		c.blocked(m.err.Error(), time.Time{})
		return
	}
	if time.Since(h.redisDownSince) >= c.timing.RedisDown {
		c.blocked(fmt.Sprintf("Redis does not answer: %v", m.err), h.redisDownSince)
	}
}

// apply decides the rest here unless the user wants the run to end then: waiting for such a
// Redis is waiting for nothing.
func (m redisLost) apply(c *consumer) {
	h := &c.health
	h.redisLost = true
	if !h.redisDown() {
		h.redisDownSince = time.Now()
	}
	if c.onUndecided == Wait {
		c.onUndecided = DecideLocal
	}
	c.blocked(m.err.Error(), time.Time{})
}

func (redisUp) apply(c *consumer) {
	h := &c.health
	if h.redisDown() {
		c.log.Info("Redis answers again", "after", time.Since(h.redisDownSince).Round(100*time.Millisecond))
	}
	h.redisDownSince, h.warned = time.Time{}, false
}
