package document

import (
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc/naming"
)

// tree knows where the values of a document stand.
type tree struct {
	source  *source
	root    *yaml.Node
	dialect *dialect

	mu sync.Mutex
	// known are the large mappings that were asked for a key.
	known map[*yaml.Node]entries
	named *naming.Tree // once it was asked for
}

// entries are where the keys of a mapping are among its content, and where its merge key is,
// -1 for none.
type entries struct {
	at    map[string]int
	merge int
}

// names names the items of the document's lists.
func (t *tree) names() *naming.Tree {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.named == nil {
		t.named = naming.NewTree(t.root)
	}
	return t.named
}

// place is where the value stands that a way leads to, or the last one on it; or that one's
// key. It goes through aliases and merge keys: what they name stands where it is written.
func (t *tree) place(way []string, key bool) verdict.Place {
	t.mu.Lock()
	defer t.mu.Unlock()
	n, at := t.root, t.root
	var path pathWriter
	for i, word := range way {
		if n.Kind == yaml.AliasNode {
			n = n.Alias
		}
		k, next, s := t.step(n, word)
		if next == nil {
			break
		}
		path.add(s)
		n, at = next, next
		if key && k != nil && i == len(way)-1 {
			at = k
		}
	}
	p := t.source.at(at.Line, at.Column)
	p.Path = path.String()
	return p
}

// step is what a word leads to from a node: an item, or a value with its key; nil where
// there is none.
func (t *tree) step(n *yaml.Node, word string) (key, value *yaml.Node, s step) {
	switch n.Kind {
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(word); err == nil && i >= 0 && i < len(n.Content) && word == strconv.Itoa(i) {
			return nil, n.Content[i], step{index: i}
		}
	case yaml.MappingNode:
		if key, value = t.entry(n, word, nil); value != nil {
			return key, value, step{word, -1}
		}
	}
	return nil, nil, step{}
}

// entry is the key of a mapping with a text, and its value; nil where it has none. Merge
// keys are asked last, in their order, and no mapping twice.
func (t *tree) entry(n *yaml.Node, word string, asked map[*yaml.Node]bool) (key, value *yaml.Node) {
	i, merge := t.find(n, word)
	switch {
	case i >= 0:
		return n.Content[i], n.Content[i+1]
	case merge < 0 || asked[n]:
		return nil, nil
	}
	if asked == nil {
		asked = map[*yaml.Node]bool{}
	}
	asked[n] = true
	return t.merged(n.Content[merge+1], word, asked)
}

// merged is what the value of a merge key gives.
func (t *tree) merged(from *yaml.Node, word string, asked map[*yaml.Node]bool) (key, value *yaml.Node) {
	if from.Kind == yaml.AliasNode {
		from = from.Alias
	}
	if from.Kind == yaml.MappingNode {
		return t.entry(from, word, asked)
	}
	for _, c := range from.Content {
		if c.Kind == yaml.AliasNode {
			c = c.Alias
		}
		if key, value = t.entry(c, word, asked); value != nil {
			return key, value
		}
	}
	return nil, nil
}

// few is how many keys are looked at one by one.
const few = 32

// find is where a key of a mapping is among its content, and where its merge key is; -1 for
// none.
func (t *tree) find(n *yaml.Node, word string) (at, merge int) {
	if len(n.Content) > 2*few {
		return t.lookUp(n, word)
	}
	merge = -1
	for i := 0; i+1 < len(n.Content); i += 2 {
		if t.dialect.merging && isMerge(n.Content[i]) {
			merge = i
		} else if name, ok := t.dialect.nameOf(n.Content[i]); ok && name == word {
			return i, merge
		}
	}
	return -1, merge
}

func (t *tree) lookUp(n *yaml.Node, word string) (at, merge int) {
	e, known := t.known[n]
	if !known {
		e = t.entries(n)
		if t.known == nil {
			t.known = map[*yaml.Node]entries{}
		}
		t.known[n] = e
	}
	if i, ok := e.at[word]; ok {
		return i, e.merge
	}
	return -1, e.merge
}

func (t *tree) entries(n *yaml.Node) entries {
	e := entries{make(map[string]int, len(n.Content)/2), -1}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if t.dialect.merging && isMerge(n.Content[i]) {
			e.merge = i
		} else if name, ok := t.dialect.nameOf(n.Content[i]); ok {
			e.at[name] = i
		}
	}
	return e
}

// maxPath is how many bytes of a way are written. A file has as many places as values, and each
// of them may lie below a key of the file's length.
const maxPath = 1000

// pathWriter writes a way as people write it, cut where it is long.
type pathWriter struct{ strings.Builder }

// String is what was written.
func (w *pathWriter) String() string {
	text := w.Builder.String()
	if len(text) <= maxPath {
		return text
	}
	end := maxPath
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

func (w *pathWriter) add(s step) {
	if s.key = s.key[:min(len(s.key), maxPath+utf8.UTFMax)]; w.Len() > maxPath {
		return
	}
	switch {
	case s.index >= 0:
		w.WriteString("[" + strconv.Itoa(s.index) + "]")
	case !isWord(s.key):
		w.WriteString("[" + strconv.Quote(s.key) + "]")
	case w.Len() == 0:
		w.WriteString(s.key)
	default:
		w.WriteString("." + s.key)
	}
}

// isWord says that a key needs no quotes in a path.
func isWord(key string) bool {
	return key != "" && strings.IndexFunc(key, func(r rune) bool {
		return r < 0x80 && r != '_' && r != '-' && r != '$' && r != '/' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) < 0
}
