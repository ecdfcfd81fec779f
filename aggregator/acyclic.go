package aggregator

import (
	"cmp"
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
	type told struct {
		related []verdict.Related
		scopes  []string
	}
	j, ds := f.joins[join], f.cyclic(join)
	all := map[spot]*told{}
	for _, scope := range f.scopesOf(ds) {
		g := f.graph(j, ds, scope)
		for _, members := range g.components() {
			cycle := g.cycle(members)
			message := cycleMessage(j, g, cycle, members)
			steps := g.steps(members, cycle)
			for _, step := range steps {
				s := spot{&ds[step.claim], message}
				if all[s] == nil {
					all[s] = &told{related: f.wayBack(g, ds, steps, step)}
				}
				all[s].scopes = append(all[s].scopes, scope)
			}
		}
	}
	for s, t := range all {
		f.addFinding(out, joinFinding{claim: *s.at, join: join, message: s.message, help: j.Help, related: t.related}, t.scopes)
	}
}

// cyclic returns the claims that lie on a cycle if regions are ignored. No other claim can
// lie on one in a region, and there are few as a rule. In a key space, what a unit gives itself it needs
// from no other: that is no cycle.
func (f *Fold) cyclic(join int) []claim {
	g := f.newGraph(f.joins[join])
	var givers []giver
	if g.keyed {
		givers = f.givers(join)
	}
	own := func(c *claim) bool { return g.keyed && givers[c.key] == only(c.unit) }
	type offer struct{ key, unit uint32 }
	var offers []offer
	f.each(join, func(claims []claim) {
		for i := range claims {
			c := &claims[i]
			if c.role == gives {
				offers = append(offers, offer{c.key, c.unit})
			} else if to, ok := f.target(g, c.key); ok && !own(c) {
				g.add(c.unit, edge{to: to})
			}
		}
	})
	slices.SortFunc(offers, func(a, b offer) int { return cmp.Compare(a.key, b.key) })
	for _, o := range offers {
		g.offer(o.key, o.unit)
	}
	component := make([]uint32, len(g.spans)) // 1 + its index; 0 for none
	for i, members := range g.components() {
		for _, m := range members {
			component[m] = uint32(i) + 1
		}
	}
	return f.declarations(join, func(c *claim) bool {
		to, ok := f.target(g, c.key)
		return ok && component[to] != 0 && component[to] == component[c.unit] && !(c.role == needs && own(c))
	})
}

// graph makes the graph of the claims in one scope.
func (f *Fold) graph(j verdict.Join, ds []claim, scope string) *graph {
	g := f.newGraph(j)
	var given []claim
	for i := range ds {
		d := &ds[i]
		if d.role == gives {
			if f.isGiven(d, scope) {
				given = append(given, *d)
			}
		} else if to, there := f.target(g, d.key); there && f.holds(d, scope) {
			g.add(d.unit, edge{to, uint32(i)})
		}
	}
	slices.SortFunc(given, f.compare)
	for _, c := range given {
		g.offer(c.key, c.unit)
	}
	return g
}

// target returns where a need for a key leads.
func (f *Fold) target(g *graph, key uint32) (node uint32, ok bool) {
	if g.keyed {
		return g.units + key, true
	}
	return f.claiming(key)
}

// claiming returns the unit that a key names, if the unit may claim something in this run.
func (f *Fold) claiming(key uint32) (id uint32, ok bool) {
	if id, ok = f.byKey(key); !ok {
		return 0, false
	}
	s := f.units.at(id)
	return id, s.expected && s.claims != packedClaims{}
}

// holds says whether a claim holds in a scope.
func (f *Fold) holds(c *claim, scope string) bool {
	_, in := slices.BinarySearch(f.scopes(c.regions), scope)
	return in
}

// isGiven says whether a claim meets needs in a scope. One in no region meets those of all
// regions, and a need in no region is met by any.
func (f *Fold) isGiven(c *claim, scope string) bool {
	return scope == "" || f.holds(c, scope) || f.holds(c, "")
}

// scopesOf returns the scopes in which anything is needed, sorted.
func (f *Fold) scopesOf(ds []claim) []string {
	regions := map[uint32]bool{}
	for i := range ds {
		if ds[i].role == needs {
			regions[ds[i].regions] = true
		}
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

// cycleMessage shows a cycle among members.
func cycleMessage(j verdict.Join, g *graph, cycle, members []uint32) string {
	on := g.named(cycle)
	var names []string
	for i, node := range on {
		if i == shownCycle {
			names = append(names, fmt.Sprintf("(%d more)", len(on)-shownCycle))
			break
		}
		names = append(names, g.label(node))
	}
	names = append(names, g.label(on[0]))
	message := strings.TrimSpace(j.Noun+" cycle: ") + " " + strings.Join(names, " -> ")
	if more := len(g.unitsOf(members)) - len(on); more > 0 {
		message += fmt.Sprintf(" (one of several among these and %d more)", more)
	}
	return message
}

// wayBack shows where the needs stand that lead from a step on to where it began. Without
// keys it shows none.
func (f *Fold) wayBack(g *graph, ds []claim, steps []step, first step) (way []verdict.Related) {
	if !g.keyed {
		return nil
	}
	seen := map[uint32]bool{first.unit: true}
	for at := first.to; !seen[at] && len(way) < shown; {
		seen[at] = true
		s := g.step(steps, at)
		need := &ds[s.claim]
		text := "needs " + quote(f.key(need))
		if s.to == first.unit {
			text = "back to " + quote(f.key(need))
		}
		way = append(way, verdict.Related{Place: f.place(need), Text: text})
		at = s.to
	}
	return way
}
