package report

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// snippet shows the lines around a finding, with its value marked.
func (h *htmlFindings) snippet(e Entry) {
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
			h.marked(line, e.Column)
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
func (h *htmlFindings) marked(line string, column int) {
	from, to := valueAt(line, column)
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

// valueAt is where in a line of YAML the value, or the key, that begins at a column begins and
// ends. Without such a column it is the whole line without its blanks.
func valueAt(line string, column int) (from, to int) {
	from = offset(line, column)
	if rest := line[from:]; column > 0 && strings.TrimSpace(rest) != "" {
		return from, from + lengthOf(rest, inFlow(line[:from]))
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

// inFlow says whether what follows is an item of a [list] or of a {map} of the same line.
func inFlow(before string) bool {
	return strings.Count(before, "[")+strings.Count(before, "{") > strings.Count(before, "]")+strings.Count(before, "}")
}

// lengthOf is how long the value or the key is that a text begins with.
func lengthOf(rest string, flow bool) int {
	end := len(rest)
	switch rest[0] {
	case '"', '\'':
		end = quoted(rest)
	case '[', '{':
		end = bracketed(rest)
	default:
		if i := strings.Index(rest, " #"); i >= 0 {
			end = i
		}
		if i := strings.Index(rest[:end], ": "); i >= 0 {
			end = i
		}
		if i := strings.IndexAny(rest[:end], ",]}"); flow && i > 0 {
			end = i
		}
		end = len(strings.TrimSuffix(strings.TrimRight(rest[:end], " \t\r"), ":"))
	}
	return max(1, end)
}

// quoted is the length of a text in quotes; of one that is closed in another line, up to here.
func quoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[0] == '"' && s[i] == '\\', s[0] == '\'' && strings.HasPrefix(s[i:], "''"):
			i++
		case s[i] == s[0]:
			return i + 1
		}
	}
	return len(strings.TrimRight(s, " \t\r"))
}

// bracketed is the length of a [list] or a {map}; of one that is closed in another line, up to
// here.
func bracketed(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(strings.TrimRight(s, " \t\r"))
}
