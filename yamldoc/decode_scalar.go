package yamldoc

import (
	"fmt"
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"
)

// scalar reads one of the kinds that are written as a scalar.
func (d *decoder) scalar(n *yaml.Node, v *Value) {
	if n.Kind != yaml.ScalarNode {
		d.mismatch(n, v)
		return
	}
	s := d.scalars().Node(n)
	v.text = s.Text
	v.style = n.Style
	switch v.typ.Kind {
	case TextKind:
	case StringKind:
		if s.Kind != StringScalar {
			d.mismatch(n, v)
		}
	case RelaxedKind:
		d.relaxed(n, v, s)
	case BoolKind:
		v.num = s.Int
		if s.Kind != BoolScalar {
			d.mismatch(n, v)
		}
	case IntKind, IntOrListKind:
		d.integer(n, v, s)
	case IntOrStringKind:
		if s.Kind != StringScalar {
			d.integer(n, v, s)
		}
	case EnumKind:
		d.enum(n, v, s)
	}
}

func (d *decoder) relaxed(n *yaml.Node, v *Value, s Scalar) {
	switch {
	case s.Kind == InvalidScalar:
		d.mismatch(n, v)
	case s.huge:
		v.bad = true
		d.offer(d.Rules.OutOfRange, v.Place(), fmt.Sprintf("%s is %s; expected at most 64 bits in an integer", v.Path(), Shorten(s.Text)), Quote(v))
	default:
		v.text = d.scalars().Relaxed(s)
	}
}

func (d *decoder) integer(n *yaml.Node, v *Value, s Scalar) {
	v.num = s.Int
	switch {
	case s.Kind != IntScalar:
		d.mismatch(n, v)
	case s.wide || s.Int < v.typ.Min || s.Int > v.typ.Max:
		v.bad = true
		d.report(d.Rules.OutOfRange, v.Place(), fmt.Sprintf("%s is %s; expected %s", v.Path(), Shorten(s.Text), v.typ), "")
	}
}

func (d *decoder) enum(n *yaml.Node, v *Value, s Scalar) {
	switch {
	case slices.Contains(v.typ.Enum, s.Text):
	case s.Kind != StringScalar:
		d.mismatch(n, v)
	default:
		v.bad = true
		d.offer(d.Rules.UnknownValue, v.Place(), fmt.Sprintf("%s is %q; expected %s", v.Path(), s.Text, v.typ), Meant(s.Text, v.typ.Enum, nil, v.Retold).Or(""))
	}
}

// mismatch reports a value of the wrong type and marks it bad.
func (d *decoder) mismatch(n *yaml.Node, v *Value) {
	v.bad = true
	what := v.Path()
	if what == "" {
		what = "the file"
	}
	if d.isTemplate(n) {
		d.offer(d.Rules.UnquotedTemplate, v.Place(), fmt.Sprintf("%s starts with {{, which YAML reads as a mapping; expected %s", what, v.typ), d.Template(v))
		return
	}
	d.offer(d.Rules.WrongType, v.Place(), fmt.Sprintf("%s is %s; expected %s", what, d.describe(n), v.typ), d.typeMeant(n, v))
}

func acceptsText(t *Type) bool {
	return t.Kind == StringKind || t.Kind == TextKind || t.Kind == RelaxedKind || t.Kind == StringsKind || t.Kind == StringsOrObjectKind
}

// isTemplate recognizes {{ x }} written without quotes.
func (d *decoder) isTemplate(n *yaml.Node) bool {
	return d.Template != nil && n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle != 0 && len(n.Content) > 0 && n.Content[0].Kind == yaml.MappingNode
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
	s := d.scalars().Node(n)
	switch s.Kind {
	case NullScalar:
		return "null"
	case StringScalar:
		return "the string " + strconv.Quote(Shorten(s.Text))
	default:
		return "the " + s.Kind.String() + " " + Shorten(s.Text)
	}
}

// Shorten cuts a quoted text to what a message can carry.
func Shorten(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
