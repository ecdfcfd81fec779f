package report

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/verdict"
)

// Bounds of what is shown of a file.
const (
	linesAround  = 2       // kept above and below a place
	longestLine  = 8 << 10 // bytes; a longer line is not shown
	defaultWidth = 120     // columns
	leastWidth   = 40      // columns, however narrow a terminal is
)

// Cut takes the lines around a place out of a file.
func Cut(file []byte, at verdict.Place) Snippet {
	first := max(1, at.Line-linesAround)
	s := Snippet{First: first}
	for number := 1; at.Line > 0 && number <= at.Line+linesAround && len(file) > 0; number++ {
		line, rest, _ := bytes.Cut(file, []byte("\n"))
		file = rest
		if number < first {
			continue
		}
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) > longestLine {
			if number == at.Line {
				return Snippet{Gone: fmt.Sprintf("the line has more than %d KiB", longestLine>>10)}
			}
			line = append([]byte(nil), strings.ToValidUTF8(string(line[:longestLine]), "")...)
		}
		s.Lines = append(s.Lines, string(line))
	}
	if len(s.Lines) <= at.Line-first { // the place is behind the end
		return Snippet{}
	}
	return s
}

// excerpt writes lines of a file with their numbers, and marks the value at a place: so many
// lines above and below it, as far as they are there and say something.
type excerpt struct {
	Snippet
	verdict.Place
	around int // lines above and below
	digits int // of the numbers
	width  int // columns of a line
}

// lines are those of the excerpt, ready to be written; mark surrounds the carets.
func (e excerpt) lines(mark func(string) string) (all []string) {
	at := e.Line - e.First
	if at < 0 || at >= len(e.Lines) {
		return nil
	}
	room := max(cmp.Or(e.width, defaultWidth), leastWidth) - e.digits - len("   | ")
	target := newRow(e.Lines[at])
	from, to := e.marked(target)
	left := 0
	if to > room {
		left = max(0, min(from-room/3, to-room+1))
		left = min(left, from)
	}
	for i := max(0, at-e.around); i <= min(at+e.around, len(e.Lines)-1); i++ {
		if i != at && strings.TrimSpace(e.Lines[i]) == "" {
			continue
		}
		all = append(all, e.numbered(fmt.Sprint(e.First+i), newRow(e.Lines[i]).clip(left, room)))
		if i == at && e.Column > 0 {
			carets := strings.Repeat("^", max(1, min(to, left+room)-from))
			all = append(all, e.numbered("", strings.Repeat(" ", from-left)+mark(carets)))
		}
	}
	return all
}

// marked are the columns of the value, the second one behind it.
func (e excerpt) marked(target row) (from, to int) {
	line := e.Lines[e.Line-e.First]
	start := min(max(e.Column-1, 0), utf8.RuneCountInString(line))
	from = target.column(start)
	to = target.column(start + tokenAt(e.File, line, e.Column))
	return from, max(to, from+1)
}

func (e excerpt) numbered(number, text string) string {
	return strings.TrimRight(fmt.Sprintf("  %*s | %s", e.digits, number, text), " ")
}

// mostRelated is of how many related places the lines are shown.
const mostRelated = 3

// excerpts writes the lines around findings; without sources it writes nothing.
type excerpts struct {
	sources Sources
	width   int
	gone    map[string]int // why lines were not there, and how often
}

// has says whether the lines around a place can be shown.
func (e excerpts) has(of aggregator.Unit, at verdict.Place) bool {
	return e.sources != nil && at.Line > 0 && len(e.sources.Snippet(of, at).Lines) > 0
}

// excerpt shows the lines around a place of a unit's finding.
func (t *text) excerpt(of aggregator.Unit, at verdict.Place, digits, around int, s verdict.Severity) {
	if t.sources == nil || at.Line == 0 {
		return
	}
	found := t.sources.Snippet(of, at)
	if found.Gone != "" {
		t.gone[found.Gone]++
	}
	e := excerpt{Snippet: found, Place: at, around: around, digits: digits, width: t.width}
	for _, line := range e.lines(func(carets string) string { return t.severity(carets, s) }) {
		t.line("%s", line)
	}
}

// digitsOf is how many digits the numbers of the lines have that are shown with a finding.
func digitsOf(f verdict.Finding) int {
	last := f.Line
	for _, r := range f.Related[:min(len(f.Related), mostRelated)] {
		last = max(last, r.Line)
	}
	return len(fmt.Sprint(last + linesAround))
}

// goneNotes say why lines were not shown.
func (e excerpts) goneNotes() (notes []string) {
	for _, why := range slices.Sorted(maps.Keys(e.gone)) {
		notes = append(notes, "without its lines, "+many(e.gone[why], "finding")+": "+printable(why))
	}
	return notes
}
