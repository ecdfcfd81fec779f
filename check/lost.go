package check

import (
	"time"

	"github.com/seed306eabeb/muster/verdict"
)

// Lost is an error of a check that says nothing of the unit: this process has lost what the check
// needs, such as a program, and another process may have it.
type Lost interface {
	error
	// Lost says what was lost.
	Lost() string
}

// Slow is a session whose checks need time to end after their context has, such as one that has
// processes to end. Nobody waits longer than that for it.
type Slow interface {
	Session
	Ending() time.Duration
}

// Ended is what became of one check of a unit.
type Ended struct {
	Check    string
	Took     time.Duration
	Decision verdict.Decision
	Err      error // it could not decide
}

// Outcome is an error of a check that has a word for why it could not decide, such as "timeout":
// one of a few, for counting.
type Outcome interface {
	error
	Outcome() string
}
