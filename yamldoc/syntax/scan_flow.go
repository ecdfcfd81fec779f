package syntax

import (
	"fmt"
	"strings"
)

// bracket is an open bracket, and how far its current entry has come.
type bracket struct {
	sign  byte
	start spot
	stage flowStage
	key   spot // where the entry's first value began
	end   spot // where its last value ended
	plain spot // where the last line of its last value begins, if that is plain text of many lines
	quote spot // where its last value begins, if that is a quoted text of many lines
}

// flowStage is what an entry inside brackets has so far.
type flowStage uint8

const (
	flowNothing     flowStage = iota
	flowOpenKey               // a question mark
	flowKey                   // a key, or an item of a list
	flowExplicitKey           // a key behind a question mark
	flowColon                 // a key and a colon
	flowDone                  // a key and its value
)

// collection moves past brackets and all that is inside them.
func (s *scan) collection() *Fault {
	template, start := templated(s.i, s.text(), s.c), spot{s.i, s.c}
	if template != nil && s.template.Line == 0 {
		s.template = template.Position
	}
	if s.last != noValue && len(s.blocks) > 0 && skipSpaces(s.text(), 0) == s.c {
		s.doubt = s.unclosed(start) // no value is expected here
	}
	s.open()
	for len(s.flow) > 0 {
		f := s.flowToken()
		if f == nil {
			continue
		}
		s.flow = nil
		if f = s.blame(f); template != nil {
			return template
		}
		return f
	}
	if s.i == start.line {
		s.doubt = nil // all of it is closed
	}
	return nil
}

func (s *scan) open() {
	s.flow = append(s.flow, bracket{sign: s.text()[s.c], start: spot{s.i, s.c}})
	s.c++
}

// top is the innermost open bracket.
func (s *scan) top() *bracket { return &s.flow[len(s.flow)-1] }

// flowGap moves past blanks, comments and line ends inside brackets. It returns
// false where the document ends.
func (s *scan) flowGap() bool {
	for {
		if s.c = skipBlanks(s.text(), s.c); !s.atEnd() {
			return true
		}
		if !s.nextLine(s.top().start) {
			return false
		}
	}
}

// flowToken reads one comma, bracket, colon or value.
func (s *scan) flowToken() *Fault {
	if !s.flowGap() {
		return s.unclosed(s.top().start)
	}
	switch ch := s.text()[s.c]; {
	case ch == ',':
		return s.comma()
	case ch == ']' || ch == '}':
		return s.closeBracket(ch)
	case ch == '-' && blankAt(s.text(), s.c+1):
		return s.here("a dash begins a list item inside brackets", "separate the items by commas, without dashes")
	case ch == '?' && blankAt(s.text(), s.c+1) && s.top().stage == flowNothing:
		s.top().stage = flowOpenKey
		s.c++
		return nil
	case ch == ':' && s.flowColon():
		return s.colon()
	}
	return s.flowNode()
}

// flowColon says that the colon at the place follows a key.
func (s *scan) flowColon() bool {
	l := s.text()
	if blankAt(l, s.c+1) || s.adjacent == (spot{s.i, s.c}) || !s.profile.FlowPlain {
		return true
	}
	return strings.IndexByte(",[]{}", l[s.c+1]) >= 0
}

// comma ends an entry, which has to be there.
func (s *scan) comma() *Fault {
	b := s.top()
	if b.stage == flowNothing {
		return s.here("a comma stands here without a value before it", "take the comma out, or quote it")
	}
	b.stage = flowNothing
	s.c++
	return nil
}

func (s *scan) closeBracket(sign byte) *Fault {
	b := s.top()
	if closing[b.sign] != sign {
		return s.here(fmt.Sprintf("%c does not close the bracket %c of line %d, column %d", sign, b.sign, b.start.line+1, runeColumn(s.lines[b.start.line], b.start.byte)), fmt.Sprintf("close it with %c", closing[b.sign]))
	}
	s.flow = s.flow[:len(s.flow)-1]
	s.c++
	if len(s.flow) > 0 {
		s.valueEnds(b.start, nowhere, nowhere)
	}
	return nil
}

// valueEnds notes a value that ends at the place.
func (s *scan) valueEnds(start, plain, quote spot) {
	b := s.top()
	switch b.stage {
	case flowNothing:
		b.stage, b.key = flowKey, start
	case flowOpenKey:
		b.stage = flowExplicitKey
	default:
		b.stage = flowDone
	}
	b.end, b.plain, b.quote = spot{s.i, s.c}, plain, quote
}

// colon judges a colon between a key and its value.
func (s *scan) colon() *Fault {
	b := s.top()
	switch {
	case b.stage == flowNothing && b.sign == '{' && s.profile.EmptyKeys:
		s.edits.insert(s.i, s.c, "~ ")
	case b.stage == flowNothing:
		return s.here("a colon stands here without a key before it", "write the key before it, or quote the colon")
	case b.stage == flowOpenKey, b.stage == flowExplicitKey:
	case b.plain.line == s.i:
		return s.missingComma(b.plain)
	case b.stage != flowKey:
		return s.here("a second colon follows one key", "quote the value, or put a comma before its second key")
	case b.key.line != s.i:
		return s.here(fmt.Sprintf("this colon ends a key that began in line %d", b.key.line+1), "write a key in one line, with its colon")
	}
	b.stage = flowColon
	if s.profile.FlowEmptyValues && !blankAt(s.text(), s.c+1) && strings.IndexByte(",[]{}", s.text()[s.c+1]) >= 0 {
		s.edits.insert(s.i, s.c+1, " ")
	}
	s.c++
	return nil
}

// missingComma is the fault of a value that follows another.
func (s *scan) missingComma(at spot) *Fault {
	b := s.top()
	if b.quote.line >= 0 && b.end.line == at.line {
		return s.unclosed(b.quote)
	}
	s.i, s.c = at.line, at.byte
	where := ""
	if line := at.line - 1; line >= b.start.line && skipBlanks(s.text(), 0) == s.c {
		for line > b.start.line && strings.TrimSpace(s.lines[line]) == "" {
			line--
		}
		where = fmt.Sprintf(", between line %d and this", line+1)
	}
	return s.here(fmt.Sprintf("expected a comma or %c%s, and found %s", closing[b.sign], where, s.rest()), s.apart())
}

// apart is what to do about a value that follows another. One that touches a
// template's braces, or that a bracket touches, is part of the same text.
func (s *scan) apart() string {
	l := s.text()
	touches := s.c > 0 && !blankAt(l, s.c-1)
	if touches && (strings.HasPrefix(l[s.c:], "{{") || strings.HasSuffix(l[:s.c], "}}")) {
		return "quote the whole value: YAML takes a template's braces for its own"
	}
	if touches && l[s.c] == '[' {
		return "quote the whole value: YAML takes the bracket for the beginning of a list"
	}
	return "separate the entries by commas"
}

// flowNode reads a value inside brackets, with its anchor and tag.
func (s *scan) flowNode() *Fault {
	start := spot{s.i, s.c}
	if stage := s.top().stage; stage == flowKey || stage == flowExplicitKey || stage == flowDone {
		if s.text()[s.c] == ':' {
			s.edits.disguise(s.i, s.c) // yaml.v3 would take it for that of the key
		}
		return s.missingComma(start)
	}
	if f := s.properties(); f != nil {
		return f
	}
	if !s.flowGap() {
		return s.unclosed(s.top().start)
	}
	ch := s.text()[s.c]
	alone := start != (spot{s.i, s.c}) && (strings.IndexByte(",]}", ch) >= 0 || ch == ':' && s.flowColon())
	switch {
	case alone:
		s.valueEnds(start, nowhere, nowhere)
		return nil
	case ch == '[' || ch == '{':
		s.open()
		s.top().start = start
		return nil
	case ch == '"' || ch == '\'' || ch == '*':
		return s.flowText(start)
	}
	return s.flowPlain(start)
}

// flowText reads a quoted text or an alias inside brackets.
func (s *scan) flowText(start spot) *Fault {
	read := s.quoted
	if s.text()[s.c] == '*' {
		read = s.alias
	}
	f, quote := read(), nowhere
	if start.line != s.i {
		quote = start
	}
	s.valueEnds(start, nowhere, quote)
	return f
}

// flowPlain reads plain text inside brackets, which may have many lines.
func (s *scan) flowPlain(start spot) *Fault {
	switch ch := s.text()[s.c]; {
	case ch == '@' || ch == '`' || ch == '%', strings.IndexByte("|>?:", ch) >= 0 && !s.profile.FlowPlain:
		return s.here(fmt.Sprintf("a value cannot start with %c", ch), "quote the value")
	case strings.IndexByte("|>:", ch) >= 0:
		s.edits.disguise(s.i, s.c)
	}
	last := nowhere
	for s.plainPiece(); s.c == len(s.text()); s.plainPiece() {
		at := spot{s.i, s.c}
		if !s.plainGoesOn() {
			s.i, s.c = at.line, at.byte
			break
		}
		last = spot{s.i, s.c}
	}
	s.valueEnds(start, last, nowhere)
	return nil
}

// plainGoesOn moves to the next line of plain text inside brackets, if there is one.
func (s *scan) plainGoesOn() bool {
	for s.nextLine(s.top().start) {
		if l := s.text(); s.c < len(l) {
			return strings.IndexByte("#,[]{}", l[s.c]) < 0 && (l[s.c] != ':' || !s.endsPlain())
		}
	}
	return false
}

// plainPiece moves past plain text inside brackets, up to the end of its line or
// to what ends the text.
func (s *scan) plainPiece() {
	l := s.text()
	for end := s.c; s.c < len(l); s.c++ {
		switch ch := l[s.c]; {
		case ch == '#' && blankAt(l, s.c-1), strings.IndexByte(",[]{}", ch) >= 0, ch == ':' && s.endsPlain():
			s.c = end
			return
		case ch == '?' && s.profile.FlowPlain:
			s.edits.disguise(s.i, s.c)
		case ch == '?':
			return
		}
		if !blankAt(l, s.c) {
			end = s.c + 1
		}
	}
}

// endsPlain says that the colon at the place ends plain text inside brackets.
func (s *scan) endsPlain() bool {
	l := s.text()
	return blankAt(l, s.c+1) || s.profile.FlowEmptyValues && strings.IndexByte(",[]{}", l[s.c+1]) >= 0
}
