package check

import (
	"slices"

	"github.com/seed306eabeb/muster/id"
)

// Facts are what the decisions of an opened check depend on, beside the bytes of a unit, its name
// and how long the check may take.
type Facts struct {
	Check  string // its name
	Engine string // "" where this process has the name alone
	// Impure: they depend on more than the facts tell. Of a check without an engine nothing is known
	// of that here.
	Impure bool
	// Shared names what they depend on of the shared tree.
	Shared id.Digest
	// Reads says whether the check reads a file of a unit, given its path there; nil for one that
	// reads all.
	Reads func(file string) bool
	// Regions are all that it has, in its order: those of them that are selected matter.
	Regions []string
}

// Facts are those of all checks, sorted by the checks' names.
func (a All) Facts() []Facts {
	all := make([]Facts, len(a.checks))
	for i, c := range a.checks {
		all[i] = Facts{Check: c.kind, Engine: c.engine, Impure: c.impure, Shared: a.shared, Regions: slices.Clone(c.regions)}
		if c.narrow != nil {
			all[i].Shared, all[i].Reads = c.narrow.Shared(), c.reads
		}
	}
	return all
}

// Selected are the regions of a selection that the check has, in its order: those that it is
// asked about.
func (f Facts) Selected(regions []string) []string {
	return slices.DeleteFunc(slices.Clone(f.Regions), func(r string) bool { return !slices.Contains(regions, r) })
}
