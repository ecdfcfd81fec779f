package manifest

import (
	"fmt"
	"strings"
)

// value walks a value from c to the end of its line, which may leave quotes and
// brackets open. keyed says that a key stands before it in the line.
func (s *syntaxScan) value(i int, l string, c int, keyed bool) *syntaxFault {
	if len(s.flow) == 0 {
		c = skipProperties(l, c)
		if c == len(l) || l[c] == '#' {
			return nil
		}
		if f := s.start(i, l, c, keyed); f != nil || len(s.flow) == 0 {
			return f
		}
		c++
	}
	for ; c < len(l); c++ {
		switch {
		case len(s.flow) == 0:
			return s.behind(i, l, c)
		case s.quote != 0:
			c = s.quoted(l, c)
		case l[c] == '#' && (c == 0 || l[c-1] == ' '):
			return nil
		default:
			if f := s.inFlow(i, l, c); f != nil {
				return f
			}
		}
	}
	return nil
}

// start judges the first character of a value and what plain text follows.
func (s *syntaxScan) start(i int, l string, c int, keyed bool) *syntaxFault {
	s.last = closedValue
	switch l[c] {
	case '"', '\'', '[', '{':
		s.open(i, l, c)
		return nil
	case '*':
		return nil
	case '|', '>':
		s.last, s.text = plainValue, -1
		if len(s.blocks) > 0 {
			s.text = s.blocks[len(s.blocks)-1].column
		}
		return nil
	case '@', '`', '%':
		return faultAt(i, l, c, fmt.Sprintf("a value cannot start with %c", l[c]), "quote the value")
	}
	s.last = plainValue
	if end := keyEnd(l, c); end > 0 && keyed {
		return faultAt(i, l, end, "a second colon followed by a space stands in one line", "quote the value")
	}
	return nil
}

func (s *syntaxScan) open(i int, l string, c int) {
	s.flow = append(s.flow, opened{l[c], i, c})
	if l[c] == '"' || l[c] == '\'' {
		s.quote = l[c]
	}
}

// quoted moves past one character of a quoted text and closes it at its end.
func (s *syntaxScan) quoted(l string, c int) int {
	switch {
	case s.quote == '"' && l[c] == '\\':
		return c + 1
	case s.quote == '\'' && strings.HasPrefix(l[c:], "''"):
		return c + 1
	case l[c] == s.quote:
		s.quote = 0
		s.flow = s.flow[:len(s.flow)-1]
	}
	return c
}

// inFlow judges one character between brackets.
func (s *syntaxScan) inFlow(i int, l string, c int) *syntaxFault {
	last := s.flow[len(s.flow)-1]
	switch ch := l[c]; ch {
	case '[', '{':
		s.open(i, l, c)
	case '"', '\'':
		if before := strings.TrimRight(l[:c], " "); before == "" || strings.ContainsAny(before[len(before)-1:], "[{,:") {
			s.open(i, l, c)
		}
	case ']', '}':
		if closing[last.sign] != ch {
			return faultAt(i, l, c, fmt.Sprintf("%c does not close the bracket %c of line %d, column %d", ch, last.sign, last.line+1, runeColumn(s.lines[last.line], last.byte)), fmt.Sprintf("close it with %c", closing[last.sign]))
		}
		s.flow = s.flow[:len(s.flow)-1]
	case '@', '`':
		if before := strings.TrimRight(l[:c], " "); before == "" || strings.ContainsAny(before[len(before)-1:], "[{,:") {
			return faultAt(i, l, c, fmt.Sprintf("a value cannot start with %c", ch), "quote the value")
		}
	}
	return nil
}

// behind judges what stands behind a closed quote or bracket.
func (s *syntaxScan) behind(i int, l string, c int) *syntaxFault {
	rest := strings.TrimLeft(l[c:], " \t")
	if rest == "" || rest[0] == '#' || rest[0] == ':' {
		return nil
	}
	return faultAt(i, l, len(l)-len(rest), fmt.Sprintf("%q stands behind the end of the value", shorten(strings.TrimSpace(rest))), "quote the whole value, or take it out")
}

// isDash says that a list item starts at c.
func isDash(l string, c int) bool {
	return c < len(l) && l[c] == '-' && (c+1 == len(l) || l[c+1] == ' ')
}

// keyEnd is where the colon of a key stands that starts at c, -1 if none does.
func keyEnd(l string, c int) int {
	if c >= len(l) {
		return -1
	}
	if q := l[c]; q == '"' || q == '\'' {
		end := strings.IndexByte(l[c+1:], q)
		if end < 0 {
			return -1
		}
		return colon(l, c+end+2)
	}
	if strings.IndexByte("[{#&*!|>@`%", l[c]) >= 0 {
		return -1
	}
	for k := c; k < len(l); k++ {
		switch {
		case l[k] == '#' && k > c && l[k-1] == ' ':
			return -1
		case l[k] == ':' && (k+1 == len(l) || l[k+1] == ' ' || l[k+1] == '\t'):
			return k
		}
	}
	return -1
}

// colon is the place of a colon at c, -1 if there is none.
func colon(l string, c int) int {
	c = skipBlanks(l, c)
	if c < len(l) && l[c] == ':' {
		return c
	}
	return -1
}

func skipBlanks(l string, c int) int {
	for c < len(l) && (l[c] == ' ' || l[c] == '\t') {
		c++
	}
	return c
}

// skipProperties moves past an anchor and a tag.
func skipProperties(l string, c int) int {
	for c < len(l) && (l[c] == '&' || l[c] == '!') {
		for c < len(l) && l[c] != ' ' {
			c++
		}
		c = skipBlanks(l, c)
	}
	return c
}
