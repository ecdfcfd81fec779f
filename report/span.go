package report

import (
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
	line := snippet.Lines[i]
	rest := line
	for range at.Column - 1 {
		_, size := utf8.DecodeRuneInString(rest)
		if size == 0 {
			return s // the line is shorter: it is not the one that was meant
		}
		rest, s.bytes = rest[size:], s.bytes+size
	}
	if rest == "" {
		return s
	}
	s.end, s.known = at.Column+tokenAt(at.File, line, at.Column), true
	for range s.end - s.start {
		_, size := utf8.DecodeRuneInString(rest)
		rest, s.width = rest[size:], s.width+size
	}
	return s
}
