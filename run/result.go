package run

import (
	"time"

	"github.com/seed306eabeb/muster/aggregator"
)

// Result is how a run ended.
type Result struct {
	ID       string // "" for Validate
	Started  time.Time
	Finished time.Time
	Regions  []string // selected, resolved
	Summary  aggregator.Summary

	// Stopped says why the run ended before everything was decided, "" if it did
	// not. Enough is set where it was the errs that the user had asked to stop at.
	Stopped string
	Enough  bool
	// Interrupted is set when the context ended the run.
	Interrupted bool
	// Detached: all tasks are handed over and nothing was awaited.
	Detached bool
	// Here lists the services that this process decided itself, sorted.
	Here []string

	// deserted is set when an interrupted run could not reach Redis any more.
	deserted bool
}

// ExitInterrupted is the exit code of a run that the user interrupted.
const ExitInterrupted = 130

// ExitCode is the process's exit code for this result.
func (r Result) ExitCode() int {
	switch {
	case r.Interrupted:
		return ExitInterrupted
	case r.Detached:
		return aggregator.ExitOK
	case r.Enough && r.Summary.Failed == 0:
		return aggregator.ExitInvalid
	}
	return r.Summary.ExitCode()
}

// Progress is how far a run is.
type Progress struct {
	Listed, Fed, Decided, Errs int
	Total                      int // -1 while the listing goes on
}

// EventKind is what an observer is told.
type EventKind string

// The events of a run, in the order in which its one consumer sees them.
const (
	Listed       EventKind = "listed"        // Service
	ListingEnded EventKind = "listing ended" //
	Pushed       EventKind = "pushed"        // Service
	Decided      EventKind = "decided"       // Service
	Waiting      EventKind = "waiting"       // nothing new; told a few times a second
)

// Event is one step of a run. Observers are called by one goroutine and should
// return at once.
type Event struct {
	Kind     EventKind
	Service  string
	Progress Progress
}
