package aggregator

import (
	"slices"
)

// provided finds needs that the unit named by the key does not meet in the same region. A
// unit that is not in the run, or was not decided by all of its checks, is not judged: what
// it provides is not known, or not in full. Many units may need the same in the same
// regions: their findings share a message.
func (f *Fold) provided(join int, out joinFindings) {
	j := f.joins[join]
	offers := f.offers(join)
	ds := f.declarations(join, func(c *claim) bool {
		id, judged := f.judged(c.key)
		return judged && c.role == needs && len(f.lacking(c.regions, offers[id])) > 0
	})
	type need struct{ key, regions uint32 }
	messages := map[need]string{}
	for i := range ds {
		d := &ds[i]
		id, _ := f.judged(d.key)
		lacking := f.lacking(d.regions, offers[id])
		message, told := messages[need{d.key, d.regions}]
		if !told {
			message = subject(j, f.key(d)) + " is not available" + within(lacking) + elsewhere(f.offered(offers[id]))
			messages[need{d.key, d.regions}] = message
		}
		f.addFinding(out, joinFinding{claim: *d, join: join, message: message, help: j.Help}, lacking)
	}
}

// offers returns the scopes in which units provide themselves: 1 + the number of the
// regions, by the index of the unit; 0 for none.
func (f *Fold) offers(join int) []uint32 {
	offers := make([]uint32, f.units.count)
	f.each(join, func(claims []claim) {
		for i := range claims {
			c := &claims[i]
			if c.role == gives && c.key == f.units.at(c.unit).name {
				offers[c.unit] = f.unionIfAny(offers[c.unit], 1+c.regions)
			}
		}
	})
	return offers
}

func (f *Fold) offered(offer uint32) []string {
	if offer == 0 {
		return nil
	}
	return f.scopes(offer - 1)
}

// lacking returns the scopes of regions that are not in an offer.
func (f *Fold) lacking(regions, offer uint32) []string {
	if offer == 1+regions {
		return nil
	}
	var lacking []string
	offered := f.offered(offer)
	for _, scope := range f.scopes(regions) {
		if !slices.Contains(offered, scope) {
			lacking = append(lacking, scope)
		}
	}
	return lacking
}

// judged returns the unit that a key names, if all checks of the unit have decided in this
// run.
func (f *Fold) judged(key uint32) (id uint32, ok bool) {
	if id, ok = f.byKey(key); !ok {
		return 0, false
	}
	s := f.units.at(id)
	return id, s.expected && s.state.decided()
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
