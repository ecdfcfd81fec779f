package report

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable is what a report makes of a text that somebody else wrote.
func Printable(s string) string { return printable(s) }

// printable makes text that somebody else wrote safe for a terminal and for one
// line: whatever is not a graphic character or a plain space is spelt out, so
// that no control sequence, line break or change of writing direction gets
// through. An invalid byte is spelt as the replacement character, which it is
// too after a passage through JSON.
//
// A few CI systems obey commands of the form "##name[" wherever they stand in a
// line; these are spelt out too.
func printable(s string) string {
	if isPlain(s) {
		return s
	}
	if strings.ContainsFunc(s, spelt) {
		var b strings.Builder
		for _, r := range s {
			if spelt(r) {
				spell(&b, r)
			} else {
				b.WriteRune(r)
			}
		}
		s = b.String()
	}
	if strings.Contains(s, "##") {
		s = command.ReplaceAllString(s, `\x23#$1`)
	}
	return s
}

// isPlain says whether s is ASCII that is printable as it is, as most texts are.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '#' {
			return false
		}
	}
	return true
}

var command = regexp.MustCompile(`##([[:alpha:]]*\[)`)

func spelt(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }

func spell(b *strings.Builder, r rune) {
	switch {
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\t':
		b.WriteString(`\t`)
	case r == '\r':
		b.WriteString(`\r`)
	case r <= 0xff:
		fmt.Fprintf(b, `\x%02x`, r)
	case r <= 0xffff:
		fmt.Fprintf(b, `\u%04x`, r)
	default:
		fmt.Fprintf(b, `\U%08x`, r)
	}
}

// lead is printable for text that begins a line, where "::", behind blanks too, would begin
// a command to GitHub Actions.
func lead(s string) string {
	s = printable(s)
	words := strings.TrimLeft(s, " ")
	if strings.HasPrefix(words, "::") {
		return s[:len(s)-len(words)] + `\x3a` + words[1:]
	}
	return s
}

// valid makes s what it is after a passage through JSON.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}
