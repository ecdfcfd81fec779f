package policy

import (
	"cmp"
	"slices"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// Narrow is a summary of some of the units: those that are wanted or could not be decided, as they are, and
// others with those of their findings alone that concern somebody. Whether such a unit is ok follows from these;
// one without any is left out.
func (p Policy) Narrow(s Summary, wanted func(id.Unit) bool, concerns func(verdict.Finding) bool) Summary {
	oks, errs := s.OKs, s.Errs
	s.OKs, s.Errs, s.Counts = nil, nil, aggregator.Counts{}
	s.Skipped = map[verdict.Skipped]int{}
	for _, side := range [][]aggregator.Unit{oks, errs} {
		for _, u := range side {
			if decided := u.Kind == verdict.OK || u.Kind == verdict.Invalid; decided && !wanted(u.Name) {
				u.Findings = slices.DeleteFunc(slices.Clone(u.Findings), func(f verdict.Finding) bool { return !concerns(f) })
				if len(u.Findings) == 0 {
					continue
				}
				u.Hidden, u.Kind = nil, verdict.OK
				if p.refuses(u.Findings) {
					u.Kind = verdict.Invalid
				}
			}
			s.Put(u)
		}
	}
	for _, side := range [][]aggregator.Unit{s.OKs, s.Errs} {
		slices.SortFunc(side, func(a, b aggregator.Unit) int { return cmp.Compare(a.Name, b.Name) })
	}
	if s.Since != nil {
		shown := *s.Since
		shown.count(s.OKs, s.Errs)
		s.Since = &shown
	}
	return s
}
