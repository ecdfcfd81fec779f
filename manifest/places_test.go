package manifest

import (
	"path"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/verdict"
)

// places are the values and keys of a YAML text in the order in which they begin,
// containers before what they contain. They are empty for a text that is no YAML.
type places []place

// place is where a value or a key begins.
type place struct {
	at      spot
	within  int  // the container, -1 for the whole document
	key     bool // of a mapping
	partner int  // the value of a key and the key of a value, otherwise -1
}

// spot is a line and a column, from 1.
type spot struct{ line, column int }

// placesIn are the places of a file of a bad example.
func placesIn(tb testing.TB, r verdict.Rule, file string) places {
	tb.Helper()
	var root yaml.Node
	text := exampleRepo(tb).lay(withoutWants(r.Bad))[file]
	if yaml.Unmarshal([]byte(text), &root) != nil || len(root.Content) == 0 {
		return nil
	}
	var all places
	all.walk(root.Content[0], -1)
	return all
}

// walk adds n with all that it contains, and returns its index.
func (p *places) walk(n *yaml.Node, within int) int {
	i := len(*p)
	*p = append(*p, place{spot{n.Line, n.Column}, within, false, -1})
	for c := range n.Content {
		inner := p.walk(n.Content[c], i)
		if n.Kind == yaml.MappingNode {
			(*p)[inner].key = c%2 == 0
		}
		if n.Kind == yaml.MappingNode && c%2 == 1 {
			key := p.keyBefore(inner)
			(*p)[inner].partner, (*p)[key].partner = key, inner
		}
	}
	return i
}

// keyBefore is the key that belongs to a value.
func (p *places) keyBefore(value int) int {
	key := value - 1
	for (*p)[key].within != (*p)[value].within {
		key--
	}
	return key
}

// innermost is the last place that does not begin behind at, -1 for none.
func (p places) innermost(at verdict.Place) int {
	last := -1
	for i, here := range p {
		if here.at.line < at.Line || here.at.line == at.Line && here.at.column <= at.Column {
			last = i
		}
	}
	return last
}

// parent is the nearest container of at that begins elsewhere: the text in which at
// lies, a mapping or list, and at last the file, or its folder.
func (p places) parent(at verdict.Place) verdict.Place {
	for i := p.innermost(at); i >= 0; i = p[i].within {
		if moved := p.moved(at, i); moved != at {
			return moved
		}
	}
	if at.Line == 0 {
		return verdict.Place{File: path.Dir(at.File)}
	}
	return verdict.Place{File: at.File}
}

// sibling is a key beside a key, or a value beside a value; where at is alone, one
// beside what contains it. A text that is no YAML has lines instead.
func (p places) sibling(at verdict.Place) verdict.Place {
	for i := p.innermost(at); at.Line > 0 && i >= 0; i = p[i].within {
		for other := range p {
			if p[other].within == p[i].within && p[other].key == p[i].key && p[other].at != p[i].at {
				return p.moved(at, other)
			}
		}
	}
	at.Line, at.Column = at.Line+1, 1
	return at
}

// partner is the value of a key and the key of a value, or of what contains it.
func (p places) partner(at verdict.Place) verdict.Place {
	for i := p.innermost(at); at.Line > 0 && i >= 0; i = p[i].within {
		if other := p[i].partner; other >= 0 {
			return p.moved(at, other)
		}
	}
	at.Line, at.Column = at.Line+1, 1
	return at
}

func (p places) moved(at verdict.Place, to int) verdict.Place {
	at.Line, at.Column = p[to].at.line, p[to].at.column
	return at
}
