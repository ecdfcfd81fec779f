package aggregator

import (
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// graph is a directed graph. Its nodes are units, which lead to the units that they need. If
// it is keyed, keys are nodes too: a unit leads to the keys that it needs, and a key to the
// units that give it, so that there are no more edges than claims. Nodes are compared by
// name, so that what is found does not depend on the order in which they come.
type graph struct {
	keyed bool
	units uint32 // how many there are. The node of a key is its number behind them
	spans []span // by node
	edges []edge // node by node; those of a node sorted by name of the target, then place
	label func(node uint32) string
}

// span is where the edges of a node are.
type span struct{ from, to uint32 }

// edge leads from the unit that declares a need to the needed unit or key, or from a key to a
// unit that gives it.
type edge struct {
	to    uint32
	claim uint32 // the index of the declaration of a need
}

// newGraph makes the graph of a join, without edges.
func (f *Fold) newGraph(j verdict.Join) *graph {
	g := &graph{keyed: len(j.Spaces) > 0, units: f.units.count}
	nodes := f.units.count
	if g.keyed {
		nodes += f.names.texts.count
	}
	g.spans = make([]span, nodes)
	g.label = func(node uint32) string {
		if g.isUnit(node) {
			return f.name(node)
		}
		return f.names.at(node - g.units)
	}
	return g
}

func (g *graph) isUnit(node uint32) bool { return node < g.units }

// compare orders nodes: keys before units, and either by name.
func (g *graph) compare(a, b uint32) int {
	switch inA, inB := g.isUnit(a), g.isUnit(b); {
	case inA == inB:
		return strings.Compare(g.label(a), g.label(b))
	case inB:
		return -1
	}
	return 1
}

// named are those of some nodes by which people know a cycle: what needs call for.
func (g *graph) named(nodes []uint32) []uint32 {
	if !g.keyed {
		return nodes
	}
	return slices.DeleteFunc(slices.Clone(nodes), g.isUnit)
}

// unitsOf are the units among some nodes.
func (g *graph) unitsOf(nodes []uint32) []uint32 {
	if !g.keyed {
		return nodes
	}
	return slices.DeleteFunc(slices.Clone(nodes), func(n uint32) bool { return !g.isUnit(n) })
}

// offer adds an edge from a key to a unit that gives it.
func (g *graph) offer(key, unit uint32) { g.add(g.units+key, edge{to: unit}) }

// add appends an edge. Those of one node must come one after the other.
func (g *graph) add(from uint32, e edge) {
	n := uint32(len(g.edges))
	g.edges = append(g.edges, e)
	if s := &g.spans[from]; s.to == n && s.to > s.from {
		s.to++
	} else {
		*s = span{n, n + 1}
	}
}

func (g *graph) out(v uint32) []edge { return g.edges[g.spans[v].from:g.spans[v].to] }

// components returns the strongly connected components that have a cycle, each sorted by
// name. The search (Tarjan's) keeps its own stack, because a fleet may be one long chain.
func (g *graph) components() [][]uint32 {
	n := len(g.spans)
	s := search{graph: g, index: make([]uint32, n), low: make([]uint32, n), open: make([]bool, n)}
	for v := range uint32(n) {
		if s.index[v] == 0 && len(g.out(v)) > 0 {
			s.from(v)
		}
	}
	return s.found
}

type search struct {
	*graph
	count      uint32   // visited
	index, low []uint32 // from 1 in the order of the visit; 0 before it
	open       []bool   // on path
	path       []uint32 // visited, component not yet known
	found      [][]uint32
}

// frame is a node whose edges are being followed.
type frame struct {
	v    uint32
	next int
}

func (s *search) from(root uint32) {
	calls := []frame{s.enter(root)}
	for len(calls) > 0 {
		top := &calls[len(calls)-1]
		if top.next < len(s.out(top.v)) {
			w := s.out(top.v)[top.next].to
			top.next++
			if s.index[w] == 0 {
				calls = append(calls, s.enter(w))
			} else if s.open[w] {
				s.low[top.v] = min(s.low[top.v], s.index[w])
			}
			continue
		}
		v := top.v
		calls = calls[:len(calls)-1]
		if len(calls) > 0 {
			parent := calls[len(calls)-1].v
			s.low[parent] = min(s.low[parent], s.low[v])
		}
		s.leave(v)
	}
}

func (s *search) enter(v uint32) frame {
	s.count++
	s.index[v], s.low[v] = s.count, s.count
	s.path = append(s.path, v)
	s.open[v] = true
	return frame{v: v}
}

// leave closes the component of v if v was its first.
func (s *search) leave(v uint32) {
	if s.low[v] != s.index[v] {
		return
	}
	first := len(s.path) - 1
	for s.path[first] != v {
		first--
	}
	members := slices.Clone(s.path[first:])
	s.path = s.path[:first]
	for _, m := range members {
		s.open[m] = false
	}
	if len(members) > 1 || s.needsItself(v) {
		slices.SortFunc(members, s.compare)
		s.found = append(s.found, members)
	}
}

func (g *graph) needsItself(v uint32) bool {
	return slices.ContainsFunc(g.out(v), func(e edge) bool { return e.to == v })
}

// cycle returns a shortest way from the first member back to it, without the return;
// among equally short ones the first by name.
func (g *graph) cycle(members []uint32) []uint32 {
	start := members[0]
	cameFrom := map[uint32]uint32{}
	queue := []uint32{start}
	for len(queue) > 0 {
		v := queue[0]
		queue = queue[1:]
		for _, e := range g.out(v) {
			if e.to == start {
				return back(cameFrom, start, v)
			}
			if _, seen := cameFrom[e.to]; !seen {
				cameFrom[e.to] = v
				queue = append(queue, e.to)
			}
		}
	}
	return members // not reached: every member of a component is on a cycle
}

// back returns the way from start to end.
func back(cameFrom map[uint32]uint32, start, end uint32) []uint32 {
	way := []uint32{end}
	for v := end; v != start; {
		v = cameFrom[v]
		way = append(way, v)
	}
	slices.Reverse(way)
	return way
}

// step is a need of a unit in a component, and the unit there that the need leads to.
type step struct{ unit, claim, to uint32 }

// steps returns the needs at which the members' parts in the cycle are reported: for each
// unit the one along the cycle, or else its first one that stays among the members.
func (g *graph) steps(members, cycle []uint32) []step {
	next := map[uint32]uint32{}
	for i, v := range cycle {
		next[v] = cycle[(i+1)%len(cycle)]
	}
	onward := func(from uint32) edge {
		along, on := next[from]
		i := slices.IndexFunc(g.out(from), func(e edge) bool {
			if on {
				return e.to == along
			}
			_, inside := slices.BinarySearchFunc(members, e.to, g.compare)
			return inside
		})
		return g.out(from)[i]
	}
	units := g.unitsOf(members)
	steps := make([]step, len(units))
	for i, m := range units {
		e := onward(m)
		steps[i] = step{m, e.claim, e.to}
		if !g.isUnit(e.to) {
			steps[i].to = onward(e.to).to
		}
	}
	return steps
}

// step returns the one of a unit.
func (g *graph) step(steps []step, unit uint32) step {
	i, _ := slices.BinarySearchFunc(steps, unit, func(s step, unit uint32) int { return g.compare(s.unit, unit) })
	return steps[i]
}
