package aggregator

import (
	"slices"

	"github.com/seed306eabeb/muster/verdict"
)

// provided finds needs that the unit named by the key does not meet in the same
// region. A unit that is not in the run, or was not decided, is not judged.
func (f *Fold) provided(j verdict.Join, ds []declaration, out found) {
	offers := f.offers(ds)
	for _, d := range ds {
		if d.role == provides || !f.judged(d.key) {
			continue
		}
		var lacking []string
		for _, scope := range d.scopes {
			if !slices.Contains(offers[d.key], scope) {
				lacking = append(lacking, scope)
			}
		}
		if len(lacking) > 0 {
			message := subject(j, d.key) + " is not available" + within(lacking) + elsewhere(offers[d.key])
			out.add(d.service, f.at(j, d, lacking, message, j.Help))
		}
	}
}

// offers are the scopes in which units provide themselves, sorted.
func (f *Fold) offers(ds []declaration) map[string][]string {
	offers := map[string][]string{}
	for _, d := range ds {
		if d.role == provides && f.name(d.claim) == d.key {
			offers[d.key] = sortedSet(slices.Concat(offers[d.key], d.scopes))
		}
	}
	return offers
}

// judged says whether a unit was decided in this run.
func (f *Fold) judged(name string) bool {
	id, known := f.ids[name]
	return known && f.services[id].expected && f.services[id].state.decided()
}

// elsewhere says where something is to be had.
func elsewhere(scopes []string) string {
	if len(scopes) == 0 {
		return ""
	}
	if regions := regionsOf(scopes); len(regions) > 0 {
		return ", only" + within(regions)
	}
	return ", only outside the regions"
}
