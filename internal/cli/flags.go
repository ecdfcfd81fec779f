package cli

import (
	"cmp"
	"slices"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/manifest"
	"github.com/seed306eabeb/muster/verdict"
)

// UnitLimit is the most bytes that a service's files may have together, for
// enqueuers and workers alike.
const UnitLimit = 1 << 20

// Kinds are the kinds of check that a released program has, the default first.
func Kinds() check.Kinds { return check.Kinds{manifest.New()} }

// Rules are all the rules that a report may name, sorted by code.
func (p Program) Rules() []verdict.Rule {
	return slices.SortedFunc(slices.Values(append(p.Kinds.Rules(), fleet.Rules()...)), func(a, b verdict.Rule) int {
		return cmp.Compare(a.Code, b.Code)
	})
}
