package syntax

import "fmt"

// entry judges a line of a block: list items, a key, or the text of a value.
func (s *scan) entry() *Fault {
	first := true
	for sign := s.indicator(); sign != 0; sign = s.indicator() {
		if f := s.indicated(sign, first); f != nil {
			return f
		}
		first = false
		if s.atEnd() {
			return nil
		}
	}
	return s.node(first, false)
}

// indicator is the sign at the place if it begins an entry: a dash, a question
// mark or a colon that a blank follows.
func (s *scan) indicator() byte {
	l := s.text()
	if s.c < len(l) && (l[s.c] == '-' || l[s.c] == '?' || l[s.c] == ':') && blankAt(l, s.c+1) {
		return l[s.c]
	}
	return 0
}

// indicated reads an indicator and the spaces behind it.
func (s *scan) indicated(sign byte, first bool) *Fault {
	f := s.placeIndicator(sign, first)
	if f != nil {
		return f
	}
	s.last, s.owner, s.cut = noValue, s.i, false
	s.c = skipSpaces(s.text(), s.c+1)
	if s.c < len(s.text()) && s.text()[s.c] == '\t' {
		return s.here("a tab stands behind the "+indicatorName[sign], "put a space there instead")
	}
	return nil
}

var indicatorName = map[byte]string{'-': "dash", '?': "question mark", ':': "colon"}

func (s *scan) placeIndicator(sign byte, first bool) *Fault {
	if sign != ':' {
		f := s.place(s.c, sign == '-', first)
		if f == nil && sign == '?' {
			s.blocks[len(s.blocks)-1].pending = true
		}
		return f
	}
	if s.answersKey(first) {
		return nil
	}
	if !s.profile.EmptyKeys {
		return s.here("a colon stands here without a key before it", "write the key before it, or quote the colon")
	}
	s.edits.insert(s.i, s.c, "~ ")
	return s.place(s.c, false, first)
}

// answersKey says that a colon is that of a key which a question mark began.
func (s *scan) answersKey(first bool) bool {
	for n := len(s.blocks); first && n > 0 && s.blocks[n-1].column >= s.c; n-- {
		if b := &s.blocks[n-1]; b.column == s.c && b.pending {
			b.pending, s.blocks = false, s.blocks[:n]
			return true
		}
	}
	return false
}

// place finds the block that an entry at column c belongs to. first says that
// the entry starts its line.
func (s *scan) place(c int, list, first bool) *Fault {
	if !first {
		s.push(c, list)
		return nil
	}
	at := s.c
	s.c = c
	defer func() { s.c = at }()
	var closed *block
	for len(s.blocks) > 0 && s.indent() > c {
		closed = &s.blocks[len(s.blocks)-1]
		s.blocks = s.blocks[:len(s.blocks)-1]
	}
	if s.indent() < c {
		return s.deeper(c, list, closed)
	}
	if f := s.sibling(c, list, closed != nil); f != nil {
		return f
	}
	s.bare = closed == nil && s.last == noValue && s.blocks[len(s.blocks)-1].entries > 0
	s.blocks[len(s.blocks)-1].entries++
	return nil
}

// push opens a block with the entry at column c.
func (s *scan) push(c int, list bool) {
	s.bare = false
	s.blocks = append(s.blocks, block{column: c, list: list, line: s.i, entries: 1})
}

// deeper judges an entry that starts a block of its own.
func (s *scan) deeper(c int, list bool, closed *block) *Fault {
	switch {
	case closed != nil && closed.entries == 1 && s.agreeing() > 1:
		return s.oddOne(*closed)
	case closed != nil:
		return s.here(fmt.Sprintf("this line is indented by %d, and nothing above that is still open is", c), "line it up with its siblings")
	case s.braces != nil && len(s.blocks) == 0:
		return s.braces
	case s.last != noValue:
		return s.leftover()
	}
	s.push(c, list)
	return nil
}

// leftover judges a line that is deeper than a key which has a value.
func (s *scan) leftover() *Fault {
	if s.last == blockValue && s.c < s.depth {
		return s.here(fmt.Sprintf("this line is indented by %d, and the text above it by %d", s.c, s.depth), "indent it like that text, or like the key before the text")
	}
	return s.belowValue()
}

// sibling judges an entry at the column of an open block. A list may stand at
// the column of the key that it is the value of.
func (s *scan) sibling(c int, list, closed bool) *Fault {
	top := len(s.blocks) - 1
	s.blocks[top].pending = false
	switch {
	case s.blocks[top].list == list:
	case list && closed:
		return s.here("a list item stands here among keys", "indent a list at least as deep as its key")
	case list && s.last == noValue:
		s.blocks = append(s.blocks, block{column: c, list: true, line: s.i})
	case list && s.last == plainValue && s.alone.line > s.owner:
		return s.noKey(s.alone)
	case list:
		if f := s.halfItem(); f != nil {
			return f
		}
		return s.here(fmt.Sprintf("a list item stands here, and line %d has a value already", s.owner+1), "a list follows a key without a value")
	case top > 0 && s.blocks[top-1].column == c:
		s.blocks = s.blocks[:top]
	case s.blocks[top].entries == 1 && s.agreeing() > 1:
		line := s.blocks[top].line
		return faultAt(line, s.lines[line], c, "a list item stands here among keys", "make it a key, or indent it below the key that it belongs to")
	default:
		return s.here("a key stands here among list items", "start it with a dash, or indent it like the key above the list")
	}
	return nil
}
