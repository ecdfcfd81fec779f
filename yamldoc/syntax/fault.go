package syntax

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Position is a line and a column of a text, from 1. Columns count characters.
type Position struct{ Line, Column int }

// Fault is what makes a text no YAML: where it is, what is wrong, and what to do
// about it if that is known.
type Fault struct {
	Position
	Message, Help string
	// Template is where the first braces of a template language stand, as far as the text was
	// looked at, where YAML takes them for its own; zero if there are none.
	Template Position
}

// complaint is the shape of what yaml.v3 says of a text: at most a line, and for
// what is never closed the line where the text ends.
var complaint = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// diagnose looks for the fault of a text that yaml.v3 has refused. A scan of the
// text tells more than the complaint: it knows where quotes and brackets open.
func (r *reading) diagnose(err error) *Fault {
	lines := r.lines
	if f := unprintable(lines); f != nil {
		return f
	}
	s := newScan(lines, r.profile, &r.masks)
	f := s.run()
	if f == nil {
		f = r.complaint(err)
	}
	f.Template = s.template
	return f
}

// complaint is the fault that yaml.v3 sees in a text.
func (r *reading) complaint(err error) *Fault {
	line, message := 0, err.Error()
	if m := complaint.FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = m[2]
	}
	if counted(message) {
		line++
	}
	return fallback(r.lines, line, r.masks.lift(message))
}

// counted says that a message comes with a line that yaml.v3 counts from 0: those
// of its parser do, those of its scanner do not.
func counted(message string) bool {
	switch message {
	case "did not find expected node content", "did not find expected key", "did not find expected '-' indicator",
		"did not find expected ',' or ']'", "did not find expected ',' or '}'", "did not find expected <document start>",
		"found undefined tag handle", "found incompatible YAML document", "found duplicate %YAML directive", "found duplicate %TAG directive":
		return true
	}
	return false
}

// fallback trusts the parser's line and shows its message.
func fallback(lines []string, line int, message string) *Fault {
	line = max(1, min(line, len(lines)))
	for line > 1 && strings.TrimSpace(lines[line-1]) == "" {
		line--
	}
	l := lines[line-1]
	indent := len(l) - len(strings.TrimLeft(l, " \t"))
	return faultAt(line-1, l, indent, "the YAML cannot be read here: "+message, "")
}

// unprintable finds the first control character.
func unprintable(lines []string) *Fault {
	for i, l := range lines {
		for c, r := range l {
			if !printable(r) {
				return faultAt(i, l, c, fmt.Sprintf("the control character %U stands here", r), `take it out; inside double quotes it may be written as an escape, such as "\e"`)
			}
		}
	}
	return nil
}

// printable says whether YAML lets a character stand in a text.
func printable(r rune) bool {
	switch {
	case r < 0x20:
		return r == '\t' || r == '\n' || r == '\r'
	case r >= 0x7f && r < 0xa0:
		return r == 0x85
	}
	return r != 0xfffe && r != 0xffff
}

func faultAt(i int, l string, c int, message, help string) *Fault {
	return &Fault{Position: Position{i + 1, runeColumn(l, c)}, Message: message, Help: help}
}

// runeColumn is the column of byte c of a line.
func runeColumn(l string, c int) int { return utf8.RuneCountInString(l[:c]) + 1 }

// shorten keeps a quotation readable.
func shorten(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
