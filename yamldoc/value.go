package yamldoc

import (
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/verdict"
)

// Value is a decoded YAML value that knows where it was written. A nil one stands for one
// that is not set: it may be asked for all that it has, and has nothing; it has no place.
// Values do not change once they are read and their layers are named, so goroutines share
// them.
//
// A value that could not be decoded is kept as a bad one: it is set, so that
// nothing calls it missing, but it has no content to judge.
type Value struct {
	typ    *Type
	src    *source
	parent *Value // with key and index it gives the path
	key    string
	index  int // in the parent's list, -1 elsewhere
	at     position
	keyAt  position // of the key, zero for list items
	bad    bool
	null   bool
	layer  uint16 // its number among the source's, from 1; 0 for the file as a whole
	style  yaml.Style
	text   string
	num    int64
	fields []*Value // of an object, by slot
	items  []*Value // of a list or mapping; the extra fields of an object

	overrode *Value // of an earlier layer, in whose place it stands
}

// position is a 1-based line and column, columns counting runes.
type position struct{ line, column int }

// Text is what a scalar reads as, "" of others.
func (v *Value) Text() string {
	if v == nil {
		return ""
	}
	return v.text
}

// Int is an integer, and 1 of true.
func (v *Value) Int() int64 {
	if v == nil {
		return 0
	}
	return v.num
}

// Key is the key that v is the value of, "" for what is none's.
func (v *Value) Key() string {
	if v == nil {
		return ""
	}
	return v.key
}

// Parent is the value that v is a part of in its file, nil for the file's own.
func (v *Value) Parent() *Value {
	if v == nil {
		return nil
	}
	return v.parent
}

// Kind is the kind of v's type, which v is set to have.
func (v *Value) Kind() Kind { return v.typ.Kind }

// Place is where v is written.
func (v *Value) Place() verdict.Place { return v.placeAt(v.at) }

// KeyPlace is where v's key is written.
func (v *Value) KeyPlace() verdict.Place {
	if v.keyAt.line == 0 {
		return v.Place()
	}
	return v.placeAt(v.keyAt)
}

func (v *Value) placeAt(p position) verdict.Place {
	return verdict.Place{File: v.src.name, Line: p.line, Column: p.column, Path: v.Path()}
}

// Named is a path in v's own file with the items of lists by name (see naming.Tree).
func (v *Value) Named(path string) string {
	if v == nil {
		return path
	}
	return v.src.names.Path(path)
}

// Under is v's place with the path of a key that v does not have.
func (v *Value) Under(key string) verdict.Place {
	p := v.Place()
	if v.keyAt.line > 0 {
		p = v.KeyPlace()
	}
	p.Path = joinPath(p.Path, key)
	return p
}

// Path is the YAML path in v's own file, such as workers[0].name.
func (v *Value) Path() string {
	switch {
	case v.parent == nil:
		return v.key
	case v.index >= 0:
		return v.parent.Path() + "[" + strconv.Itoa(v.index) + "]"
	}
	return joinPath(v.parent.Path(), v.key)
}

// segment is what v adds to the path of its parent, which is empty at the top.
func (v *Value) segment(top bool) string {
	switch {
	case v.index >= 0:
		return "[" + strconv.Itoa(v.index) + "]"
	case top:
		return v.key
	}
	return "." + v.key
}

func joinPath(parent, key string) string {
	if parent == "" {
		return key
	}
	return parent + "." + key
}

// Get is a field of an object, nil where it is not set.
func (v *Value) Get(key string) *Value {
	if v == nil || v.bad || v.fields == nil {
		return nil
	}
	return v.fields[v.typ.Object.slot(key)]
}

// Good says that v is set and was decoded.
func (v *Value) Good() bool { return v != nil && !v.bad }

// Missing says that a field of a decoded object is not set.
func (v *Value) Missing(key string) bool { return v.Good() && v.Get(key) == nil }

// Items is the elements of a list or the entries of a mapping that were decoded.
func (v *Value) Items() []*Value {
	if !v.Good() {
		return nil
	}
	return v.items
}

// Entries are the good entries of a mapping, sorted by key.
func (v *Value) Entries() []*Value {
	es := make([]*Value, 0, len(v.Items()))
	for _, e := range v.Items() {
		if e.Good() && !e.null {
			es = append(es, e)
		}
	}
	slices.SortFunc(es, func(a, b *Value) int { return compareStrings(a.key, b.key) })
	return es
}

func compareStrings(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Entry is the value of one key of a mapping.
func (v *Value) Entry(key string) *Value {
	if !v.Good() {
		return nil
	}
	for _, e := range v.items {
		if e.key == key {
			return e
		}
	}
	return nil
}

// TextOf is a field's text: the field's, or the default's where it is not set.
// ok is false for a field that could not be decoded, or has neither.
func (v *Value) TextOf(key string) (text string, ok bool) {
	if !v.Good() {
		return "", false
	}
	i := v.typ.Object.slot(key)
	if f := v.fields[i]; f != nil {
		return f.text, !f.bad
	}
	def := v.typ.Object.Fields[i].Default
	return def, def != ""
}

// Flag is a boolean field, false where it is not set.
func (v *Value) Flag(key string) bool {
	f := v.Get(key)
	return f.Good() && f.num != 0
}

// Number is an integer field.
func (v *Value) Number(key string) (n int64, ok bool) {
	f := v.Get(key)
	if !f.Good() {
		return 0, false
	}
	return f.num, true
}

// Texts are the texts of a list's elements.
func (v *Value) Texts() []string {
	list := v.Items()
	texts := make([]string, 0, len(list))
	for _, e := range list {
		if e.Good() {
			texts = append(texts, e.text)
		}
	}
	return texts
}

// Bad says that v is set and could not be decoded.
func (v *Value) Bad() bool { return v != nil && v.bad }

// IsText says that v was written as a string, where others may be written, too.
func (v *Value) IsText() bool {
	return v.style&^yaml.TaggedStyle != 0 || v.src.profile.Scalars.Plain(v.text).Kind == StringScalar
}

// AcceptsText says that v's type takes any text.
func (v *Value) AcceptsText() bool { return acceptsText(v.typ) }

// EmptyAt is an empty o that stands where place is.
func EmptyAt(o *Object, place *Value) *Value {
	v := *place
	v.typ, v.fields, v.items = ObjectOf(o), make([]*Value, len(o.Fields)), nil
	return &v
}

// Set gives an object that newValue has made a field, which keeps its place.
func (v *Value) Set(key string, field *Value) { v.fields[v.typ.Object.slot(key)] = field }

// SetZero gives an object that newValue has made a field with the zero value of its
// type, at the object's place.
func (v *Value) SetZero(key string) {
	i := v.typ.Object.slot(key)
	v.fields[i] = &Value{typ: v.typ.Object.Fields[i].Type, src: v.src, parent: v, key: key, index: -1, at: v.at, layer: v.layer}
}
