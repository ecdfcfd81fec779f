package run

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/verdict"
)

// What the goroutines of a run tell its consumer.
type (
	listed       struct{ expected, folders []string }
	listingEnded struct{ total int }
	fed          struct{ job }                 // its task is pushed, or it was decided before
	decidedHere  struct{ v verdict.Verdict }   // by this process
	hopeless     struct{ service, why string } // no verdict will come
	verdictEvent struct{ v verdict.Verdict }   // by somebody, through Redis
	lackingEvent struct{ service string }      // its bundle is gone
	workers      struct{ slots int }           // alive now
	trouble      struct{ err error }           // Redis does not answer
	answering    struct{}                      // it answers again
	stop         struct{ why string }          // the run cannot go on
	broken       struct{ err error }           // something failed that ends the process
)

// consumer is the one goroutine that counts. Everything a run learns goes through
// its inbox, and nobody else touches its fields while it runs.
type consumer struct {
	inbox   chan any
	name    string // of this process, in verdicts
	fold    *aggregator.Fold
	backlog *backlog // nil for a follower that feeds nothing
	local   func(remote bool)
	observe func(Event)
	log     *slog.Logger

	onUndecided OnUndecided
	failFast    bool
	detach      bool
	noWorker    string // what to do about it, for people

	total    int            // -1 until the listing has ended
	inWindow map[string]int // fed and undecided → attempt
	left     map[string]int // the same, of those that are decided here instead
	hopeless map[string]string
	here     []string
	fedCount int
	idle     time.Time // since when no worker is alive; zero while one is
	deaf     time.Time // since when Redis does not answer; zero while it does
	warned   bool      // of the present lack of workers or of Redis
	atHome   bool      // deciding here
	rate     rate

	stopped string
	enough  bool
}

// How long a lack lasts before it is spoken of and acted upon.
const (
	noWorkerAfter = 2 * time.Second
	deafAfter     = 4 * time.Second
)

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
	if c.total < 0 {
		return false
	}
	if c.detach {
		return c.fedCount >= c.total
	}
	n := c.fold.Counts()
	return n.OK+n.Invalid+n.Failed+len(c.hopeless) >= c.total
}

func (c *consumer) consume(m any) {
	switch m := m.(type) {
	case listed:
		c.fold.Unit(m.folders...)
		c.fold.Expect(m.expected...)
		for _, s := range m.expected {
			c.report(Listed, s)
		}
	case listingEnded:
		c.total = m.total
		c.report(ListingEnded, "")
	case fed:
		c.fed(m.job)
	case decidedHere:
		c.fedCount++
		c.backlog.release()
		c.decided(m.v)
	case hopeless:
		c.fedCount++
		c.backlog.release()
		c.hopeless[m.service] = m.why
	case verdictEvent:
		c.decided(m.v)
	case lackingEvent:
		c.lacking(m.service)
	case workers:
		c.workers(m.slots)
		c.report(Waiting, "")
	case trouble:
		c.trouble(m.err)
	case answering:
		c.answering()
	case stop:
		c.stopped = m.why
	}
}

// fed notes that a service waits in Redis, or that it was decided already.
func (c *consumer) fed(j job) {
	c.fedCount++
	_, twice := c.inWindow[j.service]
	if decided := c.fold.Has(j.service); twice || decided {
		c.backlog.release()
		if decided {
			return
		}
	}
	c.inWindow[j.service] = j.attempt
	c.report(Pushed, j.service)
}

// decided takes a verdict, from wherever it comes. One of this process comes twice:
// from itself, and through Redis.
func (c *consumer) decided(v verdict.Verdict) {
	if _, ok := c.inWindow[v.Service]; ok {
		delete(c.inWindow, v.Service)
		c.backlog.release()
	}
	if !c.fold.Add(v) {
		return
	}
	if v.Worker == c.name {
		c.here = append(c.here, v.Service)
	}
	c.rate.add()
	c.report(Decided, v.Service)
	if c.failFast && v.Kind != verdict.OK {
		c.stopped, c.enough = "stopped after the first err", true
	}
}

// lacking feeds a service again whose bundle is not in Redis any more. A follower
// without the folders leaves that to whoever has them.
func (c *consumer) lacking(service string) {
	if c.backlog == nil || c.fold.Has(service) {
		return
	}
	c.log.Warn("a bundle was no longer in Redis: uploading it again", "service", service)
	c.backlog.again(job{service, max(c.inWindow[service], 1) + 1})
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
	c.backlog.resize(0)
	for _, service := range slices.Sorted(maps.Keys(c.inWindow)) {
		c.backlog.release()
		c.backlog.again(job{service, 1})
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

// finished is what the run found.
func (c *consumer) finished(r *Result) {
	r.Summary = c.fold.Summary(c.missing)
	r.Stopped, r.Enough = c.stopped, c.enough
	slices.Sort(c.here)
	r.Here = c.here
	r.Finished = time.Now()
}

// decode turns an event's body into what the consumer is told, nil for nothing.
func decode(e ledger.Event) (any, error) {
	switch e.Kind {
	case ledger.VerdictRecorded:
		v, err := verdict.Decode(e.Body)
		if err != nil {
			return nil, fmt.Errorf("read the verdict of %q: %w", e.Service, err)
		}
		if v.Service != e.Service {
			return nil, fmt.Errorf("read the verdict of %q: it speaks of %q", e.Service, v.Service)
		}
		return verdictEvent{v}, nil
	case ledger.BundleLacking:
		return lackingEvent{e.Service}, nil
	}
	return nil, nil
}
