package aggregator

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// exists finds keys that are not the name of a known unit.
func (f *Fold) exists(join int, out joinFindings) {
	j := f.joins[join]
	var near *nearest
	ds := f.sorted(join, func(c *claim) bool { return !f.isUnit(c.key) })
	for i := range ds {
		d := &ds[i]
		if near == nil {
			near = f.nearest()
		}
		key, help := f.key(d), j.Help
		if name := near.to(key); name != "" && name != f.name(d.unit) {
			help = strings.TrimSpace("did you mean " + quote(name) + "? " + help)
		}
		message := subject(j, key) + " does not exist: no folder of the fleet has this name"
		f.addFinding(out, joinFinding{claim: *d, join: join, message: message, help: help}, f.scopes(d.regions))
	}
}

// isUnit says whether a key is the name of a known unit.
func (f *Fold) isUnit(key uint32) bool {
	id, ok := f.byKey(key)
	return ok && f.units.at(id).known
}

// nearest finds the name that a misspelt key may stand for.
type nearest struct {
	names    []string // sorted
	budget   int      // comparisons that are left
	last     string   // the last key; keys come sorted, equal ones in a row
	lastName string   // the answer for it
}

// comparisons bounds the work of one join to about a second. Keys beyond it get no
// suggestion.
const comparisons = 4_000_000

// maxEdits is how many letters of a key may be wrong.
const maxEdits = 2

// nearest finds the known unit that a misspelt key may stand for.
func (f *Fold) nearest() *nearest {
	var names []string
	for i := range f.units.count {
		if f.units.at(i).known {
			names = append(names, f.name(i))
		}
	}
	return newNearest(names)
}

// newNearest looks among names, which it sorts.
func newNearest(names []string) *nearest {
	slices.Sort(names)
	return &nearest{names: names, budget: comparisons}
}

// to returns the name closest to key, and the first by name among equally close ones; ""
// if none is close. At most a third of the key may be wrong, so that a short key has to
// match better.
func (n *nearest) to(key string) string {
	if n.last == key {
		return n.lastName
	}
	n.last, n.lastName = key, ""
	limit := min(maxEdits, len(key)/3)
	if limit == 0 || n.budget < len(n.names) {
		return ""
	}
	n.budget -= len(n.names)
	for _, name := range n.names {
		if off := len(name) - len(key); off > limit || -off > limit {
			continue
		}
		if d := levenshtein.ComputeDistance(key, name); d <= limit {
			n.lastName, limit = name, d-1
		}
	}
	return n.lastName
}
