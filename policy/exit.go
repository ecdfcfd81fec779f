package policy

import (
	"github.com/seed306eabeb/muster/verdict"
)

// The exit codes of all commands.
const (
	ExitOK          = 0   // complete, and every unit is ok
	ExitInvalid     = 1   // complete, with invalid units
	ExitConfig      = 2   // usage or configuration: nothing was verified
	ExitUndecided   = 3   // something could not be decided
	ExitSuperseded  = 4   // a newer run of the same key has replaced it
	ExitInterrupted = 130 // the user ended it
)

// Outcome is how a run ended.
type Outcome struct {
	// Summary is what the run found, as its Policy has judged it.
	Summary Summary
	// Enough is set where the run stopped at the number of errs that the user had asked
	// for.
	Enough bool
	// Superseded is set where a newer run of the same key has replaced this one.
	Superseded bool
	// Interrupted is set when the user ended the run.
	Interrupted bool
	// Detached: all tasks are handed over and nothing was awaited.
	Detached bool
	// Doubted: an audit has found the cache to be wrong, so that its operator has to look.
	Doubted bool
}

// ExitCode is the process's exit code for an outcome. What could not be decided outranks
// what is invalid. Whether an empty selection is allowed is the caller's to judge; it is
// ExitOK here.
func (o Outcome) ExitCode() int {
	switch {
	case o.Interrupted:
		return ExitInterrupted
	case o.Superseded:
		return ExitSuperseded
	case o.Detached:
		return ExitOK
	case o.Enough && o.Summary.Failed == 0:
		return ExitInvalid
	}
	if code := ofSummary(o.Summary); code == ExitConfig || !o.Doubted {
		return code
	}
	return ExitUndecided
}

func ofSummary(s Summary) int {
	switch {
	case verdict.HasError(s.Config):
		return ExitConfig
	case !s.Complete || s.Failed > 0 || s.Missing > 0:
		return ExitUndecided
	case s.Invalid > 0 || verdict.HasError(s.Remarks):
		return ExitInvalid
	}
	return ExitOK
}
