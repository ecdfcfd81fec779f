package aggregator

import (
	"encoding/binary"

	"github.com/seed306eabeb/muster/verdict"
)

// unique finds keys that are declared twice in a region.
func (f *Fold) unique(j verdict.Join, ds []declaration, out found) {
	for len(ds) > 0 {
		n := 1
		for n < len(ds) && ds[n].key == ds[0].key {
			n++
		}
		if n > 1 {
			f.uniqueKey(j, ds[:n], out)
		}
		ds = ds[n:]
	}
}

// uniqueKey judges the declarations of one key. Regions with the same members
// give one finding together. The cost grows with declarations times regions,
// however many services claim the key.
func (f *Fold) uniqueKey(j verdict.Join, ds []declaration, out found) {
	groups := membersByScope(ds)
	for i, d := range ds {
		scopes := map[*membership][]string{}
		for _, scope := range d.scopes {
			if g := groups[scope]; len(g.members) > 1 {
				scopes[g] = append(scopes[g], scope)
			}
		}
		for g, in := range scopes {
			out.add(d.service, f.at(j, d, in, f.clash(j, ds, i, g.members, in), j.Help))
		}
	}
}

// membership lists the declarations that hold in a scope, by index.
type membership struct{ members []int }

// membersByScope gives scopes with the same members the same membership.
func membersByScope(ds []declaration) map[string]*membership {
	groups := map[string]*membership{}
	for i, d := range ds {
		for _, scope := range d.scopes {
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

// clash says who else declares what ds[self] declares.
func (f *Fold) clash(j verdict.Join, ds []declaration, self int, members []int, scopes []string) string {
	var others []string
	for _, m := range members {
		if m == self {
			continue
		}
		by := f.name(ds[m].claim)
		if ds[m].service == ds[self].service {
			by = "this service"
		}
		others = append(others, "by "+by+" at "+f.place(ds[m].claim).String())
		if len(others) == shown {
			break
		}
	}
	return subject(j, ds[self].key) + within(scopes) + " is also declared " + some(others, len(members)-1)
}
