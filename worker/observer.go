package worker

import (
	"context"
	"errors"
	"time"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// Result is what became of one delivery of a task.
type Result string

// The results.
const (
	TaskOK       Result = "ok"
	TaskInvalid  Result = "invalid"
	TaskFailed   Result = "failed"   // its verdict says that it could not be decided
	TaskReleased Result = "released" // given back without a verdict, for another worker
	TaskRetried  Result = "retried"  // not decided, and tried again
	TaskDropped  Result = "dropped"  // not wanted any more, or decided already
	TaskMissing  Result = "missing"  // its bytes were not in Redis
	TaskRefused  Result = "refused"  // it could not be read
)

// Outcome is what became of a command that ran, or was to run.
type Outcome string

// The outcomes, unless the error of a check has a word of its own for it (check.Outcome).
const (
	CommandOK      Outcome = "ok"
	CommandInvalid Outcome = "invalid" // it has found errors
	CommandFailed  Outcome = "failed"
	CommandTimeout Outcome = "timeout"
	CommandStopped Outcome = "stopped" // its worker stopped, or its task was not this worker's any more
	CommandLost    Outcome = "lost"    // the program is gone from this worker
)

// CacheResult is what became of something that has to do with the cache.
type CacheResult string

// The results: of lookups the first three, of entries to be kept the next two.
const (
	CacheHit     CacheResult = "hit"
	CacheMiss    CacheResult = "miss"
	CacheBad     CacheResult = "bad" // there was something, and not what a worker writes
	CacheWritten CacheResult = "written"
	CacheDropped CacheResult = "dropped" // too many waited, or the store did not take it
	CacheRefused CacheResult = "refused" // a task whose run does not trust this worker's domain
	CacheError   CacheResult = "error"   // a call that the store did not answer, or answered with an error
)

// Observer is told what a worker does. Its methods are called by many goroutines at once, before
// the next step of each: they must not wait.
type Observer interface {
	// TaskEnded tells of one delivery of a task of a unit of a kind, which is "" for the only one.
	TaskEnded(kind string, r Result)
	// CheckEnded tells of one check of one unit. Those of a suspect, which are made in a process of
	// its own, are not told of.
	CheckEnded(check string, took time.Duration)
	// CommandEnded tells of a check that runs a command, beside CheckEnded.
	CommandEnded(command string, o Outcome)
	// CacheEnded tells of so many lookups, entries, tasks or calls.
	CacheEnded(r CacheResult, n int)
}

// unobserved is nobody.
type unobserved struct{}

func (unobserved) TaskEnded(string, Result)         {}
func (unobserved) CheckEnded(string, time.Duration) {}
func (unobserved) CommandEnded(string, Outcome)     {}
func (unobserved) CacheEnded(CacheResult, int)      {}

// ended tells the observer of one check.
func (h *Handler) ended(e check.Ended) {
	h.Observer.CheckEnded(e.Check, e.Took)
	if command, ok := id.CommandOf(e.Check); ok {
		h.Observer.CommandEnded(command, outcomeOf(e))
	}
}

// outcomeOf puts into a word what became of a command.
func outcomeOf(e check.Ended) Outcome {
	lost, said := check.Lost(nil), check.Outcome(nil)
	switch {
	case errors.As(e.Err, &said):
		return Outcome(said.Outcome())
	case errors.As(e.Err, &lost):
		return CommandLost
	case errors.Is(e.Err, context.Canceled), errors.Is(e.Err, errStopping):
		return CommandStopped
	case errors.Is(e.Err, context.DeadlineExceeded):
		return CommandTimeout
	case e.Err != nil:
		return CommandFailed
	case verdict.HasError(e.Decision.Findings):
		return CommandInvalid
	}
	return CommandOK
}

// Stats are what a worker has under way.
type Stats struct {
	Slots, Taken  int // of checks that run no command
	Prefetched    int // tasks that are begun and wait for one of them, or are about to have it
	CommandSlots  int
	CommandsTaken int
	Waiting       int // tasks of lanes that are begun and wait for a slot
	Commands      map[string]CommandStats
	Lanes         []string // that are served
}

// CommandStats are the slots of one command.
type CommandStats struct{ Slots, Taken int }

// Stats are what the worker has under way now.
func (w *Worker) Stats() Stats {
	h := w.servers.handler
	s := Stats{Slots: h.Concurrency, Taken: len(h.slots.taken), Prefetched: int(h.slots.queued.Load()), Lanes: w.servers.lanes.names(), Commands: map[string]CommandStats{}}
	can := w.capacity.Load()
	var running map[string]int
	s.CommandSlots = can.CommandSlots
	s.CommandsTaken, running = h.commands.now()
	for _, o := range can.Offers {
		s.Commands[o.Name] = CommandStats{o.Slots, running[o.Name]}
	}
	for _, l := range w.servers.lanes.all() {
		s.Waiting += l.waiting()
	}
	return s
}
