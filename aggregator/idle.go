package aggregator

import (
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// What a rule has selected in a unit.
const (
	something = "something"
	nothing   = "nothing"
)

// selected are the rules that are asked of what they select in a unit, in their order, each with
// how that is written and whether there was something.
func (f *Fold) selected(shared id.Digest, claims []verdict.Claim) (list []string) {
	if f.selections == nil {
		return nil
	}
	for _, s := range f.selections(shared) {
		what := nothing
		if slices.ContainsFunc(claims, func(c verdict.Claim) bool { return c.Role == verdict.Selects && slices.Contains(c.Joins, s.Rule) }) {
			what = something
		}
		list = append(list, s.Rule, s.Selects, what)
	}
	return list
}

// idle are the rules that have selected nothing in any of the units, sorted by their codes. Only a whole fleet that is decided can say so: another unit may have something.
func (f *Fold) idle(units []uint32) (idle []verdict.Selection) {
	if !f.whole || f.listingIncomplete || f.counts.Decided() < f.counts.Expected {
		return nil
	}
	if f.selections == nil {
		return nil
	}
	busy := map[string]bool{}
	for _, t := range f.traitsAmong(units) {
		for list := f.selectedIn.at(t.selected); len(list) > 0; list = list[3:] {
			one := verdict.Selection{Rule: list[0], Selects: list[1]}
			busy[one.Rule] = busy[one.Rule] || list[2] == something
			if !slices.Contains(idle, one) {
				idle = append(idle, one)
			}
		}
	}
	idle = slices.DeleteFunc(idle, func(s verdict.Selection) bool { return busy[s.Rule] })
	slices.SortFunc(idle, func(a, b verdict.Selection) int { return strings.Compare(a.Rule, b.Rule) })
	return idle
}
