package document

import (
	"math"
	"strconv"

	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// mergeKey is the key that gives a mapping the keys of another.
const mergeKey = "<<"

// mapping is the value of a mapping: its own keys, and behind them those that merge keys
// give it and it has not.
func (b *builder) mapping(n *yaml.Node, depth int) any {
	m := make(map[string]any, len(n.Content)/2)
	merge := -1
	for i := 0; i+1 < len(n.Content) && !b.done; i += 2 {
		if b.merging && isMerge(n.Content[i]) {
			if merge >= 0 {
				b.repeated(n, i, mergeKey)
			}
			merge = i
			continue
		}
		key, ok := b.key(n, i)
		if !ok {
			continue
		}
		b.way = append(b.way, step{key, -1})
		value := b.value(n.Content[i+1], depth+1)
		before := len(m)
		if m[key] = value; len(m) == before {
			b.repeated(n, i, key)
		}
		b.way = b.way[:len(b.way)-1]
	}
	if merge >= 0 && !b.done {
		b.way = append(b.way, step{mergeKey, -1})
		b.merge(m, n.Content[merge+1], depth, true)
		b.way = b.way[:len(b.way)-1]
	}
	return m
}

// isMerge says that a key is << without quotes.
func isMerge(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Value == mergeKey && (n.Style == 0 || n.Tag == "!!merge")
}

// merge gives a mapping the keys of another that it has not, or those of each mapping of a
// list, the first first.
func (b *builder) merge(m map[string]any, n *yaml.Node, depth int, list bool) {
	target := n
	if n.Kind == yaml.AliasNode {
		target = n.Alias
	}
	switch {
	case target.Kind == yaml.SequenceNode && list:
		if n != target && b.value(n, depth) == nil { // an alias of itself
			return
		}
		for _, c := range target.Content {
			b.merge(m, c, depth, false)
		}
	case target.Kind != yaml.MappingNode:
		b.fail(verdict.Finding{
			Name: "merge-key", Place: b.here(n),
			Message: "the merge key << has " + b.describe(target) + "; expected a mapping, or a list of mappings",
			Help:    `name a mapping by an alias, or quote the key ("<<") if it is one like others`,
		})
	default:
		other, _ := b.value(n, depth).(map[string]any)
		for key, value := range other {
			if _, own := m[key]; !own {
				m[key] = value
			}
		}
	}
}

// key is the text of a mapping's key. It is false where there is none, which is noted.
func (b *builder) key(n *yaml.Node, i int) (string, bool) {
	k := n.Content[i]
	if k.Kind == yaml.AliasNode {
		k = k.Alias
	}
	if k.Kind != yaml.ScalarNode {
		b.complexKey(n, i, k)
		return "", false
	}
	if n.Content[i].Anchor != "" {
		b.named[k] = &built{value: b.scalar(k), count: 1, text: len(k.Value), height: 1}
	} else {
		b.text += len(k.Value)
	}
	s := b.scalars.Node(k)
	if s.Kind == yamldoc.StringScalar {
		return s.Text, true
	}
	return b.keyOf(n.Content[i], s)
}

// keyOf is the text of a key that is another scalar than a string.
func (b *builder) keyOf(at *yaml.Node, s yamldoc.Scalar) (string, bool) {
	text, ok := b.keyText(s)
	switch {
	case !ok:
		b.fail(verdict.Finding{
			Name: "complex-key", Place: b.here(at),
			Message: quote(s.Text) + " stands as a key, and is none that JSON can have",
			Help:    "quote it if it is a text",
		})
	case b.viaJSON && s.Kind == yamldoc.BoolScalar && text != s.Text:
		b.warn(verdict.Finding{
			Name: "boolean-key", Place: b.here(at),
			Message: "the key " + s.Text + " is a boolean for kubectl, and becomes " + quote(text),
			Help:    "quote it if it is a text",
		})
	}
	return text, ok
}

// keyText is the text that a key becomes which is no string: as it is written, or as kubectl
// writes it. A null one has no text of its own.
func (d *dialect) keyText(s yamldoc.Scalar) (string, bool) {
	switch {
	case s.Kind == yamldoc.InvalidScalar:
		return "", false
	case s.Kind == yamldoc.NullScalar:
		return "null", !d.viaJSON
	case !d.viaJSON:
		return s.Text, true
	case s.Kind == yamldoc.BoolScalar:
		return strconv.FormatBool(s.Int != 0), true
	}
	switch v := d.scalars.Number(s).(type) {
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return s.Text, true
		}
		return strconv.FormatFloat(v, 'g', -1, 32), true
	}
	return "", false
}

// complexKey notes a key that is a mapping or a list. Two braces are a template's.
func (b *builder) complexKey(n *yaml.Node, i int, k *yaml.Node) {
	if n.Style&yaml.FlowStyle != 0 && i == 0 && k.Kind == yaml.MappingNode && k.Line == n.Line && k.Column == n.Column+1 {
		b.done = true
		b.fail(b.template(b.here(n)))
		return
	}
	b.fail(verdict.Finding{
		Name: "complex-key", Place: b.here(n.Content[i]),
		Message: b.describe(k) + " stands as a key; expected a text",
		Help:    "quote the key if its brackets are part of it",
	})
}

// repeated notes a key that its mapping has already.
func (b *builder) repeated(n *yaml.Node, i int, key string) {
	if len(b.errors) >= most {
		b.done = true
		return
	}
	p := b.here(n.Content[i])
	first := p
	for k := 0; k < i; k += 2 {
		if text, ok := b.nameOf(n.Content[k]); ok && text == key {
			first = b.at(n.Content[k].Line, n.Content[k].Column)
			first.Path = p.Path
			break
		}
	}
	b.fail(duplicate(p, first, key))
}

// nameOf is the text of a key; false for what is none.
func (d *dialect) nameOf(k *yaml.Node) (string, bool) {
	if k.Kind == yaml.AliasNode {
		k = k.Alias
	}
	if k.Kind != yaml.ScalarNode {
		return "", false
	}
	s := d.scalars.Node(k)
	if s.Kind == yamldoc.StringScalar {
		return s.Text, true
	}
	return d.keyText(s)
}

// describe says what a node is.
func (b *builder) describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	if s := b.scalars.Node(n); s.Kind != yamldoc.StringScalar {
		return "the " + s.Kind.String() + " " + quote(n.Value)
	}
	return "the text " + quote(n.Value)
}
