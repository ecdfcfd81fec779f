package report

import (
	"io"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

var conciseFormat = Format{Name: "concise", Doc: "for grep, editors and problem matchers: a line each for findings and for errs without one, then what is not complete, and the counts", Write: Concise}

// Concise writes one line a finding, whatever their number: those of shared files and of the
// policy first, then errors, warnings and what else is asked for. That a run is not complete is
// said in front of the counts. It returns the first error of w.
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
	for _, why := range append([]string{endedEarly(r.Run)}, open(r)...) {
		if why != "" && !strings.HasPrefix(why, " ") { // without advice
			t.line("%s", why)
		}
	}
	t.last(r)
	return t.Flush()
}
