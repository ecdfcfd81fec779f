package aggregator

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// exists finds keys that are no unit of the fleet, selected or not.
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
		if name := near.to(key); name != "" {
			help = strings.TrimSpace("did you mean " + quote(name) + "? " + help)
		}
		message := subject(j, key) + " does not exist: no folder of the fleet has this name"
		f.remark(out, join, d, f.scopes(d.regions), message, help)
	}
}

func (f *Fold) isUnit(key uint32) bool {
	id, ok := f.byKey(key)
	return ok && f.units.at(id).known
}

// nearest looks for names that a misspelt one may stand for.
type nearest struct {
	names    []string // sorted
	budget   int
	last     string // the key looked up last; keys come sorted
	lastName string
}

// comparisons bounds the work of one join to about a second. Keys beyond
// it get no suggestion.
const comparisons = 4_000_000

// maxEdits is how many letters a name may be off.
const maxEdits = 2

func (f *Fold) nearest() *nearest {
	n := &nearest{budget: comparisons}
	for i := range f.units.count {
		if f.units.at(i).known {
			n.names = append(n.names, f.name(i))
		}
	}
	slices.Sort(n.names)
	return n
}

// to returns the name closest to key, the first one among equals; "" when none
// is close. A short key has to match better: at most a third of it may be off.
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
