package report

import (
	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/verdict"
)

// Sources has the bytes that were checked. It is safe for concurrent use.
type Sources interface {
	// Snippet is the lines around a place in a file of a unit, or in one that its kind
	// shares.
	Snippet(unit aggregator.Unit, at verdict.Place) Snippet
}

// Snippet is a few lines of a file, as they were checked.
type Snippet struct {
	First int      // the number of the first line, from 1
	Lines []string // without line ends; whatever bytes stand in the file
	Gone  string   // why there are no lines, "" where there are some or nothing is to be shown
}
