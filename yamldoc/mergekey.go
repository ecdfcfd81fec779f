package yamldoc

import (
	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/verdict"
)

// Merge keys (<<) are of YAML 1.1: the profile says what one does.

const mergeKey = "<<"

// refusesMerge says that a key is a merge key, and that those are refused.
func (d *decoder) refusesMerge(key string) bool {
	return key == mergeKey && d.Profile.Merging == RefuseMerge
}

// pairs are the keys and values of a mapping, v's: its own and, where merge keys are
// applied, behind them those that it is given and has not.
func (d *decoder) pairs(n *yaml.Node, v *Value) []*yaml.Node {
	if d.Profile.Merging != ApplyMerge || !givesMerge(n) {
		return n.Content
	}
	m := merging{decoder: d, into: v, has: map[string]bool{}, open: map[*yaml.Node]bool{}}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if !isMergeKey(n.Content[i]) {
			m.pairs = append(m.pairs, n.Content[i], n.Content[i+1])
			m.has[d.key(n.Content[i])] = true
		}
	}
	m.apply(n)
	return m.pairs
}

// merging gathers what merge keys give a mapping.
type merging struct {
	*decoder
	into  *Value
	pairs []*yaml.Node
	has   map[string]bool
	open  map[*yaml.Node]bool // the mappings whose keys are being taken
}

// apply applies the merge keys of a mapping.
func (m *merging) apply(n *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if isMergeKey(n.Content[i]) {
			m.from(n.Content[i+1], true)
		}
	}
}

// from takes the keys of a mapping, or of each mapping of a list, the first first. One
// inside itself has nothing to add.
func (m *merging) from(n *yaml.Node, list bool) {
	at := &Value{src: m.src, parent: m.into, key: mergeKey, index: -1}
	if n = m.resolveAlias(n, at); n == nil {
		return
	}
	switch {
	case n.Kind == yaml.SequenceNode && list:
		for _, c := range n.Content {
			m.from(c, false)
		}
	case n.Kind != yaml.MappingNode:
		m.report(m.Rules.WrongType, at.Place(), at.Path()+" is "+m.describe(n)+"; expected a mapping or a list of mappings", "")
	case !m.open[n]:
		m.open[n] = true
		m.take(n)
		m.apply(n)
		delete(m.open, n)
	}
}

// take takes the keys that a mapping has itself.
func (m *merging) take(n *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := m.key(n.Content[i]); !isMergeKey(n.Content[i]) && !m.has[key] {
			m.pairs = append(m.pairs, n.Content[i], n.Content[i+1])
			m.has[key] = true
		}
	}
}

// isMergeKey says that a key is << without quotes.
func isMergeKey(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Value == mergeKey && (n.Style == 0 || n.Tag == "!!merge")
}

// givesMerge says that a mapping has a merge key.
func givesMerge(n *yaml.Node) bool {
	for i := 0; i < len(n.Content); i += 2 {
		if isMergeKey(n.Content[i]) {
			return true
		}
	}
	return false
}

const mergeHelp = "repeat the keys, or give the whole value an alias"

func (d *decoder) refuseMerge(p verdict.Place) {
	d.report(d.Rules.MergeKey, p, "merge keys (<<) are not supported", mergeHelp)
}

// merges reports a merge key among free keys: there it is one if it has a mapping
// or a list where the others have scalars, or one without a scalar where they have
// an object.
func (d *decoder) merges(key string, at position, content *yaml.Node, parent *Value, elem *Type) bool {
	if content.Kind == yaml.AliasNode {
		content = content.Alias
	}
	switch {
	case !d.refusesMerge(key), content.Kind == yaml.ScalarNode, elem.Kind == ListKind, elem.Kind == MapKind:
		return false
	case elem.Kind == ObjectKind && content.Kind == yaml.MappingNode && givesScalar(content):
		return false
	}
	p := parent.placeAt(at)
	p.Path = joinPath(parent.Path(), key)
	d.refuseMerge(p)
	return true
}

// givesScalar says that a mapping has a scalar among its values.
func givesScalar(mapping *yaml.Node) bool {
	for i := 1; i < len(mapping.Content); i += 2 {
		if mapping.Content[i].Kind == yaml.ScalarNode {
			return true
		}
	}
	return false
}

// merged marks the fields that a merge key would give as unread: the key was told,
// and nothing calls them missing.
func (d *decoder) merged(n *yaml.Node, v *Value) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	o := v.typ.Object
	for i, c := range n.Content {
		if n.Kind == yaml.SequenceNode && i < maxDepth && c.Kind != yaml.SequenceNode {
			d.merged(c, v)
		}
		if n.Kind != yaml.MappingNode || i%2 != 0 {
			continue
		}
		if slot, known := o.index[d.key(c)]; known && v.fields[slot] == nil {
			v.fields[slot] = d.unread(&o.Fields[slot], position{c.Line, c.Column}, v)
		}
	}
}
