package policy

import (
	"cmp"
	"maps"
	"slices"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/verdict"
)

// Apply judges a fold's summary by the policy. Of each finding, in this order:
//
//   - it gets its fingerprint, whatever the policy says;
//   - it gets the severity that the policy wants, or is off;
//   - marks and entries hide it, and what they ask for in vain becomes a finding, which has a
//     severity as others have, and is not hidden by marks and entries;
//   - the baseline hides it;
//   - it is hidden because it stood before the change;
//   - what is left makes its unit an err, or not.
//
// Units get their owners before, and one that is nobody's a finding where that is one.
//
// Then the units are parted and counted anew. What failed or is missing stays so, and so does
// what is invalid for no finding. The findings of the configuration itself are nobody's to hide.
// The summary that was given is left as it is; units of which nothing was found and that ask for
// nothing are not copied.
func (p Policy) Apply(found aggregator.Summary) Summary { return p.apply(found, false) }

// Take is Apply for who has no other use for the summary: its units are changed where they stand, and a large
// fleet is not there twice.
func (p Policy) Take(found aggregator.Summary) Summary { return p.apply(found, true) }

func (p Policy) apply(found aggregator.Summary, taken bool) Summary {
	p = p.withoutBorrowed()
	s := Summary{Summary: found, Proposed: p.Proposed}
	s.Config = slices.Clone(found.Config)
	stamp(s.Config, "", "")
	a := newApplication(p, found)
	s.OKs, s.Errs = a.edited(found.OKs, taken), a.edited(found.Errs, taken)
	for i := range a.units {
		a.hide(&a.units[i])
	}
	s.Remarks = a.remarks()
	for i := range a.units {
		a.tell(&a.units[i])
	}
	for i := range a.units {
		a.baseline.hide(a.units[i].unit)
		a.since.hide(a.units[i].unit)
		a.settle(&a.units[i])
	}
	s.Fixed = a.fixed()
	s.Remarks = a.withThoseOfBaseline(s.Remarks, s.Fixed)
	if s.Since = a.compared(found); s.Since != nil {
		s.Since.count(s.OKs, s.Errs)
	}
	s.part(a.moved())
	return s
}

// withoutBorrowed is the policy with the rules as they were called before the change under review.
// What may not be hidden under a borrowed name may not be under the new one either.
func (p Policy) withoutBorrowed() Policy {
	if len(p.Borrowed) == 0 {
		return p
	}
	p.Limits, p.Rules = newLimits(p).of, maps.Clone(p.Rules)
	for code, names := range p.Borrowed {
		if r, ok := p.Rules[code]; ok {
			r.Aliases = slices.DeleteFunc(slices.Clone(r.Aliases), func(name string) bool { return slices.Contains(names, name) })
			p.Rules[code] = r
		}
	}
	return p
}

// application is a policy that is being applied to one summary.
type application struct {
	policy     Policy
	vocabulary vocabulary
	limits     limits
	overrides  []override
	ignores    []ignore
	distrusted map[string]map[int]bool // lines by files
	owners     *ownership
	baseline   *matching
	since      *matching
	units      []judged
	marks      map[string]*mark
	marked     []*mark // in the order in which they were met
	// whole: every unit of the fleet was decided in all regions, so that what hides nothing is
	// of no use.
	whole bool
	// unverified: the configuration has errors, so that nothing was looked at, and not even the rules
	// are known. What is wrong with entries it says itself.
	unverified bool
}

func newApplication(p Policy, found aggregator.Summary) *application {
	a := &application{
		policy: p, vocabulary: vocabulary{rules: p.Rules}, limits: newLimits(p), overrides: newOverrides(p.Severities), ignores: newIgnores(p),
		distrusted: map[string]map[int]bool{}, marks: map[string]*mark{}, owners: p.Owners.index(), baseline: newMatching(p), since: p.Since.matching(p),
		whole: p.Whole(found), unverified: verdict.HasError(found.Config),
	}
	for _, m := range p.Distrusted {
		if a.distrusted[m.Place.File] == nil {
			a.distrusted[m.Place.File] = map[int]bool{}
		}
		a.distrusted[m.Place.File][m.Line] = true
	}
	return a
}

// judged is a unit of which there is something to judge.
type judged struct {
	unit      *aggregator.Unit // a copy that may be changed
	kind      verdict.Kind     // that the fold has given it
	hadErrors bool             // so that it is no err without them
	said      []verdict.Finding
}

// edited are units with their owners, a copy of them if there is something to give or to judge and they are not
// taken.
func (a *application) edited(units []aggregator.Unit, taken bool) []aggregator.Unit {
	units, copied := a.owners.own(units, taken)
	for i := range units {
		if len(units[i].Findings) == 0 && len(units[i].Marks) == 0 {
			continue
		}
		if !copied {
			units, copied = slices.Clone(units), true
		}
		u := &units[i]
		u.Findings, u.Hidden = slices.Clone(u.Findings), nil
		a.units = append(a.units, judged{unit: u, kind: u.Kind, hadErrors: hasErrorOfACheck(u.Findings)})
	}
	return units
}

// hide moves what does not stand of a unit's findings to those that are hidden.
func (a *application) hide(u *judged) {
	marks := a.marksOf(u)
	stamp(u.unit.Findings, u.unit.Name, u.unit.Path)
	kept, hidden := a.leveled(u.unit.Findings)
	u.unit.Hidden = hidden
	stand := kept[:0]
	for _, f := range kept {
		if by := a.hiding(u.unit, f, marks); by != nil {
			u.unit.Hidden = append(u.unit.Hidden, verdict.Hidden{Finding: f, Why: verdict.Suppressed, Reason: by.reason, By: by.by})
			continue
		}
		stand = append(stand, f)
	}
	u.unit.Findings = stand
}

// hiding is the first that hides a finding, nil if it stands. Each that does is told: none of
// them is unused for another one.
func (a *application) hiding(u *aggregator.Unit, f verdict.Finding, marks []*mark) (by *wish) {
	for _, m := range marks {
		if m.trusted && m.Covers(f.Place) && a.hides(&m.wish, f) && by == nil {
			by = &m.wish
		}
	}
	names := a.vocabulary.of(f.Rule, f.Name)
	for i := range a.ignores {
		entry := &a.ignores[i]
		if entry.mayHide(u, f, names) && a.hides(&entry.wish, f) && by == nil {
			by = &entry.wish
		}
	}
	return by
}

// remarks says what is to be said of the policy: what is about one unit to that unit, and
// returns the rest.
func (a *application) remarks() []verdict.Finding {
	if a.unverified {
		return nil
	}
	all := a.saidOfMarks()
	for i := range a.ignores {
		all = append(all, a.said(&a.ignores[i].wish, func(word) bool { return a.whole })...)
	}
	for i := range a.overrides {
		o := &a.overrides[i]
		for code, d := range o.denied {
			all = append(all, findingOf(d, o.At, code))
		}
	}
	all = verdict.SortFindings(all)
	stamp(all, "", "")
	stand, _ := a.leveled(all)
	return stand
}

// tell adds to a unit's findings what was said to it.
func (a *application) tell(u *judged) {
	if len(u.said) == 0 {
		return
	}
	said := verdict.SortFindings(u.said)
	stamp(said, u.unit.Name, u.unit.Path)
	stand, off := a.leveled(said)
	u.unit.Findings = append(u.unit.Findings, stand...)
	u.unit.Hidden = append(u.unit.Hidden, off...)
	slices.SortStableFunc(u.unit.Findings, verdict.Finding.Compare)
}

// settle gives a unit its kind, by what stands of its findings.
func (a *application) settle(u *judged) {
	slices.SortStableFunc(u.unit.Hidden, func(a, b verdict.Hidden) int { return a.Compare(b.Finding) })
	switch {
	case u.kind != verdict.OK && u.kind != verdict.Invalid, u.kind == verdict.Invalid && !u.hadErrors:
	case a.policy.refuses(u.unit.Findings):
		u.unit.Kind = verdict.Invalid
	default:
		u.unit.Kind = verdict.OK
	}
}

// refuses says whether findings make their unit an err.
func (p Policy) refuses(findings []verdict.Finding) bool {
	return verdict.HasError(findings) || p.FailOn == verdict.Warning && verdict.Counts(findings)
}

// moved says whether any unit has changed sides.
func (a *application) moved() bool {
	return slices.ContainsFunc(a.units, func(u judged) bool { return (u.kind == verdict.OK) != (u.unit.Kind == verdict.OK) })
}

// part puts the units of both sides on that of their kinds, and counts them, if any has moved.
func (s *Summary) part(moved bool) {
	if !moved {
		return
	}
	var oks, errs []aggregator.Unit
	for _, side := range [][]aggregator.Unit{s.OKs, s.Errs} {
		for _, u := range side {
			if u.Kind == verdict.OK {
				oks = append(oks, u)
			} else {
				errs = append(errs, u)
			}
		}
	}
	for _, side := range [][]aggregator.Unit{oks, errs} {
		slices.SortFunc(side, func(a, b aggregator.Unit) int { return cmp.Compare(a.Name, b.Name) })
	}
	s.Invalid += len(errs) - len(s.Errs)
	s.OK += len(oks) - len(s.OKs)
	s.OKs, s.Errs = oks, errs
}
