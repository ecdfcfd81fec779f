package report

import (
	"strings"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/verdict"
)

// span is the token at a place in a line: where it begins and the first character behind it.
type span struct {
	start, end int  // columns from 1, in characters
	bytes      int  // the bytes of the line in front of it
	width      int  // its bytes
	known      bool // from the file; otherwise end is the column behind start
}

// spanOf looks up the token that stands at a place, so that what is marked is no wider than what
// is meant.
func (o Options) spanOf(u aggregator.Unit, at verdict.Place) span {
	s := span{start: at.Column, end: at.Column + 1}
	if o.Sources == nil || at.Line < 1 || at.Column < 1 {
		return s
	}
	snippet := o.Sources.Snippet(u, at)
	i := at.Line - snippet.First
	if i < 0 || i >= len(snippet.Lines) {
		return s
	}
	rest := snippet.Lines[i]
	for range at.Column - 1 {
		_, size := utf8.DecodeRuneInString(rest)
		if size == 0 {
			return s // the line is shorter: it is not the one that was meant
		}
		rest, s.bytes = rest[size:], s.bytes+size
	}
	token := tokenAt(rest)
	if token == "" {
		return s
	}
	s.width, s.end, s.known = len(token), at.Column+utf8.RuneCountInString(token), true
	return s
}

// tokenAt is the word, key or quoted text with which a piece of a line begins.
func tokenAt(rest string) string {
	if rest == "" {
		return ""
	}
	if quote := rest[0]; quote == '"' || quote == '\'' {
		for i := 1; i < len(rest); i++ {
			switch {
			case rest[i] == '\\' && quote == '"':
				i++
			case rest[i] == quote:
				return rest[:i+1]
			}
		}
		return strings.TrimRight(rest, " \t\r")
	}
	end := strings.IndexAny(rest, " \t\r,[]{}#")
	if colon := strings.Index(rest, ": "); colon >= 0 && (end < 0 || colon < end) {
		end = colon
	}
	switch {
	case end < 0:
		return strings.TrimSuffix(rest, ":")
	case end == 0:
		_, size := utf8.DecodeRuneInString(rest)
		return rest[:size]
	}
	return strings.TrimSuffix(rest[:end], ":")
}
