package tera

import (
	"strings"
	"unicode"
)

// trimBody removes the white space that dashes in tags ask for. first and last
// say whether the tag around the body asks for it at the body's own ends.
//
// Two oddities are Tera's: output between a dash and the next text does not stop
// the dash from trimming that text, and comments are as if they were not there.
func trimBody(body []node, first, last bool) []node {
	t := trimmer{trimNext: first}
	for _, n := range body {
		t.add(n)
	}
	if last {
		trimLast(&t.out)
	}
	return t.out
}

type trimmer struct {
	out       []node
	afterText bool // the node before was text
	trimNext  bool // the next text loses its leading space
}

func (t *trimmer) add(n node) {
	switch n := n.(type) {
	case *textNode:
		t.addText(n)
		return
	case *outputNode:
	case *ifNode:
		t.addIf(n)
	case *rawNode:
		t.around(&n.tag)
		n.text = trimEnds(n.text, n.inFirst, n.inLast)
	case *forNode:
		t.around(&n.tag)
		n.body = trimBody(n.body, n.inFirst, n.inLast)
	case *filterNode:
		t.around(&n.tag)
		n.body = trimBody(n.body, n.inFirst, n.inLast)
	case *blockNode:
		t.around(&n.tag)
		n.body = trimBody(n.body, n.inFirst, n.inLast)
	case interface{ edges() *tag }:
		t.around(n.edges())
	}
	t.afterText = false
	t.out = append(t.out, n)
}

func (t *trimmer) addText(n *textNode) {
	t.afterText = true
	if t.trimNext {
		n.text = trimEnds(n.text, true, false)
		t.trimNext = false
	}
	if n.text != "" {
		t.out = append(t.out, n)
	}
}

// around trims the text before a tag and remembers to trim the text after it.
func (t *trimmer) around(e *tag) {
	if t.afterText && e.outBefore {
		trimLast(&t.out)
	}
	t.trimNext = e.outAfter
}

// addIf trims the arms: a dash at the start of elif, else or endif belongs to
// the arm before it.
func (t *trimmer) addIf(n *ifNode) {
	t.around(&n.tag)
	for i := range n.branches {
		b := &n.branches[i]
		b.body = trimBody(b.body, b.firstOut, false)
		if i > 0 && b.outBefore {
			trimLast(&n.branches[i-1].body)
		}
	}
	if n.inLast {
		trimLast(&n.branches[len(n.branches)-1].body)
	}
}

func trimEnds(s string, first, last bool) string {
	if first {
		s = strings.TrimLeftFunc(s, unicode.IsSpace)
	}
	if last {
		s = strings.TrimRightFunc(s, unicode.IsSpace)
	}
	return s
}

// trimLast trims the end of a body that ends in text and drops empty text.
func trimLast(body *[]node) {
	if len(*body) == 0 {
		return
	}
	end := len(*body) - 1
	text, ok := (*body)[end].(*textNode)
	if !ok {
		return
	}
	text.text = trimEnds(text.text, false, true)
	if text.text == "" {
		*body = (*body)[:end]
	}
}
