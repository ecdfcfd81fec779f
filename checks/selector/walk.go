package selector

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/theory/jsonpath/spec"

	"github.com/seed306eabeb/muster/document"
)

// maxSteps is how long the ways of all that one selector selects in one document may be together: a
// hundred thousand values that lie twenty deep. It bounds memory, 16 bytes each.
const maxSteps = 2_000_000

// step is one segment of a path.
type step struct {
	descend bool // to everything below, and the value itself, first
	takes   []take
}

// take is one selector of a segment: it takes values from a list or mapping.
type take struct {
	kind   kind
	name   string
	index  int
	slice  spec.SliceSelector
	filter *spec.FilterSelector
}

type kind uint8

const (
	named kind = iota
	indexed
	all
	sliced
	filtered
)

func stepOf(segment *spec.Segment) step {
	s := step{descend: strings.HasPrefix(segment.String(), "..")}
	for _, selector := range segment.Selectors() {
		switch v := selector.(type) {
		case spec.Name:
			s.takes = append(s.takes, take{kind: named, name: string(v)})
		case spec.Index:
			s.takes = append(s.takes, take{kind: indexed, index: int(v)})
		case spec.WildcardSelector:
			s.takes = append(s.takes, take{kind: all})
		case spec.SliceSelector:
			s.takes = append(s.takes, take{kind: sliced, slice: v})
		case *spec.FilterSelector:
			s.takes = append(s.takes, take{kind: filtered, filter: v})
		}
	}
	return s
}

// plain says that a step leads to each value by one way, and in their order.
func (s *step) plain() bool { return len(s.takes) == 1 && s.takes[0].kind != sliced }

// Select is what the selector selects in a document, each once, in the order of Way: items by their
// index, keys by their text. An error is an *Error: the document holds too much of it.
func (s *Selector) Select(d *document.Document) (nodes []Node, failed error) {
	defer func() {
		if recover() != nil {
			nodes, failed = nil, &Error{Column: 1, Message: "the selector cannot be decided"}
		}
	}()
	w := walk{root: d.Value(), found: []Node{{Value: d.Value()}}}
	for i := range s.steps {
		if w.found = w.step(&s.steps[i]); len(w.found) == 0 {
			return nil, nil
		}
		if w.steps > maxSteps {
			return nil, &Error{Column: 1, Message: fmt.Sprintf("%s selects too much: %d values are not all of it", quote(s.text), len(w.found)), Help: "name more of the keys on the way"}
		}
	}
	if s.keys {
		return keysOf(w.root, w.found), nil
	}
	return w.found, nil
}

// walk is a selection under way.
type walk struct {
	root  any
	found []Node
	next  []Node
	steps int // of all ways so far
	// nested says that of what is found some lies below other, so that a step may change its order.
	nested bool
}

// step goes one step on from all that is found.
func (w *walk) step(s *step) []Node {
	w.next, w.steps = nil, 0
	var passed []string // the way of the last value that was gone through
	for i := range w.found {
		n := &w.found[i]
		switch {
		case !s.descend:
			w.take(s, n.Way, n.Value)
		case i == 0 || !isBelow(n.Way, passed):
			passed = n.Way
			w.descend(s, n.Way, n.Value)
		}
	}
	w.nested = w.nested || s.descend
	if w.nested || !s.plain() {
		slices.SortFunc(w.next, func(a, b Node) int { return compareWays(a.Way, b.Way) })
		w.next = slices.CompactFunc(w.next, func(a, b Node) bool { return slices.Equal(a.Way, b.Way) })
	}
	return w.next
}

// descend takes from a value and from all below it. The way is the caller's, who changes it later.
func (w *walk) descend(s *step, way []string, value any) {
	if w.steps > maxSteps {
		return
	}
	w.take(s, way, value)
	way = slices.Clip(way)
	each(value, func(name string, item any) {
		switch item.(type) {
		case []any, map[string]any:
			w.descend(s, append(way, name), item)
		}
	})
}

// take takes from a value what the step says.
func (w *walk) take(s *step, way []string, value any) {
	for i := range s.takes {
		t := &s.takes[i]
		switch v := value.(type) {
		case map[string]any:
			w.fromMapping(t, way, v)
		case []any:
			w.fromList(t, way, v)
		}
	}
}

func (w *walk) fromMapping(t *take, way []string, mapping map[string]any) {
	switch t.kind {
	case named:
		if item, ok := mapping[t.name]; ok {
			w.add(way, t.name, item)
		}
	case all, filtered:
		each(mapping, func(name string, item any) {
			if t.kind == all || t.filter.Eval(item, w.root) {
				w.add(way, name, item)
			}
		})
	}
}

func (w *walk) fromList(t *take, way []string, list []any) {
	switch t.kind {
	case indexed:
		i := t.index
		if i < 0 {
			i += len(list)
		}
		if 0 <= i && i < len(list) {
			w.add(way, strconv.Itoa(i), list[i])
		}
	case sliced:
		first, last := t.slice.Bounds(len(list))
		if step := t.slice.Step(); step > 0 {
			for i := first; i < last; i += step {
				w.add(way, strconv.Itoa(i), list[i])
			}
		} else if step < 0 {
			for i := last; i > first; i += step {
				w.add(way, strconv.Itoa(i), list[i])
			}
		}
	case all, filtered:
		for i, item := range list {
			if t.kind == all || t.filter.Eval(item, w.root) {
				w.add(way, strconv.Itoa(i), item)
			}
		}
	}
}

// add notes what is found one step behind a way.
func (w *walk) add(way []string, name string, value any) {
	if w.steps += len(way) + 1; w.steps > maxSteps {
		return
	}
	longer := make([]string, len(way)+1)
	copy(longer, way)
	longer[len(way)] = name
	w.next = append(w.next, Node{Way: longer, Value: value})
}

// each calls f for the items of a list or mapping in their order.
func each(value any, f func(name string, item any)) {
	switch v := value.(type) {
	case []any:
		for i, item := range v {
			f(strconv.Itoa(i), item)
		}
	case map[string]any:
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		slices.SortFunc(names, compareNames)
		for _, name := range names {
			f(name, v[name])
		}
	}
}

// keysOf are the keys that nodes stand under; items of lists have none.
func keysOf(root any, nodes []Node) []Node {
	keys := nodes[:0]
	for _, n := range nodes {
		last := len(n.Way) - 1
		if _, ok := behind(root, n.Way[:last]).(map[string]any); ok {
			keys = append(keys, Node{Way: n.Way, Value: n.Way[last], IsKey: true})
		}
	}
	return keys
}

// behind is the value that a way leads to, which is there.
func behind(value any, way []string) any {
	for _, name := range way {
		switch v := value.(type) {
		case map[string]any:
			value = v[name]
		case []any:
			i, _ := strconv.Atoi(name)
			value = v[i]
		}
	}
	return value
}

// isBelow says whether a way leads through where another leads to, or to the same.
func isBelow(way, upper []string) bool {
	return len(way) >= len(upper) && slices.Equal(way[:len(upper)], upper)
}

func compareWays(a, b []string) int { return slices.CompareFunc(a, b, compareNames) }

// compareNames orders keys by their text, and indexes, which may be keys as well, before them
// and by their value.
func compareNames(a, b string) int {
	if a == b {
		return 0
	}
	aIndex, bIndex := isIndex(a), isIndex(b)
	switch {
	case aIndex && bIndex && len(a) != len(b):
		return len(a) - len(b)
	case aIndex != bIndex && aIndex:
		return -1
	case aIndex != bIndex:
		return 1
	}
	return strings.Compare(a, b)
}

// isIndex says whether a text is what Itoa writes.
func isIndex(s string) bool {
	if s == "" || s[0] == '0' && len(s) > 1 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || '9' < s[i] {
			return false
		}
	}
	return true
}
