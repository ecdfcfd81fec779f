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
	var out Value
	switch {
	case over == nil:
		out = *base
	case base == nil:
		out = *over
	default:
		out = over.overriding(base)
	}
	out.typ = t
	out.fields = make([]*Value, len(t.Object.Fields))
	for i := range t.Object.Fields {
		f := &t.Object.Fields[i]
		out.fields[i] = mergeField(f, base.fieldOf(t.Object, i), over.fieldOf(t.Object, i))
	}
	if t.Object.Extra != nil {
		out.items = mergeItems(base.Items(), over.Items(), func(b, o *Value) *Value { return mergeExtra(t.Object.Extra, b, o) })
	}
	return &out
}

// Amend is overlay for a further file: the whole stays where base is, because that is
// where a field that no layer sets belongs. Both layers are set.
func Amend(t *Type, base, over *Value) *Value {
	out := Overlay(t, base, over)
	out.src, out.at, out.layer, out.overrode = base.src, base.at, base.layer, base.overrode
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
	case base == nil:
		return over
	case f.Merge == MergeKeys && base.Good() && over.Good():
		out := over.overriding(base)
		out.items = mergeItems(base.items, over.items, replaced)
		return &out
	case f.Merge == MergeFields && base.Good() && over.Good():
		return Overlay(f.Type, base, over)
	}
	return replaced(base, over)
}

// mergeExtra merges what two layers have for a key that no description names. Where
// neither can be read the later one stands, so that the key is there.
func mergeExtra(t *Type, base, over *Value) *Value {
	if t.Kind != ObjectKind || !base.Good() && !over.Good() {
		return replaced(base, over)
	}
	return Overlay(t, base, over)
}

// replaced is over in the place of base.
func replaced(base, over *Value) *Value {
	out := over.overriding(base)
	return &out
}

// overriding is v in the place of base. It is a copy: v is part of other merges, too, of
// other regions for example, in which it may stand in the place of something else.
func (v *Value) overriding(base *Value) Value {
	out := *v
	if v.overrode != nil {
		base = replaced(base, v.overrode)
	}
	out.overrode = base
	return out
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
