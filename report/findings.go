package report

import (
	"io"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/verdict"
)

// Findings writes findings for people, in the form that Text gives them, without
// anything around them. It returns the first error of w.
func Findings(w io.Writer, fs []verdict.Finding, o Options) error {
	t := newText(w, o)
	for _, f := range fs {
		t.finding(f, aggregator.Unit{})
	}
	return t.Flush()
}
