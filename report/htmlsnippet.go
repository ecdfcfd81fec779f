package report

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// snippet shows the lines around a finding, with its value marked.
func (h *htmlFindings) snippet(e *Entry) {
	if h.sources == nil {
		return
	}
	s := h.sources.Snippet(e.Unit, e.Place)
	h.within(`<p class="gone">`, s.Gone, "</p>\n")
	if len(s.Lines) == 0 {
		return
	}
	h.WriteString("<pre>")
	for i, line := range s.Lines {
		n := s.First + i
		if n == e.Line {
			h.WriteString(`<code class="at" data-line="` + strconv.Itoa(n) + `">`)
			h.marked(e.File, line, e.Column)
		} else {
			h.WriteString(`<code data-line="` + strconv.Itoa(n) + `">`)
			h.source(firstOf(line, mostOfLine))
		}
		h.WriteString("</code>")
	}
	h.WriteString("</pre>\n")
}

// mostOfLine is how many characters of a line are shown, and of the line that is meant on
// either side of where its value begins: a file may be one long line.
const mostOfLine = 240

// marked is the line that is meant, with the value that begins at a column marked.
func (h *htmlFindings) marked(file, line string, column int) {
	from, to := valueAt(file, line, column)
	h.source(lastOf(line[:from], mostOfLine/2))
	h.WriteString("<mark>")
	h.source(firstOf(line[from:to], mostOfLine))
	h.WriteString("</mark>")
	h.source(firstOf(line[to:], mostOfLine/2))
}

// source writes a text of a file. Its tabs stay what they are.
func (h *htmlFindings) source(s string) {
	for i, part := range strings.Split(s, "\t") {
		if i > 0 {
			h.WriteByte('\t')
		}
		h.text(part)
	}
}

// firstOf is a text up to so many characters.
func firstOf(s string, most int) string {
	for i := range s {
		if most == 0 {
			return s[:i] + "…"
		}
		most--
	}
	return s
}

// lastOf is the end of a text from so many characters before it.
func lastOf(s string, most int) string {
	start := len(s)
	for ; most > 0 && start > 0; most-- {
		_, size := utf8.DecodeLastRuneInString(s[:start])
		start -= size
	}
	if start == 0 {
		return s
	}
	return "…" + s[start:]
}

// valueAt is where in a line of a file the value, or the key, that begins at a column begins and
// ends. Without such a column it is the whole line without its blanks.
func valueAt(file, line string, column int) (from, to int) {
	from = offset(line, column)
	if column > 0 && strings.TrimSpace(line[from:]) != "" {
		return from, from + offset(line[from:], tokenAt(file, line, column)+1)
	}
	trimmed := strings.TrimSpace(line)
	from = strings.Index(line, trimmed)
	return from, from + len(trimmed)
}

// offset is where the character of a column, from 1, begins in a line.
func offset(line string, column int) int {
	for i := range line {
		if column <= 1 {
			return i
		}
		column--
	}
	return len(line)
}
