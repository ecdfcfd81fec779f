package yamldoc

import (
	"fmt"
	"math"

	"gopkg.in/yaml.v3"
)

// What anything turns out to be, which is its type once it is read.
var (
	anyMap  = &Type{Kind: MapKind, Elem: Any, AnyKeys: true}
	anyList = &Type{Kind: ListKind, Elem: Any}
	anyInt  = &Type{Kind: IntKind, Min: math.MinInt64, Max: math.MaxInt64}
)

// any reads what may be anything. Aliases may hold themselves here, so its depth has an end.
func (d *decoder) any(n *yaml.Node, v *Value) {
	depth := 0
	for p := v.parent; p != nil; p = p.parent {
		depth++
	}
	switch {
	case depth > maxDepth:
		v.bad, d.full = true, true
		d.report(d.Rules.TooDeep, v.Place(), fmt.Sprintf("values are nested more than %d deep here", maxDepth), "flatten the structure")
	case n.Kind == yaml.MappingNode:
		v.typ = anyMap
		d.mapping(n, v)
	case n.Kind == yaml.SequenceNode:
		v.typ = anyList
		d.sequence(n, v, Any)
	default:
		d.anyScalar(n, v)
	}
}

func (d *decoder) anyScalar(n *yaml.Node, v *Value) {
	s := d.scalars().Node(n)
	v.text, v.style, v.num = s.Text, n.Style, s.Int
	switch {
	case s.Kind == NullScalar:
		v.null = true
	case s.Kind == BoolScalar:
		v.typ = Bool
	case s.Kind == IntScalar && !s.wide:
		v.typ = anyInt
	case s.Kind == IntScalar, s.Kind == FloatScalar:
		v.typ = Relaxed
	case s.Kind == InvalidScalar:
		d.mismatch(n, v)
	default:
		v.typ = String
	}
}

// Plain is what v holds, where v's type takes anything: nil, bool, string, a number as Number
// has it, []any and map[string]any.
func (v *Value) Plain() any {
	if v == nil || v.null || v.bad {
		return nil
	}
	switch v.typ.Kind {
	case MapKind:
		m := make(map[string]any, len(v.items))
		for _, e := range v.items {
			m[e.key] = e.Plain()
		}
		return m
	case ListKind:
		list := make([]any, len(v.items))
		for i, e := range v.items {
			list[i] = e.Plain()
		}
		return list
	case BoolKind:
		return v.num != 0
	case IntKind:
		return v.num
	case RelaxedKind:
		s := v.src.profile.Scalars.Plain(v.text)
		if !s.wide { // an integer would be one, but for a tag
			s.Kind = FloatScalar
		}
		return v.src.profile.Scalars.Number(s)
	}
	return v.text
}

// IsList says that v was written as a list, where a number may be written, too.
func (v *Value) IsList() bool { return v.Good() && v.typ.Kind == IntOrListKind && v.items != nil }

// IsMapping says that v was written as a mapping, where other forms may be written, too.
func (v *Value) IsMapping() bool { return v.Good() && v.fields != nil }
