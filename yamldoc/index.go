package yamldoc

import "slices"

// index finds the entries of a mapping by key: the few of an ordinary mapping by
// looking at each, many by a map. The zero value is that of no entries.
type index struct{ at map[string]int }

// fewEntries is how many entries are looked at one by one.
const fewEntries = 32

// add notes the last of items.
func (x *index) add(items []*Value) {
	if len(items) <= fewEntries {
		return
	}
	first := len(items) - 1
	if x.at == nil {
		x.at, first = make(map[string]int, 2*len(items)), 0
	}
	for i, v := range items[first:] {
		x.at[v.key] = first + i
	}
}

func (x *index) find(items []*Value, key string) (int, bool) {
	if len(items) > fewEntries {
		i, ok := x.at[key]
		return i, ok
	}
	i := slices.IndexFunc(items, func(v *Value) bool { return v.key == key })
	return i, i >= 0
}
