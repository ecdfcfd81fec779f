package report

import (
	"fmt"
	"strings"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// hidden lists the findings that do not stand where that is asked for, and counts by the reason
// all that is not shown.
func (t *text) hidden(r Report, o Options) {
	below, counts := 0, map[verdict.Why]int{}
	for _, side := range [][]aggregator.Unit{r.Summary.Errs, r.Summary.OKs} {
		for _, u := range side {
			below += len(u.Findings) - len(t.shown(u.Findings))
			for _, h := range u.Hidden {
				counts[h.Why]++
			}
		}
	}
	if o.ShowHidden {
		t.listHidden(o.lists(r).hidden())
	}
	var parts, flags []string
	if texts := byWhy(counts); len(texts) > 0 {
		parts = append(parts, texts...)
		if !o.ShowHidden {
			flags = append(flags, "--show-hidden")
		}
	}
	if below > 0 {
		parts, flags = append(parts, grouped(below)+" below --show"), append(flags, "--show info")
	}
	if len(parts) == 0 {
		return
	}
	line := "hidden: " + strings.Join(parts, ", ")
	switch len(flags) {
	case 1:
		line += " (" + flags[0] + " lists them)"
	case 2:
		line += " (" + flags[0] + " and " + flags[1] + " list them)"
	}
	t.begin(note)
	t.line("%s", line)
}

// byWhy are the counts of what is hidden, in the order of the reasons.
func byWhy(counts map[verdict.Why]int) (texts []string) {
	for _, why := range []verdict.Why{verdict.Suppressed, verdict.InBaseline, verdict.Old, verdict.Off} {
		if n := counts[why]; n > 0 {
			texts = append(texts, grouped(n)+" "+string(why))
		}
		delete(counts, why)
	}
	others := 0
	for _, n := range counts {
		others += n
	}
	if others > 0 {
		texts = append(texts, grouped(others)+" for another reason")
	}
	return texts
}

// listHidden shows findings that do not stand. No line begins with a place: nobody shall take
// them for findings that do.
func (t *text) listHidden(all []*Entry) {
	if len(all) == 0 {
		return
	}
	t.begin(group)
	t.line("hidden: %s", many(len(all), "finding"))
	for i, e := range all {
		if t.most > 0 && i == t.most {
			t.line("… and %s more (--max-findings 0 shows all)", grouped(len(all)-i))
			return
		}
		fmt.Fprintf(t, "  %s: ", lead(string(e.Hidden.Why)))
		t.headline(e.Finding)
		by := e.Hidden.By
		by.File = printable(by.File)
		if reason := printable(e.Hidden.Reason); reason != "" {
			t.line("     = by %s: %s", t.place(by.String()), reason)
		} else if by.File != "" {
			t.line("     = by %s", t.place(by.String()))
		}
	}
}

// fixedNotes say which entries of the baseline are fixed, by name with verbose.
func fixedNotes(fixed []policy.Entry, verbose bool) (notes []string) {
	if len(fixed) == 0 {
		return nil
	}
	notes = []string{many(len(fixed), "finding") + " of the baseline " + oneOrMore(len(fixed), "is", "are") + " fixed: enqueue baseline prune takes " + oneOrMore(len(fixed), "it", "them") + " out"}
	if !verbose {
		return notes
	}
	return append(notes, namesOfFixed(fixed)...)
}

// namesOfFixed are lines that name what is fixed.
func namesOfFixed(fixed []policy.Entry) (notes []string) {
	for _, e := range fixed {
		where := printable(e.File)
		if e.Path != "" {
			where += " (" + printable(e.Path) + ")"
		}
		notes = append(notes, "    fixed: "+printable(e.Unit)+": "+where+": "+printable(e.Rule)+": "+printable(e.Message))
	}
	return notes
}

// proposedNotes say what a change would switch off.
func proposedNotes(proposed []string) (notes []string) {
	if len(proposed) == 0 {
		return nil
	}
	notes = []string{"what the change would switch off (its checks run as it has them, and nothing else of this is applied):"}
	for _, p := range proposed[:min(len(proposed), mostMissing)] {
		notes = append(notes, "    "+lead(p))
	}
	if n := len(proposed) - mostMissing; n > 0 {
		notes = append(notes, "    … and "+grouped(n)+" more")
	}
	return notes
}
