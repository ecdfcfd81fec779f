package aggregator

import (
	"encoding/binary"

	"github.com/seed306eabeb/muster/verdict"
)

// unique finds keys that are declared twice in a region.
func (f *Fold) unique(join int, out joinFindings) {
	again := f.claimedAgain(join)
	ds := f.sorted(join, func(c *claim) bool { return again[c.key] })
	for len(ds) > 0 {
		n := 1
		for n < len(ds) && ds[n].key == ds[0].key {
			n++
		}
		if n > 1 {
			f.uniqueKey(join, ds[:n], out)
		}
		ds = ds[n:]
	}
}

// claimedAgain says of each key, by its number, whether it is claimed more than once.
func (f *Fold) claimedAgain(join int) []bool {
	seen, again := make([]bool, f.names.texts.count), make([]bool, f.names.texts.count)
	f.each(join, func(claims []claim) {
		for i := range claims {
			key := claims[i].key
			again[key] = seen[key]
			seen[key] = true
		}
	})
	return again
}

// uniqueKey judges the declarations of one key. Regions with the same members give one
// finding together. The cost grows with declarations times regions, however many units
// claim the key.
func (f *Fold) uniqueKey(join int, ds []claim, out joinFindings) {
	j, groups := f.joins[join], f.membersByScope(ds)
	for i := range ds {
		d := &ds[i]
		if d.own == 0 {
			continue
		}
		scopes := map[*membership][]string{}
		for _, scope := range f.scopes(d.own - 1) {
			if g := groups[scope]; len(g.members) > 1 {
				scopes[g] = append(scopes[g], scope)
			}
		}
		for g, in := range scopes {
			message, also := f.clash(j, ds, i, g.members, in)
			f.addFinding(out, joinFinding{claim: *d, join: join, message: message, help: j.Help, related: also}, in)
		}
	}
}

// membership lists the declarations that hold in a scope, by index.
type membership struct{ members []int }

// membersByScope gives scopes with the same members the same membership.
func (f *Fold) membersByScope(ds []claim) map[string]*membership {
	groups := map[string]*membership{}
	for i := range ds {
		for _, scope := range f.scopes(ds[i].regions) {
			if groups[scope] == nil {
				groups[scope] = &membership{}
			}
			groups[scope].members = append(groups[scope].members, i)
		}
	}
	same := map[string]*membership{}
	for scope, g := range groups {
		var key []byte
		for _, m := range g.members {
			key = binary.AppendUvarint(key, uint64(m))
		}
		if same[string(key)] == nil {
			same[string(key)] = g
		}
		groups[scope] = same[string(key)]
	}
	return groups
}

// clash says what else declares the key that ds[self] declares, and where.
func (f *Fold) clash(j verdict.Join, ds []claim, self int, members []int, scopes []string) (message string, also []verdict.Related) {
	var others []string
	for _, m := range members {
		if m == self {
			continue
		}
		at := f.place(&ds[m])
		others, also = append(others, f.by(&ds[m], &ds[self], at)+"at "+at.String()), append(also, verdict.Related{Place: at, Text: "also there"})
		if len(others) == shown {
			break
		}
	}
	return subject(j, f.key(&ds[self])) + within(scopes) + " is also declared " + some(others, len(members)-1), also
}

// by names the unit of a claim, with a space behind: "" where its place tells it, as of a unit of one
// file, and of the very unit that is told of it.
func (f *Fold) by(c, told *claim, at verdict.Place) string {
	if name := f.name(c.unit); c.unit != told.unit && name != at.File {
		return "by " + name + " "
	}
	return ""
}
