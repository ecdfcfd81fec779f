package tera

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// firstItem and lastItem give an empty string for an empty list.
func firstItem(f *invocation) (any, *Error) {
	list, err := f.list()
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[0], nil
}

func lastItem(f *invocation) (any, *Error) {
	list, err := f.list()
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[len(list)-1], nil
}

func joinItems(f *invocation) (any, *Error) {
	list, err := f.list()
	if err != nil {
		return nil, err
	}
	sep, err := f.textArg("sep", "")
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	for i, item := range list {
		text, err := f.r.text(f.call.pos, item)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b.WriteString(sep)
		}
		if err := f.r.grow(f.call.pos, b.Len()+len(text)); err != nil {
			return nil, err
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

// concatLists appends a list, or a single value.
func concatLists(f *invocation) (any, *Error) {
	list, err := f.list()
	if err != nil {
		return nil, err
	}
	with, err := f.needs("with")
	if err != nil {
		return nil, err
	}
	if more, ok := with.([]any); ok {
		return slices.Concat(list, more), nil
	}
	return slices.Concat(list, []any{with}), nil
}

// sliceItems cuts a list from start to before end. Tera crashes on a start
// behind the end.
func sliceItems(f *invocation) (any, *Error) {
	list, err := f.list()
	if err != nil || len(list) == 0 {
		return list, err
	}
	start, err := f.bound("start", 0, len(list))
	if err != nil {
		return nil, err
	}
	if start > len(list) {
		return []any{}, nil
	}
	end, err := f.bound("end", len(list), len(list))
	if err != nil {
		return nil, err
	}
	if end = min(end, len(list)); start > end {
		return nil, f.errorf("needs a start before its end, got %d and %d", start, end)
	}
	return slices.Clone(list[start:end]), nil
}

// bound is an index argument: fractions are cut off, and what is below the list
// or above it is 0 or one more than its length.
func (f *invocation) bound(name string, other, length int) (int, *Error) {
	v, ok := f.args[name]
	if !ok {
		return other, nil
	}
	if !isNumber(v) {
		return 0, f.errorf("needs a number as %q, got %s", name, kindOf(v))
	}
	return int(math.Min(math.Max(toFloat(v), 0), float64(length+1))), nil
}

// attribute makes the keys of the path that an argument names.
func (f *invocation) attribute() ([]string, *Error) {
	name, err := f.neededText("attribute")
	if err != nil {
		return nil, err
	}
	return strings.Split(name, "."), nil
}

// selectItems keeps what has value as its attribute.
func selectItems(f *invocation) (any, *Error) {
	list, err := f.list()
	if err != nil || len(list) == 0 {
		return list, err
	}
	keys, err := f.attribute()
	if err != nil {
		return nil, err
	}
	value, err := f.needs("value")
	if err != nil {
		return nil, err
	}
	kept := []any{}
	for _, item := range list {
		v, ok := fields(item, keys)
		if !ok || v == nil {
			continue
		}
		same, err := f.r.equal(f.call.pos, v, value, 0)
		if err != nil {
			return nil, err
		}
		if same {
			kept = append(kept, item)
		}
	}
	return kept, nil
}

// groupItems makes a map of lists. The keys are JSON, so those of strings have
// quotes, as in Tera.
func groupItems(f *invocation) (any, *Error) {
	list, err := f.list()
	if err != nil {
		return nil, err
	}
	groups := map[string]any{}
	if len(list) == 0 {
		return groups, nil
	}
	keys, err := f.attribute()
	if err != nil {
		return nil, err
	}
	for _, item := range list {
		v, ok := fields(item, keys)
		if !ok || v == nil {
			continue
		}
		name, err := f.r.json(f.call.pos, v, false)
		if err != nil {
			return nil, err
		}
		group, _ := groups[name].([]any)
		groups[name] = append(group, item)
	}
	return groups, nil
}

// sortItems sorts stably by the items or by an attribute of theirs, which must
// all be numbers, strings, booleans or lists; lists sort by length.
func sortItems(f *invocation) (any, *Error) {
	list, err := f.list()
	if err != nil || len(list) == 0 {
		return list, err
	}
	name, err := f.textArg("attribute", "")
	if err != nil {
		return nil, err
	}
	type pair struct{ key, item any }
	pairs := make([]pair, len(list))
	for i, item := range list {
		key := item
		if name != "" {
			var ok bool
			if key, ok = fields(item, strings.Split(name, ".")); !ok {
				return nil, f.errorf("finds no attribute %s in every item", quote(name))
			}
		}
		pairs[i] = pair{key, item}
		if kind := sortKind(key); kind == "" || kind != sortKind(pairs[0].key) {
			return nil, f.errorf("needs items of one kind that has an order, got %s", kindOf(key))
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return compareKeys(a.key, b.key) })
	sorted := make([]any, len(pairs))
	for i, p := range pairs {
		sorted[i] = p.item
	}
	return sorted, nil
}

// sortKind names the kinds that can be sorted; empty for others.
func sortKind(v any) string {
	switch v.(type) {
	case nil, map[string]any:
		return ""
	}
	return kindOf(v)
}

// compareKeys orders two keys of one kind.
func compareKeys(a, b any) int {
	switch a := a.(type) {
	case string:
		return strings.Compare(a, b.(string))
	case bool:
		switch {
		case a == b.(bool):
			return 0
		case a:
			return 1
		}
		return -1
	case []any:
		return cmp.Compare(len(a), len(b.([]any)))
	}
	return cmp.Compare(toFloat(a), toFloat(b))
}
