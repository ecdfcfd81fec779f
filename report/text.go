package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

var textFormat = Format{Name: "text", Doc: "for people, and for editors that look for file:line:column", Write: Text}

// Text writes the report for people: errs by service, what to know about the
// run, and always the counts as the last line. No text of a manifest reaches w
// unescaped. It returns the first error of w.
func Text(w io.Writer, r Report, o Options) error {
	t := &text{Writer: bufio.NewWriter(w), paint: palette(o.Color), notesToo: o.Verbose && !o.Quiet}
	t.config(r.Summary)
	t.errs(r.Summary)
	if !o.Quiet {
		t.warnings(r.Summary.OKs)
		t.hidden(r)
		t.notes(r)
	}
	t.last(r)
	return t.Flush()
}

// text is a writer that keeps its first error until Flush, and knows what it
// wrote last.
type text struct {
	*bufio.Writer
	paint
	before   block
	notesToo bool
}

// block is what was written last. Blocks of different kinds, and all groups, are
// set apart by a blank line.
type block int

const (
	nothing  block = iota
	group          // a heading with findings
	oneLiner       // a service in one line
	note           // a line about the run
)

func (t *text) begin(b block) {
	if t.before != nothing && (b != t.before || b == group) {
		t.WriteByte('\n')
	}
	t.before = b
}

func (t *text) line(format string, args ...any) {
	fmt.Fprintf(t, format+"\n", args...)
}

// config shows the findings of the shared tree.
func (t *text) config(s policy.Summary) {
	if len(s.Config) == 0 {
		return
	}
	t.begin(group)
	heading := "shared configuration: " + tally(s.Config)
	if verdict.HasError(s.Config) {
		heading += ": nothing was checked"
	}
	t.line("%s", heading)
	t.findings(s.Config)
}

// shown are the findings that are shown.
func (t *text) shown(fs []verdict.Finding) []verdict.Finding {
	if t.notesToo || !slices.ContainsFunc(fs, func(f verdict.Finding) bool { return f.Advice }) {
		return fs
	}
	return slices.DeleteFunc(slices.Clone(fs), func(f verdict.Finding) bool { return f.Advice })
}

// mostMissing is how many missing services are shown one by one: a run that ends early may
// leave ten thousand of them with one cause.
const mostMissing = 75

// errs shows all errs but those of many that are only missing.
func (t *text) errs(s policy.Summary) {
	missing := 0
	for _, unit := range s.Errs {
		if unit.Kind == verdict.Missing {
			if missing++; missing > mostMissing {
				continue
			}
		}
		t.service(unit)
	}
	if more := missing - mostMissing; more > 0 {
		t.begin(oneLiner)
		t.line("… and %s more missing (--format json has them all)", grouped(more))
	}
}

// service shows an err, or the warnings of an ok service. What was found of a service that
// failed stands under the cause.
func (t *text) service(s aggregator.Unit) {
	shown := t.shown(s.Findings)
	if len(shown) == 0 {
		t.begin(oneLiner)
	} else {
		t.begin(group)
	}
	heading := lead(string(s.Name)) + ": "
	switch why := cause(s); {
	case len(shown) == 0 || s.Kind == verdict.Failed:
		heading += t.severity(string(s.Kind), verdict.Error) + ": " + cmp.Or(why, "no finding says why")
	case why != "":
		heading += tally(shown) + ": " + why
	default:
		heading += tally(shown)
	}
	t.line("%s", heading)
	t.findings(shown)
}

// cause is why a service is failed or missing: of several checks that failed, why each did.
func cause(s aggregator.Unit) string {
	if len(s.Failures) < 2 {
		return printable(s.Cause)
	}
	var all []string
	for _, f := range s.Failures {
		all = append(all, printable(f.Check)+": "+printable(f.Cause))
	}
	return strings.Join(all, "; ")
}

func (t *text) findings(fs []verdict.Finding) {
	for _, f := range fs {
		t.finding(f)
	}
}

// finding is one line that begins with the place, as editors and log scrapers
// look for it, and below it the places that it speaks of besides, and the help.
func (t *text) finding(f verdict.Finding) {
	place := f.Place
	place.File = lead(place.File)
	rule := strings.TrimSpace(printable(f.Rule) + " " + printable(f.Name))
	t.line("%s: %s[%s]: %s%s", t.place(place.String()), t.severity(f.Level(), f.Severity), rule,
		printable(f.Message), regions(f.Regions))
	for _, r := range f.Related {
		if names(f.Message, r.Place) {
			continue
		}
		place := r.Place
		place.File = printable(place.File)
		t.line("   = %s: %s", printable(r.Text), t.place(place.String()))
	}
	if f.Help != "" {
		t.line("    help: %s", printable(f.Help))
	}
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

// warnings shows those of ok services.
func (t *text) warnings(oks []aggregator.Unit) {
	for _, s := range oks {
		if len(t.shown(s.Findings)) > 0 {
			t.service(s)
		}
	}
}

// hidden says that there are notes that were not shown.
func (t *text) hidden(r Report) {
	if t.notesToo {
		return
	}
	notes, units := 0, 0
	for _, side := range [][]aggregator.Unit{r.Summary.OKs, r.Summary.Errs} {
		for _, u := range side {
			if n := len(u.Findings) - len(t.shown(u.Findings)); n > 0 {
				notes, units = notes+n, units+1
			}
		}
	}
	if notes > 0 {
		t.begin(note)
		t.line("%s in %s (shown with --verbose)", many(notes, "note"), r.Run.Noun.Number(units))
	}
}

// last is the line that scripts may read; it keeps its form.
func (t *text) last(r Report) {
	s := r.Summary
	if t.before == group || t.before == oneLiner {
		t.WriteByte('\n')
	}
	t.line("%d ok, %d err (%d invalid, %d failed, %d missing) in %s",
		s.OK, len(s.Errs), s.Invalid, s.Failed, s.Missing, elapsed(r.Run.took()))
}

// standings tells why services were checked in structure only.
func standings(counts map[verdict.Skipped]int) string {
	order := []verdict.Skipped{verdict.NotDeployed, verdict.External, verdict.Disabled}
	var rest []verdict.Skipped
	for s := range counts {
		if !slices.Contains(order, s) {
			rest = append(rest, s)
		}
	}
	slices.Sort(rest)
	var parts []string
	for _, s := range append(order, rest...) {
		if n := counts[s]; n > 0 {
			part := grouped(n) + " " + printable(string(s))
			if s == verdict.NotDeployed {
				part += " in the selected regions"
			}
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}
