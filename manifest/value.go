package manifest

import (
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/verdict"
)

// value is a decoded YAML value that knows where it was written. Its parent,
// key and index give the YAML path when one is asked for. All methods may be
// called on a nil value, which stands for one that is not set.
//
// A value that could not be decoded is kept as a bad one: it is set, so that
// nothing calls it missing, but it has no content to judge.
type value struct {
	typ    *typ
	src    *source
	parent *value
	key    string
	index  int // in the parent's list, -1 elsewhere
	at     position
	keyAt  position // of the key, zero for list items
	bad    bool
	null   bool
	style  yaml.Style
	text   string
	num    int64
	fields []*value // of an object, by slot
	items  []*value // of a list or mapping; the extra fields of an object
}

// position is a 1-based line and column, columns counting runes.
type position struct{ line, column int }

// place is where v is written.
func (v *value) place() verdict.Place { return v.placeAt(v.at) }

// keyPlace is where v's key is written.
func (v *value) keyPlace() verdict.Place {
	if v.keyAt.line == 0 {
		return v.place()
	}
	return v.placeAt(v.keyAt)
}

func (v *value) placeAt(p position) verdict.Place {
	return verdict.Place{File: v.src.name, Line: p.line, Column: p.column, Path: v.path()}
}

// under is v's place with the path of a key that v does not have.
func (v *value) under(key string) verdict.Place {
	p := v.place()
	if v.keyAt.line > 0 {
		p = v.keyPlace()
	}
	p.Path = joinPath(p.Path, key)
	return p
}

// path is the YAML path, such as workers[0].name.
func (v *value) path() string {
	switch {
	case v.parent == nil:
		return v.key
	case v.index >= 0:
		return v.parent.path() + "[" + strconv.Itoa(v.index) + "]"
	default:
		return joinPath(v.parent.path(), v.key)
	}
}

func joinPath(parent, key string) string {
	if parent == "" {
		return key
	}
	return parent + "." + key
}

// get is a field of an object, nil where it is not set.
func (v *value) get(key string) *value {
	if v == nil || v.bad || v.fields == nil {
		return nil
	}
	return v.fields[v.typ.object.slot(key)]
}

// good says that v is set and was decoded.
func (v *value) good() bool { return v != nil && !v.bad }

// missing says that a field of a decoded object is not set.
func (v *value) missing(key string) bool { return v.good() && v.get(key) == nil }

// list is the elements of a list or the entries of a mapping that were decoded.
func (v *value) list() []*value {
	if !v.good() {
		return nil
	}
	return v.items
}

// entries are the good entries of a mapping, sorted by key.
func (v *value) entries() []*value {
	es := make([]*value, 0, len(v.list()))
	for _, e := range v.list() {
		if e.good() && !e.null {
			es = append(es, e)
		}
	}
	slices.SortFunc(es, func(a, b *value) int { return compareStrings(a.key, b.key) })
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

// entry is the value of one key of a mapping.
func (v *value) entry(key string) *value {
	if !v.good() {
		return nil
	}
	for _, e := range v.items {
		if e.key == key {
			return e
		}
	}
	return nil
}

// str is a field's text: the field's, or the default's where it is not set.
// ok is false for a field that could not be decoded, or has neither.
func (v *value) str(key string) (text string, ok bool) {
	if !v.good() {
		return "", false
	}
	i := v.typ.object.slot(key)
	if f := v.fields[i]; f != nil {
		return f.text, !f.bad
	}
	def := v.typ.object.fields[i].def
	return def, def != ""
}

// flag is a boolean field, false where it is not set.
func (v *value) flag(key string) bool {
	f := v.get(key)
	return f.good() && f.num != 0
}

// number is an integer field.
func (v *value) number(key string) (n int64, ok bool) {
	f := v.get(key)
	if !f.good() {
		return 0, false
	}
	return f.num, true
}

// strings are the texts of a list's elements.
func (v *value) strings() []string {
	list := v.list()
	texts := make([]string, 0, len(list))
	for _, e := range list {
		if e.good() {
			texts = append(texts, e.text)
		}
	}
	return texts
}

// isBad says that v is set and could not be decoded.
func (v *value) isBad() bool { return v != nil && v.bad }

// isText says that v was written as a string, where others may be written, too.
func (v *value) isText() bool {
	return v.style&^yaml.TaggedStyle != 0 || v.src.profile.Scalars.plain(v.text).kind == scalarString
}

// acceptsText says that v's type takes any text.
func (v *value) acceptsText() bool { return acceptsText(v.typ) }

// newValue is an empty o that stands where place is.
func newValue(o *object, place *value) *value {
	v := *place
	v.typ, v.fields, v.items = objectOf(o), make([]*value, len(o.fields)), nil
	return &v
}

// set gives an object that newValue has made a field, which keeps its place.
func (v *value) set(key string, field *value) { v.fields[v.typ.object.slot(key)] = field }

// setZero gives an object that newValue has made a field with the zero value of its
// type, at the object's place.
func (v *value) setZero(key string) {
	i := v.typ.object.slot(key)
	v.fields[i] = &value{typ: v.typ.object.fields[i].typ, src: v.src, parent: v, key: key, index: -1, at: v.at}
}
