package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/policy"
)

// wholeFormats have everything, whoever asks: programs, and what later steps decide by.
var wholeFormats = []string{"json", "ndjson", "outputs"}

// ShownTo is the report as a format shows it to some owners: with their units alone. Counts,
// what is about no unit, and formats that have everything stay as they are. Without owners it is
// the report.
func (r Report) ShownTo(owners []string, format string) Report {
	if len(owners) == 0 || slices.Contains(wholeFormats, format) {
		return r
	}
	others := func(u aggregator.Unit) bool { return !belongs(u, owners) }
	r.Summary.OKs = slices.DeleteFunc(slices.Clone(r.Summary.OKs), others)
	r.Summary.Errs = slices.DeleteFunc(slices.Clone(r.Summary.Errs), others)
	return r
}

// belongs says whether a unit is of one of some owners, which may be written without the @.
func belongs(u aggregator.Unit, owners []string) bool {
	if len(u.Owners) == 0 {
		return slices.Contains(owners, policy.Nobody)
	}
	return slices.ContainsFunc(u.Owners, func(o string) bool {
		return slices.ContainsFunc(owners, func(asked string) bool { return strings.TrimPrefix(o, "@") == strings.TrimPrefix(asked, "@") })
	})
}

// shownTo notes whose units are shown, of how many.
func (t *text) shownTo(r Report, owners []string) {
	if len(owners) == 0 {
		return
	}
	t.begin(note)
	t.line("%s", ownersNote(r, owners))
}

// ownersNote says whose units a report has, of how many.
func ownersNote(r Report, owners []string) string {
	s := r.Summary
	return fmt.Sprintf("shown: findings of %s: %s of %s; the counts are of all", printable(strings.Join(owners, ", ")), grouped(len(s.OKs)+len(s.Errs)), r.Run.Noun.Number(s.Expected))
}

// notesFor are the notes on a report, behind whose units it has where those are not all.
func notesFor(r Report, owners []string) []string {
	if len(owners) == 0 {
		return notes(r)
	}
	return append([]string{ownersNote(r, owners)}, notes(r)...)
}
