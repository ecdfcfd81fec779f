package yamldoc

import "slices"

// Overlay puts over on base: the result is a t whose fields come from either,
// each in its field's merge mode. Values keep their places, so a finding points
// at the layer that set them. A nil layer, or one that could not be decoded,
// sets nothing. Neither layer is changed.
func Overlay(t *Type, base, over *Value) *Value {
	if !over.Good() {
		over = nil
	}
	if !base.Good() {
		base = nil
	}
	if base == nil && over == nil {
		return nil
	}
	out := Value{index: -1}
	if over != nil {
		out = *over
	} else {
		out = *base
	}
	out.typ = t
	out.fields = make([]*Value, len(t.Object.Fields))
	for i := range t.Object.Fields {
		f := &t.Object.Fields[i]
		out.fields[i] = mergeField(f, base.fieldOf(t.Object, i), over.fieldOf(t.Object, i))
	}
	if t.Object.Extra != nil {
		out.items = mergeItems(base.Items(), over.Items(), func(b, o *Value) *Value { return Overlay(t.Object.Extra, b, o) })
	}
	return &out
}

// Amend is overlay for a further file: the whole stays where base is, because that is
// where a field that no layer sets belongs. Both layers are set.
func Amend(t *Type, base, over *Value) *Value {
	out := Overlay(t, base, over)
	out.src, out.at = base.src, base.at
	return out
}

// fieldOf is the field that object o has in slot i, by name where v has another
// object.
func (v *Value) fieldOf(o *Object, i int) *Value {
	if v == nil || v.fields == nil {
		return nil
	}
	if v.typ.Object == o {
		return v.fields[i]
	}
	if j, ok := v.typ.Object.index[o.Fields[i].Key]; ok {
		return v.fields[j]
	}
	return nil
}

func mergeField(f *Field, base, over *Value) *Value {
	switch {
	case over == nil:
		return base
	case base == nil || !base.Good() || !over.Good():
		return over
	case f.Merge == MergeKeys:
		out := *over
		out.items = mergeItems(base.items, over.items, func(_, o *Value) *Value { return o })
		return &out
	case f.Merge == MergeFields:
		return Overlay(f.Type, base, over)
	}
	return over
}

// mergeItems is the union of two mappings; both decides about a key of both.
func mergeItems(base, over []*Value, both func(base, over *Value) *Value) []*Value {
	switch {
	case len(over) == 0:
		return base
	case len(base) == 0:
		return over
	}
	out := slices.Clone(base)
	var known index
	known.add(out)
	for _, e := range over {
		if i, ok := known.find(out, e.key); ok {
			out[i] = both(out[i], e)
			continue
		}
		out = append(out, e)
		known.add(out)
	}
	return out
}
