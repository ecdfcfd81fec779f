package run

import (
	"fmt"
	"log/slog"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// tally is what a consumer counts: names, tasks, verdicts.
type tally struct {
	fold            *aggregator.Fold
	total           int                // of the units expected; -1 until the listing has ended
	listingComplete bool               // the names of all folders are known
	pushed          int                // units that were fed, or needed no task
	caughtUp        bool               // with what Redis knew when this process came
	undecidable     map[id.Unit]string // why
	hints           map[id.Unit]string // why a verdict may not come
	decidedHere     []id.Unit
	stood           int // units whose verdict is an earlier one
	cached          Cached
	// lanes are those of the listed units, where a run has several, and open is how many units of
	// each lane have no verdict.
	lanes map[id.Unit]int
	open  []int
}

func newTally(fold *aggregator.Fold, caughtUp bool, lanes int) tally {
	return tally{lanes: map[id.Unit]int{}, open: make([]int, lanes), fold: fold, total: -1, caughtUp: caughtUp, undecidable: map[id.Unit]string{}, hints: map[id.Unit]string{}}
}

// hint notes why a verdict may not come, and says so of the first unit.
func (t *tally) hint(unit id.Unit, why string, log *slog.Logger) {
	if len(t.hints) == 0 {
		log.Warn("a verdict may not come: "+why, "unit", unit)
	}
	t.hints[unit] = why
}

// allPushed says whether no task is left to be pushed.
func (t *tally) allPushed() bool { return t.total >= 0 && t.pushed >= t.total }

// settled says whether every expected unit has a verdict or will have none.
func (t *tally) settled() bool {
	n := t.fold.Counts()
	return t.total >= 0 && n.OK+n.Invalid+n.Failed+len(t.undecidable) >= t.total
}

func (t *tally) progress() Progress {
	n := t.fold.Counts()
	return Progress{Listed: n.Expected, Pushed: t.pushed, Decided: n.OK + n.Invalid + n.Failed, Errs: n.Invalid + n.Failed, Total: t.total}
}

// enter notes the lane of a unit when it is listed first.
func (t *tally) enter(unit id.Unit, lane int) {
	if _, twice := t.lanes[unit]; twice || len(t.open) < 2 {
		return
	}
	t.lanes[unit] = lane
	if !t.closed(unit) {
		t.open[lane]++
	}
}

// closed says whether a unit waits for nothing more.
func (t *tally) closed(unit id.Unit) bool { return t.fold.Has(unit) || t.undecidable[unit] != "" }

// leave notes that a unit is about to be closed.
func (t *tally) leave(unit id.Unit) {
	if lane, entered := t.lanes[unit]; entered && !t.closed(unit) {
		t.open[lane]--
	}
}

// waiting is how many listed units of a lane have no verdict.
func (t *tally) waiting(lane int) int {
	if len(t.open) > 1 {
		return t.open[lane]
	}
	n := t.fold.Counts()
	return n.Expected - n.OK - n.Invalid - n.Failed
}

// lane is the one that a unit waits in.
func (c *consumer) lane(unit id.Unit) int { return c.tally.lanes[unit] }

func (m listed) apply(c *consumer) {
	c.fold.AddKnown(m.known...)
	c.fold.Expect(m.expected...)
	for _, unit := range m.expected {
		if m.lane != nil {
			c.tally.enter(unit, m.lane(unit))
		}
		c.report(Event{Kind: Listed, Unit: unit})
	}
}

func (m listingEnded) apply(c *consumer) {
	c.tally.total, c.tally.listingComplete = m.total, m.complete
	c.report(Event{Kind: ListingEnded})
	c.checkAllPushed()
}

func (caughtUp) apply(c *consumer) { c.tally.caughtUp = true }

func (m decidedHere) apply(c *consumer) {
	c.taken(m.again)
	c.window.release(m.v.Unit)
	c.count(m.v)
}

func (m stood) apply(c *consumer) {
	c.reverify.lack(m.v.Unit)
	c.taken(m.again)
	c.window.release(m.v.Unit)
	if c.count(m.v) {
		c.tally.stood++
	}
}

func (m knew) apply(c *consumer) {
	for i, v := range m.verdicts {
		if c.enough {
			return
		}
		c.tally.pushed++
		if !c.fold.Has(v.Unit) {
			c.tally.cached.add(m.made[i])
		}
		c.take(v, m.prints[i])
	}
	c.checkAllPushed()
}

func (m unreadable) apply(c *consumer) {
	for _, unit := range m.units {
		if c.fold.Has(unit) {
			continue
		}
		c.tally.hint(unit, m.why, c.log)
		c.window.leave(unit)
		c.tally.leave(unit)
		c.tally.undecidable[unit] = m.why
	}
}

func (m undecidable) apply(c *consumer) {
	c.taken(m.again)
	c.window.release(m.unit)
	c.reverify.lack(m.unit)
	if !c.fold.Has(m.unit) {
		c.tally.leave(m.unit)
		c.tally.undecidable[m.unit] = m.why
	}
}

// apply takes a verdict that Redis told. A process that has the folders counts it only if it
// is about the bytes that it has packed: one that comes before they are known waits.
func (m verdictRead) apply(c *consumer) {
	unit, digest := m.v.Unit, m.v.Digest
	if c.backlog != nil && digest != "" {
		packed, known := c.packed(unit)
		if !known {
			c.window.early[unit] = m.v
			return
		}
		if packed != digest {
			c.log.Debug("a verdict about other bytes is not counted", "unit", unit)
			return
		}
	}
	c.count(m.v)
}

// packed is the digest of the bytes that this process has packed of a unit.
func (c *consumer) packed(unit id.Unit) (digest id.Digest, known bool) {
	if c.fold.Has(unit) {
		return c.fold.Digest(unit), true
	}
	if w, ok := c.window.undecided[unit]; ok {
		return w.digest, true
	}
	w, ok := c.window.orphaned[unit]
	return w.digest, ok
}

// count takes a verdict that was made in the run, and says whether it is the first one of its unit. One
// of this process comes twice: from itself, and through Redis.
func (c *consumer) count(v verdict.Verdict) (fresh bool) {
	if fresh = c.take(v, v.Fingerprint()); fresh {
		c.window.rates[c.lane(v.Unit)].add()
	}
	return fresh
}

// take takes a verdict with its fingerprint, and says whether it is the first one of its unit.
func (c *consumer) take(v verdict.Verdict, print verdict.Fingerprint) (fresh bool) {
	c.window.leave(v.Unit)
	delete(c.window.early, v.Unit)
	c.tally.leave(v.Unit)
	if !c.fold.AddAs(v, print) {
		return false
	}
	delete(c.tally.undecidable, v.Unit)
	c.reverify.compare(v)
	if v.Worker == c.process {
		c.tally.decidedHere = append(c.tally.decidedHere, v.Unit)
	}
	if v.Path == "" { // not every form of a verdict tells it
		v.Path = c.fold.PathOf(v.Unit)
	}
	c.report(Event{Kind: Decided, Unit: v.Unit, Verdict: v})
	if n := c.fold.Counts(); c.maxErrs > 0 && n.Invalid+n.Failed >= c.maxErrs {
		c.stopped, c.enough = "stopped after "+errs(n.Invalid+n.Failed), true
	}
	return true
}

func errs(n int) string {
	if n == 1 {
		return "the first err"
	}
	return fmt.Sprintf("%d errs", n)
}

func (m stop) apply(c *consumer) { c.stopped, c.superseded = m.why, m.superseded }

func (m broken) apply(c *consumer) { c.err = m.err }
