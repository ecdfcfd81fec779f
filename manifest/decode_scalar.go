package manifest

import (
	"fmt"
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"
)

// scalar reads one of the kinds that are written as a scalar.
func (d *decoder) scalar(n *yaml.Node, v *value) {
	if n.Kind != yaml.ScalarNode {
		d.mismatch(n, v)
		return
	}
	s := d.scalars().node(n)
	v.text = s.text
	v.style = n.Style
	switch v.typ.kind {
	case textKind:
	case stringKind:
		if s.kind != scalarString {
			d.mismatch(n, v)
		}
	case relaxedKind:
		d.relaxed(n, v, s)
	case boolKind:
		v.num = s.num
		if s.kind != scalarBool {
			d.mismatch(n, v)
		}
	case intKind:
		d.integer(n, v, s)
	case intOrStringKind:
		if s.kind != scalarString {
			d.integer(n, v, s)
		}
	case enumKind:
		d.enum(n, v, s)
	}
}

func (d *decoder) relaxed(n *yaml.Node, v *value, s scalar) {
	switch {
	case s.kind == scalarInvalid:
		d.mismatch(n, v)
	case s.huge:
		v.bad = true
		d.offer(d.rules.outOfRange, v.place(), fmt.Sprintf("%s is %s; expected at most 64 bits in an integer", v.path(), shorten(s.text)), quote(v))
	default:
		v.text = d.scalars().relaxed(s)
	}
}

func (d *decoder) integer(n *yaml.Node, v *value, s scalar) {
	v.num = s.num
	switch {
	case s.kind != scalarInt:
		d.mismatch(n, v)
	case s.wide || s.num < v.typ.min || s.num > v.typ.max:
		v.bad = true
		d.report(d.rules.outOfRange, v.place(), fmt.Sprintf("%s is %s; expected %s", v.path(), shorten(s.text), v.typ), "")
	}
}

func (d *decoder) enum(n *yaml.Node, v *value, s scalar) {
	switch {
	case slices.Contains(v.typ.enum, s.text):
	case s.kind != scalarString:
		d.mismatch(n, v)
	default:
		v.bad = true
		d.offer(d.rules.unknownValue, v.place(), fmt.Sprintf("%s is %q; expected %s", v.path(), s.text, v.typ), meant(s.text, v.typ.enum, nil, v.retold).or(""))
	}
}

// mismatch reports a value of the wrong type and marks it bad.
func (d *decoder) mismatch(n *yaml.Node, v *value) {
	v.bad = true
	what := v.path()
	if what == "" {
		what = "the file"
	}
	if d.isTemplate(n) {
		d.offer(d.rules.unquotedTemplate, v.place(), fmt.Sprintf("%s starts with {{, which YAML reads as a mapping; expected %s", what, v.typ), d.template(v))
		return
	}
	d.offer(d.rules.wrongType, v.place(), fmt.Sprintf("%s is %s; expected %s", what, d.describe(n), v.typ), d.typeMeant(n, v))
}

func acceptsText(t *typ) bool {
	return t.kind == stringKind || t.kind == textKind || t.kind == relaxedKind || t.kind == stringsKind
}

// isTemplate recognizes {{ x }} written without quotes.
func (d *decoder) isTemplate(n *yaml.Node) bool {
	return d.template != nil && n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle != 0 && len(n.Content) > 0 && n.Content[0].Kind == yaml.MappingNode
}

// describe says what n is, for "X is …; expected …".
func (d *decoder) describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return d.describe(n.Alias)
	}
	s := d.scalars().node(n)
	switch s.kind {
	case scalarNull:
		return "null"
	case scalarString:
		return "the string " + strconv.Quote(shorten(s.text))
	default:
		return "the " + s.kind.String() + " " + shorten(s.text)
	}
}

// shorten cuts a quoted text to what a message can carry.
func shorten(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
