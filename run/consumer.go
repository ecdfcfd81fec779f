package run

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"time"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/reissue"
)

// consumerOptions say what a consumer counts, and what it may do about what does not come.
type consumerOptions struct {
	runID       id.Run // "" without Redis
	process     string // names this one in verdicts; "" where it makes none
	fold        *aggregator.Fold
	noun        fleet.Noun             // what the units are called
	lanes       []string               // of the run; nil for one without Redis
	canDecide   func(lane int) bool    // in this process
	backlog     *backlog               // nil for a follower that feeds nothing
	lost        chan<- reissue.Attempt // to the reissuer; nil without one
	onUndecided OnUndecided
	patience    time.Duration  // before that is acted upon
	maxErrs     int            // 0 for any number
	detach      bool           // done when all tasks are pushed
	mortalRedis bool           // Redis may end for good: that is told when it has
	caughtUp    bool           // there is no history to read first
	noWorker    string         // what to do without one, for people
	toLocal     func(lane int) // makes the feeders decide a lane here
	allLocal    func(bool)     // called when all lanes are decided here; with true they give up Redis
	allPushed   func()         // called when all tasks are pushed
	observe     func(Event)    // nil for nobody
	reverify    *reverifier    // gets what is decided to test what is known; nil without such a test
	log         *slog.Logger
	timing      Timing
}

// consumer is the one goroutine that counts. Everything a run learns goes through
// its inbox, and nobody else touches its fields while it runs.
type consumer struct {
	consumerOptions
	inbox  chan message
	tally  tally
	window window
	health health

	local      []bool // deciding here, by lane
	stopped    string
	enough     bool // stopped at the errs that the user had asked for
	superseded bool // stopped for a newer run
	err        error
}

// inboxSize is how many messages may wait: enough that a read of many events does not
// wait for each of them.
const inboxSize = 1024

func newConsumer(o consumerOptions) *consumer {
	c := &consumer{consumerOptions: o, inbox: make(chan message, inboxSize)}
	n := max(1, len(o.lanes))
	c.local, c.health.lanes, c.health.mixed = make([]bool, n), make([]laneHealth, n), map[string]bool{}
	c.tally = newTally(o.fold, o.caughtUp, n)
	c.window = newWindow(o.backlog, n, c.lane)
	return c
}

// tell gives the consumer a message unless ctx ends first.
func (c *consumer) tell(ctx context.Context, m message) {
	select {
	case c.inbox <- m:
	case <-ctx.Done():
	}
}

// run consumes until everything is decided, timeout passes, or ctx ends. It
// returns an error only where the process cannot go on.
func (c *consumer) run(ctx context.Context, timeout time.Duration) error {
	deadline := time.NewTimer(timeout)
	defer deadline.Stop()
	for c.err == nil && !c.done() {
		select {
		case m := <-c.inbox:
			m.apply(c)
			c.endIfHopeless()
		case <-deadline.C:
			c.blocked(fmt.Sprintf("no verdict within %s", timeout), time.Time{})
		case <-ctx.Done():
			c.stopped = "interrupted"
		}
	}
	return c.err
}

// done says whether there is nothing more to wait for.
func (c *consumer) done() bool {
	switch {
	case c.stopped != "":
		return true
	case c.detach:
		return c.tally.allPushed()
	case !c.tally.caughtUp && slices.Contains(c.local, false):
		return false
	}
	return c.tally.settled()
}

// blocked acts on something without which no verdict comes, as the user has chosen and as
// soon as it has lasted for long enough. since is zero where waiting is over.
func (c *consumer) blocked(why string, since time.Time) {
	last := since.IsZero()
	act := last || time.Since(since) >= c.patience
	switch {
	case !slices.Contains(c.local, false):
		c.giveUpRedis()
	case act && c.onUndecided == DecideLocal && c.backlog != nil:
		c.switchToLocal(why)
	case last || act && c.onUndecided == Fail:
		c.stopped = why
		c.log.Error(why)
	case !c.health.warned:
		c.health.warned = true
		c.log.Warn(why + c.waiting())
	}
}

// waiting says that a run waits, and for how long if not until its end.
func (c *consumer) waiting() string {
	if c.onUndecided == Fail {
		return fmt.Sprintf("; waiting for %s", c.patience)
	}
	return "; waiting"
}

// switchToLocal decides what is left in this process.
func (c *consumer) switchToLocal(why string) {
	c.log.Warn(why+"; deciding the rest in this process", "undecided", len(c.fold.Undecided()))
	for lane := range c.local {
		c.decideHere(lane)
	}
}

// decideHere decides what is left of a lane in this process.
func (c *consumer) decideHere(lane int) {
	if c.local[lane] {
		return
	}
	c.local[lane] = true
	c.toLocal(lane)
	c.giveUpRedis()
	c.backlog.pause(false)
	c.backlog.resize(lane, atOnceHere(c.lanes, lane))
	c.window.orphan(lane)
}

// giveUpRedis leaves others' attempts alone when all is decided here, and Redis if it does not answer.
func (c *consumer) giveUpRedis() {
	if !slices.Contains(c.local, false) {
		c.allLocal(c.health.redisDown())
	}
}

// atOnceHere is how many units of a lane this process decides at once, 0 for as many as it has room
// for: each command is a process of its own.
func atOnceHere(lanes []string, lane int) int {
	if lane < len(lanes) && id.IsLane(lanes[lane]) {
		return runtime.GOMAXPROCS(0)
	}
	return 0
}

// taken counts a job that has left the backlog for good.
func (c *consumer) taken(again bool) {
	if !again {
		c.tally.pushed++
	}
	c.checkAllPushed()
}

// checkAllPushed says once that no task is left to be pushed.
func (c *consumer) checkAllPushed() {
	if c.tally.allPushed() && c.allPushed != nil {
		c.allPushed()
		c.allPushed = nil
	}
}

func (c *consumer) report(e Event) {
	if c.observe != nil {
		e.Run, e.Progress = c.runID, c.tally.progress()
		e.Progress.Noun, e.Progress.Commands = c.noun, c.forCommands()
		c.observe(e)
	}
}

// forCommands is how many listed units without a verdict wait in lanes of commands, where there are
// other lanes.
func (c *consumer) forCommands() (n int) {
	for i, lane := range c.lanes {
		if len(c.lanes) > 1 && id.IsLane(lane) {
			n += c.tally.waiting(i)
		}
	}
	return n
}

// finishListing completes the names of a run that was stopped while they were listed:
// its report accounts for all of them, and whether a unit exists is judged against all
// folders.
func (c *consumer) finishListing(names func(yield func(id.Unit, error) bool), expected func(id.Unit) bool) {
	if c.tally.total >= 0 {
		return
	}
	for name, err := range names {
		if err != nil {
			c.log.Warn("the "+c.noun.Many+" that were not listed cannot be", "err", err)
			return
		}
		c.fold.AddKnown(name)
		if expected(name) {
			c.fold.Expect(name)
		}
	}
	c.tally.listingComplete = true
}

// result puts down what the run found, as p judges it. The fold has done its work: a report
// needs the room.
func (c *consumer) result(r *Result, p policy.Policy) {
	if !c.tally.listingComplete {
		c.fold.ListingIncomplete()
	}
	found := c.fold.Summary(c.missing)
	c.fold, c.tally.fold = nil, nil
	r.Stopped, r.Enough, r.Superseded, r.Stood = c.stopped, c.enough, c.superseded, c.tally.stood
	r.Cached, r.Reverified = c.tally.cached, c.reverify.result()
	r.DecidedHere = slices.Sorted(slices.Values(c.tally.decidedHere))
	r.judge(found, p)
}

// missing is the cause of a unit that has no verdict.
func (c *consumer) missing(unit id.Unit) string {
	if why := cmp.Or(c.tally.undecidable[unit], c.tally.hints[unit], c.health.lanes[c.lane(unit)].why); why != "" {
		return why
	}
	if c.stopped != "" {
		return c.stopped
	}
	return "no verdict arrived"
}

// leftover are the attempts whose tasks may still wait in the queue.
func (c *consumer) leftover() map[id.Unit]int {
	all := map[id.Unit]int{}
	for _, some := range []map[id.Unit]inFlight{c.window.orphaned, c.window.undecided} {
		for unit, f := range some {
			all[unit] = f.number
		}
	}
	return all
}
