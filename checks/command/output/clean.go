package output

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a finding says has bounds, in bytes.
const (
	maxMessage = 4 << 10
	maxPath    = 1 << 10
	maxCode    = 256
)

// escapes are what a terminal obeys: CSI and OSC sequences, and the short ones.
var escapes = regexp.MustCompile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|[\\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\\\|$)|[ -/]*[0-Z\\\\^-~])?|\u009b[0-?]*[ -/]*[@-~]")

// plain is a text of one or more lines without what a terminal obeys: escape sequences, control
// characters but for tabs and line feeds, and bytes that are no UTF-8. What a carriage return
// overwrites stays.
func plain(text string) string {
	if isPlain(text) {
		return text
	}
	text = strings.ToValidUTF8(text, "\ufffd")
	if strings.ContainsAny(text, "\x1b\u009b") {
		text = escapes.ReplaceAllString(text, "")
	}
	text = strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\r")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r':
			return '\n'
		case unicode.IsControl(r) || isBidi(r):
			return -1
		}
		return r
	}, text)
}

func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c >= utf8.RuneSelf || c < ' ' && c != '\n' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// isBidi says of a character whether it turns the order of those around it: what is seen is then
// not what is there.
func isBidi(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// clean is the plain text of a part of a finding, without blanks around it.
func clean(text string, most int) string {
	return cut(strings.TrimSpace(plain(text)), most)
}

// sentence is a clean text in one line: reports have one for a finding.
func sentence(text string, most int) string {
	text = plain(text)
	if strings.Contains(text, "\n") {
		text = breaks.ReplaceAllString(text, " ")
	}
	return cut(strings.TrimSpace(text), most)
}

// breaks are line breaks with the blanks around them.
var breaks = regexp.MustCompile(`[ \t]*\n\s*`)

// cut is the beginning of a valid text, and says where it is not the whole.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	end := most - len("…")
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
