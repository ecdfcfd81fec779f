package run

import (
	"fmt"
	"time"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
)

// tally is what a consumer counts: names, tasks, verdicts.
type tally struct {
	fold            *aggregator.Fold
	total           int  // of the units expected; -1 until the listing has ended
	listingComplete bool // the names of all folders are known
	pushed          int  // units that were fed, or needed no task
	// caughtUp with what Redis knew when this process came: until then a verdict that was
	// read may be taken back by a later event.
	caughtUp    bool
	undecidable map[id.Unit]string // why
	decidedHere []id.Unit
}

func newTally(fold *aggregator.Fold, caughtUp bool) tally {
	return tally{fold: fold, total: -1, caughtUp: caughtUp, undecidable: map[id.Unit]string{}}
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

func (m listed) apply(c *consumer) {
	c.fold.AddKnown(m.known...)
	c.fold.Expect(m.expected...)
	for _, unit := range m.expected {
		c.report(Listed, unit)
	}
}

func (m listingEnded) apply(c *consumer) {
	c.tally.total, c.tally.listingComplete = m.total, m.complete
	c.report(ListingEnded, "")
	c.checkAllPushed()
}

func (caughtUp) apply(c *consumer) { c.tally.caughtUp = true }

func (m decidedHere) apply(c *consumer) {
	c.taken(m.again)
	c.window.release()
	verdictRead{m.v}.apply(c)
}

func (m undecidable) apply(c *consumer) {
	c.taken(m.again)
	c.window.release()
	if !c.fold.Has(m.unit) {
		c.tally.undecidable[m.unit] = m.why
	}
}

// apply takes a verdict, from wherever it comes. One of this process comes twice: from
// itself, and through Redis.
func (m verdictRead) apply(c *consumer) {
	c.window.leave(m.v.Unit)
	if !c.fold.Add(m.v) {
		return
	}
	delete(c.tally.undecidable, m.v.Unit)
	if m.v.Worker == c.process {
		c.tally.decidedHere = append(c.tally.decidedHere, m.v.Unit)
	}
	c.window.lastProgress = time.Now()
	c.window.rate.add()
	c.report(Decided, m.v.Unit)
	if n := c.fold.Counts(); c.maxErrs > 0 && n.Invalid+n.Failed >= c.maxErrs {
		c.stopped, c.enough = "stopped after "+errs(n.Invalid+n.Failed), true
	}
}

func errs(n int) string {
	if n == 1 {
		return "the first err"
	}
	return fmt.Sprintf("%d errs", n)
}

func (m verdictDropped) apply(c *consumer) { c.fold.Drop(m.unit) }

func (m stop) apply(c *consumer) { c.stopped = m.why }

func (m broken) apply(c *consumer) { c.err = m.err }
