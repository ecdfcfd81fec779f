package aggregator

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// acyclic finds services that need themselves in the end, in each region on its
// own. Regions with the same cycle give one finding together.
func (f *Fold) acyclic(j verdict.Join, ds []declaration, out found) {
	type spot struct {
		at      *claim
		message string
	}
	in := map[spot][]string{}
	for _, scope := range scopesOf(ds) {
		g := f.graph(ds, scope)
		for _, members := range g.components() {
			cycle := g.cycle(members)
			message := f.cycleMessage(j, cycle, len(members))
			for _, e := range g.exits(members, cycle) {
				s := spot{e.claim, message}
				in[s] = append(in[s], scope)
			}
		}
	}
	for s, scopes := range in {
		out.add(s.at.service, f.at(j, declaration{claim: s.at}, scopes, s.message, j.Help))
	}
}

// scopesOf are the scopes in which anything is declared, sorted.
func scopesOf(ds []declaration) []string {
	all := map[string]bool{}
	for _, d := range ds {
		for _, scope := range d.scopes {
			all[scope] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// shownCycle is how many services of a cycle stand in a message.
const shownCycle = 8

// cycleMessage shows a cycle among so many services.
func (f *Fold) cycleMessage(j verdict.Join, cycle []uint32, members int) string {
	var names []string
	for i, id := range cycle {
		if i == shownCycle {
			names = append(names, fmt.Sprintf("(%d more)", len(cycle)-shownCycle))
			break
		}
		names = append(names, f.services[id].name)
	}
	names = append(names, f.services[cycle[0]].name)
	message := strings.TrimSpace(j.Noun+" cycle: ") + " " + strings.Join(names, " -> ")
	if members > len(cycle) {
		message += fmt.Sprintf(" (one of several among these and %d more)", members-len(cycle))
	}
	return message
}
