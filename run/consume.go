package run

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/verdict"
)

// consumer is the one goroutine that counts. Everything a run learns goes through
// its inbox, and nobody else touches its fields while it runs.
type consumer struct {
	inbox   chan any
	name    string // of this process, in verdicts
	fold    *aggregator.Fold
	backlog *backlog          // nil for a follower that feeds nothing
	lost    chan<- lost       // to the reissuer; nil without one
	local   func(remote bool) // makes the feeders decide here; remote: without Redis
	allFed  func()            // called when all tasks are pushed; nil for nothing
	observe func(Event)
	log     *slog.Logger

	onUndecided OnUndecided
	maxErrs     int // 0 for any number
	detach      bool
	resume      bool   // a verdict may be about a folder that has changed since
	noWorker    string // what to do about it, for people

	total    int             // -1 until the listing has ended
	listed   bool            // the names of all folders are known
	inWindow map[string]int  // pushed and undecided → attempt
	left     map[string]int  // the same, of those that are decided here instead
	suspects map[string]bool // their worker died
	hopeless map[string]string
	here     []string
	fedCount int
	news     time.Time // when something was last pushed or decided
	idle     time.Time // since when no worker is alive; zero while one is
	deaf     time.Time // since when Redis does not answer; zero while it does
	full     bool      // Redis is, nearly
	caughtUp bool      // with what Redis knew when this process came; verdicts may be dropped before
	warned   bool      // of the present lack of workers or of Redis
	atHome   bool      // deciding here
	rate     rate

	stopped string
	enough  bool
}

const (
	// noWorkerAfter and deafAfter are how long a lack lasts before it is spoken of
	// and acted upon.
	noWorkerAfter = 2 * time.Second
	deafAfter     = 4 * time.Second
	// quietAfter is how long nothing must have happened, with nothing waiting and
	// nothing under way, before what is undecided counts as lost.
	quietAfter = 5 * time.Second
)

func newConsumer(fold *aggregator.Fold, log *slog.Logger) *consumer {
	return &consumer{inbox: make(chan any, 1024), fold: fold, log: log, onUndecided: Wait, total: -1, news: time.Now(),
		inWindow: map[string]int{}, left: map[string]int{}, suspects: map[string]bool{}, hopeless: map[string]string{}}
}

// tell gives the consumer a message unless ctx ends first.
func (c *consumer) tell(ctx context.Context, m any) {
	select {
	case c.inbox <- m:
	case <-ctx.Done():
	}
}

// run consumes until everything is decided, deadline passes, or ctx ends. It
// returns an error only where the process cannot go on.
func (c *consumer) run(ctx context.Context, timeout time.Duration) error {
	deadline := time.NewTimer(timeout)
	defer deadline.Stop()
	for !c.done() {
		select {
		case m := <-c.inbox:
			if b, ok := m.(broken); ok {
				return b.err
			}
			c.consume(m)
		case <-deadline.C:
			c.lack(fmt.Sprintf("no verdict within %s", timeout), true)
		case <-ctx.Done():
			c.stopped = "interrupted"
		}
	}
	return nil
}

// done says whether there is nothing more to wait for.
func (c *consumer) done() bool {
	if c.stopped != "" {
		return true
	}
	allFed := c.total >= 0 && c.fedCount >= c.total
	switch {
	case c.detach:
		return allFed
	case c.total < 0, !c.caughtUp && !c.atHome, c.resume && !allFed:
		return false
	}
	n := c.fold.Counts()
	return n.OK+n.Invalid+n.Failed+len(c.hopeless) >= c.total
}

func (c *consumer) consume(m any) {
	switch m := m.(type) {
	case listed:
		c.list(m)
	case listingEnded:
		c.total, c.listed = m.total, m.all
		c.report(ListingEnded, "")
		c.checkAllFed()
	case pending:
		if !c.fold.Has(m.service) {
			c.inWindow[m.service] = m.attempt
		}
	case fed:
		c.fed(m)
	case decidedHere:
		c.taken(m.again)
		c.decided(m.v)
	case hopeless:
		c.taken(m.again)
		if !c.fold.Has(m.service) {
			c.hopeless[m.service] = m.why
		}
	case verdictEvent:
		c.decided(m.v)
	case caughtUp:
		c.caughtUp = true
	case droppedEvent:
		c.fold.Drop(m.service)
	case lackingEvent:
		c.lacking(m)
	case reissued:
		c.reissued(m)
	case quiet:
		c.quiet()
	case workers:
		c.workers(m.slots)
		c.report(Waiting, "")
	case memory:
		c.memory(m)
	case trouble:
		c.trouble(m.err)
	case answering:
		c.answering()
	case stop:
		c.stopped = m.why
	}
}

func (c *consumer) list(m listed) {
	c.fold.AddKnown(m.folders...)
	c.fold.Expect(m.expected...)
	for _, s := range m.expected {
		c.report(Listed, s)
	}
}

// taken counts a job that leaves nothing in Redis.
func (c *consumer) taken(again bool) {
	c.countFed(again)
	c.release()
}

// countFed counts a service that has been fed for the first time.
func (c *consumer) countFed(again bool) {
	if !again {
		c.fedCount++
	}
	c.checkAllFed()
}

// release makes room for another job.
func (c *consumer) release() {
	if c.backlog != nil {
		c.backlog.release()
	}
}

func (c *consumer) checkAllFed() {
	if c.total >= 0 && c.fedCount >= c.total && c.allFed != nil {
		c.allFed()
		c.allFed = nil
	}
}

// fed notes that a service waits in Redis, or that it was decided already.
func (c *consumer) fed(m fed) {
	c.news = time.Now()
	if m.attempt > 0 && c.fold.Has(m.service) && c.fold.Digest(m.service) != m.digest {
		c.fold.Drop(m.service)
	}
	_, twice := c.inWindow[m.service]
	decided := c.fold.Has(m.service)
	if twice || decided {
		c.release()
	}
	if !decided {
		c.inWindow[m.service] = m.attempt
		c.report(Pushed, m.service)
	}
	c.countFed(m.again)
}

// decided takes a verdict, from wherever it comes. One of this process comes twice:
// from itself, and through Redis.
func (c *consumer) decided(v verdict.Verdict) {
	if _, ok := c.inWindow[v.Unit]; ok {
		delete(c.inWindow, v.Unit)
		c.release()
	}
	if !c.fold.Add(v) {
		return
	}
	delete(c.hopeless, v.Unit)
	if v.Worker == c.name {
		c.here = append(c.here, v.Unit)
	}
	c.news = time.Now()
	c.rate.add()
	c.report(Decided, v.Unit)
	if n := c.fold.Counts(); c.maxErrs > 0 && n.Invalid+n.Failed >= c.maxErrs {
		c.stopped, c.enough = fmt.Sprintf("stopped after %s", errs(n.Invalid+n.Failed)), true
	}
}

func errs(n int) string {
	if n == 1 {
		return "the first err"
	}
	return fmt.Sprintf("%d errs", n)
}

// lacking feeds a service again whose bundle is not in Redis any more. A follower
// without the folders leaves that to whoever has them.
func (c *consumer) lacking(m lackingEvent) {
	attempt, waits := c.inWindow[m.service]
	if c.backlog == nil || !waits || m.attempt < attempt {
		return
	}
	// It leaves the window until it is fed: a window full of such services would
	// never feed one of them.
	delete(c.inWindow, m.service)
	c.release()
	c.log.Warn("Redis has lost what the task needs: uploading it again", "service", m.service)
	c.backlog.again(job{service: m.service, lost: m.attempt})
}

// reissued notes the attempt that a service is in. It may be an earlier one than was
// known: a restarted Redis has forgotten the later ones.
func (c *consumer) reissued(m reissued) {
	c.news = time.Now()
	if _, ok := c.inWindow[m.service]; ok {
		c.inWindow[m.service] = m.attempt
	}
	if m.alone {
		c.suspects[m.service] = true
	}
}

// quiet gives up on tasks that have vanished: nothing waits, nothing is under way,
// and nothing has happened for a while.
func (c *consumer) quiet() {
	if c.lost == nil || c.atHome || time.Since(c.news) < quietAfter {
		return
	}
	for service, attempt := range c.inWindow {
		select {
		case c.lost <- lost{service, attempt}:
		default:
			return // the rest when these are on their way
		}
	}
}

// workers notes how many slots there are, sizes the window, and notices that
// nobody works.
func (c *consumer) workers(slots int) {
	if c.backlog != nil && !c.detach && !c.atHome {
		c.backlog.resize(windowSize(slots, c.rate.perSecond()))
	}
	switch {
	case slots > 0:
		if c.warned && !c.idle.IsZero() {
			c.log.Info("a worker is there", "slots", slots)
		}
		c.idle, c.warned = time.Time{}, false
	case c.idle.IsZero():
		c.idle = time.Now()
	case time.Since(c.idle) >= noWorkerAfter:
		c.lack(c.noWorker, false)
	}
}

// fullAt is the share of Redis's memory at which feeding pauses: the workers need
// the rest to drain the queue.
const fullAt = 0.8

func (c *consumer) memory(m memory) {
	full := m.most > 0 && float64(m.used) >= fullAt*float64(m.most)
	if full == c.full || c.backlog == nil {
		return
	}
	c.full = full
	c.backlog.pause(full)
	if full {
		c.log.Warn("Redis is nearly full: enqueueing waits until the workers have drained it", "used", m.used, "maxmemory", m.most)
	} else {
		c.log.Info("Redis has room again")
	}
}

func (c *consumer) trouble(err error) {
	if c.deaf.IsZero() {
		c.deaf = time.Now()
		c.log.Warn("Redis does not answer", "err", err)
	}
	if time.Since(c.deaf) >= deafAfter {
		c.lack(fmt.Sprintf("Redis does not answer: %v", err), false)
	}
}

func (c *consumer) answering() {
	if !c.deaf.IsZero() {
		c.log.Info("Redis answers again", "after", time.Since(c.deaf).Round(100*time.Millisecond))
	}
	c.deaf, c.warned = time.Time{}, false
}

// lack acts on something without which no verdict comes, as the user has chosen.
// last is set at the deadline, where waiting is over.
func (c *consumer) lack(why string, last bool) {
	switch {
	case c.atHome:
		c.local(!c.deaf.IsZero())
	case c.onUndecided == DecideLocal && c.backlog != nil:
		c.goHome(why)
	case last || c.onUndecided == Fail:
		c.stopped = why
		c.log.Error(why)
	case !c.warned:
		c.warned = true
		c.log.Warn(why + "; waiting")
	}
}

// goHome decides what is left in this process.
func (c *consumer) goHome(why string) {
	c.atHome = true
	c.log.Warn(why+"; deciding the rest in this process", "undecided", len(c.fold.Undecided()))
	c.local(!c.deaf.IsZero())
	c.backlog.pause(false)
	c.backlog.resize(0)
	for _, service := range slices.Sorted(maps.Keys(c.inWindow)) {
		c.release()
		c.backlog.again(job{service: service, suspect: c.suspects[service]})
	}
	maps.Copy(c.left, c.inWindow)
	clear(c.inWindow)
}

func (c *consumer) report(kind EventKind, service string) {
	if c.observe == nil {
		return
	}
	n := c.fold.Counts()
	c.observe(Event{kind, service, Progress{Listed: n.Expected, Fed: c.fedCount,
		Decided: n.OK + n.Invalid + n.Failed, Errs: n.Invalid + n.Failed, Total: c.total}})
}

// missing is the cause of a service that has no verdict.
func (c *consumer) missing(service string) string {
	if why := c.hopeless[service]; why != "" {
		return why
	}
	if c.stopped != "" {
		return c.stopped
	}
	return "no verdict arrived"
}

// finished is what the run found. The fold has done its work: a report needs the room.
func (c *consumer) finished(r *Result) {
	if !c.listed {
		c.fold.ListingIncomplete()
	}
	r.Summary, c.fold = c.fold.Summary(c.missing), nil
	r.Stopped, r.Enough = c.stopped, c.enough
	slices.Sort(c.here)
	r.Here = c.here
	r.Finished = time.Now()
}
