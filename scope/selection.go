package scope

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/seed306eabeb/muster/id"
)

// Selection is which units of a fleet are verified. The zero value is all of them.
type Selection struct {
	only  bool
	units []id.Unit // sorted, each once
}

// Only selects the units given and no other: none of them is an empty selection.
func Only(units ...id.Unit) Selection {
	return Selection{only: true, units: slices.Compact(slices.Sorted(slices.Values(units)))}
}

// Whole says whether every unit of the fleet is selected.
func (s Selection) Whole() bool { return !s.only }

// Units are the units selected one by one, sorted; none for the whole fleet.
func (s Selection) Units() []id.Unit { return s.units }

// Has says whether a unit is selected.
func (s Selection) Has(unit id.Unit) bool {
	if !s.only {
		return true
	}
	_, found := slices.BinarySearch(s.units, unit)
	return found
}

// String tells selections of units apart: it is what a run's plan says of them.
func (s Selection) String() string {
	names := make([]string, len(s.units))
	for i, unit := range s.units {
		if names[i] = string(unit); strings.ContainsFunc(names[i], func(r rune) bool { return unicode.IsSpace(r) || r == '"' }) {
			names[i] = strconv.Quote(names[i])
		}
	}
	return strings.Join(names, " ")
}
