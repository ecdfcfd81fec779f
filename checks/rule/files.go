package rule

import (
	"reflect"
	"slices"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// lazy is a mapping from paths to documents, which are read when they are asked for.
type lazy struct {
	paths []string                      // all that may have one
	read  func(path string) (any, bool) // nil where there is none
}

// FindStringKey is the document of a path.
func (l *lazy) FindStringKey(path string) (any, bool) {
	if l.read == nil {
		return nil, false
	}
	v, ok := l.read(path)
	if v == nil && ok {
		return types.NullValue, true
	}
	return v, ok
}

// Find is the document of a path.
func (l *lazy) Find(key ref.Val) (ref.Val, bool) {
	path, ok := key.(types.String)
	if !ok {
		return nil, false
	}
	v, ok := l.FindStringKey(string(path))
	if !ok {
		return nil, false
	}
	return adapter{}.NativeToValue(v), true
}

// Get is the document of a path, or an error.
func (l *lazy) Get(key ref.Val) ref.Val {
	v, ok := l.Find(key)
	if !ok {
		return types.ValOrErr(v, "no such key: %v", key)
	}
	return v
}

// Contains says whether a path has a document.
func (l *lazy) Contains(key ref.Val) ref.Val {
	_, ok := l.Find(key)
	return types.Bool(ok)
}

// there are the paths that have a document, sorted. All files are read for it.
func (l *lazy) there() []string {
	paths := slices.DeleteFunc(slices.Clone(l.paths), func(path string) bool {
		_, ok := l.FindStringKey(path)
		return !ok
	})
	slices.Sort(paths)
	return paths
}

// Iterator goes through the paths in their order.
func (l *lazy) Iterator() traits.Iterator {
	return types.NewStringList(adapter{}, l.there()).Iterator()
}

// Fold goes through paths and documents in their order.
func (l *lazy) Fold(f traits.Folder) {
	for _, path := range l.there() {
		if v, ok := l.Find(types.String(path)); ok && !f.FoldEntry(types.String(path), v) {
			return
		}
	}
}

// Size is how many paths have a document.
func (l *lazy) Size() ref.Val { return types.Int(len(l.there())) }

// all is the mapping with all its documents.
func (l *lazy) all() traits.Mapper {
	values := map[string]any{}
	for _, path := range l.there() {
		values[path], _ = l.read(path)
	}
	return adapter{}.NativeToValue(values).(traits.Mapper)
}

// ConvertToNative is the mapping in one of Go's types.
func (l *lazy) ConvertToNative(typ reflect.Type) (any, error) { return l.all().ConvertToNative(typ) }

// ConvertToType is the mapping as it is, or its type.
func (l *lazy) ConvertToType(typ ref.Type) ref.Val { return l.all().ConvertToType(typ) }

// Equal compares all documents.
func (l *lazy) Equal(other ref.Val) ref.Val { return l.all().Equal(other) }

// Type is CEL's map.
func (l *lazy) Type() ref.Type { return types.MapType }

// Value is the mapping with all its documents.
func (l *lazy) Value() any { return l.all().Value() }
