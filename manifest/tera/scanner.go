package tera

import (
	"strings"
	"unicode/utf8"
)

// scanner is a cursor over a template's text. Tera's grammar knows no tokens:
// keywords end where their letters end, so reading goes by prefixes.
type scanner struct {
	src string
	pos int
}

func (s *scanner) rest() string { return s.src[s.pos:] }

func (s *scanner) eof() bool { return s.pos >= len(s.src) }

// peek is the byte at the cursor, 0 at the end.
func (s *scanner) peek() byte {
	if s.eof() {
		return 0
	}
	return s.src[s.pos]
}

func (s *scanner) at(prefix string) bool { return strings.HasPrefix(s.rest(), prefix) }

// accept moves past prefix if it is there.
func (s *scanner) accept(prefix string) bool {
	if !s.at(prefix) {
		return false
	}
	s.pos += len(prefix)
	return true
}

// space skips white space inside tags.
func (s *scanner) space() {
	for !s.eof() && isSpace(s.src[s.pos]) {
		s.pos++
	}
}

// next skips white space and accepts prefix behind it.
func (s *scanner) next(prefix string) bool {
	s.space()
	return s.accept(prefix)
}

// run moves over bytes that satisfy ok and returns them.
func (s *scanner) run(ok func(byte) bool) string {
	start := s.pos
	for !s.eof() && ok(s.src[s.pos]) {
		s.pos++
	}
	return s.src[start:s.pos]
}

// ident reads an identifier; empty if there is none.
func (s *scanner) ident() string {
	if !isIdentStart(s.peek()) {
		return ""
	}
	return s.run(isIdent)
}

// found describes what stands at the cursor, for messages.
func (s *scanner) found() string {
	if s.eof() {
		return "the end of the template"
	}
	rest := s.rest()
	if word := s.word(); word != "" {
		return quote(word)
	}
	for _, mark := range []string{"}}", "%}", "-%}", "{{", "{%", "{#", "==", "!=", "<=", ">=", "::"} {
		if strings.HasPrefix(rest, mark) {
			return quote(mark)
		}
	}
	_, size := utf8.DecodeRuneInString(rest)
	return quote(rest[:size])
}

// word is the run of letters and digits at the cursor, without moving.
func (s *scanner) word() string {
	at := *s
	return at.run(isIdent)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isIdentStart(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_'
}

func isIdent(c byte) bool { return isIdentStart(c) || isDigit(c) }
