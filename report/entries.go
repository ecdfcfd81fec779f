package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/verdict"
)

// Entry is a finding as a list of findings has it, with whose unit it is of.
type Entry struct {
	verdict.Finding
	Unit   aggregator.Unit // without its findings
	Hidden *verdict.Hidden // nil for a finding that stands
}

// Entries are the findings of all units that stand, in the order of Entry.Compare.
func (r Report) Entries() []Entry {
	var all []Entry
	for _, side := range [][]aggregator.Unit{r.Summary.Errs, r.Summary.OKs} {
		for _, u := range side {
			for _, f := range u.Findings {
				all = append(all, entryOf(u, f, nil))
			}
		}
	}
	slices.SortFunc(all, Entry.Compare)
	return all
}

// HiddenEntries are the findings that do not stand, in the order of Entry.Compare.
func (r Report) HiddenEntries() []Entry {
	var all []Entry
	for _, side := range [][]aggregator.Unit{r.Summary.Errs, r.Summary.OKs} {
		for _, u := range side {
			for i := range u.Hidden {
				all = append(all, entryOf(u, u.Hidden[i].Finding, &u.Hidden[i]))
			}
		}
	}
	slices.SortFunc(all, Entry.Compare)
	return all
}

func entryOf(u aggregator.Unit, f verdict.Finding, hidden *verdict.Hidden) Entry {
	u.Findings, u.Marks, u.Hidden = nil, nil, nil
	return Entry{f, u, hidden}
}

// Compare orders entries by severity, strongest first, then by place, rule, message and
// unit.
func (e Entry) Compare(o Entry) int {
	return cmp.Or(cmp.Compare(rank(e.Finding), rank(o.Finding)), e.Place.Compare(o.Place), e.Finding.Compare(o.Finding),
		strings.Compare(string(e.Unit.Name), string(o.Unit.Name)))
}

// rank is 0 for errors, 1 for warnings and 2 for information.
func rank(f verdict.Finding) int {
	switch {
	case f.Advice:
		return 2
	case f.Severity == verdict.Error:
		return 0
	}
	return 1
}

// severityOf is a finding's severity in one of our words, whatever was sent.
func severityOf(f verdict.Finding) string { return [...]string{"error", "warning", "info"}[rank(f)] }
