package yamldoc

import (
	"fmt"

	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/verdict"
)

// unknownKey is a key that the object has no field for, in the mapping it stands in.
type unknownKey struct {
	name    string
	at      position
	content *yaml.Node
	mapping *yaml.Node
}

// unknown deals with a key that the object does not have, as its policy says.
func (d *decoder) unknown(k unknownKey, v *Value) {
	o := v.typ.Object
	if d.full || o.Unknown == IgnoreUnknown {
		return
	}
	p := v.placeAt(k.at)
	p.Path = joinPath(v.Path(), k.name)
	switch {
	case d.refusesMerge(k.name) && o.Unknown == WarnUnknown:
		d.report(d.Rules.IgnoredField, p, o.Name+" takes no merge keys (<<); it is ignored", mergeHelp)
	case d.refusesMerge(k.name):
		d.refuseMerge(p)
		d.merged(k.content, v)
	case o.Unknown == WarnUnknown:
		d.offer(d.Rules.IgnoredField, p, fmt.Sprintf("%s has no field %q; it is ignored", o.Name, k.name), d.meantField(k, o))
	default:
		if r, refused := o.refused(k.name); refused {
			d.report(r.Rule, p, r.Message, r.Help)
			return
		}
		d.offer(d.Rules.UnknownField, p, fmt.Sprintf("%s has no field %q", o.Name, k.name), d.meantField(k, o))
		d.misspelt(k, v)
	}
}

// meantField proposes the field that a key was meant for.
func (d *decoder) meantField(k unknownKey, o *Object) Proposal {
	if Nearest(k.name, o.Keys()) == "" {
		return Advice(Choices(o.Keys()))
	}
	return Meant(k.name, o.Keys(), d.given(k), func(best string) *verdict.Fix { return d.src.replace(k.at, k.name, best) })
}

// given are the keys of the mapping around k, which is asked for them again at its
// next unknown key.
func (d *decoder) given(k unknownKey) []string {
	if d.asked == k.mapping {
		return d.keysGiven
	}
	keys := make([]string, 0, len(k.mapping.Content)/2)
	for i := 0; i+1 < len(k.mapping.Content); i += 2 {
		keys = append(keys, d.key(k.mapping.Content[i]))
	}
	d.asked, d.keysGiven = k.mapping, keys
	return keys
}

// misspelt reads the value as the field that its key was meant for: nothing calls
// the field missing for a typo that was told, and what else is wrong is told now.
func (d *decoder) misspelt(k unknownKey, v *Value) {
	o := v.typ.Object
	if Nearest(k.name, o.Keys()) == "" {
		return
	}
	meant := nearestFree(k.name, o.Keys(), d.given(k))
	if meant == "" || v.fields[o.slot(meant)] != nil {
		return
	}
	f := &o.Fields[o.slot(meant)]
	if !shaped(k.content, f.Type) {
		v.fields[o.slot(meant)] = d.unread(f, k.at, v)
		return
	}
	v.fields[o.slot(meant)] = d.field(f, k.at, k.content, v)
}

// unread is a field that is given in a way that cannot be read.
func (d *decoder) unread(f *Field, at position, parent *Value) *Value {
	return &Value{typ: f.Type, src: d.src, parent: parent, key: f.Key, index: -1, at: at, keyAt: at, bad: true}
}

// shaped says that n is a mapping, a list or a scalar as t has it.
func shaped(n *yaml.Node, t *Type) bool {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch t.Kind {
	case ObjectKind, MapKind:
		return n.Kind == yaml.MappingNode
	case ListKind:
		return n.Kind == yaml.SequenceNode
	case StringsKind, IntOrListKind:
		return n.Kind != yaml.MappingNode
	case StringsOrObjectKind, AnyKind:
		return true
	}
	return n.Kind == yaml.ScalarNode
}
