package yamldoc

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/verdict"
)

// Trace is where each character of a scalar's text stands in its file, for faults that are
// found inside a text.
type Trace struct {
	of    *Value
	where []position // of each rune, none where the file does not say
}

// Trace reads the source of v's text again. It takes a while: one is enough for many faults.
func (v *Value) Trace() Trace { return Trace{v, v.traced()} }

// Place is where the byte at an offset of the text stands. It is the value's own place
// where the file does not say.
func (t Trace) Place(offset int) verdict.Place {
	p := t.of.Place()
	if len(t.where) == 0 {
		return p
	}
	n := utf8.RuneCountInString(t.of.text[:offset])
	at := t.where[min(n, len(t.where)-1)]
	if n >= len(t.where) && !strings.HasSuffix(t.of.text, "\n") {
		at.column++
	}
	p.Line, p.Column = at.line, at.column
	return p
}

// traced is where each rune of v's text stands, nil where the source does not give the text.
func (v *Value) traced() []position {
	line, column := v.content()
	t := &tracer{src: v.src, want: []rune(v.text), line: line, row: []rune(v.src.line(line)), next: column - 1}
	switch {
	case v.style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		t.block()
	case v.style&yaml.DoubleQuotedStyle != 0:
		t.quoted('"')
	case v.style&yaml.SingleQuotedStyle != 0:
		t.quoted('\'')
	default:
		t.flow(0)
	}
	if !slices.Equal(t.got, t.want) {
		return nil
	}
	return t.where
}

// content is where v's scalar begins, behind its anchor and its tag.
func (v *Value) content() (line, column int) {
	line, column = v.at.line, v.at.column
	for last := v.src.last(); line <= last; {
		rest := runesFrom(v.src.line(line), column)
		trimmed := strings.TrimLeft(rest, " \t")
		apart := column == 1 || rest != trimmed // where a # begins a comment
		column += len(rest) - len(trimmed)
		switch {
		case trimmed == "" || trimmed[0] == '#' && apart:
			line, column = line+1, 1
		case trimmed[0] == '&' || trimmed[0] == '!':
			word, _, _ := strings.Cut(trimmed, " ")
			column += utf8.RuneCountInString(word)
		default:
			return line, column
		}
	}
	return v.at.line, v.at.column
}

// last is the number of lines.
func (s *source) last() int {
	s.line(1)
	return len(s.lines)
}

// runesFrom is a line from a 1-based column on.
func runesFrom(line string, column int) string {
	r := []rune(line)
	return string(r[min(max(column-1, 0), len(r)):])
}

// tracer reads the source of a scalar, whose text is known, again and notes where each rune
// of the text comes from. Where the two part it ends.
type tracer struct {
	src   *source
	want  []rune
	got   []rune
	where []position
	line  int    // 1-based
	row   []rune // the line
	next  int    // index in row
}

func (t *tracer) emit(r rune, index int) {
	t.got = append(t.got, r)
	t.where = append(t.where, position{t.line, index + 1})
}

// nextLine moves to the next line, if there is one.
func (t *tracer) nextLine() bool {
	t.line, t.next = t.line+1, 0
	t.row = []rune(t.src.line(t.line))
	return t.line <= t.src.last()
}

// done says that nothing but white space is left of the text.
func (t *tracer) done() bool {
	return len(t.got) >= len(t.want) || isBlank(t.want[len(t.got):])
}

func isBlank(r []rune) bool {
	return !slices.ContainsFunc(r, func(r rune) bool { return r != ' ' && r != '\t' && r != '\n' })
}

// leading is how many spaces r starts with.
func leading(r []rune) int {
	n := 0
	for n < len(r) && r[n] == ' ' {
		n++
	}
	return n
}

// block follows a literal or folded text: whatever the header says of its indentation, each
// line of the source is in the text, and between two of them are spaces and line breaks.
func (t *tracer) block() {
	indent, end := -1, position{t.line, len(t.row) + 1}
	for !t.done() && t.nextLine() {
		if isBlank(t.row) {
			continue
		}
		if indent < 0 {
			text := t.want[strings.LastIndexByte(blankHead(t.want), '\n')+1:]
			indent = max(0, leading(t.row)-leading(text))
		}
		if leading(t.row) < indent || !t.blockLine(t.row[indent:], indent, end) {
			return
		}
		end = position{t.line, len(t.row) + 1}
	}
	for t.done() && len(t.got) < len(t.want) {
		t.got, t.where = append(t.got, t.want[len(t.got)]), append(t.where, end)
	}
}

// blankHead is the white space that a text starts with.
func blankHead(text []rune) string {
	s := string(text)
	return s[:len(s)-len(strings.TrimLeft(s, " \n"))]
}

// blockLine takes the white space before a line, which stands at the end of the last one, and
// the line.
func (t *tracer) blockLine(content []rune, indent int, end position) bool {
	rest := t.want[len(t.got):]
	gap := 0
	for len(rest) < gap+len(content) || !slices.Equal(rest[gap:gap+len(content)], content) {
		if gap+len(content) >= len(rest) || !isBlank(rest[gap:gap+1]) {
			return false
		}
		gap++
	}
	for _, r := range rest[:gap] {
		t.got, t.where = append(t.got, r), append(t.where, end)
	}
	for i, r := range content {
		t.emit(r, indent+i)
	}
	return true
}

func (t *tracer) quoted(quote rune) {
	if t.next < len(t.row) && t.row[t.next] == quote {
		t.next++
		t.flow(quote)
	}
}

// flow follows a plain or quoted text, which may go over several lines: a line break is a
// space, and each further one is a line break.
func (t *tracer) flow(quote rune) {
	for !t.flowLine(quote) {
		joined := quote == '"' && t.next < len(t.row) // by a backslash at the line's end
		end, at := t.line, len(t.row)
		breaks := 0
		for t.nextLine() && isBlank(t.row) {
			breaks++
		}
		if t.line > t.src.last() {
			return
		}
		fold := strings.Repeat("\n", breaks)
		if breaks == 0 && !joined {
			fold = " "
		}
		for _, r := range fold {
			t.got, t.where = append(t.got, r), append(t.where, position{end, at + 1})
		}
		for t.next < len(t.row) && (t.row[t.next] == ' ' || t.row[t.next] == '\t') {
			t.next++
		}
	}
}

// flowLine takes one line up to its end, or to the end of the text, which it reports. White
// space at the line's end is no part of the text.
func (t *tracer) flowLine(quote rune) (ended bool) {
	for white := t.next; t.next < len(t.row); white = t.next {
		for t.next < len(t.row) && (t.row[t.next] == ' ' || t.row[t.next] == '\t') {
			t.next++
		}
		if t.next == len(t.row) || quote == 0 && len(t.got) >= len(t.want) {
			break
		}
		for i := white; i < t.next; i++ {
			t.emit(t.row[i], i)
		}
		c := t.row[t.next]
		twice := t.next+1 < len(t.row) && t.row[t.next+1] == c
		switch {
		case c == quote && (quote == '"' || !twice):
			return true
		case c == quote:
			t.emit(c, t.next)
			t.next += 2
		case c == '\\' && quote == '"':
			if t.next+1 == len(t.row) {
				return false
			}
			t.escape()
		default:
			t.emit(c, t.next)
			t.next++
		}
	}
	return quote == 0 && len(t.got) >= len(t.want)
}

// codeDigits are the escapes with a number, and how many digits it has.
const codeDigits = "x2u4U8"

// escape takes an escape of a double-quoted text: the rune is what the text has there.
func (t *tracer) escape() {
	digits := 0
	if i := strings.IndexRune(codeDigits, t.row[t.next+1]); i >= 0 && i%2 == 0 {
		digits, _ = strconv.Atoi(codeDigits[i+1 : i+2])
	}
	if n := len(t.got); n < len(t.want) {
		t.emit(t.want[n], t.next)
	}
	t.next += 2 + digits
}
