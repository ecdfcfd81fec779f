package marks

import (
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/yamldoc/syntax"
)

// readYAML finds the comments of a YAML text: what stands behind a # that begins its line or
// follows a blank, outside of quotes and blocks of text.
func readYAML(t *text, p syntax.Profile) ([]comment, structure) {
	roots, fault := syntax.ParseAll([]byte(strings.Join(t.lines, "\n")), p)
	sign := looseSign
	var s structure = indented{t}
	if fault == nil {
		inside := textsOf(t, roots)
		sign = func(t *text, line int) int { return signOutside(t, line, inside) }
		s = newTree(t, roots)
	}
	t.bare = slices.Clone(t.lines)
	var all []comment
	for i, l := range t.lines {
		at := strings.IndexByte(l, '#')
		if at < 0 {
			continue
		}
		if at = sign(t, i); at < 0 {
			continue
		}
		t.bare[i] = l[:at]
		if strings.Contains(l[at:], word) {
			all = append(all, comment{i, at + 1, l[at+1:]})
		}
	}
	return all, s
}

// spot is a line and a byte in it, from 0.
type spot struct{ line, byte int }

func (s spot) before(o spot) bool { return s.line < o.line || s.line == o.line && s.byte < o.byte }

// region are the bytes from one spot up to another.
type region struct{ from, to spot }

// signOutside is where the comment of a line begins, given the texts in which none does, -1 for
// a line without one.
func signOutside(t *text, line int, inside []region) int {
	l := t.lines[line]
	for at := range len(l) {
		if l[at] != '#' || at > 0 && !begins(l[at-1:]) {
			continue
		}
		here := spot{line, at}
		next, _ := slices.BinarySearchFunc(inside, here, func(r region, s spot) int {
			if s.before(r.from) {
				return 1
			}
			return -1
		})
		if next == 0 || !here.before(inside[next-1].to) {
			return at
		}
	}
	return -1
}

// looseSign is the same where it is not known what the text is: quotes count where they begin
// a word and end in the line.
func looseSign(t *text, line int) int {
	l := t.lines[line]
	for at := 0; at < len(l); at++ {
		first := at == 0 || strings.IndexByte(" \t[{,:", l[at-1]) >= 0
		switch c := l[at]; {
		case c == '#' && (at == 0 || begins(l[at-1:])):
			return at
		case (c == '"' || c == '\'') && first:
			if end := quoteEnd(l[at+1:], c); end >= 0 {
				at += end + 1
			}
		}
	}
	return -1
}

// quoteEnd is where a text in quotes ends whose quote was opened, -1 where it goes on.
func quoteEnd(l string, quote byte) int {
	for i := 0; i < len(l); i++ {
		switch {
		case l[i] == '\\' && quote == '"':
			i++
		case l[i] == quote && quote == '\'' && i+1 < len(l) && l[i+1] == quote:
			i++
		case l[i] == quote:
			return i
		}
	}
	return -1
}

// textsOf are the quoted texts and the blocks of text below nodes, in their order.
func textsOf(t *text, roots []*yaml.Node) []region {
	var all []region
	var visit func(n *yaml.Node, indent int)
	visit = func(n *yaml.Node, indent int) {
		if r, ok := t.inside(n, indent); ok {
			all = append(all, r)
		}
		if n.Style&yaml.FlowStyle == 0 && len(n.Content) > 0 {
			indent = n.Content[0].Column - 1
			if n.Kind == yaml.SequenceNode {
				indent = n.Column - 1
			}
		}
		for _, c := range n.Content {
			visit(c, indent)
		}
	}
	for _, root := range roots {
		visit(root, -1)
	}
	slices.SortFunc(all, func(a, b region) int {
		if a.from.before(b.from) {
			return -1
		}
		return 1
	})
	return all
}

// inside is where the text of a scalar stands in which no comment begins. Indent is the column of
// the entries around it.
func (t *text) inside(n *yaml.Node, indent int) (region, bool) {
	const quoted, block = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle, yaml.LiteralStyle | yaml.FoldedStyle
	if n.Kind != yaml.ScalarNode || n.Style&(quoted|block) == 0 {
		return region{}, false
	}
	from, ok := t.content(n)
	if !ok {
		return region{}, false
	}
	sign := t.lines[from.line][from.byte]
	switch {
	case sign == '"' || sign == '\'':
		return region{from, t.closing(spot{from.line, from.byte + 1}, sign)}, true
	case sign == '|' || sign == '>':
		return t.block(from, indent), true
	}
	return region{}, false
}

// content is where a scalar begins, behind its anchor and its tag.
func (t *text) content(n *yaml.Node) (spot, bool) {
	at := spot{n.Line - 1, 0}
	if at.line < 0 || at.line >= len(t.lines) {
		return at, false
	}
	at.byte = byteOf(t.lines[at.line], n.Column)
	for at.line < len(t.lines) {
		rest := t.lines[at.line][at.byte:]
		trimmed := strings.TrimLeft(rest, blanks)
		at.byte += len(rest) - len(trimmed)
		switch {
		case trimmed == "" || trimmed[0] == '#':
			at = spot{at.line + 1, 0}
		case trimmed[0] == '&' || trimmed[0] == '!':
			end := strings.IndexAny(trimmed, blanks)
			if end < 0 {
				end = len(trimmed)
			}
			at.byte += end
		default:
			return at, true
		}
	}
	return at, false
}

// byteOf is the byte at which a column begins, which counts characters from 1.
func byteOf(l string, column int) int {
	at := 0
	for ; column > 1 && at < len(l); column-- {
		_, size := utf8.DecodeRuneInString(l[at:])
		at += size
	}
	return at
}

// closing is behind the quote that closes a text, the end of all where none does.
func (t *text) closing(from spot, quote byte) spot {
	for at := from; at.line < len(t.lines); at = (spot{at.line + 1, 0}) {
		if end := quoteEnd(t.lines[at.line][at.byte:], quote); end >= 0 {
			return spot{at.line, at.byte + end + 1}
		}
	}
	return spot{len(t.lines), 0}
}

// block are the lines of a block of text whose header stands at a spot: those that are blank, or
// indented as its first line is, or as the header says.
func (t *text) block(header spot, indent int) region {
	depth := 0
	for _, c := range t.lines[header.line][header.byte+1:] {
		if c >= '1' && c <= '9' {
			depth = max(indent, 0) + int(c-'0')
		} else if c != '+' && c != '-' {
			break
		}
	}
	r := region{spot{header.line + 1, 0}, spot{len(t.lines), 0}}
	for i := header.line + 1; i < len(t.lines); i++ {
		l := t.lines[i]
		own := len(l) - len(strings.TrimLeft(l, " "))
		if own == len(l) {
			continue
		}
		if depth == 0 {
			depth = max(own, indent+1)
		}
		if own < depth || depth == 0 && isMarker(l) {
			r.to = spot{i, 0}
			break
		}
	}
	return r
}

// isMarker says that a line begins or ends a document.
func isMarker(l string) bool {
	return (strings.HasPrefix(l, "---") || strings.HasPrefix(l, "...")) && begins(l[3:])
}
