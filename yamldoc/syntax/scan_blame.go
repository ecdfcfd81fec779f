package syntax

import (
	"fmt"
	"strings"
)

// Where two lines of a block disagree, the second is where a reader notices. The
// first may still be the one to mend, and these judge which it is.

// belowValue judges a line below a key that has a value.
func (s *scan) belowValue() *Fault {
	if f := s.halfKey(); f != nil {
		return f
	}
	if len(s.blocks) > 1 {
		top := s.blocks[len(s.blocks)-1]
		if top.line == s.owner && top.entries == 1 && top.column == skipSpaces(s.lines[top.line], 0) && s.agreeing() > 1 {
			return s.oddOne(top)
		}
		if s.bare && top.line < s.owner {
			return faultAt(s.owner, s.lines[s.owner], top.column, "this line stands beside a key without a value, and the next line below this one", "indent it like the next line, or give the key a value")
		}
	}
	return s.here(fmt.Sprintf("this line is indented below line %d, which has a value already", s.owner+1), "line it up with its siblings, or take that value out")
}

// halfKey finds the line above that was meant for a key or a list item, nil if
// the value above looks like one. A text of one line is no text when the next
// lines up with it or is deeper.
func (s *scan) halfKey() *Fault {
	own := s.alone.line > s.owner
	if s.last == plainValue && (own || s.alone.line == s.owner && s.c == s.alone.byte) && s.above() == s.alone.line && s.c >= s.alone.byte {
		return s.noKey(s.alone)
	}
	return s.halfItem()
}

// halfItem finds a key above that was meant for a list item.
func (s *scan) halfItem() *Fault {
	l := s.lines[s.owner]
	if c := skipSpaces(l, 0); strings.HasPrefix(l[c:], "-") && !blankAt(l, c+1) {
		return faultAt(s.owner, l, c, "this dash is part of a key, for no space follows it", "put a space behind the dash of a list item")
	}
	return nil
}

func (s *scan) noKey(at spot) *Fault {
	s.i, s.c = at.line, at.byte
	return s.here("expected a key with a colon, or a list item, and found "+s.rest(), "a colon is followed by a space")
}

// above is the last line above the place that is not blank.
func (s *scan) above() int {
	i := s.i - 1
	for i > 0 && strings.TrimSpace(s.lines[i]) == "" {
		i--
	}
	return i
}

// agreeing counts the entries like the one at the place that begin lines at its
// column, from its own on and up to a line left of it.
func (s *scan) agreeing() int {
	at := spot{s.i, s.c}
	cut := s.cut
	defer func() { s.i, s.c, s.cut = at.line, at.byte, cut }()
	count, sign := 0, s.indicator()
	for ; s.i < len(s.lines); s.i++ {
		s.c = skipSpaces(s.text(), 0)
		switch {
		case s.atEnd():
		case s.c < at.byte:
			return count
		case s.c == at.byte && s.indicator() == sign && s.looksLikeEntry():
			count++
		}
	}
	return count
}

// oddOne is the fault of a block of one entry that the lines below it, which
// agree with each other, do not line up with.
func (s *scan) oddOne(b block) *Fault {
	return faultAt(b.line, s.lines[b.line], b.column, fmt.Sprintf("this line is indented by %d, and those below it by %d", b.column, s.c), "line them up")
}
