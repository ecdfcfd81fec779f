package gate

import "strings"

// document is one of those in a text. The zero value is for what is about all of it.
type document struct {
	nth   int    // from 0
	alone bool   // there is no other
	name  string // its kind and name, as far as it has them
}

// same says whether two documents are one at two times: by their names, and by their place where
// they have none. A text that is one document is the same whatever it is called.
func (d document) same(o document) bool {
	switch {
	case d.alone && o.alone:
		return true
	case d.name != "" && o.name != "":
		return d.name == o.name
	}
	return d.nth == o.nth
}

// documentsOf are by lines the documents in which they stand. A line --- belongs to the one that
// it begins.
func documentsOf(lines []string) []document {
	starts, content := []int{0}, false
	for i, l := range lines {
		switch {
		case strings.HasPrefix(l, "---") && content:
			starts, content = append(starts, i), false
		case !strings.HasPrefix(l, "---") && !isComment(l):
			content = true
		}
	}
	all := make([]document, len(lines))
	for nth, from := range starts {
		to := len(lines)
		if nth+1 < len(starts) {
			to = starts[nth+1]
		}
		d := document{nth: nth, alone: len(starts) == 1, name: nameOf(lines[from:to])}
		for i := from; i < to; i++ {
			all[i] = d
		}
	}
	return all
}

// nameOf is what the lines of a document say that it is.
func nameOf(lines []string) (name string) {
	for _, key := range []string{"kind:", "name:"} {
		for _, l := range lines {
			if value, found := strings.CutPrefix(strings.TrimSpace(l), key); found {
				name += key + strings.TrimSpace(value) + "\n"
				break
			}
		}
	}
	return name
}
