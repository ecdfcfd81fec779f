// Package naming writes paths in documents with the items of lists by name, so that what is
// inserted above an item does not change its path.
package naming

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// keys are the fields that name an item, the first that it has first.
var keys = []string{"name", "id", "key"}

const (
	// maxName is how many bytes of an item's name are written as they are.
	maxName = 64
	// maxPath is how many bytes a path has, but for what stands for the rest of it.
	maxPath = 1000
)

// Tree is a document whose paths are asked for. It is safe for concurrent use.
type Tree struct {
	root *yaml.Node

	mu sync.Mutex
	// known are the large mappings that were asked for a key.
	known map[*yaml.Node]*fields
}

// NewTree is a document by its root, which may be nil and must not change.
func NewTree(root *yaml.Node) *Tree { return &Tree{root: root} }

// Path is a path from the root of the document, as messages have it, with names in the place of
// numbers: workers[0].image is workers[name=web].image where the item has the field name, or
// else id or key, with a scalar that is not empty; workers[].image where it has none; and tags[]
// of what is no mapping. A name of other characters than letters, digits and _ - . / : @ + * $
// is in quotes, and of a long one a digest stands for the end. What the document does not have
// stays as it is.
func (t *Tree) Path(path string) string {
	if t.root == nil || !strings.Contains(path, "[") {
		return path
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var b strings.Builder
	n, rest := t.root, path
	for rest != "" {
		next, written, tail, ok := t.step(n, rest)
		if !ok {
			b.WriteString(rest)
			break
		}
		b.WriteString(written)
		n, rest = next, tail
	}
	return bounded(b.String())
}

// step is the node that a path leads to first, what is written of that, and the rest.
func (t *Tree) step(n *yaml.Node, path string) (next *yaml.Node, written, rest string, ok bool) {
	n = behind(n)
	switch n.Kind {
	case yaml.SequenceNode:
		number, tail, closed := strings.Cut(strings.TrimPrefix(path, "["), "]")
		i, err := strconv.Atoi(number)
		if path[0] != '[' || !closed || err != nil || i < 0 || i >= len(n.Content) {
			return nil, "", "", false
		}
		return n.Content[i], "[" + t.nameOf(n.Content[i]) + "]", tail, true
	case yaml.MappingNode:
		return t.field(n, path)
	}
	return nil, "", "", false
}

// field is the value that a path leads to from a mapping. Keys with dots may stand without
// quotes in it, so the longest that fits is meant.
func (t *Tree) field(n *yaml.Node, path string) (next *yaml.Node, written, rest string, ok bool) {
	if quoted, err := strconv.QuotedPrefix(strings.TrimPrefix(path, "[")); err == nil && strings.HasPrefix(path[1:], quoted+"]") {
		key, _ := strconv.Unquote(quoted)
		written = path[:len(quoted)+2]
		next = t.lookUp(n, key, nil)
		return next, written, path[len(written):], next != nil
	}
	bare := strings.TrimPrefix(path, ".")
	most := t.longest(n, nil)
	for end := 0; ; end++ {
		more := strings.IndexAny(bare[min(end, len(bare)):], ".[")
		if end += more; more < 0 {
			end = len(bare)
		}
		if end > most && next != nil {
			break
		}
		if value := t.lookUp(n, bare[:end], nil); end > 0 && value != nil {
			next, written, rest = value, path[:len(path)-len(bare)+end], bare[end:]
		}
		if end >= len(bare) || end >= most {
			break
		}
	}
	return next, written, rest, next != nil
}

// fields are what a mapping has: values by their keys, and what its merge key gives it.
type fields struct {
	values map[string]*yaml.Node
	merge  *yaml.Node
	// dotted is how long the longest key is that has a dot or a bracket.
	dotted int
}

// few is how many keys are looked at one by one.
const few = 32

// of are the fields of a mapping.
func (t *Tree) of(n *yaml.Node) *fields {
	if f := t.known[n]; f != nil {
		return f
	}
	f := &fields{values: make(map[string]*yaml.Node, len(n.Content)/2)}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := behind(n.Content[i])
		switch {
		case isMerge(n.Content[i]):
			f.merge = n.Content[i+1]
		case k.Kind == yaml.ScalarNode:
			if f.values[k.Value] == nil {
				f.values[k.Value] = n.Content[i+1]
			}
			if strings.ContainsAny(k.Value, ".[") {
				f.dotted = max(f.dotted, len(k.Value))
			}
		}
	}
	if len(n.Content) > 2*few {
		if t.known == nil {
			t.known = map[*yaml.Node]*fields{}
		}
		t.known[n] = f
	}
	return f
}

// longest is how long the longest key with a dot or a bracket is, of a mapping and of what merge
// keys give it.
func (t *Tree) longest(n *yaml.Node, asked map[*yaml.Node]bool) int {
	f := t.of(n)
	most := f.dotted
	if f.merge == nil {
		return most
	}
	for m := range merged(n, f.merge, &asked) {
		most = max(most, t.longest(m, asked))
	}
	return most
}

// lookUp is the value of a key: the mapping's own, or one that a merge key gives.
func (t *Tree) lookUp(n *yaml.Node, word string, asked map[*yaml.Node]bool) *yaml.Node {
	value, from := t.own(n, word)
	if value != nil || from == nil {
		return value
	}
	for m := range merged(n, from, &asked) {
		if value := t.lookUp(m, word, asked); value != nil {
			return value
		}
	}
	return nil
}

// own is the value that a mapping itself has for a key, and its merge key's value.
func (t *Tree) own(n *yaml.Node, word string) (value, merge *yaml.Node) {
	if len(n.Content) > 2*few {
		f := t.of(n)
		return f.values[word], f.merge
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if isMerge(n.Content[i]) {
			merge = n.Content[i+1]
		} else if k := behind(n.Content[i]); k.Kind == yaml.ScalarNode && k.Value == word {
			return n.Content[i+1], nil
		}
	}
	return nil, merge
}

// merged are the mappings that the merge key of n gives it, those alone that were not asked.
func merged(n, value *yaml.Node, asked *map[*yaml.Node]bool) func(func(*yaml.Node) bool) {
	if *asked == nil {
		*asked = map[*yaml.Node]bool{}
	}
	(*asked)[n] = true
	all := []*yaml.Node{behind(value)}
	if all[0].Kind == yaml.SequenceNode {
		all = all[0].Content
	}
	return func(yield func(*yaml.Node) bool) {
		for _, m := range all {
			if m = behind(m); m.Kind != yaml.MappingNode || (*asked)[m] {
				continue
			}
			if !yield(m) {
				return
			}
		}
	}
}

// isMerge says that a key is << without quotes.
func isMerge(k *yaml.Node) bool { return k.Kind == yaml.ScalarNode && k.Value == "<<" && k.Style == 0 }

// behind is what an alias names, and else the node itself.
func behind(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

// nameOf is what an item is called, "" for one without a name.
func (t *Tree) nameOf(item *yaml.Node) string {
	if item = behind(item); item.Kind != yaml.MappingNode {
		return ""
	}
	for _, key := range keys {
		v := t.lookUp(item, key, nil)
		if v == nil {
			continue
		}
		if v = behind(v); v.Kind == yaml.ScalarNode && v.Value != "" && !isNull(v) {
			return key + "=" + shown(v.Value)
		}
	}
	return ""
}

func isNull(v *yaml.Node) bool {
	switch v.Value {
	case "~", "null", "Null", "NULL":
		return v.Style == 0
	}
	return false
}

// shown is a name as a path has it.
func shown(name string) string {
	switch {
	case len(name) > maxName:
		return strconv.Quote(cut(name, maxName)) + "#" + digest(name)
	case strings.IndexFunc(name, isOdd) >= 0:
		return strconv.Quote(name)
	}
	return name
}

func isOdd(r rune) bool {
	return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune("_-./:@+*$", r)
}

// bounded is a path of which a digest stands for the end where it is long.
func bounded(path string) string {
	if len(path) <= maxPath {
		return path
	}
	return cut(path, maxPath) + "…#" + digest(path)
}

// cut is the beginning of a text, with whole characters.
func cut(text string, most int) string {
	for !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}
