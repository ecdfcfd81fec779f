package manifest

import "slices"

// overlay puts over on base: the result is a t whose fields come from either,
// each in its field's merge mode. Values keep their places, so a finding points
// at the layer that set them. A nil layer, or one that could not be decoded,
// sets nothing. Neither layer is changed.
func overlay(t *typ, base, over *value) *value {
	if !over.good() {
		over = nil
	}
	if !base.good() {
		base = nil
	}
	if base == nil && over == nil {
		return nil
	}
	out := value{index: -1}
	if over != nil {
		out = *over
	} else {
		out = *base
	}
	out.typ = t
	out.fields = make([]*value, len(t.object.fields))
	for i := range t.object.fields {
		f := &t.object.fields[i]
		out.fields[i] = mergeField(f, base.fieldOf(t.object, i), over.fieldOf(t.object, i))
	}
	if t.object.extra != nil {
		out.items = mergeItems(base.list(), over.list(), func(b, o *value) *value { return overlay(t.object.extra, b, o) })
	}
	return &out
}

// amend is overlay for a further file: the whole stays where base is, because that is
// where a field that no layer sets belongs. Both layers are set.
func amend(t *typ, base, over *value) *value {
	out := overlay(t, base, over)
	out.src, out.at = base.src, base.at
	return out
}

// fieldOf is the field that object o has in slot i, by name where v has another
// object.
func (v *value) fieldOf(o *object, i int) *value {
	if v == nil || v.fields == nil {
		return nil
	}
	if v.typ.object == o {
		return v.fields[i]
	}
	if j, ok := v.typ.object.index[o.fields[i].key]; ok {
		return v.fields[j]
	}
	return nil
}

func mergeField(f *field, base, over *value) *value {
	switch {
	case over == nil:
		return base
	case base == nil || !base.good() || !over.good():
		return over
	case f.merge == mergeKeys:
		out := *over
		out.items = mergeItems(base.items, over.items, func(_, o *value) *value { return o })
		return &out
	case f.merge == mergeFields:
		return overlay(f.typ, base, over)
	}
	return over
}

// mergeItems is the union of two mappings; both decides about a key of both.
func mergeItems(base, over []*value, both func(base, over *value) *value) []*value {
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
