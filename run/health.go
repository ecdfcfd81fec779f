package run

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/acl"
	"github.com/seed306eabeb/muster/tasks"
)

// health is how a run's Redis and its workers are.
type health struct {
	lanes          []laneHealth
	mixed          map[string]bool // commands of which it was said that workers have several versions
	redisDownSince time.Time       // zero while it answers
	redisFull      bool            // nearly
	redisLost      bool            // for good
	warned         bool            // of the present lack of Redis
}

// laneHealth is how the workers of one lane are.
type laneHealth struct {
	idleSince time.Time // zero while a worker is alive and the queue is not paused
	warned    idleness  // that was spoken of
	why       string    // nobody works in it, as people are told; "" until that is acted upon
	givenUp   bool      // the run does not wait for it any more
	told      bool      // that it is given up
}

// idleness is why nobody works in a lane.
type idleness string

const (
	isPaused   idleness = "paused"
	noWorkers  idleness = "no workers"
	notOffered idleness = "not offered"
)

func (h *health) redisDown() bool { return !h.redisDownSince.IsZero() }

// apply notes how many slots there are, sizes the windows, and notices that nobody works.
func (m workforce) apply(c *consumer) {
	for i := range m.lanes {
		if c.backlog != nil && !c.detach && !c.local[i] {
			c.backlog.resize(i, tasks.WindowOf(c.lanes[i], m.lanes[i].slots, c.window.rates[i].within(lookahead)))
		}
		m.judge(c, i)
	}
	c.endIfHopeless()
	for i := range c.health.lanes {
		if h := &c.health.lanes[i]; h.givenUp && !h.told && c.stopped == "" {
			h.told = true
			c.log.Error(h.why + "; what does not need it goes on")
		}
	}
	m.compare(c)
	c.report(Event{Kind: Waiting})
}

// judge notices whether nobody works in a lane. That is spoken of and acted upon where units wait
// for it.
func (m workforce) judge(c *consumer, i int) {
	h, lane := &c.health.lanes[i], m.lanes[i]
	switch {
	case lane.slots > 0 && !lane.paused:
		if h.warned != "" {
			c.log.Info(thereAgain(c.lanes[i]), "slots", lane.slots)
		}
		*h = laneHealth{}
		return
	case h.idleSince.IsZero():
		h.idleSince = time.Now()
		return
	case time.Since(h.idleSince) < c.timing.NoWorker || len(c.lanes) > 1 && c.tally.waiting(i) == 0:
		return
	}
	switch needs := id.IsLane(c.lanes[i]); {
	case lane.paused && (lane.slots > 0 || !needs):
		c.idle(i, isPaused, pausedHint(c.lanes[i]))
	case len(m.workers) == 0 || !needs:
		c.idle(i, noWorkers, c.noWorker+c.needed())
	default:
		c.idle(i, notOffered, m.lacks(c.lanes[i], c.waitFor(i)))
	}
}

// needed says which commands the workers have to offer that are to be started, "" for none.
func (c *consumer) needed() string {
	var all []string
	for _, lane := range c.lanes {
		_, needs := id.ParseLane(lane)
		all = append(all, needs...)
	}
	if slices.Sort(all); len(all) == 0 {
		return ""
	}
	return ", with a --commands FILE that defines " + strings.Join(slices.Compact(all), ", ")
}

func pausedHint(lane string) string {
	what := "the run's queue"
	if id.IsLane(lane) {
		what += " " + lane
	}
	return what + " is paused: resume it, for example with asynq's command line or asynqmon"
}

// thereAgain says that a lane has what it had lacked.
func thereAgain(lane string) string {
	if _, needs := id.ParseLane(lane); len(needs) > 0 {
		return "a worker is there that offers " + commands(needs)
	}
	return "a worker is there"
}

// waitFor says how many units wait in a lane.
func (c *consumer) waitFor(lane int) string {
	n := c.tally.waiting(lane)
	if n == 1 {
		return "1 " + c.noun.One + " waits for it"
	}
	return fmt.Sprintf("%d %s wait for it", n, c.noun.Many)
}

// idle acts on a lane in which nobody works, as blocked does on a whole run: the other lanes go on.
// What several lanes lack is spoken of once.
func (c *consumer) idle(lane int, what idleness, why string) {
	h := &c.health.lanes[lane]
	nobody := what == notOffered && c.mortalRedis // comes to a Redis that lives for this run alone
	act := time.Since(h.idleSince) >= c.patience || nobody
	here := c.onUndecided == DecideLocal && c.backlog != nil
	switch {
	case c.local[lane] || h.givenUp:
	case act && here && c.canDecide(lane):
		rest := "the rest"
		if what == notOffered {
			rest = "what waits for it"
		}
		c.log.Warn(why+"; deciding "+rest+" in this process", "undecided", c.tally.waiting(lane))
		c.decideHere(lane)
	case act && (here || nobody || c.onUndecided == Fail):
		if here || nobody {
			why += "; this process cannot decide them either, for " + notOfferedHere(c.lanes[lane])
		}
		h.why, h.givenUp = why, true
	case h.warned != what:
		spoken := what == noWorkers && slices.ContainsFunc(c.health.lanes, func(o laneHealth) bool { return o.warned == what })
		if h.warned = what; !spoken {
			c.log.Warn(why + c.waiting())
		}
	}
	if what == notOffered && h.why == "" && h.warned == what {
		h.why = why
	}
}

// notOfferedHere says what this process lacks to decide the units of a lane.
func notOfferedHere(lane string) string {
	_, needs := id.ParseLane(lane)
	return "it does not offer " + commands(needs) + " (see --commands)"
}

// endIfHopeless ends the run when all that still waits in it waits for what nobody does.
func (c *consumer) endIfHopeless() {
	var why []string
	for i, h := range c.health.lanes {
		waits := len(c.health.lanes) == 1 || c.tally.total < 0 || c.tally.waiting(i) > 0
		switch {
		case h.givenUp && waits:
			why = append(why, h.why)
		case waits:
			return
		}
	}
	if len(why) > 0 && c.stopped == "" {
		c.stopped = strings.Join(slices.Compact(why), "; ")
		c.log.Error(c.stopped)
	}
}

// compare says once of each command that the run needs whether workers have several versions of it.
func (m workforce) compare(c *consumer) {
	var needs []string
	for _, lane := range c.lanes {
		_, some := id.ParseLane(lane)
		needs = append(needs, some...)
	}
	slices.Sort(needs)
	for command, said := range m.otherwise(slices.Compact(needs)) {
		if !c.health.mixed[command] {
			c.health.mixed[command] = true
			c.log.Warn("workers offer different versions of the command " + command + ", and may find different things in the same bytes: " + said)
		}
	}
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
