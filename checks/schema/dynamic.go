package schema

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// scopeOf is the part of a schema file with a URL of its own that a schema is in.
func (b *builder) scopeOf(s *jsonschema.Schema) (*scope, error) {
	file, fragment, _ := strings.Cut(s.Location, "#")
	pointer, err := url.PathUnescape(fragment)
	if err != nil {
		return nil, err
	}
	pointer, anchors := b.resource(file, pointer)
	at := target{file, pointer}
	if known, ok := b.scopes[at]; ok {
		return known, nil
	}
	root, err := b.compiler.Compile(location(at))
	if err != nil {
		return nil, err
	}
	sc := &scope{root: b.node(root), recurs: root.RecursiveAnchor, anchors: map[string]*node{}}
	b.scopes[at] = sc
	for _, name := range sortedKeys(anchors) {
		of, err := b.compiler.Compile(location(target{file, anchors[name]}))
		if err != nil {
			return nil, err
		}
		sc.anchors[name] = b.node(of)
	}
	return sc, nil
}

// resource is where the resource begins that a pointer of a file is in, and its dynamic anchors.
func (b *builder) resource(file, pointer string) (begins string, anchors map[string]string) {
	switch metaschema(file) {
	case 0:
		res := b.linker.units[file].resourceAt(pointer)
		return res.pointer, res.dynamic
	case latest:
		return "", map[string]string{"meta": ""} // as each of them has
	}
	return "", nil
}

// location is the URL by which the compiler knows a schema.
func location(t target) string {
	return t.url + "#" + (&url.URL{Path: t.pointer}).EscapedPath()
}

// markLoops finds the nodes by which one may come back to the same value without end: each
// circle has one.
func (b *builder) markLoops(root *node) {
	const open, done = 1, 2
	state := map[*node]int{}
	var walk func(n *node)
	walk = func(n *node) {
		switch {
		case n == nil || state[n] == done:
			return
		case state[n] == open:
			n.loops = true
			return
		}
		state[n] = open
		b.inPlace(n, walk)
		state[n] = done
	}
	walk(root)
	for _, s := range b.order {
		walk(b.nodes[s])
	}
}

// inPlace visits the schemas that a schema applies to the value that it is applied to.
func (b *builder) inPlace(n *node, visit func(*node)) {
	visit(n.ref)
	visit(n.recursive)
	visit(n.dynamic)
	if n.recursive != nil || n.anchor != "" {
		for _, at := range b.scopesInOrder() {
			visit(b.scopes[at].root)
			visit(b.scopes[at].anchors[n.anchor])
		}
	}
	for _, list := range [][]*node{n.allOf, n.anyOf, n.oneOf, {n.not, n.when, n.then, n.els}} {
		for _, of := range list {
			visit(of)
		}
	}
	if n.object != nil {
		for _, d := range n.object.dependencies {
			visit(d.schema)
		}
	}
}

// target is where a reference that depends on the way to it leads, on this one.
func (e *evaluation) recursive(n *node) *node {
	if n.recursesFurther {
		for _, s := range e.scopes {
			if s.recurs {
				return s.root
			}
		}
	}
	return n.recursive
}

func (e *evaluation) dynamic(n *node) *node {
	if n.anchor != "" {
		for _, s := range e.scopes {
			if to := s.anchors[n.anchor]; to != nil {
				return to
			}
		}
	}
	return n.dynamic
}

// scopesInOrder are the keys of the scopes, sorted.
func (b *builder) scopesInOrder() []target {
	return slices.SortedFunc(maps.Keys(b.scopes), func(a, b target) int {
		return cmp.Or(strings.Compare(a.url, b.url), strings.Compare(a.pointer, b.pointer))
	})
}
