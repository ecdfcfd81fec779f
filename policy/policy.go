// Package policy stands between what was found and what is reported: it judges the facts
// of a fold by what whoever asked for the run holds to be an err, and says what exit code
// that is. It is pure: it knows no clock and no files.
package policy

import (
	"cmp"
	"slices"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// Policy says what makes a unit an err beside what the fold holds to be one. The zero
// value adds nothing.
type Policy struct {
	// FailOn is the weakest severity that makes a unit an err; "" is verdict.Error. Notes
	// never do.
	FailOn verdict.Severity
}

// Apply parts the units of a fold's summary by the policy, counts them anew, and gives their
// findings fingerprints. An err of the fold stays one, whatever it is for; an ok unit that the
// policy does not let pass becomes invalid. The summary that was given is left as it is; units
// without findings are not copied.
func (p Policy) Apply(found aggregator.Summary) Summary {
	s := Summary{Summary: found}
	s.OKs, s.Errs, s.Config = stamped(found.OKs), stamped(found.Errs), slices.Clone(found.Config)
	stamp(s.Config, "", "")
	refused := p.refused(s.OKs)
	if len(refused) == 0 {
		return s
	}
	s.OKs = slices.DeleteFunc(slices.Clone(s.OKs), p.refuses)
	s.Errs = slices.Concat(s.Errs, refused)
	slices.SortFunc(s.Errs, func(a, b aggregator.Unit) int { return cmp.Compare(a.Name, b.Name) })
	s.OK -= len(refused)
	s.Invalid += len(refused)
	return s
}

// stamped are units whose findings have fingerprints.
func stamped(units []aggregator.Unit) []aggregator.Unit {
	copied := false
	for i := range units {
		if len(units[i].Findings) == 0 {
			continue
		}
		if !copied {
			units, copied = slices.Clone(units), true
		}
		u := &units[i]
		u.Findings = slices.Clone(u.Findings)
		stamp(u.Findings, u.Name, u.Path)
	}
	return units
}

// stamp gives the findings of one unit their fingerprints.
func stamp(findings []verdict.Finding, unit id.Unit, folder string) {
	prints := fingerprinter{unit: unit}
	for i := range findings {
		f := &findings[i]
		f.Fingerprint = prints.of(f.Rule, *f, folder)
	}
}

// refused are the units that are ok for the fold and invalid for the policy.
func (p Policy) refused(oks []aggregator.Unit) (refused []aggregator.Unit) {
	for _, u := range oks {
		if p.refuses(u) {
			u.Kind = verdict.Invalid
			refused = append(refused, u)
		}
	}
	return refused
}

// refuses says whether a unit that is ok for the fold is none for the policy.
func (p Policy) refuses(ok aggregator.Unit) bool {
	return p.FailOn == verdict.Warning && verdict.Counts(ok.Findings)
}
