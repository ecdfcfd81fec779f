package aggregator

import (
	"maps"
	"slices"
	"strconv"

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
// give one finding together. The cost is linear in declarations times regions,
// however many services claim the key.
func (f *Fold) uniqueKey(j verdict.Join, ds []declaration, out found) {
	groups := membersByScope(ds)
	for i, d := range ds {
		byMembers := map[string][]string{}
		for _, scope := range d.scopes {
			if g := groups[scope]; len(g.members) > 1 {
				byMembers[g.key] = append(byMembers[g.key], scope)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(byMembers)) {
			scopes := byMembers[key]
			message := f.clash(j, ds, i, groups[scopes[0]].members, scopes)
			out.add(d.service, f.at(j, d, scopes, message, j.Help))
		}
	}
}

// membership lists the declarations that hold in a scope, by index; key is the
// same for the same members.
type membership struct {
	members []int
	key     string
}

func membersByScope(ds []declaration) map[string]*membership {
	groups := map[string]*membership{}
	for i, d := range ds {
		for _, scope := range d.scopes {
			g := groups[scope]
			if g == nil {
				g = &membership{}
				groups[scope] = g
			}
			g.members = append(g.members, i)
		}
	}
	for _, g := range groups {
		var key []byte
		for _, m := range g.members {
			key = append(strconv.AppendInt(key, int64(m), 36), ',')
		}
		g.key = string(key)
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
