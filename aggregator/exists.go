package aggregator

import (
	"slices"
	"strings"
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

// comparisons bounds the work of one join to a fraction of a second. Keys beyond
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
		if d := edits(key, name, limit); d <= limit {
			n.lastName, limit = name, d-1
		}
	}
	return n.lastName
}

// edits is the Levenshtein distance of a and b in bytes, or some number above
// limit once it is sure to be above.
func edits(a, b string, limit int) int {
	if d := len(a) - len(b); d > limit || -d > limit || len(b) >= rowLength {
		return limit + 1
	}
	var row [rowLength]int
	for j := range len(b) + 1 {
		row[j] = j
	}
	for i := range len(a) {
		least := i + 1
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
			least = min(least, cost)
		}
		if least > limit {
			return limit + 1
		}
	}
	return row[len(b)]
}

// rowLength is above the longest name that is compared; a file system's names
// have at most 255 bytes.
const rowLength = 257
