// Package naming writes paths in documents with the items of lists by name, so that what is
// inserted above an item does not change its path.
package naming

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
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

// Path is a path from the root of a document, as messages have it, with names in the place of
// numbers: workers[0].image is workers[name=web].image where the item has the field name, or
// else id or key, with a scalar that is not empty; workers[].image where it has none; and tags[]
// of what is no mapping. A name of other characters than letters, digits and _ - . / : @ + * $
// is in quotes, and of a long one a digest stands for the end. What the document does not have
// stays as it is.
func Path(root *yaml.Node, path string) string {
	if root == nil || !strings.Contains(path, "[") {
		return path
	}
	var b strings.Builder
	n, rest := root, path
	for rest != "" {
		next, written, tail, ok := step(n, rest)
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
func step(n *yaml.Node, path string) (next *yaml.Node, written, rest string, ok bool) {
	n = behind(n)
	switch n.Kind {
	case yaml.SequenceNode:
		number, tail, closed := strings.Cut(strings.TrimPrefix(path, "["), "]")
		i, err := strconv.Atoi(number)
		if path[0] != '[' || !closed || err != nil || i < 0 || i >= len(n.Content) {
			return nil, "", "", false
		}
		return n.Content[i], "[" + nameOf(n.Content[i]) + "]", tail, true
	case yaml.MappingNode:
		return field(n, path)
	}
	return nil, "", "", false
}

// field is the value that a path leads to from a mapping. Keys with dots may stand without
// quotes in it, so the longest that fits is meant.
func field(n *yaml.Node, path string) (next *yaml.Node, written, rest string, ok bool) {
	if quoted, err := strconv.QuotedPrefix(strings.TrimPrefix(path, "[")); err == nil && strings.HasPrefix(path[1:], quoted+"]") {
		key, _ := strconv.Unquote(quoted)
		written = path[:len(quoted)+2]
		next = lookUp(n, key, nil)
		return next, written, path[len(written):], next != nil
	}
	bare := strings.TrimPrefix(path, ".")
	end := longest(n, bare, 0, nil)
	if end == 0 {
		return nil, "", "", false
	}
	next = lookUp(n, bare[:end], nil)
	return next, path[:len(path)-len(bare)+end], bare[end:], next != nil
}

// longest is how long the longest key of a mapping is that a path begins with, or least.
func longest(n *yaml.Node, path string, least int, asked map[*yaml.Node]bool) int {
	for key, value := range pairs(n) {
		if isMerge(key) {
			for m := range merged(n, value, &asked) {
				least = longest(m, path, least, asked)
			}
			continue
		}
		k := behind(key)
		if k.Kind != yaml.ScalarNode || len(k.Value) <= least || !strings.HasPrefix(path, k.Value) {
			continue
		}
		if tail := path[len(k.Value):]; tail == "" || tail[0] == '.' || tail[0] == '[' {
			least = len(k.Value)
		}
	}
	return least
}

// lookUp is the value of a key: the mapping's own, or one that a merge key gives.
func lookUp(n *yaml.Node, word string, asked map[*yaml.Node]bool) *yaml.Node {
	var from *yaml.Node
	for key, value := range pairs(n) {
		if isMerge(key) {
			from = value
		} else if k := behind(key); k.Kind == yaml.ScalarNode && k.Value == word {
			return value
		}
	}
	if from == nil {
		return nil
	}
	for m := range merged(n, from, &asked) {
		if value := lookUp(m, word, asked); value != nil {
			return value
		}
	}
	return nil
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

// pairs are the keys and values of a mapping.
func pairs(n *yaml.Node) func(func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// behind is what an alias names, and else the node itself.
func behind(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

// nameOf is what an item is called, "" for one without a name.
func nameOf(item *yaml.Node) string {
	if item = behind(item); item.Kind != yaml.MappingNode {
		return ""
	}
	for _, key := range keys {
		v := lookUp(item, key, nil)
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
