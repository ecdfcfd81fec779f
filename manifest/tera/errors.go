package tera

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Error says what is wrong with a template, and where.
type Error struct {
	Line, Column int // 1-based, in runes, in the template's text
	Offset       int // of the same place, in bytes
	// Msg is lower case, without final period, and quotes what the user wrote.
	Msg string
	// Undefined is the variable, as written, that does not exist; empty for any
	// other error.
	Undefined string
	// Unknown is the filter, test, function or key that does not exist; empty for
	// any other error.
	Unknown string
	// Known are the names that exist beside what is undefined or unknown, sorted.
	Known []string
	// Syntax says that the template cannot be parsed.
	Syntax bool
}

// Error is the message after the position.
func (e *Error) Error() string {
	return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Msg)
}

// newError makes an error at a byte offset. Conditions swallow errors, so that
// making one must be cheap; locate does the rest for the one that comes out.
func newError(offset int, format string, args ...any) *Error {
	return &Error{Offset: offset, Msg: fmt.Sprintf(format, args...)}
}

// locate sets the place of e, if there is an error, in the template's text.
func (e *Error) locate(src string) *Error {
	if e != nil {
		e.Offset = min(e.Offset, len(src))
		e.Line, e.Column = position(src, e.Offset)
	}
	return e
}

// position turns a byte offset into a line and a column of runes.
func position(src string, offset int) (line, column int) {
	before := src[:offset]
	start := strings.LastIndexByte(before, '\n') + 1
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[start:]) + 1
}

// maxQuoted is how many bytes of the user's text a message repeats.
const maxQuoted = 60

// quote repeats what the user wrote, on one line and not too much of it.
func quote(s string) string {
	if len(s) <= maxQuoted {
		return fmt.Sprintf("%q", s)
	}
	cut := maxQuoted
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return fmt.Sprintf("%q", s[:cut]+"…")
}
