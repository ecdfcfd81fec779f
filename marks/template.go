package marks

import (
	"bytes"
	"strings"
)

// readTemplate finds the comments of a template. Those of the language that it writes go into
// what is written, and are none here.
func readTemplate(t *text) ([]comment, structure) {
	r := &templateReader{text: t, tags: make([]int, len(t.lines))}
	all := []byte(strings.Join(t.lines, "\n"))
	for at := 0; at < len(all); {
		at = r.next(all, at)
	}
	t.bare = strings.Split(string(all), "\n")
	return r.found, blocks{r.tags}
}

// templateReader goes through a template.
type templateReader struct {
	text  *text
	found []comment
	tags  []int // by line: how many blocks it opens, less those that it closes

	line, start int // the line of the place, and the byte where it begins
}

// next reads what begins at a byte of a template, and blanks it if it is a comment. It returns
// the byte behind it.
func (r *templateReader) next(all []byte, at int) int {
	if all[at] != '{' || at+1 == len(all) {
		return r.pass(all, at, at+1)
	}
	switch all[at+1] {
	case '{':
		return r.pass(all, at, end(all, at+2, "}}"))
	case '%':
		return r.tag(all, at)
	case '#':
		return r.comment(all, at)
	}
	return at + 1
}

// end is the byte behind a sign, that of all where it is missing.
func end(all []byte, at int, sign string) int {
	if i := bytes.Index(all[at:], []byte(sign)); i >= 0 {
		return at + i + len(sign)
	}
	return len(all)
}

// pass counts the lines from a byte up to another, which it returns.
func (r *templateReader) pass(all []byte, from, to int) int {
	for i := from; i < to; i++ {
		if all[i] == '\n' {
			r.line, r.start = r.line+1, i+1
		}
	}
	return to
}

// opening are the tags that others close, but for raw.
var opening = []string{"if", "for", "block", "macro", "filter"}

// tag reads a tag. What stands in raw ones is text.
func (r *templateReader) tag(all []byte, at int) int {
	behind := end(all, at+2, "%}")
	name, _, _ := strings.Cut(strings.TrimLeft(string(all[at+2:behind]), "- \t\r\n"), " ")
	name = strings.TrimRight(name, "-%} \t\r\n")
	line := r.line
	for _, o := range opening {
		switch name {
		case o:
			r.tags[line]++
		case "end" + o:
			r.tags[line]--
		}
	}
	if name == "raw" {
		for behind < len(all) {
			open := end(all, behind, "{%")
			behind = end(all, open, "%}")
			if strings.HasPrefix(strings.TrimLeft(string(all[min(open, behind):behind]), "- \t\r\n"), "endraw") {
				break
			}
		}
	}
	return r.pass(all, at, behind)
}

// comment notes each line of a comment, and blanks it.
func (r *templateReader) comment(all []byte, at int) int {
	behind := end(all, at+2, "#}")
	inner := strings.TrimSuffix(strings.TrimSuffix(string(all[at+2:behind]), "#}"), "-")
	from := at + 2 - r.start
	if strings.HasPrefix(inner, "-") {
		inner, from = inner[1:], from+1
	}
	for i, l := range strings.Split(inner, "\n") {
		if i > 0 {
			from = 0
		}
		r.found = append(r.found, comment{r.line + i, from, l})
	}
	for i := at; i < behind; i++ {
		if all[i] != '\n' {
			all[i] = ' '
		}
	}
	return r.pass(all, at, behind)
}

// blocks is the structure of a template: a line that opens a block goes on up to the one that
// closes it.
type blocks struct{ tags []int }

func (b blocks) from(line int) extent {
	e := extent{first: line, last: line}
	open := b.tags[line]
	for open > 0 && e.last+1 < len(b.tags) {
		e.last++
		open += b.tags[e.last]
	}
	return e
}

func (b blocks) at(line int) extent { return b.from(line) }
