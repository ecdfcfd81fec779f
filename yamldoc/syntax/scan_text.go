package syntax

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

// quoted moves past a quoted text, which may have many lines. Outside of brackets
// none of them may look like an entry of a block.
func (s *scan) quoted() *Fault {
	sign := s.text()[s.c]
	start := spot{s.i, s.c}
	outer := s.doubt
	for s.c++; ; s.c++ {
		for s.c >= len(s.text()) {
			if !s.nextLine(start) {
				return s.unclosed(start)
			}
		}
		switch ch := s.text()[s.c]; {
		case ch == '\\' && sign == '"':
			if f := s.escape(); f != nil {
				return s.blame(f)
			}
		case ch == sign && sign == '\'' && strings.HasPrefix(s.text()[s.c:], "''"):
			s.c++
		case ch == sign:
			s.c++
			s.adjacent = spot{s.i, s.c}
			if outer == nil && len(s.flow) == 0 {
				return s.doubt
			}
			return nil
		}
	}
}

// nextLine goes on to the next line of a quoted text or of brackets. There is
// none where the document ends. A line that looks like an entry of a block makes
// it doubtful that what start opened was meant to be open.
func (s *scan) nextLine(start spot) bool {
	if s.i+1 == len(s.lines) || isMarker(s.lines[s.i+1], "---") || isMarker(s.lines[s.i+1], "...") {
		return false
	}
	s.i++
	l := s.text()
	s.c = skipBlanks(l, 0)
	switch {
	case s.doubt != nil:
	case conflictMark.MatchString(l):
		s.doubt = s.conflict()
	case s.c <= s.floor && s.looksLikeEntry():
		s.doubt = s.unclosed(start)
	}
	return true
}

// looksLikeEntry says that a list item or a key begins at the place.
func (s *scan) looksLikeEntry() bool {
	if s.atEnd() {
		return false
	}
	if s.indicator() != 0 {
		return true
	}
	l := s.text()
	switch l[s.c] {
	case '"', '\'':
		end := strings.IndexByte(l[s.c+1:], l[s.c])
		return end > 0 && strings.HasPrefix(strings.TrimLeft(l[s.c+end+2:], " "), ":")
	case '[', '{', ']', '}', ',':
		return false
	}
	cut, at := s.cut, s.c
	defer func() { s.cut, s.c = cut, at }()
	s.plain()
	return !s.atEnd()
}

// blame prefers the doubt about something that is open to a fault inside it.
func (s *scan) blame(f *Fault) *Fault {
	if s.doubt != nil {
		return s.doubt
	}
	return f
}

// unclosed is the fault of a quote or bracket that nothing closes.
func (s *scan) unclosed(start spot) *Fault {
	l := s.lines[start.line]
	sign := l[start.byte]
	if sign == '"' || sign == '\'' {
		return faultAt(start.line, l, start.byte, fmt.Sprintf("the quote %c opened here is never closed", sign), "close it; inside single quotes write '' for a quote, inside double quotes \\\"")
	}
	help := fmt.Sprintf("close it with %c", closing[sign])
	if _, comment, cut := strings.Cut(l[start.byte:], " #"); cut && strings.IndexByte(comment, closing[sign]) >= 0 {
		help += " before the comment; a # that is part of a value is quoted with it"
	}
	return faultAt(start.line, l, start.byte, fmt.Sprintf("the bracket %c opened here is never closed", sign), help)
}

var closing = map[byte]byte{'[': ']', '{': '}'}

// digits is how many hexadecimal digits follow an escape.
var digits = map[byte]int{'x': 2, 'u': 4, 'U': 8}

// escape judges an escape in double quotes and moves to its last character.
func (s *scan) escape() *Fault {
	l := s.text()
	if s.c+1 == len(l) {
		return nil // the end of the line
	}
	ch := l[s.c+1]
	if ch == '/' && s.profile.SlashEscape {
		s.edits.replace(s.i, s.c, s.c+1, "")
		s.c++
		return nil
	}
	if strings.IndexByte("0abt\tnvfre \"'\\N_LPxuU", ch) < 0 {
		r := []rune(l[s.c+1:])[0]
		return s.here(fmt.Sprintf("\\%c is no escape", r), "write \\\\ for a backslash, or put the text in single quotes")
	}
	n := digits[ch]
	if n == 0 {
		s.c++
		return nil
	}
	end := s.c + 2
	for end < len(l) && end < s.c+2+n && strings.IndexByte("0123456789abcdefABCDEF", l[end]) >= 0 {
		end++
	}
	if end < s.c+2+n {
		return s.here(fmt.Sprintf("\\%c is followed by %d hexadecimal digits, and here it is not", ch, n), "write \\\\ for a backslash, or put the text in single quotes")
	}
	if code, _ := strconv.ParseUint(l[s.c+2:end], 16, 32); code > unicode.MaxRune || utf16.IsSurrogate(rune(code)) {
		return s.here(fmt.Sprintf("%s is the number of no character", l[s.c:end]), "write the character itself, or \\U and eight digits")
	}
	s.c = end - 1
	return nil
}

// blockScalar moves past a block scalar, up to the end of its last line.
func (s *scan) blockScalar() *Fault {
	increment, f := s.blockHeader()
	if f != nil {
		return f
	}
	depth := max(s.indent(), 0) + increment
	if increment == 0 {
		if depth, f = s.blockDepth(); f != nil {
			return f
		}
	}
	s.depth = depth
	for s.i+1 < len(s.lines) {
		l := s.lines[s.i+1]
		switch c := skipSpaces(l, 0); {
		case c < len(l) && l[c] == '\t' && c < depth:
			s.i, s.c = s.i+1, c
			return s.here("a tab indents this line", "indent with spaces")
		case c < len(l) && c < depth, isMarker(l, "---") && depth == 0:
			s.c = len(s.text())
			return nil
		}
		s.i++
	}
	s.c = len(s.text())
	return nil
}

// blockHeader reads a block scalar's sign and what may follow it in the line. It
// returns by how much the text is indented, if that is said.
func (s *scan) blockHeader() (increment int, f *Fault) {
	l := s.text()
	c, chomping := s.c+1, false
	for ; c < len(l); c++ {
		if ch := l[c]; ch >= '1' && ch <= '9' && increment == 0 {
			increment = int(ch - '0')
		} else if (ch == '+' || ch == '-') && !chomping {
			chomping = true
		} else {
			break
		}
	}
	end := skipBlanks(l, c)
	if end < len(l) && l[end] != '#' {
		sign := l[s.c]
		s.c = end
		return 0, s.here(fmt.Sprintf("%s stands behind the %c of a block of text", s.rest(), sign), fmt.Sprintf("begin the text in the next line, or quote the value if the %c is part of it", sign))
	}
	return increment, nil
}

// blockDepth is the indentation of a block scalar that does not say it: that of
// its first line, and no blank line before may be deeper.
func (s *scan) blockDepth() (int, *Fault) {
	header := s.i
	defer func() { s.i = header }()
	least := max(s.indent()+1, 1)
	deepest := spot{}
	for s.i++; s.i < len(s.lines); s.i++ {
		l := s.text()
		s.c = skipSpaces(l, 0)
		switch {
		case s.c < len(l) && l[s.c] == '\t':
			return 0, s.here("a tab indents this line", "indent with spaces")
		case s.c < len(l) && s.c >= least && s.c < deepest.byte && l[s.c] != '#':
			s.i, s.c = deepest.line, deepest.byte
			return 0, s.here("this blank line is indented deeper than the text below it", "take its spaces out")
		case s.c < len(l):
			return max(s.c, least, deepest.byte), nil
		case s.c > deepest.byte:
			deepest = spot{s.i, s.c}
		}
	}
	return max(least, deepest.byte), nil
}
