package aggregator

import "slices"

// graph is a directed graph of services. Services are compared by name, so that
// what is found does not depend on the order of arrival.
type graph struct {
	out     map[uint32][]edge // sorted by the target's name, then place
	compare func(a, b uint32) int
}

// edge leads from the service that declares a need to the service needed.
type edge struct {
	*claim
	to uint32
}

// graph holds the needs for decided services in one scope.
func (f *Fold) graph(ds []declaration, scope string) graph {
	g := graph{out: map[uint32][]edge{}, compare: f.compareNames}
	for _, d := range ds {
		if _, in := slices.BinarySearch(d.scopes, scope); in && f.judged(d.key) {
			g.out[d.service] = append(g.out[d.service], edge{d.claim, f.ids[d.key]})
		}
	}
	return g
}

// components are the strongly connected components that have a cycle, each
// sorted by name. The search (Tarjan's) keeps its own stack: a fleet may be one
// long chain.
func (g graph) components() [][]uint32 {
	s := search{graph: g, index: map[uint32]int{}, low: map[uint32]int{}, open: map[uint32]bool{}}
	for v := range g.out {
		if _, seen := s.index[v]; !seen {
			s.from(v)
		}
	}
	return s.found
}

type search struct {
	graph
	index, low map[uint32]int
	open       map[uint32]bool // on path
	path       []uint32        // visited, component not yet known
	found      [][]uint32
}

// frame is a service whose edges are being followed.
type frame struct {
	v    uint32
	next int
}

func (s *search) from(root uint32) {
	calls := []frame{s.enter(root)}
	for len(calls) > 0 {
		top := &calls[len(calls)-1]
		if top.next < len(s.out[top.v]) {
			w := s.out[top.v][top.next].to
			top.next++
			if _, seen := s.index[w]; !seen {
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
	s.index[v] = len(s.index)
	s.low[v] = s.index[v]
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
		delete(s.open, m)
	}
	if len(members) > 1 || s.needsItself(v) {
		slices.SortFunc(members, s.compare)
		s.found = append(s.found, members)
	}
}

func (g graph) needsItself(v uint32) bool {
	return slices.ContainsFunc(g.out[v], func(e edge) bool { return e.to == v })
}

// cycle is a shortest way from the first member back to it, without the return;
// among equally short ones the first by name.
func (g graph) cycle(members []uint32) []uint32 {
	start := members[0]
	cameFrom := map[uint32]uint32{}
	queue := []uint32{start}
	for len(queue) > 0 {
		v := queue[0]
		queue = queue[1:]
		for _, e := range g.out[v] {
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

// back is the way from start to end.
func back(cameFrom map[uint32]uint32, start, end uint32) []uint32 {
	way := []uint32{end}
	for v := end; v != start; {
		v = cameFrom[v]
		way = append(way, v)
	}
	slices.Reverse(way)
	return way
}

// exits are the edges at which the members' parts in the cycle are reported: for
// each the one along the cycle, or else its first one that stays among the
// members.
func (g graph) exits(members, cycle []uint32) []edge {
	next := map[uint32]uint32{}
	for i, v := range cycle {
		next[v] = cycle[(i+1)%len(cycle)]
	}
	var exits []edge
	for _, m := range members {
		along, on := next[m]
		i := slices.IndexFunc(g.out[m], func(e edge) bool {
			if on {
				return e.to == along
			}
			_, inside := slices.BinarySearchFunc(members, e.to, g.compare)
			return inside
		})
		exits = append(exits, g.out[m][i])
	}
	return exits
}
