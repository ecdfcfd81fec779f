package rule

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// adapter makes values of a document CEL's, without copying lists and mappings.
type adapter struct{}

// NativeToValue is a value of a document for CEL.
func (a adapter) NativeToValue(value any) ref.Val {
	switch v := value.(type) {
	case ref.Val:
		return v
	case nil:
		return types.NullValue
	case bool:
		return types.Bool(v)
	case string:
		return types.String(v)
	case int64:
		return types.Int(v)
	case uint64:
		return types.Uint(v)
	case float64:
		return types.Double(v)
	case json.Number:
		f, _ := strconv.ParseFloat(v.String(), 64) // the nearest there is
		return types.Double(f)
	case map[string]any:
		return &mapping{Mapper: types.NewStringInterfaceMap(a, v), values: v}
	case []any:
		return &list{Lister: types.NewList(a, v), items: v}
	case []string:
		return types.NewStringList(a, v)
	}
	return types.DefaultTypeAdapter.NativeToValue(value)
}

// list is a list of a document.
type list struct {
	traits.Lister
	items []any
}

// Fold goes through the items.
func (l *list) Fold(f traits.Folder) {
	for i, item := range l.items {
		if !f.FoldEntry(types.Int(i), adapter{}.NativeToValue(item)) {
			return
		}
	}
}

// mapping is a mapping of a document, gone through in the order of its keys.
type mapping struct {
	traits.Mapper
	values map[string]any
}

// FindStringKey is the value under a key, without a detour over ref.Val.
func (m *mapping) FindStringKey(key string) (any, bool) {
	v, ok := m.values[key]
	if v == nil && ok {
		return types.NullValue, true
	}
	return v, ok
}

func (m *mapping) keys() []string {
	keys := make([]string, 0, len(m.values))
	for key := range m.values {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Iterator goes through the keys in their order.
func (m *mapping) Iterator() traits.Iterator {
	return types.NewStringList(adapter{}, m.keys()).Iterator()
}

// Fold goes through keys and values in their order.
func (m *mapping) Fold(f traits.Folder) {
	for _, key := range m.keys() {
		if !f.FoldEntry(types.String(key), adapter{}.NativeToValue(m.values[key])) {
			return
		}
	}
}

// ordering is the function that is called, unseen, around all that loops go through.
const ordering = "@ordered"

// inOrder is a value as it is gone through: mappings that a rule makes itself are Go's, and get an
// order.
func inOrder(v ref.Val) ref.Val {
	switch m := v.(type) {
	case *mapping, *lazy, *ordered:
		return v
	case traits.Mapper:
		return &ordered{m}
	}
	return v
}

// ordered is a mapping that a rule made, gone through in the order of its keys.
type ordered struct{ traits.Mapper }

func (o *ordered) keys() []ref.Val {
	var keys []ref.Val
	for it := o.Mapper.Iterator(); it.HasNext() == types.True; {
		keys = append(keys, it.Next())
	}
	slices.SortFunc(keys, compareKeys)
	return keys
}

// Iterator goes through the keys in their order.
func (o *ordered) Iterator() traits.Iterator {
	return types.NewRefValList(adapter{}, o.keys()).Iterator()
}

// Fold goes through keys and values in their order.
func (o *ordered) Fold(f traits.Folder) {
	for _, key := range o.keys() {
		value, _ := o.Find(key)
		if !f.FoldEntry(key, value) {
			return
		}
	}
}

// compareKeys orders the keys that a mapping may have: numbers by their size, then texts, then the
// rest by its type.
func compareKeys(a, b ref.Val) int {
	if text, ok := a.(types.String); ok {
		if other, ok := b.(types.String); ok {
			return strings.Compare(string(text), string(other))
		}
	}
	if c := strings.Compare(a.Type().TypeName(), b.Type().TypeName()); c != 0 {
		return c
	}
	switch v := a.(type) {
	case types.Int:
		return cmp.Compare(v, b.(types.Int))
	case types.Uint:
		return cmp.Compare(v, b.(types.Uint))
	case types.Bool:
		return cmp.Compare(strconv.FormatBool(bool(v)), strconv.FormatBool(bool(b.(types.Bool))))
	case types.Double:
		return cmp.Compare(v, b.(types.Double))
	}
	return 0
}
