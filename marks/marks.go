// Package marks finds what the comments of a file ask to be hidden:
//
//	replicas: one  # muster:ignore M203 the chart of this service scales by itself
//
// A mark in a line with content is about that line, and about all that is below a key whose value
// begins there. One in a line of its own is about what begins in the next line with content, up
// to its end. A mark muster:ignore-file is about the whole file. What is hidden, and whether it
// may be, is for others to say (package policy): here is where marks stand, and what they cover.
//
// Comments are those of the file's language. What looks like one inside a text is none. A file
// that cannot be read has its marks by its lines and their indentation.
package marks

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc/syntax"
)

// Language is what a file is written in, as far as comments go.
type Language uint8

// The languages.
const (
	None     Language = iota // one without comments, such as JSON
	YAML                     // # to the line's end
	JSONC                    // // to the line's end, and /* */
	Template                 // {# #}, whatever is made of it
	Text                     // lines that begin with # // -- ; <!-- or /*
)

// Most is how many marks of a file count, and of a unit. Those behind them hide nothing.
const Most = 1000

// word begins a mark.
const word = "muster:ignore"

// Stand says whether a file can have marks. Most have none, and cost this look.
func Stand(data []byte) bool { return bytes.Contains(data, []byte(word)) }

// In are the marks in a file, in their order. The profile is that of a YAML file.
func In(file string, data []byte, l Language, p syntax.Profile) []verdict.Mark {
	if l == None || !Stand(data) || !utf8.Valid(data) {
		return nil
	}
	t := newText(data)
	comments, s := read(t, l, p)
	next, known := t.nextContent(), map[int]extent{}
	var all []verdict.Mark
	for _, c := range comments {
		m, ok := parse(c.text)
		if !ok {
			continue
		}
		if len(all) == Most {
			break
		}
		at := c.at + len(c.text) - len(strings.TrimLeft(c.text, blanks))
		m.Place = verdict.Place{File: file, Line: c.line + 1, Column: utf8.RuneCountInString(t.lines[c.line][:at]) + 1}
		if !m.File {
			cover(&m, t, covered(s, c.line, next[c.line], known))
		}
		all = append(all, m)
	}
	return all
}

// structure says what of a file belongs together. Lines count from 0.
type structure interface {
	// at is what a mark in a line with content is about: from the line on, or from before it
	// where it goes on with what began there.
	at(line int) extent
	// from is what begins in a line with content, all of it.
	from(line int) extent
}

// extent are lines from first to last, and the path of what stands there.
type extent struct {
	first, last int
	path        string
}

// covered is what a mark in a line is about, given the next line with content, whose extents are
// known once one mark was about it: as many as there are may stand before the same line.
func covered(s structure, line, next int, known map[int]extent) extent {
	switch e, ok := known[next]; {
	case next < 0:
		return extent{first: -1, last: -1}
	case next == line:
		return s.at(line)
	case ok:
		return e
	}
	known[next] = s.from(next)
	return known[next]
}

// cover notes what a mark is about: nothing where no content follows it.
func cover(m *verdict.Mark, t *text, e extent) {
	for e.last > e.first && (strings.Trim(t.lines[e.last], blanks) == "" || isMarker(t.lines[e.last])) {
		e.last--
	}
	m.First, m.Last, m.Path = e.first+1, e.last+1, e.path
}

// text is a file by its lines.
type text struct {
	lines []string
	// bare are the lines without comments, as far as they were found.
	bare []string
}

func newText(data []byte) *text {
	lines := strings.Split(string(bytes.TrimPrefix(data, []byte("\ufeff"))), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimSuffix(l, "\r")
	}
	return &text{lines: lines}
}

// nextContent is by lines the first from each on that has more than comments, -1 if there is
// none.
func (t *text) nextContent() []int {
	next := make([]int, len(t.bare))
	at := -1
	for line := len(t.bare) - 1; line >= 0; line-- {
		if strings.Trim(t.bare[line], blanks) != "" {
			at = line
		}
		next[line] = at
	}
	return next
}

// blanks are what stands between words.
const blanks = " \t\r\f\v"

// comment is a line of a comment.
type comment struct {
	line int
	at   int // the byte of the line at which the text begins
	text string
}

// read finds the comments of a text that may be marks, and how the text is structured. It sets
// t.bare.
func read(t *text, l Language, p syntax.Profile) ([]comment, structure) {
	switch l {
	case YAML:
		return readYAML(t, p)
	case JSONC:
		return readJSONC(t)
	case Template:
		return readTemplate(t)
	}
	return readText(t)
}
