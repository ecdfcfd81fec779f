package aggregator

import (
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// knownKeys finds needs whose keys nobody gives. What is given in one region is known in all. It
// returns how many such needs are left open, because a unit of which not all is known may
// give what they ask for.
func (f *Fold) knownKeys(join int, out joinFindings) (open int) {
	j, givers := f.joins[join], f.givers(join)
	ds := f.sorted(join, func(c *claim) bool { return c.role == needs && givers[c.key] == nobody })
	if len(ds) == 0 {
		return 0
	}
	if !f.isAllKnown() || f.isUnclear(&j) {
		return len(ds)
	}
	near := f.nearestGiven(givers)
	for i := range ds {
		d := &ds[i]
		key, help := f.key(d), j.Help
		if like := near.to(key); like != "" && f.giver(givers, like) != only(d.unit) {
			help = strings.TrimSpace("did you mean " + quote(like) + "? " + help)
		}
		f.addFinding(out, joinFinding{claim: *d, join: join, message: existsNowhere(j, key), help: help}, f.scopes(d.regions))
	}
	return 0
}

// isAllKnown says whether every unit of the fleet has said all that it claims.
func (f *Fold) isAllKnown() bool {
	return f.whole && !f.listingIncomplete && f.counts.Decided() == f.counts.Expected
}

// unclear are the spaces into which a unit may put more keys than it claims.
func unclear(claims []verdict.Claim) (spaces []string) {
	for i := range claims {
		if c := &claims[i]; c.Role == verdict.Unclear {
			spaces = append(spaces, c.Joins...)
		}
	}
	return spaces
}

// isUnclear says whether a unit may give more of what a join asks for than it tells. One without a digest
// was not read at all.
func (f *Fold) isUnclear(j *verdict.Join) bool {
	units := f.expected()
	if slices.ContainsFunc(units, func(unit uint32) bool { return f.units.at(unit).digest.isNone() }) {
		return true
	}
	return slices.ContainsFunc(f.traitsAmong(units), func(t *traits) bool {
		return slices.ContainsFunc(f.unclearIn.at(t.unclear), func(space string) bool { return slices.Contains(j.Spaces, space) })
	})
}

// giver says who gives a key.
type giver uint32

const (
	nobody  giver = 0
	several giver = 1<<32 - 1
)

// only is the giver of a key that one unit alone gives.
func only(unit uint32) giver { return giver(unit) + 1 }

// givers returns who gives the keys that a join reads, by the number of the key.
func (f *Fold) givers(join int) []giver {
	givers := make([]giver, f.names.texts.count)
	f.each(join, func(claims []claim) {
		for i := range claims {
			c := &claims[i]
			switch by := &givers[c.key]; {
			case c.role != gives:
			case *by == nobody:
				*by = only(c.unit)
			case *by != only(c.unit):
				*by = several
			}
		}
	})
	return givers
}

// giver says who gives a key.
func (f *Fold) giver(givers []giver, key string) giver {
	id, _ := f.names.lookup(key)
	return givers[id]
}

// nearestGiven finds the given key that a misspelt one may stand for.
func (f *Fold) nearestGiven(givers []giver) *nearest {
	var keys []string
	for id, by := range givers {
		if by != nobody {
			keys = append(keys, f.names.at(uint32(id)))
		}
	}
	return newNearest(keys)
}

// existsNowhere says that nobody gives the key of a need.
func existsNowhere(j verdict.Join, key string) string {
	spaces := "no unit gives it"
	if last := len(j.Spaces) - 1; last >= 0 {
		spaces = strings.TrimPrefix(strings.Join(j.Spaces[:last], ", ")+" or "+j.Spaces[last], " or ")
		if spaces == j.Noun {
			return "there is no " + subject(j, key)
		}
		spaces = "there is no such " + spaces
	}
	return subject(j, key) + " exists nowhere: " + spaces
}
