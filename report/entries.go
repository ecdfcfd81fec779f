package report

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/verdict"
)

// Entry is a finding as a list of findings has it, with whose unit it is of.
type Entry struct {
	verdict.Finding
	Unit   aggregator.Unit // without its findings
	Hidden *verdict.Hidden // nil for a finding that stands
}

// lists are what several formats have of a report, in the order of Entry.Compare. They are large:
// each is made at its first use, and nobody may change it.
type lists struct {
	report                       Report
	stand, hide, found, complete memo
}

// memo is a list that is made at its first use.
type memo struct {
	once sync.Once
	list []*Entry
}

func (m *memo) get(make func() []*Entry) []*Entry {
	m.once.Do(func() { m.list = make() })
	return m.list
}

// For is the options for several formats of one report, which then share what they list.
func (o Options) For(r Report) Options {
	o.shared = &lists{report: r}
	return o
}

// lists are those of a report, shared if it is the one that the options are for.
func (o Options) lists(r Report) *lists {
	if o.shared != nil {
		return o.shared
	}
	return &lists{report: r}
}

// standing are the findings of units that stand.
func (l *lists) standing() []*Entry { return l.stand.get(l.report.newStanding) }

// hidden are the findings that do not stand.
func (l *lists) hidden() []*Entry { return l.hide.get(l.report.newHidden) }

func (r Report) newStanding() []*Entry {
	n := 0
	for _, side := range r.sides() {
		for i := range side {
			n += len(side[i].Findings)
		}
	}
	all := make([]Entry, 0, n)
	for _, side := range r.sides() {
		for i := range side {
			for _, f := range side[i].Findings {
				all = append(all, entryOf(side[i], f, nil))
			}
		}
	}
	return sorted(all)
}

func (r Report) newHidden() []*Entry {
	var all []Entry
	for _, side := range r.sides() {
		for i := range side {
			for k := range side[i].Hidden {
				all = append(all, entryOf(side[i], side[i].Hidden[k].Finding, &side[i].Hidden[k]))
			}
		}
	}
	return sorted(all)
}

func entryOf(u aggregator.Unit, f verdict.Finding, hidden *verdict.Hidden) Entry {
	u.Findings, u.Marks, u.Hidden = nil, nil, nil
	return Entry{f, u, hidden}
}

// sides are all units of a report.
func (r Report) sides() [2][]aggregator.Unit {
	return [...][]aggregator.Unit{r.Summary.Errs, r.Summary.OKs}
}

// sorted are entries in the order of Entry.Compare.
func sorted(all []Entry) []*Entry {
	order := make([]*Entry, len(all))
	for i := range all {
		order[i] = &all[i]
	}
	slices.SortFunc(order, compareEntries)
	return order
}

// compareEntries is Entry.Compare. Most differ in what is cheap to compare.
func compareEntries(a, b *Entry) int {
	if c := cmp.Compare(rank(a.Finding), rank(b.Finding)); c != 0 {
		return c
	}
	if c := strings.Compare(a.File, b.File); c != 0 {
		return c
	}
	if c := cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column)); c != 0 {
		return c
	}
	return a.Compare(*b)
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
