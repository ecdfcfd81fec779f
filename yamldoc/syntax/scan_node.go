package syntax

import (
	"fmt"
	"strings"
)

// node reads what stands at the place: a key and what follows it in the line, or
// a value with all its lines. first says that it starts its line, keyed that a
// key or a document marker stands before it in the line.
func (s *scan) node(first, keyed bool) *Fault {
	start := spot{s.i, s.c}
	if f := s.properties(); f != nil {
		return f
	}
	if s.atEnd() {
		return nil
	}
	s.floor = s.indent()
	if ch := s.text()[s.c]; !keyed && (len(s.blocks) > 0 || ch == '"' || ch == '\'') {
		s.floor = max(s.floor, start.byte)
	}
	kind, f := s.content()
	if f != nil {
		return f
	}
	end := s.c
	if kind != blockValue {
		s.c = skipBlanks(s.text(), s.c)
	}
	if s.indicator() == ':' && kind != blockValue {
		return s.key(start, first, keyed)
	}
	if f := s.value(start, kind, first, keyed); f != nil {
		return f
	}
	s.c = end
	return s.behind(kind)
}

// key judges a key whose colon stands at the place, and reads its value.
func (s *scan) key(start spot, first, keyed bool) *Fault {
	switch {
	case s.doubt != nil:
		return s.doubt
	case keyed && s.blocks == nil:
		return s.here("a key stands behind ---", "begin the mapping in the next line")
	case keyed:
		return s.here("a second colon followed by a space stands in one line", "quote the value")
	case start.line != s.i:
		return s.here(fmt.Sprintf("this colon ends a key that began in line %d", start.line+1), "write a key in one line")
	}
	if f := s.place(start.byte, false, first); f != nil {
		return f
	}
	s.last, s.owner, s.cut = noValue, s.i, false
	if s.c = skipBlanks(s.text(), s.c+1); s.atEnd() {
		return nil
	}
	if sign := s.indicator(); sign != 0 {
		return s.here(fmt.Sprintf("a %s stands behind a key in one line", indicatorName[sign]), "begin a list or a mapping in the next line, deeper, or quote the value")
	}
	return s.node(false, true)
}

// value judges whether a value may stand where it started.
func (s *scan) value(start spot, kind valueState, first, keyed bool) *Fault {
	atKey := s.profile.ValueAtKey && first && s.last == noValue && start.byte == s.indent()
	if atKey {
		s.edits.insert(start.line, start.byte, " ")
	}
	if first && !atKey && (s.last != noValue || start.byte <= s.indent()) {
		return s.unexpected(start)
	}
	if first && len(s.blocks) == 0 {
		s.braces = templated(start.line, s.lines[start.line], start.byte)
	}
	if !keyed {
		s.alone = start
	}
	s.last = kind
	return nil
}

// unexpected is the fault of a value that began where none may.
func (s *scan) unexpected(start spot) *Fault {
	s.i, s.c = start.line, start.byte
	switch {
	case s.doubt != nil:
		return s.doubt
	case s.braces != nil:
		return s.braces
	}
	if f := templated(s.i, s.text(), s.c); f != nil {
		return f
	}
	if s.c > s.indent() && s.last != closedValue {
		return s.leftover()
	}
	return s.noKey(start)
}

// templated recognizes the braces of a template language, which YAML takes for
// brackets of its own.
func templated(i int, l string, c int) *Fault {
	if !strings.HasPrefix(l[c:], "{{") && !strings.HasPrefix(l[c:], "{%") && !strings.HasPrefix(l[c:], "{#") {
		return nil
	}
	return faultAt(i, l, c, fmt.Sprintf("a template's braces stand here: %q", shorten(strings.TrimSpace(l[c:]))), "this file is read as it is, before any template; write what the template would, or quote the value")
}

// content reads a value without its anchor and tag, up to a colon that may make
// it a key.
func (s *scan) content() (valueState, *Fault) {
	switch ch := s.text()[s.c]; ch {
	case '"', '\'':
		return closedValue, s.quoted()
	case '[', '{':
		return closedValue, s.collection()
	case '*':
		return closedValue, s.alias()
	case '|', '>':
		return blockValue, s.blockScalar()
	case '@', '`', '%':
		return 0, s.here(fmt.Sprintf("a value cannot start with %c", ch), "quote the value")
	case ']', '}':
		return 0, s.here(fmt.Sprintf("%c closes a bracket that is not open", ch), "take it out, or quote the value")
	case ',':
		return 0, s.here("a value cannot start with a comma", "quote the value, or take the comma out")
	}
	s.plain()
	return plainValue, nil
}

// plain moves past plain text of one line, up to a colon or a comment.
func (s *scan) plain() {
	l := s.text()
	for start := s.c; s.c < len(l); s.c++ {
		switch {
		case l[s.c] == '#' && s.c > start && blankAt(l, s.c-1):
			s.cut = true
			return
		case l[s.c] == ':' && blankAt(l, s.c+1):
			return
		}
	}
}

// behind judges what stands behind the end of a value.
func (s *scan) behind(kind valueState) *Fault {
	doubt := s.doubt
	s.doubt = nil
	if kind != closedValue {
		return nil
	}
	if s.c = skipBlanks(s.text(), s.c); s.atEnd() {
		return nil
	}
	if doubt != nil {
		return doubt
	}
	return s.here(s.rest()+" stands behind the end of the value", "quote the whole value, or take it out")
}
