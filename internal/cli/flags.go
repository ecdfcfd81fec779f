package cli

import (
	"cmp"
	"slices"

	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/verdict"
)

// Rules are all the rules that a report may name, sorted by code.
func (p Program) Rules() []verdict.Rule {
	return slices.SortedFunc(slices.Values(slices.Concat(p.Kinds().Rules(), fleet.Rules(), config.Rules())), func(a, b verdict.Rule) int {
		return cmp.Compare(a.Code, b.Code)
	})
}
