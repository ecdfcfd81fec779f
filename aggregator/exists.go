package aggregator

import "strings"

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

// nearest finds the known unit that a misspelt key may stand for.
func (f *Fold) nearest() *nearest {
	names := make([]string, 0, f.known)
	for i := range f.units.count {
		if f.units.at(i).known {
			names = append(names, f.name(i))
		}
	}
	return newNearest(names)
}
