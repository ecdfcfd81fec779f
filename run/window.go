package run

import (
	"maps"
	"slices"
	"time"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/reissue"
	"github.com/seed306eabeb/muster/verdict"
)

// inFlight is a unit whose task waits in Redis, or is worked on.
type inFlight struct {
	number int       // of the attempt
	digest id.Digest // that this process has packed; "" for a follower
	since  time.Time // when it was pushed, or last seen to be where it should be
}

// window is what a run has in Redis that is undecided.
type window struct {
	backlog   *backlog             // nil for a follower that feeds nothing
	undecided map[id.Unit]inFlight // pushed
	// orphaned are the attempts whose tasks are still queued although this process decides
	// their units.
	orphaned map[id.Unit]inFlight
	// early are verdicts about units whose bytes are not known to the consumer yet.
	early    map[id.Unit]verdict.Verdict
	suspects map[id.Unit]bool // a worker died over them
	lane     func(id.Unit) int
	rates    []rate // of verdicts, by lane
}

func newWindow(b *backlog, lanes int, lane func(id.Unit) int) window {
	return window{backlog: b, lane: lane, rates: make([]rate, lanes), undecided: map[id.Unit]inFlight{}, orphaned: map[id.Unit]inFlight{}, early: map[id.Unit]verdict.Verdict{}, suspects: map[id.Unit]bool{}}
}

// release makes room for another job in the lane of a unit.
func (w *window) release(unit id.Unit) {
	if w.backlog != nil {
		w.backlog.release(w.lane(unit))
	}
}

// leave takes a unit out, and says whether it was there.
func (w *window) leave(unit id.Unit) bool {
	_, there := w.undecided[unit]
	if there {
		delete(w.undecided, unit)
		w.release(unit)
	}
	return there
}

// orphan gives what is undecided in a lane back to the backlog, for this process to decide.
func (w *window) orphan(lane int) {
	for _, unit := range slices.Sorted(maps.Keys(w.undecided)) {
		if w.lane(unit) != lane {
			continue
		}
		w.release(unit)
		w.backlog.again(job{unit: unit, lane: lane, suspect: w.suspects[unit]})
		w.orphaned[unit] = w.undecided[unit]
		delete(w.undecided, unit)
	}
}

func (m inRedis) apply(c *consumer) {
	if !c.tally.closed(m.Unit) {
		c.window.undecided[m.Unit] = inFlight{number: m.Number, since: time.Now()}
	}
}

// apply notes that a unit waits in Redis, or that it was decided already. Its verdict may
// have come before.
func (m pushed) apply(c *consumer) {
	_, twice := c.window.undecided[m.Unit]
	decided := c.fold.Has(m.Unit)
	if twice || decided {
		c.window.release(m.Unit)
	}
	if !decided {
		c.window.undecided[m.Unit] = inFlight{m.Number, m.digest, time.Now()}
		c.report(Event{Kind: Pushed, Unit: m.Unit})
	}
	c.taken(m.again)
	if v, early := c.window.early[m.Unit]; early {
		delete(c.window.early, m.Unit)
		verdictRead{v}.apply(c)
	}
	if lane := c.lane(m.Unit); c.local[lane] { // its push was under way at the switch
		c.window.orphan(lane)
	}
}

// apply feeds a unit again whose bundle is not in Redis any more. A follower without the
// folders leaves that to whoever has them, and says so.
func (m bundleMissing) apply(c *consumer) {
	now, waits := c.window.undecided[m.Unit]
	switch {
	case !waits || m.Number < now.number:
		return
	case c.backlog == nil:
		c.tally.hint(m.Unit, "its files are no longer in Redis: run it again from the checkout with `enqueue run --run-id RUN`", c.log)
		return
	}
	// It leaves the window until it is fed: a window full of such units would never feed
	// one of them.
	c.window.leave(m.Unit)
	c.log.Warn("Redis has lost what the task needs: uploading it again", "unit", m.Unit)
	c.backlog.again(job{unit: m.Unit, lane: c.lane(m.Unit), lost: m.Number})
}

// apply notes the attempt that a unit is in. It may be an earlier one than was known: a
// restarted Redis has forgotten the later ones.
func (m reissued) apply(c *consumer) {
	if now, ok := c.window.undecided[m.Unit]; ok {
		c.window.undecided[m.Unit] = inFlight{m.Number, now.digest, time.Now()}
	}
	if m.suspect {
		c.window.suspects[m.Unit] = true
	}
}

// apply hands the reissuer what has been in flight for a while, to be looked for.
func (lookForLost) apply(c *consumer) {
	if c.lost == nil {
		return
	}
	for unit, now := range c.window.undecided { // which has none of a lane that is decided here
		if time.Since(now.since) < c.timing.Reissue.Quiet {
			continue
		}
		select {
		case c.lost <- reissue.Attempt{Unit: unit, Number: now.number}:
		default:
			return // the rest when these are on their way
		}
	}
}

// apply notes that an attempt is where it should be.
func (m seen) apply(c *consumer) {
	if now, ok := c.window.undecided[m.Unit]; ok && now.number == m.Number {
		now.since = time.Now()
		c.window.undecided[m.Unit] = now
	}
}
