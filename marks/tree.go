package marks

import (
	"sort"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/yamldoc/naming"
)

// tree is the structure of a text whose nodes are known: its entries, keys with their values and
// items of lists, in their order. An entry ends where the next one begins that is no part of it.
type tree struct {
	text    *text
	roots   []*naming.Tree
	entries []entry
}

// entry is a key with its value, an item of a list, or a document that is neither.
type entry struct {
	line   int // where it begins
	last   int // the line in which it ends
	parent int // the entry that it is a part of, -1 for a document's own
	root   int // its document
	key    string
	index  int // in a list, -1 for a key's
}

func newTree(t *text, roots []*yaml.Node) *tree {
	s := &tree{text: t}
	for i, root := range roots {
		s.roots = append(s.roots, naming.NewTree(root))
		if len(root.Content) == 0 {
			s.add(root.Line, entry{parent: -1, root: i, index: -1})
			continue
		}
		s.visit(root, -1, i)
	}
	s.end()
	return s
}

func (s *tree) add(line int, e entry) int {
	e.line = max(0, min(line, len(s.text.lines))-1)
	if n := len(s.entries); n > 0 {
		e.line = max(e.line, s.entries[n-1].line)
	}
	s.entries = append(s.entries, e)
	return len(s.entries) - 1
}

func (s *tree) visit(n *yaml.Node, parent, root int) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			if key.Kind == yaml.AliasNode {
				key = key.Alias
			}
			s.visit(value, s.add(n.Content[i].Line, entry{parent: parent, root: root, key: key.Value, index: -1}), root)
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			s.visit(item, s.add(item.Line, entry{parent: parent, root: root, index: i}), root)
		}
	}
}

// end finds where each entry ends: before the next one that is no part of it, and not before
// one that is.
func (s *tree) end() {
	var open []int // the entries around the next one
	leave := func(line int) {
		e := &s.entries[open[len(open)-1]]
		open = open[:len(open)-1]
		e.last = max(e.last, e.line, line)
		if e.parent >= 0 {
			s.entries[e.parent].last = max(s.entries[e.parent].last, e.last)
		}
	}
	for i, e := range s.entries {
		for len(open) > 0 && open[len(open)-1] != e.parent {
			leave(e.line - 1)
		}
		open = append(open, i)
	}
	for len(open) > 0 {
		leave(len(s.text.lines) - 1)
	}
}

// starting are the entries that begin in a line, from one up to another.
func (s *tree) starting(line int) (from, to int) {
	from = sort.Search(len(s.entries), func(i int) bool { return s.entries[i].line >= line })
	to = sort.Search(len(s.entries), func(i int) bool { return s.entries[i].line > line })
	return from, to
}

func (s *tree) from(line int) extent {
	if e, ok := s.document(line); ok {
		return e
	}
	from, to := s.starting(line)
	if from == to {
		return s.goingOn(line)
	}
	return extent{line, s.own(line, s.entries[from].last), s.path(from)}
}

// at is about the line and what its last entry goes on with. The path is that of the outermost
// entry that ends as soon.
func (s *tree) at(line int) extent {
	if e, ok := s.document(line); ok {
		return e
	}
	from, to := s.starting(line)
	if from == to {
		return s.goingOn(line)
	}
	last := s.entries[to-1].last
	for from < to-1 && s.entries[from].last > last {
		from++
	}
	return extent{line, s.own(line, last), s.path(from)}
}

// document is the document that a line begins, if it does.
func (s *tree) document(line int) (extent, bool) {
	if l := s.text.lines[line]; !isMarker(l) || l[0] != '-' {
		return extent{}, false
	}
	e := extent{first: line, last: line}
	from, _ := s.starting(line)
	if from == len(s.entries) {
		return e, true
	}
	root := s.entries[from].root
	for ; from < len(s.entries) && s.entries[from].root == root; from++ {
		e.last = max(e.last, s.entries[from].last)
	}
	return e, true
}

// goingOn is the innermost entry of a line in which none begins. One that begins with a closing
// bracket is of the last entry of the line that seems to have opened it.
func (s *tree) goingOn(line int) extent {
	i, _ := s.starting(line)
	if l := strings.Trim(s.text.bare[line], blanks); l[0] == ']' || l[0] == '}' {
		i, _ = s.starting(s.opening(line) + 1)
	}
	for i--; i >= 0 && s.entries[i].last < line; {
		i = s.entries[i].parent
	}
	if i < 0 {
		return extent{first: line, last: line}
	}
	return extent{s.entries[i].line, line, s.path(i)}
}

// opening is the line before one with a closing bracket that is indented no more than it, -1 if
// there is none.
func (s *tree) opening(line int) int {
	own := indentOf(s.text.bare[line])
	for line--; line >= 0; line-- {
		if l := s.text.bare[line]; strings.Trim(l, blanks) != "" && indentOf(l) <= own {
			break
		}
	}
	return line
}

// own is the last of lines without those at their end that are blank, or close brackets opened
// before the first.
func (s *tree) own(first, last int) int {
	for ; last > first; last-- {
		l := strings.Trim(s.text.bare[last], blanks)
		if strings.Trim(l, "]}, \t") != "" || l != "" && s.opening(last) >= first {
			break
		}
	}
	return last
}

// path is the way to an entry, with items by name.
func (s *tree) path(i int) string {
	var way []string
	for at := i; at >= 0; at = s.entries[at].parent {
		way = append(way, s.entries[at].segment())
	}
	var b strings.Builder
	for at := len(way) - 1; at >= 0; at-- {
		if b.Len() > 0 && !strings.HasPrefix(way[at], "[") {
			b.WriteByte('.')
		}
		b.WriteString(way[at])
	}
	return s.roots[s.entries[i].root].Path(b.String())
}

// segment is what an entry adds to a path.
func (e entry) segment() string {
	switch {
	case e.index >= 0:
		return "[" + strconv.Itoa(e.index) + "]"
	case e.key == "" || strings.ContainsAny(e.key, ".[]\"\n\r\t "):
		if e.parent < 0 && e.key == "" {
			return ""
		}
		return "[" + strconv.Quote(e.key) + "]"
	}
	return e.key
}
