package aggregator

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// acyclic finds units that need themselves in the end, in each region on its own. Regions
// with the same cycle give one finding together.
func (f *Fold) acyclic(join int, out joinFindings) {
	type spot struct {
		at      *claim
		message string
	}
	j, ds := f.joins[join], f.cyclic(join)
	in := map[spot][]string{}
	for _, scope := range f.scopesOf(ds) {
		g := f.graph(ds, scope)
		for _, members := range g.components() {
			cycle := g.cycle(members)
			message := f.cycleMessage(j, cycle, len(members))
			for _, e := range g.exits(members, cycle) {
				s := spot{&ds[e.claim], message}
				in[s] = append(in[s], scope)
			}
		}
	}
	for s, scopes := range in {
		f.addFinding(out, joinFinding{claim: *s.at, join: join, message: s.message, help: j.Help}, scopes)
	}
}

// cyclic returns the needs that lie on a cycle if regions are ignored. No other need can
// lie on one in a region, and there are few as a rule.
func (f *Fold) cyclic(join int) []claim {
	g := f.newGraph()
	f.each(join, func(claims []claim) {
		for i := range claims {
			if to, ok := f.claiming(claims[i].key); ok {
				g.add(claims[i].unit, edge{to: to})
			}
		}
	})
	component := make([]uint32, f.units.count) // 1 + its index; 0 for none
	for i, members := range g.components() {
		for _, m := range members {
			component[m] = uint32(i) + 1
		}
	}
	return f.declarations(join, func(c *claim) bool {
		to, ok := f.claiming(c.key)
		return ok && component[to] != 0 && component[to] == component[c.unit]
	})
}

// claiming returns the unit that a key names, if the unit may claim something in this run.
func (f *Fold) claiming(key uint32) (id uint32, ok bool) {
	if id, ok = f.byKey(key); !ok {
		return 0, false
	}
	s := f.units.at(id)
	return id, s.expected && s.claims != ""
}

// scopesOf returns the scopes in which anything is declared, sorted.
func (f *Fold) scopesOf(ds []claim) []string {
	regions := map[uint32]bool{}
	for i := range ds {
		regions[ds[i].regions] = true
	}
	all := map[string]bool{}
	for id := range regions {
		for _, scope := range f.scopes(id) {
			all[scope] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// shownCycle is how many units of a cycle stand in a message.
const shownCycle = 8

// cycleMessage shows a cycle among so many members.
func (f *Fold) cycleMessage(j verdict.Join, cycle []uint32, members int) string {
	var names []string
	for i, id := range cycle {
		if i == shownCycle {
			names = append(names, fmt.Sprintf("(%d more)", len(cycle)-shownCycle))
			break
		}
		names = append(names, f.name(id))
	}
	names = append(names, f.name(cycle[0]))
	message := strings.TrimSpace(j.Noun+" cycle: ") + " " + strings.Join(names, " -> ")
	if members > len(cycle) {
		message += fmt.Sprintf(" (one of several among these and %d more)", members-len(cycle))
	}
	return message
}
