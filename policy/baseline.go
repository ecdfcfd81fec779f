package policy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

var ruleFixed = define(verdict.Rule{Code: "P201", Name: "fixed-in-baseline", Severity: verdict.Error,
	Summary: "the baseline has what is still found, where that is demanded",
	Doc: "`--baseline-strict` demands it: what was mended must not come back unseen. `enqueue baseline prune` takes out of the file what is fixed. " +
		"It is known where the whole fleet was decided, in all regions."})

// matching finds the entries of a baseline again among findings.
type matching struct {
	Baseline
	why    verdict.Why      // of what it hides
	byUnit map[string][]int // entries, by their units
	used   []bool           // entries that something was found for
	limits limits
	rules  map[string]verdict.Rule
	denied map[string]int // how many findings it may not hide, by their rules
}

// newMatching is nil without a baseline.
func newMatching(p Policy) *matching {
	if p.Baseline == nil {
		return nil
	}
	return p.matching(*p.Baseline, verdict.InBaseline)
}

func (p Policy) matching(b Baseline, why verdict.Why) *matching {
	m := &matching{Baseline: b, why: why, byUnit: map[string][]int{}, used: make([]bool, len(b.Entries)),
		limits: newLimits(p), rules: p.Rules, denied: map[string]int{}}
	for i, e := range m.Entries {
		m.byUnit[e.Unit] = append(m.byUnit[e.Unit], i)
	}
	return m
}

// hide moves those findings of a unit to the hidden ones that the baseline has. What is hidden
// already is still found, too, after what is not.
func (m *matching) hide(u *aggregator.Unit) {
	if m == nil || len(m.byUnit[string(u.Name)]) == 0 {
		return
	}
	var all []*candidate
	for i := range u.Findings {
		all = append(all, &candidate{finding: &u.Findings[i]})
	}
	for i := range u.Hidden {
		all = append(all, &candidate{finding: &u.Hidden[i].Finding})
	}
	m.match(u, all)
	for i := range u.Hidden {
		u.Hidden[i].Old = m.why == verdict.Old && all[len(u.Findings)+i].matched
	}
	stand := u.Findings[:0]
	for i, f := range u.Findings {
		switch {
		case !all[i].matched:
			stand = append(stand, f)
		case m.why == verdict.InBaseline && m.limits.of[f.Rule].Never:
			m.denied[f.Rule]++
			stand = append(stand, f)
		default:
			u.Hidden = append(u.Hidden, verdict.Hidden{Finding: f, Why: m.why, By: verdict.Place{File: m.File}, Old: m.why == verdict.Old})
		}
	}
	u.Findings = stand
}

// candidate is a finding for which there may be an entry.
type candidate struct {
	finding *verdict.Finding
	matched bool
}

// match looks for the candidates by their rules, and by what these were called before.
func (m *matching) match(u *aggregator.Unit, all []*candidate) {
	entries := map[string]int{}
	for _, i := range m.byUnit[string(u.Name)] {
		entries[m.Entries[i].Fingerprint] = i
	}
	names := func(c *candidate) []string {
		return append([]string{c.finding.Rule}, m.rules[c.finding.Rule].Aliases...)
	}
	for turn, some := 0, true; some; turn++ {
		some = false
		var order []base
		groups := map[base]*group{}
		for _, c := range all {
			if codes := names(c); turn < len(codes) && !c.matched {
				some = true
				b := baseOf(codes[turn], u.Name, *c.finding, u.Path)
				if groups[b] == nil {
					groups[b] = &group{rule: codes[turn]}
					order = append(order, b)
				}
				groups[b].candidates = append(groups[b].candidates, c)
			}
		}
		for _, b := range order {
			m.assign(groups[b], m.entriesOf(u.Name, b, groups[b], entries))
		}
	}
}

// group are findings that do not differ in what a fingerprint is made of.
type group struct {
	rule       string
	candidates []*candidate
}

// entriesOf are the entries that are left for a group. There may be numbers beyond that of its
// findings: more were there once, and some of them were hidden.
func (m *matching) entriesOf(unit id.Unit, b base, g *group, entries map[string]int) (left []int) {
	most := len(g.candidates)
	for n := 1; n <= most; n++ {
		if i, ok := entries[b.numbered(n)]; ok && !m.used[i] {
			left = append(left, i)
		}
		if n == len(g.candidates) && len(left) < n {
			for _, i := range m.byUnit[string(unit)] {
				if m.Entries[i].Rule == g.rule && !m.used[i] {
					most++
				}
			}
		}
	}
	return left
}

// assign gives the entries to findings with the same messages first, and then in order.
func (m *matching) assign(g *group, left []int) {
	give := func(c *candidate, i int) {
		c.matched, m.used[left[i]] = true, true
		left = slices.Delete(left, i, i+1)
	}
	for _, c := range g.candidates {
		if i := slices.IndexFunc(left, func(i int) bool { return m.Entries[i].Message == c.finding.Message }); i >= 0 {
			give(c, i)
		}
	}
	for _, c := range g.candidates {
		if !c.matched && len(left) > 0 {
			give(c, 0)
		}
	}
}

// fixed are the entries that nothing was found for, where that is known.
func (a *application) fixed() (fixed []Entry) {
	if a.baseline == nil || !a.whole {
		return nil
	}
	for i, e := range a.baseline.Entries {
		if !a.baseline.used[i] {
			fixed = append(fixed, e)
		}
	}
	return fixed
}

// withThoseOfBaseline adds to remarks what is to be said of the baseline.
func (a *application) withThoseOfBaseline(remarks []verdict.Finding, fixed []Entry) []verdict.Finding {
	if a.baseline == nil {
		return remarks
	}
	at := verdict.Place{File: a.baseline.File}
	var said []verdict.Finding
	if a.baseline.Strict && len(fixed) > 0 {
		what := "1 entry of the baseline is"
		if n := len(fixed); n > 1 {
			what = fmt.Sprintf("%d entries of the baseline are", n)
		}
		said = append(said, ruleFixed.At(at, what+" fixed, and still in it", "take out what is fixed: enqueue baseline prune"))
	}
	for _, code := range slices.Sorted(maps.Keys(a.baseline.denied)) {
		f := ruleNever.At(at, a.vocabulary.called(code)+" may not be suppressed, and is not by the baseline", "mend what is found, and write the baseline anew")
		f.Identity = code
		said = append(said, f)
	}
	if len(said) == 0 {
		return remarks
	}
	stamp(said, "", "")
	said, _ = a.leveled(said)
	return verdict.SortFindings(slices.Concat(remarks, said))
}

// Whole says whether a summary tells all that there is to tell: every unit of the fleet was
// decided, in all regions. Only then what nothing was found for is fixed.
func (p Policy) Whole(found aggregator.Summary) bool {
	return found.FleetRules == aggregator.Whole && found.Complete && found.Failed == 0 && !p.SomeRegions
}

// BaselineOf are the entries of a new baseline, in its order: the errors and warnings that stand,
// but for those that may not be suppressed, which are left out.
func (p Policy) BaselineOf(s Summary) (entries []Entry, leftOut int) {
	limits := newLimits(p)
	for _, side := range [][]aggregator.Unit{s.OKs, s.Errs} {
		for _, u := range side {
			for _, f := range u.Findings {
				switch {
				case f.Advice:
				case limits.of[f.Rule].Never:
					leftOut++
				default:
					entries = append(entries, entryOf(f, u.Name))
				}
			}
		}
	}
	SortEntries(entries)
	return entries, leftOut
}

func entryOf(f verdict.Finding, unit id.Unit) Entry {
	return Entry{Fingerprint: f.Fingerprint, Rule: f.Rule, Unit: string(unit), File: f.File, Path: withoutNumbers(cmp.Or(f.Named, f.Path)), Message: f.Message}
}
