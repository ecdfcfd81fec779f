package report

import (
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/seed306eabeb/muster/policy"
)

// htmlPage is what the page says around its list of findings. Its texts are printable, and
// the template escapes them.
type htmlPage struct {
	ContentPolicy string
	Style         template.CSS
	Script        template.JS

	Unit     string // what one of the units is called
	Outcome  outcome
	Bar      bar
	Notes    []pageNote
	Run      []fact
	Proposed []string
	Fixed    []policy.Entry
	// FixedSince is what a change has mended.
	FixedSince []policy.Entry
	Tallies    tallies
	Silent     []silentErrs
	Standing   int // how many findings the list has, and
	Hidden     int // how many of those that are hidden
}

func newHTMLPage(r Report, o Options, list *htmlFindings) htmlPage {
	s := r.Summary
	return htmlPage{
		ContentPolicy: contentPolicy, Style: template.CSS(pageStyle), Script: template.JS(pageScript),
		Unit: r.Run.Noun.Singular(), Outcome: headingOf(r), Bar: newBar(s), Notes: pageNotes(r, o.Owners), Run: r.Run.facts(s),
		Proposed: allPrintable(s.Proposed), Fixed: printableEntries(s.Fixed), FixedSince: printableEntries(fixedSince(s.Since)),
		Tallies: newTallies(s.Errs, list, o.Rules), Silent: newSilentErrs(s.Errs),
		Standing: len(list.standing), Hidden: len(list.hidden),
	}
}

// pageNote is a note on the run.
type pageNote struct {
	Text string
	Help bool // it says what to do about the one before
}

func pageNotes(r Report, owners []string) (all []pageNote) {
	for _, n := range notesFor(r, owners) {
		text := strings.TrimSpace(n)
		all = append(all, pageNote{text, text != n})
	}
	return all
}

// fact is something with its name.
type fact struct{ Name, Value string }

// facts are what tells the run from others, beside the notes on it.
func (r Run) facts(s policy.Summary) []fact {
	all := []fact{
		{"run", r.ID}, {"mode", r.Mode}, {"started", moment(r.Started)}, {"finished", moment(r.Finished)}, {"took", elapsed(r.took())},
		{"regions", strings.Join(r.Regions, ", ")}, {"checks", r.Checker}, {"engine of this program", r.Engine},
		{"engines that decided", strings.Join(s.Engines, ", ")}, {"queue", r.Queue}, {"Redis", r.Redis},
	}
	if r.Workers > 0 {
		all = append(all, fact{"checks at once", grouped(r.Workers)})
	}
	all = slices.DeleteFunc(all, func(f fact) bool { return f.Value == "" })
	for i := range all {
		all[i].Value = printable(all[i].Value)
	}
	return all
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func allPrintable(texts []string) (all []string) {
	for _, s := range texts {
		all = append(all, printable(s))
	}
	return all
}

func printableEntries(entries []policy.Entry) (all []policy.Entry) {
	for _, e := range entries {
		all = append(all, policy.Entry{Fingerprint: printable(e.Fingerprint), Rule: printable(e.Rule), Unit: printable(e.Unit),
			File: printable(e.File), Path: printable(e.Path), Message: printable(e.Message)})
	}
	return all
}
