package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/verdict"
)

var markdownFormat = Format{Name: "markdown", Doc: "for a comment on a pull request: counts, rules and owners in tables, and the findings, below GitHub's limit of a comment", Write: Markdown}

// marker is the first line of a Markdown report, which is not seen: who comments a second
// time finds the first comment by it.
const marker = "<!-- muster:report -->"

// The limits of the places that take Markdown, in bytes. GitHub counts the characters of a comment,
// which are no more than its bytes, and throws a step's whole summary away that has
// more than 1 MiB.
const (
	commentLimit = 65_536
	summaryLimit = 900 << 10
)

// Markdown writes the report for a comment on a pull request. Of what does not fit it says
// how much is missing. It returns the first error of w.
func Markdown(w io.Writer, r Report, o Options) error {
	return writePage(w, r, o, marker+"\n"+keyOf(o), commentLimit)
}

// StepSummary is Markdown for a page of GitHub Actions that has so many bytes already.
func StepSummary(already int) Format {
	return Format{Name: "summary", Write: func(w io.Writer, r Report, o Options) error {
		return writePage(w, r, o, "", max(summaryLimit-already, smallestPage))
	}}
}

// keyOf tells comments about several repositories of one checkout apart.
func keyOf(o Options) string {
	if o.Folder == "" {
		return ""
	}
	return "<!-- muster:key " + commentKey(o.Folder) + " -->\n"
}

// writePage writes what fits into so many bytes, what matters most first.
func writePage(w io.Writer, r Report, o Options, head string, limit int) error {
	p := newPage(w, limit)
	all := causes(r, o)
	p.put(head + "### muster: " + verdictOf(r) + "\n\n" + countsOf(r) + "\n")
	p.fenced("", notesFor(r, o.Owners))
	p.fenced("**What the change would switch off**", printables(r.Summary.Proposed))
	p.put(ruleTable(all))
	p.put(ownerTable(r, o))
	p.put(restOf(r))
	p.undecided(r)
	shown := p.causes(all, r.Run.Noun, o)
	p.last(findingsOf(all)-shown, findingsOf(all))
	return p.flush()
}

// verdictOf is the report in a few words.
func verdictOf(r Report) string {
	s, units := r.Summary, numberOf(r.Run.Noun, r.Summary.Expected)
	switch {
	case verdict.HasError(s.Config):
		return "the configuration has errors: nothing was checked"
	case r.Run.Superseded:
		return "superseded by a newer run"
	case s.Failed+s.Missing > 0 || !s.Complete && s.Expected > 0:
		return fmt.Sprintf("%s of %s not decided, %s invalid", grouped(s.Failed+s.Missing), units, grouped(s.Invalid))
	case s.Invalid > 0:
		return grouped(s.Invalid) + " of " + units + " invalid"
	case verdict.HasError(s.Remarks):
		return "errors in what is hidden or asked for"
	case s.Expected == 0 && r.Changed != nil:
		return "nothing has changed"
	case s.Expected == 0:
		return "nothing was selected"
	}
	return units + " ok"
}

// numberOf is so many units in words that are no markup, whatever they are called.
func numberOf(noun Noun, n int) string {
	words := noun.Number(n)
	if number, name, _ := strings.Cut(words, " "); strings.ContainsFunc(name, func(r rune) bool { return r > 'z' || !unicode.IsLetter(r) }) {
		return number + " " + code(name)
	}
	return words
}

func countsOf(r Report) string {
	s := r.Summary
	return fmt.Sprintf("**%s ok, %s err** (%s invalid, %s failed, %s missing) in %s", grouped(s.OK), grouped(s.Expected-s.OK),
		grouped(s.Invalid), grouped(s.Failed), grouped(s.Missing), elapsed(r.Run.took()))
}

// ruleTable counts what was found by rule.
func ruleTable(all []*problem) string {
	rows, _ := rulesOf(all)
	t := newTable("rule", "severity", "findings", "units", "first")
	for _, of := range rows {
		t.row(cell(of.first.rule()), severityOf(of.first.Finding), grouped(of.findings), grouped(len(of.units)), cell(printable(of.first.Place.String())))
	}
	return t.text("rules")
}

// ownerTable counts what was found by owner; it is empty where nothing is anybody's.
func ownerTable(r Report, o Options) string {
	t := newTable("owner", "errors", "warnings", "units")
	for _, of := range newText(io.Discard, o).ownersOf(r.Summary) {
		t.row(cell(printable(cmp.Or(of.name, "nobody"))), grouped(of.errors), grouped(of.warnings), grouped(of.units))
	}
	return t.text("owners")
}

// restOf counts what does not stand.
func restOf(r Report) string {
	var parts []string
	hidden := map[string]int{}
	for _, side := range [][]aggregator.Unit{r.Summary.Errs, r.Summary.OKs} {
		for _, u := range side {
			for _, h := range u.Hidden {
				hidden[string(h.Why)]++
			}
		}
	}
	for _, why := range sortedKeys(hidden) {
		parts = append(parts, grouped(hidden[why])+" hidden ("+code(printable(why))+")")
	}
	if n := len(r.Summary.Fixed); n > 0 {
		parts = append(parts, grouped(n)+" of the baseline fixed")
	}
	if len(parts) == 0 {
		return ""
	}
	return "\n" + strings.Join(parts, "; ") + "\n"
}
