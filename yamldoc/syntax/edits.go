package syntax

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// edits are what yaml.v3 is to read in place of a text. A nil one records
// nothing.
type edits struct {
	lines []string
	list  []edit
	masks *masks
}

// edit puts text in the place of some bytes of a line.
type edit struct {
	line, from, to int
	text           string
}

// insert puts text before byte c of a line.
func (e *edits) insert(line, c int, text string) { e.replace(line, c, c, text) }

func (e *edits) replace(line, from, to int, text string) {
	if e != nil {
		e.list = append(e.list, edit{line, from, to, text})
	}
}

// disguise puts a character without a meaning in the place of one with a meaning.
func (e *edits) disguise(line, c int) {
	if e != nil {
		e.replace(line, c, c+1, string(e.masks.of(rune(e.lines[line][c]))))
	}
}

// apply returns the edited lines, and where they moved what stands in them.
func (e *edits) apply() ([]string, shifts) {
	if len(e.list) == 0 {
		return e.lines, nil
	}
	slices.SortStableFunc(e.list, func(a, b edit) int { return cmp.Or(a.line-b.line, a.from-b.from) })
	lines, moved := slices.Clone(e.lines), shifts{}
	for rest := e.list; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].line == rest[0].line {
			n++
		}
		line := rest[0].line
		lines[line], moved[line+1] = rewrite(e.lines[line], rest[:n])
		rest = rest[n:]
	}
	return lines, moved
}

// rewrite makes the edits of one line, which are in order.
func rewrite(l string, list []edit) (string, []shift) {
	var out strings.Builder
	var moved []shift
	at, column, by := 0, 1, 0 // a byte of the line, its column, and how far it moves
	for _, x := range list {
		column += utf8.RuneCountInString(l[at:x.to])
		out.WriteString(l[at:x.from] + x.text)
		if more := utf8.RuneCountInString(x.text) - utf8.RuneCountInString(l[x.from:x.to]); more != 0 {
			by += more
			moved = append(moved, shift{column, by})
		}
		at = x.to
	}
	return out.String() + l[at:], moved
}

// shifts are how far edits move parts of lines, by the lines from 1.
type shifts map[int][]shift

// shift moves what stands at a column or right of it, up to the next shift, in
// characters.
type shift struct{ column, by int }

// origin is the column that an edited line's column had before.
func (m shifts) origin(line, column int) int {
	list := m[line]
	i := sort.Search(len(list), func(i int) bool { return list[i].column+list[i].by > column })
	switch {
	case i > 0:
		own := column - list[i-1].by
		if i < len(list) {
			own = min(own, list[i].column)
		}
		return own
	case len(list) > 0:
		return min(column, list[0].column)
	}
	return column
}

// masks are characters that stand for others, of which the text has none.
type masks struct {
	text  string
	taken map[rune]rune // the mask by what it stands for
	next  rune
	lifts *strings.Replacer
}

// firstMask is the first of the characters that Unicode gives no meaning.
const firstMask = '\ue000'

// of is the mask of a character.
func (m *masks) of(r rune) rune {
	if mask, ok := m.taken[r]; ok {
		return mask
	}
	if m.taken == nil {
		m.taken, m.next = map[rune]rune{}, firstMask
	}
	for strings.ContainsRune(m.text, m.next) {
		m.next++
	}
	m.taken[r], m.lifts = m.next, nil
	m.next++
	return m.taken[r]
}

// lift puts the characters back that masks stand for.
func (m *masks) lift(text string) string {
	if len(m.taken) == 0 {
		return text
	}
	if m.lifts == nil {
		var pairs []string
		for r, mask := range m.taken {
			pairs = append(pairs, string(mask), string(r))
		}
		m.lifts = strings.NewReplacer(pairs...)
	}
	return m.lifts.Replace(text)
}
