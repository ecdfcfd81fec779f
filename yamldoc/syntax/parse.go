package syntax

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/internal/foreign"
)

// Document is the first document of a text.
type Document struct {
	Root *yaml.Node // nil if the text has none
	Next Position   // where a second one begins, zero if none does
}

// Parse reads UTF-8 text as the profile has it. Places are those of the text, in
// lines that line feeds end; without LineFeeds those of nodes are yaml.v3's.
func Parse(text []byte, p Profile) (Document, *Fault) {
	r := read(text, p)
	d, err := decode(r.text)
	if err != nil && r.prepare() {
		d, err = decode(r.text)
	}
	if err != nil {
		return Document{}, r.fault(err)
	}
	if d.Root == nil {
		return d, nil
	}
	if d.Next.Line > 0 {
		d.Next = r.origin(d.Next)
	}
	r.restore(d.Root)
	if p.FlowIndent {
		return d, misplaced(d.Root, 0)
	}
	return d, nil
}

// ParseAll reads all documents of UTF-8 text as the profile has it, and returns their roots
// in order, none for a text that is blank. The root of a document without content is an
// empty scalar, as that of a key without a value. Places are those that Parse has.
func ParseAll(text []byte, p Profile) ([]*yaml.Node, *Fault) {
	r := read(text, p)
	roots, err := decodeAll(r.text)
	if err != nil && r.prepare() {
		roots, err = decodeAll(r.text)
	}
	if err != nil {
		return nil, r.fault(err)
	}
	for _, root := range roots {
		r.restore(root)
		if !p.FlowIndent {
			continue
		}
		if f := misplaced(root, 0); f != nil {
			return nil, f
		}
	}
	return roots, nil
}

// decodeAll has yaml.v3 read all documents of a text.
func decodeAll(text []byte) ([]*yaml.Node, error) {
	decode := foreign.Documents(text)
	var roots []*yaml.Node
	for {
		var doc yaml.Node
		switch err := decode(&doc); {
		case errors.Is(err, io.EOF):
			return roots, nil
		case err != nil:
			return nil, err
		}
		roots = append(roots, doc.Content[0])
	}
}

// decode has yaml.v3 read the first document of a text, and look for a second.
func decode(text []byte) (Document, error) {
	decode := foreign.Documents(text)
	var doc, next yaml.Node
	switch err := decode(&doc); {
	case errors.Is(err, io.EOF):
		return Document{}, nil
	case err != nil:
		return Document{}, err
	}
	d := Document{Root: doc.Content[0]}
	switch err := decode(&next); {
	case errors.Is(err, io.EOF):
	case err != nil:
		return Document{}, err
	default:
		d.Next = Position{max(next.Line, 1), max(next.Column, 1)}
	}
	return d, nil
}

// reading is a text as yaml.v3 is to read it, and the way back to the text.
type reading struct {
	profile  Profile
	own      []byte // the text
	text     []byte // what yaml.v3 reads
	prepared bool
	lines    []string // what the scan reads, nil until it is asked for
	masks    masks
	moved    shifts
	starts   []int // the line that each of the lines belongs to, from 1; nil if each is one
}

// origin is a place of the text by the place that yaml.v3 has for it.
func (r *reading) origin(p Position) Position {
	p.Column = r.moved.origin(p.Line, p.Column)
	return r.line(p)
}

// line is a place of the text by its place in what the scan reads, the end of
// which may be a line further.
func (r *reading) line(p Position) Position {
	if n := len(r.starts); n > 0 && p.Line > n {
		p.Line += r.starts[n-1] - n
	} else if n > 0 {
		p.Line = r.starts[p.Line-1]
	}
	return p
}

// changed says that nodes have other texts or places than those of the text.
func (r *reading) changed() bool {
	return len(r.masks.taken) > 0 || len(r.moved) > 0 || r.starts != nil
}

// fault is what makes the text no YAML, which yaml.v3 has refused with err.
func (r *reading) fault(err error) *Fault {
	if r.lines == nil {
		r.lines = splitLines(string(r.own))
	}
	f := r.diagnose(err)
	f.Position = r.line(f.Position)
	if f.Template.Line > 0 {
		f.Template = r.line(f.Template)
	}
	return f
}

// splitLines are the lines of a text, without what ends them.
func splitLines(text string) []string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimSuffix(l, "\r")
	}
	return lines
}

// restore gives a node and those below it the text and the places of the file.
func (r *reading) restore(n *yaml.Node) {
	changed := r.changed()
	if !changed && !(r.profile.AnchoredEmpty && bytes.IndexByte(r.own, '&') >= 0) {
		return
	}
	if r.profile.AnchoredEmpty && n.Kind == yaml.ScalarNode && n.Anchor != "" && n.Value == "" && n.Style == 0 {
		n.Style, n.Tag = yaml.SingleQuotedStyle, "!!str"
	}
	if changed {
		p := r.origin(Position{n.Line, n.Column})
		n.Line, n.Column = p.Line, p.Column
		n.Value, n.Anchor, n.Tag = r.masks.lift(n.Value), r.masks.lift(n.Anchor), r.masks.lift(n.Tag)
	}
	for _, c := range n.Content {
		r.restore(c)
	}
}

// misplaced finds an item inside brackets that stands at the column of the entries
// of the block around them, which is column, or 0 if it is not known.
func misplaced(n *yaml.Node, column int) *Fault {
	flow := n.Style&yaml.FlowStyle != 0
	if !flow && n.Kind != yaml.ScalarNode {
		column = entries(n)
	}
	for _, c := range n.Content {
		if flow && n.Kind == yaml.SequenceNode && c.Column == column && !isPair(c) {
			return &Fault{Position: Position{c.Line, c.Column}, Message: "text inside brackets stands at the column of the keys around them", Help: "indent it deeper"}
		}
		if len(c.Content) == 0 {
			continue
		}
		if f := misplaced(c, column); f != nil {
			return f
		}
	}
	return nil
}

// entries is the column of a block's entries, 0 if its place is that of an
// anchor or a tag.
func entries(n *yaml.Node) int {
	switch {
	case n.Kind == yaml.MappingNode && len(n.Content) > 0:
		return n.Content[0].Column
	case n.Anchor != "" || n.Style&yaml.TaggedStyle != 0:
		return 0
	}
	return n.Column
}

// isPair says that a node is a mapping without braces, the item of a list in
// brackets; its place is that of its key.
func isPair(n *yaml.Node) bool {
	return n.Kind == yaml.MappingNode && len(n.Content) > 0 && n.Content[0].Line == n.Line && n.Content[0].Column == n.Column
}
