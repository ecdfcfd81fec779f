package selector

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/internal/foreign"
	"github.com/seed306eabeb/muster/verdict"
)

// maxFound is how many keys a pattern may find in one file.
const maxFound = 100_000

// Pattern finds keys in a file that is no document. It is a regular expression (RE2) with one
// group, which is the key; `^` and `$` are the ends of lines.
type Pattern struct {
	text string
	re   *regexp.Regexp
}

// ParsePattern reads a pattern. An error is an *Error.
func ParsePattern(text string) (*Pattern, error) {
	re, err := foreign.Regexp(text)
	if err == nil && re.NumSubexp() == 1 {
		re, err = foreign.Regexp("(?m)" + text)
	}
	if err != nil {
		said := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		return nil, &Error{Column: columnOf(text, said), Message: "the pattern is no regular expression: " + said,
			Help: "the syntax is RE2's (https://github.com/google/re2/wiki/Syntax): no lookaround and no backreferences"}
	}
	if n := re.NumSubexp(); n != 1 {
		help := "put parentheses around the part that is the key"
		if n > 1 {
			help = "write (?:…) for the groups that are not the key"
		}
		return nil, &Error{Column: 1, Message: fmt.Sprintf("the pattern has %d groups; expected one, the key", n), Help: help}
	}
	return &Pattern{text, re}, nil
}

// columnOf is where the part of a pattern stands that an error quotes at its end.
func columnOf(text, said string) int {
	_, part, ok := strings.Cut(strings.TrimSuffix(said, "`"), ": `")
	if at := strings.Index(text, part); ok && at >= 0 {
		return utf8.RuneCountInString(text[:at]) + 1
	}
	return 1
}

// String is the text that was parsed.
func (p *Pattern) String() string { return p.text }

// Found is a key, and where it stands.
type Found struct {
	Key   string
	Place verdict.Place
}

var bom = []byte("\ufeff")

// Find is what the pattern finds in a file, in order. A group that matched nothing, or nothing of
// any length, is no key. An error is an *Error: there is too much of it.
func (p *Pattern) Find(name string, data []byte) ([]Found, error) {
	data = bytes.TrimPrefix(data, bom)
	matches := p.re.FindAllSubmatchIndex(data, maxFound+1)
	if len(matches) > maxFound {
		return nil, &Error{Column: 1, Message: fmt.Sprintf("the pattern matches more than %d times", maxFound), Help: "say more of what stands before and behind the key"}
	}
	var found []Found
	line, begins, passed := 1, 0, 0
	for _, m := range matches {
		first, last := m[2], m[3]
		if first == last {
			continue
		}
		line += bytes.Count(data[passed:first], []byte("\n"))
		if at := bytes.LastIndexByte(data[passed:first], '\n'); at >= 0 {
			begins = passed + at + 1
		}
		passed = first
		place := verdict.Place{File: name, Line: line, Column: utf8.RuneCount(data[begins:first]) + 1}
		found = append(found, Found{Key: spelt(data[first:last]), Place: place})
	}
	return found, nil
}

// spelt is a key as it can be shown and sent, so that no two become one: a byte that is not part of
// a UTF-8 sequence is written \xNN.
func spelt(key []byte) string {
	var b strings.Builder
	for len(key) > 0 {
		r, size := utf8.DecodeRune(key)
		if r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, `\x%02x`, key[0])
		} else {
			b.Write(key[:size])
		}
		key = key[size:]
	}
	return b.String()
}
