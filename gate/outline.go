package gate

import "strings"

// outline is the lines of a text, and which are below which, as far as their indentation tells.
type outline struct {
	lines   []string
	parents []int          // by lines; -1 for none
	keys    map[int]string // that lead to a line, once they were asked for
}

// newOutline looks at each line once: of those above it, the ones are kept that others may be below.
func newOutline(lines []string) *outline {
	o := &outline{lines: lines, parents: make([]int, len(lines)), keys: map[int]string{}}
	type above struct {
		line, indent int
		item         bool
	}
	var open []above
	for i, line := range lines {
		own := above{i, indentOf(line), isItem(line)}
		o.parents[i] = -1
		for n := len(open) - 1; n >= 0 && (own.indent > 0 || own.item); n-- {
			if p := open[n]; p.indent < own.indent || p.indent == own.indent && own.item && !p.item { // a list may begin at its key's column
				o.parents[i] = p.line
				break
			}
		}
		if isComment(line) {
			continue
		}
		// What is not below this line is below one that is less deep, or, as its item, below the key before it.
		for n := len(open); n > 0 && (open[n-1].indent > own.indent || open[n-1].indent == own.indent && (!own.item || open[n-1].item)); n-- {
			open = open[:n-1]
		}
		open = append(open, own)
	}
	return o
}

// about is the keys that lead to a line, "" behind the last. Values may change under a mark; another key
// is another thing.
func (o *outline) about(at int) string {
	if at >= len(o.lines) {
		return ""
	}
	var way []int // up to a line of which the keys are known
	known := ""
	for ; at >= 0; at = o.parents[at] {
		if keys, ok := o.keys[at]; ok {
			known = keys + "\n"
			break
		}
		way = append(way, at)
	}
	for i := len(way) - 1; i >= 0; i-- {
		known += keyOf(o.lines, way[i]) + "\n"
		o.keys[way[i]] = strings.TrimSuffix(known, "\n")
	}
	return strings.TrimSuffix(known, "\n")
}
