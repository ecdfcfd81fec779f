package report

import (
	"io"
	"slices"

	"github.com/seed306eabeb/muster/verdict"
)

var conciseFormat = Format{"concise", "for grep, editors and problem matchers: a line each for findings and for errs without one, then the counts", Concise}

// Concise writes one line a finding, whatever their number: those of shared files and of the
// policy first, then errors, warnings and what else is asked for. It returns the first error of w.
func Concise(w io.Writer, r Report, o Options) error {
	t := newText(w, o)
	t.noun = r.Run.Noun
	for _, fs := range [][]verdict.Finding{r.Summary.Config, t.shown(r.Summary.Remarks)} {
		for _, f := range fs {
			t.headline(f)
		}
	}
	all := t.problems(r.Summary)
	slices.SortStableFunc(all, (*problem).compare)
	for _, p := range all {
		t.headline(p.Finding)
	}
	for i := range r.Summary.Errs {
		if u := &r.Summary.Errs[i]; u.Kind != verdict.Invalid || len(t.shown(u.Findings)) == 0 {
			t.causeLine(u)
		}
	}
	t.last(r)
	return t.Flush()
}
