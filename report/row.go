package report

import (
	"sort"
	"strings"

	"github.com/mattn/go-runewidth"
)

// cells counts the columns that a text takes on a terminal, by the same rules wherever it is
// counted: runewidth's own default follows the locale.
var cells = &runewidth.Condition{StrictEmojiNeutral: true}

// tabStop is how far apart the columns are to which tabs lead.
const tabStop = 4

// row is a line of a file as it is shown: what is not printable is spelt out, and tabs are
// spaces. It knows where each rune of the line went.
type row struct {
	text  string
	start []int // the byte of text at which each rune of the line begins, and the end
}

func newRow(line string) row {
	obeyed := map[int]bool{} // the bytes at which a CI system would see a command
	if strings.Contains(line, "##") {
		for _, at := range command.FindAllStringIndex(line, -1) {
			obeyed[at[0]] = true
		}
	}
	var b strings.Builder
	r := row{start: make([]int, 0, len(line)+1)}
	for i, c := range line {
		r.start = append(r.start, b.Len())
		switch {
		case c == '\t':
			n := tabStop - cells.StringWidth(b.String())%tabStop
			b.WriteString("    "[:n])
		case obeyed[i]:
			b.WriteString(`\x23`)
		case spelt(c):
			spell(&b, c)
		default:
			b.WriteRune(c)
		}
	}
	r.text, r.start = b.String(), append(r.start, b.Len())
	return r
}

// column is the number of columns before the rune at an index; behind the line it is where
// one more would stand.
func (r row) column(index int) int {
	last := len(r.start) - 1
	if index > last {
		return cells.StringWidth(r.text) + index - last
	}
	return cells.StringWidth(r.text[:r.start[max(index, 0)]])
}

// clip is what of the row stands in so many columns from one on, with an ellipsis where
// something is cut off.
func (r row) clip(from, columns int) string {
	if from == 0 && cells.StringWidth(r.text) <= columns {
		return r.text
	}
	last := len(r.start) - 1
	first, end := sort.Search(last, func(i int) bool { return r.column(i) >= from }), last
	if r.column(last) > from+columns {
		end = sort.Search(last, func(i int) bool { return r.column(i+1) > from+columns-1 })
	}
	for first < end && cells.StringWidth(r.text[r.start[first]:r.start[first+1]]) == 0 {
		first++ // a mark on a letter that is cut off
	}
	if from > 0 && first < end {
		first++
	}
	if first >= end {
		return ""
	}
	out := r.text[r.start[first]:r.start[end]]
	if from > 0 {
		out = "…" + strings.Repeat(" ", max(0, r.column(first)-from-1)) + out
	}
	if end < last {
		out += "…"
	}
	return out
}
