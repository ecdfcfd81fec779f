package cli

import (
	"cmp"
	"slices"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/manifest"
	"github.com/seed306eabeb/muster/verdict"
)

// Checkers are the checkers that a released program knows, the default first.
func Checkers() check.Checkers { return check.Checkers{manifest.New()} }

// Rules are all the rules that a report may name, sorted by code.
func Rules() []verdict.Rule {
	return slices.SortedFunc(slices.Values(append(manifest.Rules(), fleet.Rules()...)), func(a, b verdict.Rule) int {
		return cmp.Compare(a.Code, b.Code)
	})
}
