package manifest

import (
	"fmt"
	"strings"
)

// syntaxScan walks a text that the parser has refused, with as much
// understanding of YAML as it takes to find the usual faults: tabs, keys and
// list items at the wrong indentation, quotes and brackets that are never
// closed, lines without a key, a colon too many. It stops at the first.
type syntaxScan struct {
	lines  []string
	blocks []block    // the open mappings and lists, outermost first
	last   valueState // what the last key or list item has for a value
	owner  int        // the line of that key or item, from 0
	quote  byte       // the quote that is open, or 0
	flow   []opened   // the quotes and brackets that are open
	text   int        // indentation above which a block scalar goes on, or -1
}

// block is an open mapping or list and the column of its entries, from 0.
type block struct {
	column int
	list   bool
}

// opened is a quote or bracket and where it stands: a line and a byte in it,
// from 0.
type opened struct {
	sign       byte
	line, byte int
}

// valueState is what the last key or list item has for a value so far.
type valueState uint8

const (
	noValue     valueState = iota // none: it may follow, deeper
	plainValue                    // plain text, which deeper lines continue
	closedValue                   // a quoted text, a flow collection or an alias
)

// scanSyntax finds the first fault of a text, if it is one of the usual ones.
func scanSyntax(lines []string) *syntaxFault {
	s := &syntaxScan{lines: lines, text: -1}
	for i := range lines {
		l := strings.TrimRight(lines[i], "\r")
		if f := s.line(i, l); f != nil {
			return f
		}
	}
	if len(s.flow) > 0 {
		return s.unclosed(s.flow[len(s.flow)-1])
	}
	return nil
}

func faultAt(i int, l string, c int, message, help string) *syntaxFault {
	return &syntaxFault{position{i + 1, runeColumn(l, c)}, message, help}
}

func (s *syntaxScan) unclosed(o opened) *syntaxFault {
	l := s.lines[o.line]
	if o.sign == '"' || o.sign == '\'' {
		return faultAt(o.line, l, o.byte, fmt.Sprintf("the quote %c opened here is never closed", o.sign), "close it; inside single quotes write '' for a quote, inside double quotes \\\"")
	}
	return faultAt(o.line, l, o.byte, fmt.Sprintf("the bracket %c opened here is never closed", o.sign), fmt.Sprintf("close it with %c", closing[o.sign]))
}

var closing = map[byte]byte{'[': ']', '{': '}'}

// line judges one line.
func (s *syntaxScan) line(i int, l string) *syntaxFault {
	indent := len(l) - len(strings.TrimLeft(l, " "))
	rest := l[indent:]
	blank := rest == "" || rest[0] == '#'
	switch {
	case len(s.flow) > 0:
		if f := s.escaped(i, l); f != nil {
			return f
		}
		return s.value(i, l, indent, false)
	case s.text >= 0 && (strings.TrimSpace(l) == "" || indent > s.text):
		return nil
	case blank:
		return nil
	case strings.HasPrefix(l, "---") || strings.HasPrefix(l, "...") || l[0] == '%':
		s.blocks, s.last = nil, noValue
		return nil
	}
	s.text = -1
	if rest[0] == '\t' {
		if strings.TrimSpace(rest) == "" {
			return nil
		}
		return faultAt(i, l, indent, "a tab indents this line", "indent with spaces")
	}
	return s.entry(i, l, indent)
}

// escaped recognizes a key at the start of a later line while a bracket or
// quote is open: it was meant to be closed before.
func (s *syntaxScan) escaped(i int, l string) *syntaxFault {
	last := s.flow[len(s.flow)-1]
	if key := keyEnd(l, 0); key > 0 && l[0] != ' ' && last.line < i {
		return s.unclosed(last)
	}
	return nil
}

// entry judges a line of a block: list items, a key, or the text of a value.
func (s *syntaxScan) entry(i int, l string, c int) *syntaxFault {
	first := true
	for isDash(l, c) {
		if f := s.place(i, l, c, true, first); f != nil {
			return f
		}
		first, s.last, s.owner = false, noValue, i
		if c = skipBlanks(l, c+1); c == len(l) || l[c] == '#' {
			return nil
		}
	}
	if end := keyEnd(l, c); end >= 0 {
		if f := s.place(i, l, c, false, first); f != nil {
			return f
		}
		s.last, s.owner = noValue, i
		return s.value(i, l, skipBlanks(l, end+1), true)
	}
	if first && s.last != noValue || len(s.blocks) > 0 && c <= s.blocks[len(s.blocks)-1].column && first {
		return s.continued(i, l, c)
	}
	return s.value(i, l, c, false)
}

// continued judges a line without a key after a value: more of a plain text if
// it is indented deeper.
func (s *syntaxScan) continued(i int, l string, c int) *syntaxFault {
	if s.last == plainValue && len(s.blocks) > 0 && c > s.blocks[len(s.blocks)-1].column {
		return nil
	}
	return faultAt(i, l, c, fmt.Sprintf("expected a key with a colon, or a list item, and found %q", shorten(strings.TrimSpace(l[c:]))), "a colon is followed by a space")
}

// place finds the block that an entry at column c belongs to. first says that
// the entry starts its line.
func (s *syntaxScan) place(i int, l string, c int, list, first bool) *syntaxFault {
	if !first {
		s.blocks = append(s.blocks, block{c, list})
		return nil
	}
	closed := false
	for len(s.blocks) > 0 && s.blocks[len(s.blocks)-1].column > c {
		s.blocks, closed = s.blocks[:len(s.blocks)-1], true
	}
	if len(s.blocks) == 0 || s.blocks[len(s.blocks)-1].column < c {
		return s.deeper(i, l, c, list, closed)
	}
	return s.sibling(i, l, c, list, closed)
}

// deeper judges an entry that starts a block of its own.
func (s *syntaxScan) deeper(i int, l string, c int, list, closed bool) *syntaxFault {
	switch {
	case closed:
		return faultAt(i, l, c, fmt.Sprintf("this line is indented by %d, and nothing above that is still open is", c), "line it up with its siblings")
	case list && s.last == plainValue:
		return nil // more of the text, dash and all
	case len(s.blocks) > 0 && s.last != noValue:
		return faultAt(i, l, c, fmt.Sprintf("this line is indented below line %d, which has a value already", s.owner+1), "line it up with its siblings, or take that value out")
	}
	s.blocks = append(s.blocks, block{c, list})
	return nil
}

// sibling judges an entry at the column of an open block. A list may stand at
// the column of the key that it is the value of.
func (s *syntaxScan) sibling(i int, l string, c int, list, closed bool) *syntaxFault {
	top := len(s.blocks) - 1
	switch {
	case s.blocks[top].list == list:
	case list && closed:
		return faultAt(i, l, c, "a list item stands here among keys", "indent a list at least as deep as its key")
	case list && s.last == noValue:
		s.blocks = append(s.blocks, block{c, true})
	case list:
		return faultAt(i, l, c, fmt.Sprintf("a list item stands here, and line %d has a value already", s.owner+1), "a list follows a key without a value")
	case top > 0 && s.blocks[top-1].column == c:
		s.blocks = s.blocks[:top]
	default:
		return faultAt(i, l, c, "a key stands here among list items", "start it with a dash, or indent it like the key above the list")
	}
	return nil
}
