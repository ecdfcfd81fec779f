package selector

import (
	"strings"
	"unicode/utf8"
)

// normal is a path as the RFC writes it, made from what people write: it begins with `$`, and names
// that need quotes have them.
//
// It refuses what may take more time than the document is long: in a filter `..` and another
// filter, which look at everything once for each value; and `*` and slices beside `$`.
type normal struct {
	strings.Builder
	in      []rune
	i       int
	columns []int // in the text, of each byte that was written
	end     int   // the column behind the text
	keys    bool  // it ended in `~`
	inside  bool  // of brackets that are no filter
	filter  int   // how many brackets are open since a filter began, itself among them; 0 outside of one
	root    int   // the column of a `$` in this filter, 0 without
	wide    int   // the column of a `*` or `:` in this filter, 0 without
}

func normalized(text string) (*normal, error) {
	n := &normal{in: []rune(strings.TrimRight(text, " \t\r\n"))}
	if l := len(n.in); l > 0 && n.in[l-1] == '~' {
		n.keys = true
		n.in = []rune(strings.TrimRight(string(n.in[:l-1]), " \t\r\n"))
	}
	n.end = len(n.in) + 1
	for n.peek(0) == ' ' || n.peek(0) == '\t' || n.peek(0) == '\n' {
		n.i++
	}
	if n.i == len(n.in) {
		return nil, &Error{Column: 1, Message: "the selector is empty", Help: "write `$` for the whole document"}
	}
	n.write("$", n.i)
	if r, next := n.peek(0), n.peek(1); r == '$' && !isName(next) {
		n.i++
	} else if isName(r) || r == '*' {
		n.name(".")
	} else if r != '.' && r != '[' {
		return nil, n.wrong(n.i, "a selector cannot begin with "+quote(string(r)), "begin with the name of a key; one with other signs needs quotes: `[\"…\"]`")
	}
	for n.i < len(n.in) {
		if err := n.next(); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// peek is a rune further on, 0 behind the end.
func (n *normal) peek(ahead int) rune {
	if n.i+ahead < len(n.in) {
		return n.in[n.i+ahead]
	}
	return 0
}

// write writes what stands for the text at an index.
func (n *normal) write(out string, at int) {
	for range len(out) {
		n.columns = append(n.columns, at+1)
	}
	n.WriteString(out)
}

// column is where in the text the byte comes from that was written at an offset.
func (n *normal) column(offset int) int {
	if 0 <= offset && offset < len(n.columns) {
		return n.columns[offset]
	}
	return n.end
}

func (n *normal) wrong(at int, message, help string) *Error {
	return &Error{Column: at + 1, Message: message, Help: help}
}

// copied writes the next rune as it is.
func (n *normal) copied() {
	n.write(string(n.in[n.i]), n.i)
	n.i++
}

// next reads the next token.
func (n *normal) next() error {
	switch r := n.peek(0); {
	case r == '"' || r == '\'':
		n.quoted(r)
	case n.inside && n.filter == 0 && r != '?' && r != '*':
		n.inside = r != ']'
		n.copied()
	case r == '.' && n.peek(1) == '.':
		if n.filter > 0 {
			return n.wrong(n.i, "`..` cannot stand in a filter", "name the keys on the way, or write a rule")
		}
		n.i += 2
		n.name("..")
	case r == '.':
		n.i++
		n.name(".")
	case r == '*' && n.peek(1) == '*':
		return n.wrong(n.i, "`**` is no part of a selector", "any depth is `..`, as in `$..id`")
	case n.filter > 0:
		return n.filtered(r)
	case r == '?':
		n.filter, n.root, n.wide = 1, 0, 0
		n.copied()
	default:
		n.inside = r == '[' || n.inside && r != ']'
		n.copied()
	}
	return nil
}

// filtered reads the next token of a filter.
func (n *normal) filtered(r rune) error {
	switch {
	case r == '?':
		return n.wrong(n.i, "a filter cannot stand in a filter", "write a rule")
	case r == '$':
		n.root = n.i + 1
	case r == '*' || r == ':':
		n.wide = n.i + 1
	case r == '[':
		n.filter++
	case r == ']':
		n.filter--
		n.inside = false
	case isName(r):
		n.word()
		return nil
	}
	if n.root > 0 && n.wide > 0 {
		return n.wrong(max(n.root, n.wide)-1, "a filter cannot look at many values and at `$`", "name the one value at `$`, or write a rule")
	}
	n.copied()
	return nil
}

// word writes a number, a literal, or the name of a function, which is ours for those with a pattern.
func (n *normal) word() {
	start := n.i
	number := '0' <= n.in[start] && n.in[start] <= '9' || n.in[start] == '-'
	for r := n.peek(0); isName(r) || number && (r == '.' || r == '+'); r = n.peek(0) {
		n.i++
	}
	word := string(n.in[start:n.i])
	if word == "match" || word == "search" {
		word = functionPrefix + word
	}
	n.write(word, start)
}

// quoted copies a quoted name or text.
func (n *normal) quoted(quote rune) {
	n.copied()
	for n.i < len(n.in) {
		r := n.in[n.i]
		n.copied()
		if r == quote {
			return
		}
		if r == '\\' && n.i < len(n.in) {
			n.copied()
		}
	}
}

// name reads the name behind dots, and quotes it where the RFC does.
func (n *normal) name(dots string) {
	start := n.i
	for isName(n.peek(0)) {
		n.i++
	}
	name := string(n.in[start:n.i])
	switch {
	case name == "" && n.peek(0) == '*' && n.peek(1) != '*':
		n.write(dots, start)
		if n.filter > 0 {
			n.wide = n.i + 1
		}
		n.copied()
	case strings.ContainsAny(name, "-$") || name != "" && '0' <= name[0] && name[0] <= '9':
		n.write(strings.TrimSuffix(dots, ".")+"['"+name+"']", start)
	default:
		n.write(dots+name, start)
	}
}

// isName says whether a rune may stand in a name without quotes.
func isName(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '-' || r == '$' ||
		r >= utf8.RuneSelf
}

func quote(s string) string { return "`" + s + "`" }
