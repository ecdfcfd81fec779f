package manifest

import (
	"fmt"
	"strings"
)

// syntaxScan walks a text line by line with as much understanding of YAML as it
// takes to find the usual faults: tabs in the indentation, quotes and brackets
// that are never closed, a colon too many, keys at an indentation that no line
// above has. It is run on files that the parser has refused, so what it takes
// for a fault need not be one in every file.
type syntaxScan struct {
	lines   []string
	quote   byte     // the quote that is open, or 0
	quoteAt position // where it opened
	flow    []opened // the brackets that are open
	block   int      // indentation of the key of an open block scalar, or -1
	indents []int    // indentations of the open block mappings and lists
}

// opened is a bracket and where it stands.
type opened struct {
	bracket byte
	at      position
}

// scanSyntax finds the first fault of a text, if it is one of the usual ones.
func scanSyntax(lines []string) (syntaxFault, bool) {
	s := &syntaxScan{lines: lines, block: -1, indents: []int{0}}
	for i := range lines {
		if f, bad := s.line(i); bad {
			return f, true
		}
	}
	return s.end()
}

// end judges what is still open at the end of the text.
func (s *syntaxScan) end() (syntaxFault, bool) {
	switch {
	case s.quote != 0:
		return syntaxFault{s.quoteAt, fmt.Sprintf("the quote %c opened here is never closed", s.quote), "close it, or double a quote that is part of the text"}, true
	case len(s.flow) > 0:
		return unclosed(s.flow[len(s.flow)-1]), true
	}
	return syntaxFault{}, false
}

func unclosed(o opened) syntaxFault {
	return syntaxFault{o.at, fmt.Sprintf("the bracket %c opened here is never closed", o.bracket), fmt.Sprintf("close it with %c", closing[o.bracket])}
}

var closing = map[byte]byte{'[': ']', '{': '}'}

func (s *syntaxScan) line(i int) (syntaxFault, bool) {
	l := strings.TrimSuffix(s.lines[i], "\r")
	rest := strings.TrimLeft(l, " ")
	indent := len(l) - len(rest)
	if s.quote == 0 && (rest == "" || rest[0] == '#') {
		return syntaxFault{}, false
	}
	if s.block >= 0 && s.quote == 0 {
		if indent > s.block {
			return syntaxFault{}, false
		}
		s.block = -1
	}
	if s.quote == 0 && len(s.flow) == 0 {
		if f, bad := s.indentation(i, l, indent); bad {
			return f, true
		}
	}
	return s.content(i, l, indent)
}

// indentation judges the start of a line that is no continuation.
func (s *syntaxScan) indentation(i int, l string, indent int) (syntaxFault, bool) {
	if l[indent] == '\t' {
		return syntaxFault{position{i + 1, indent + 1}, "a tab indents this line", "indent with spaces"}, true
	}
	top := s.indents[len(s.indents)-1]
	if indent > top {
		s.indents = append(s.indents, indent)
		return syntaxFault{}, false
	}
	for len(s.indents) > 1 && s.indents[len(s.indents)-1] > indent {
		s.indents = s.indents[:len(s.indents)-1]
	}
	if s.indents[len(s.indents)-1] != indent {
		return syntaxFault{position{i + 1, indent + 1}, fmt.Sprintf("this line is indented by %d, and no line above opens a mapping or list there", indent), "line it up with its siblings"}, true
	}
	return syntaxFault{}, false
}

// content walks the characters of a line from its indentation on.
func (s *syntaxScan) content(i int, l string, indent int) (syntaxFault, bool) {
	colons := 0
	start := true // a value may start here
	for c := indent; c < len(l); c++ {
		ch := l[c]
		at := position{i + 1, runeColumn(l, c)}
		switch {
		case s.quote != 0:
			c = s.insideQuote(l, c)
			start = false
		case ch == '#' && (c == 0 || l[c-1] == ' ' || l[c-1] == '\t'):
			return syntaxFault{}, false
		case start && (ch == '"' || ch == '\''):
			s.quote, s.quoteAt = ch, at
		case start && (ch == '[' || ch == '{') || len(s.flow) > 0 && (ch == '[' || ch == '{'):
			s.flow = append(s.flow, opened{ch, at})
			start = true
		case len(s.flow) > 0 && (ch == ']' || ch == '}'):
			if f, bad := s.close(ch, at); bad {
				return f, true
			}
			start = false
		case len(s.flow) > 0 && ch == ',':
			start = true
		case ch == ':' && endsKey(l, c):
			if len(s.flow) > 0 {
				if f, bad := s.escaped(l, at); bad {
					return f, true
				}
				start = true
				continue
			}
			if colons++; colons > 1 {
				return syntaxFault{at, "a second colon followed by a space stands in one line", "quote the value"}, true
			}
			start = true
		case len(s.flow) == 0 && start && ch == '-' && endsKey(l, c):
			s.indents = append(s.indents, nextContent(l, c+1))
		case len(s.flow) == 0 && start && colons > 0 && (ch == '|' || ch == '>'):
			s.block = s.indents[len(s.indents)-1]
			return syntaxFault{}, false
		case start && (ch == '@' || ch == '`' || ch == '%' && c > 0):
			return syntaxFault{at, fmt.Sprintf("a value cannot start with %c", ch), "quote the value"}, true
		case ch == ' ' || ch == '\t':
		default:
			start = false
		}
	}
	return syntaxFault{}, false
}

// insideQuote moves past one character of a quoted text; it closes the quote at
// its end.
func (s *syntaxScan) insideQuote(l string, c int) int {
	switch {
	case s.quote == '"' && l[c] == '\\':
		return c + 1
	case s.quote == '\'' && strings.HasPrefix(l[c:], "''"):
		return c + 1
	case l[c] == s.quote:
		s.quote = 0
	}
	return c
}

func (s *syntaxScan) close(ch byte, at position) (syntaxFault, bool) {
	last := s.flow[len(s.flow)-1]
	if closing[last.bracket] != ch {
		return syntaxFault{at, fmt.Sprintf("%c does not close the bracket %c of line %d, column %d", ch, last.bracket, last.at.line, last.at.column), fmt.Sprintf("close it with %c", closing[last.bracket])}, true
	}
	s.flow = s.flow[:len(s.flow)-1]
	return syntaxFault{}, false
}

// escaped recognizes a key at the start of a later line while a list is open:
// the list was meant to end before it.
func (s *syntaxScan) escaped(l string, at position) (syntaxFault, bool) {
	last := s.flow[len(s.flow)-1]
	indented := len(l) > 0 && (l[0] == ' ' || l[0] == '\t')
	if last.at.line == at.line || indented {
		return syntaxFault{}, false
	}
	return unclosed(last), true
}

// endsKey says that the character at c is followed by space or the line's end.
func endsKey(l string, c int) bool {
	return c+1 == len(l) || l[c+1] == ' ' || l[c+1] == '\t'
}

func nextContent(l string, c int) int {
	for c < len(l) && l[c] == ' ' {
		c++
	}
	return c
}
