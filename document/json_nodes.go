package document

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/verdict"
)

// jsonNodes reads a text that is JSON again, into nodes that know their places in text. own
// is what was read of it, which has other bytes and the same offsets.
func jsonNodes(text, own []byte) *yaml.Node {
	r := &nodeReader{dec: newTokens(own), own: own, walk: walk{text: text, line: 1, column: 1}}
	return r.node()
}

// nullNode is the document of a file without content.
func nullNode() *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: 1, Column: 1}
}

type nodeReader struct {
	dec  *jsontext.Decoder
	own  []byte
	walk walk
}

// walk goes through a text from place to place, and counts as it goes.
type walk struct {
	text         []byte
	at           int // in bytes
	line, column int
}

// to is the line and the column of a byte, which is not before the last one.
func (w *walk) to(offset int) (line, column int) {
	passed := w.text[w.at:offset]
	w.at = offset
	if end := bytes.LastIndexByte(passed, '\n'); end >= 0 {
		w.line += bytes.Count(passed, []byte("\n"))
		passed, w.column = passed[end+1:], 1
	}
	w.column += utf8.RuneCount(passed)
	return w.line, w.column
}

// node is the node that begins with the next token. The text was read before, so that there
// is one.
func (r *nodeReader) node() *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Style: yaml.DoubleQuotedStyle}
	n.Line, n.Column = r.next()
	token, err := r.dec.ReadToken()
	if err != nil {
		return n
	}
	switch token.Kind() {
	case '{':
		n.Kind = yaml.MappingNode
		r.content(n, '}')
	case '[':
		n.Kind = yaml.SequenceNode
		r.content(n, ']')
	case '"', '0':
		n.Value = token.String()
	}
	return n
}

func (r *nodeReader) content(n *yaml.Node, end jsontext.Kind) {
	for kind := r.dec.PeekKind(); kind != end && kind != 0; kind = r.dec.PeekKind() {
		n.Content = append(n.Content, r.node())
	}
	_, _ = r.dec.ReadToken()
}

// next is where the next token begins.
func (r *nodeReader) next() (line, column int) {
	return r.walk.to(tokenFrom(r.own, int(r.dec.InputOffset())))
}

// tokenFrom is where the first token begins behind an offset.
func tokenFrom(own []byte, i int) int {
	for i < len(own) && strings.IndexByte(" \t\r\n,:", own[i]) >= 0 {
		i++
	}
	return i
}

// repeats notes the keys of a JSON text that their mapping has already.
func (s *source) repeats(own []byte) {
	s.repeatsIn(jsonNodes(s.text, own), nil)
}

func (s *source) repeatsIn(n *yaml.Node, way []step) {
	if n.Kind == yaml.SequenceNode {
		for i, c := range n.Content {
			s.repeatsIn(c, append(way, step{index: i}))
		}
		return
	}
	first := make(map[string]*yaml.Node, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		inner := append(way, step{k.Value, -1})
		if before, known := first[k.Value]; known {
			p := s.at(k.Line, k.Column)
			p.Path = pathOf(inner)
			was := p
			was.Line, was.Column = before.Line, before.Column
			s.fail(duplicate(p, was, k.Value))
		} else {
			first[k.Value] = k
		}
		s.repeatsIn(n.Content[i+1], inner)
	}
}

func pathOf(way []step) string {
	var w pathWriter
	for _, s := range way {
		w.add(s)
	}
	return w.String()
}

// duplicate is the finding of a key that its mapping has already.
func duplicate(p, first verdict.Place, key string) verdict.Finding {
	return verdict.Finding{
		Name: "duplicate-key", Place: p,
		Message: "the key " + quote(key) + " is given twice in one mapping, first in line " + strconv.Itoa(first.Line),
		Help:    "keep one of the two",
		Related: []verdict.Related{{Place: first, Text: "first given here"}},
	}
}
