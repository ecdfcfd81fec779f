package report

import (
	"io"
	"strings"

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

// finding is one line that begins with the place, as editors and log scrapers
// look for it, and below it its lines, the places that it speaks of besides, and the help.
func (t *text) finding(f verdict.Finding, of aggregator.Unit) {
	t.headline(f)
	digits := digitsOf(f)
	t.excerpt(of, f.Place, digits, linesAround-1, f.Severity)
	for i, r := range f.Related {
		shown := i < mostRelated && t.has(of, r.Place)
		if !shown && names(f.Message, r.Place) {
			continue
		}
		t.related(r)
		if shown {
			t.excerpt(of, r.Place, digits, 0, f.Severity)
		}
	}
	if f.Help != "" {
		t.line("    help: %s", printable(f.Help))
	}
}

// headline is a finding in one line.
func (t *text) headline(f verdict.Finding) {
	place := f.Place
	place.File = lead(place.File)
	rule := strings.TrimSpace(printable(f.Rule) + " " + printable(f.Name))
	t.line("%s: %s[%s]: %s%s", t.place(place.String()), t.severity(f.Level(), f.Severity), rule,
		printable(f.Message), regions(f.Regions))
}

// related is a place that a finding speaks of.
func (t *text) related(r verdict.Related) {
	place := r.Place
	place.File = printable(place.File)
	value, ok := r.Overridden()
	if !ok {
		t.line("   = %s: %s", printable(r.Text), t.place(place.String()))
		return
	}
	if r.Path != "" {
		value = r.Path + ": " + value
	}
	t.line("   = set here; overrides %s (%s)", t.place(place.String()), printable(value))
}

// names says whether a message has a place in it, and not one that only begins like it.
func names(message string, p verdict.Place) bool {
	_, behind, found := strings.Cut(message, p.String())
	return found && (behind == "" || !strings.ContainsAny(behind[:1], ":0123456789"))
}

func regions(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return " (" + printable(strings.Join(names, ", ")) + ")"
}

// tally counts findings by what people call them.
func tally(fs []verdict.Finding) string {
	counts := map[string]int{}
	for _, f := range fs {
		counts[f.Level()]++
	}
	var parts []string
	for _, level := range []string{"error", "warning", "info"} {
		if n := counts[level]; n > 0 {
			parts = append(parts, many(n, level))
		}
	}
	return strings.Join(parts, ", ")
}
