package manifest

import (
	"fmt"
	"math"
	"strings"
)

// kind is the shape of value that a typ accepts.
type kind uint8

const (
	stringKind  kind = iota // a string scalar; a number or boolean must be quoted
	textKind                // the literal text of any scalar
	relaxedKind             // a string, number, boolean or null, turned into a string
	boolKind                // true or false
	intKind                 // an integer from min to max
	enumKind                // one of enum, exactly
	listKind                // a sequence of elem
	mapKind                 // free keys, each value of elem
	objectKind              // the fields of object
	stringsKind             // a string or a sequence of strings
	amountKind              // a non-negative integer or a string such as 25%
)

// typ describes the values that a field accepts.
type typ struct {
	kind     kind
	min, max int64
	enum     []string
	elem     *typ
	object   *object
	mode     bool // an integer that is the mode of a file
	textual  bool // list and map elements and keys may be any scalar
	nullable bool // map values may be null, which removes the key on merging
}

// unknownPolicy says what becomes of a key that an object does not have.
type unknownPolicy uint8

const (
	rejectUnknown unknownPolicy = iota
	ignoreUnknown               // of teams.yml, which other programs read too
	warnUnknown                 // ignored by shipcat, worth a warning
	extraFields                 // a further field of type object.extra
)

// object describes a mapping with known keys. It is the one place where they
// are written down: decoding, merging, the JSON Schema and the reference page
// all read it.
type object struct {
	name    string
	doc     string
	fields  []field
	unknown unknownPolicy
	extra   *typ // of unknown keys under extraFields
	index   map[string]int
}

// field describes one key of an object.
type field struct {
	key      string
	typ      *typ
	doc      string
	def      string // the value that stands for an absent one, as YAML; "" for none
	required bool
	notNull  bool
	root     bool // legal in manifest.yml, not in an override
	merge    mergeMode
}

// mergeMode is how a later layer's value meets an earlier one's.
type mergeMode uint8

const (
	replaceWhole mergeMode = iota // the later value stands alone
	mergeKeys                     // maps: union of keys, the later value wins per key
	mergeFields                   // objects: field by field, each in its own mode
)

func newObject(name, doc string, unknown unknownPolicy, fields ...field) *object {
	o := &object{name: name, doc: doc, fields: fields, unknown: unknown, index: make(map[string]int, len(fields))}
	for i, f := range fields {
		if _, twice := o.index[f.key]; twice {
			panic(fmt.Sprintf("manifest: object %s describes %s twice", name, f.key))
		}
		o.index[f.key] = i
	}
	return o
}

// pick is the fields of o with the keys given, in that order.
func (o *object) pick(keys ...string) []field {
	fields := make([]field, len(keys))
	for i, k := range keys {
		fields[i] = o.fields[o.slot(k)]
	}
	return fields
}

// slot is the position of a field that o is known to have.
func (o *object) slot(key string) int {
	i, ok := o.index[key]
	if !ok {
		panic(fmt.Sprintf("manifest: object %s has no field %s", o.name, key))
	}
	return i
}

// keys lists the names of o's fields.
func (o *object) keys() []string {
	keys := make([]string, len(o.fields))
	for i, f := range o.fields {
		keys[i] = f.key
	}
	return keys
}

// required, optional and defaulted are the three ways for a key to be absent:
// not at all; yes, and null says the same; yes, with a value that stands for
// it, and null is refused.
func required(key string, t *typ, doc string) field {
	return field{key: key, typ: t, doc: doc, required: true, notNull: true}
}

func optional(key string, t *typ, doc string) field {
	return field{key: key, typ: t, doc: doc}
}

func defaulted(key string, t *typ, def, doc string) field {
	return field{key: key, typ: t, def: def, doc: doc, notNull: true}
}

// or names the value that stands for an absent or null one.
func (f field) or(def string) field { f.def = def; return f }

// onlyRoot makes f illegal in override files.
func (f field) onlyRoot() field { f.root = true; return f }

// neverNull refuses null for a field that may be absent.
func (f field) neverNull() field { f.notNull = true; return f }

// merged sets how layers of f meet; such fields are never null.
func (f field) merged(m mergeMode) field { f.merge, f.notNull = m, true; return f }

var (
	stringType  = &typ{kind: stringKind}
	textType    = &typ{kind: textKind}
	relaxedType = &typ{kind: relaxedKind}
	boolType    = &typ{kind: boolKind}
	u16Type     = &typ{kind: intKind, max: math.MaxUint16}
	u32Type     = &typ{kind: intKind, max: math.MaxUint32}
	modeType    = &typ{kind: intKind, max: math.MaxUint32, mode: true}
	i32Type     = &typ{kind: intKind, min: math.MinInt32, max: math.MaxInt32}
	stringsType = &typ{kind: stringsKind}
	amountType  = &typ{kind: amountKind, max: math.MaxUint32}

	stringList = listOf(stringType)
	stringMap  = mapOf(stringType)
	relaxedMap = mapOf(relaxedType)
	textList   = &typ{kind: listKind, elem: textType, textual: true}
	textMap    = &typ{kind: mapKind, elem: textType, textual: true}
)

func listOf(elem *typ) *typ        { return &typ{kind: listKind, elem: elem} }
func mapOf(elem *typ) *typ         { return &typ{kind: mapKind, elem: elem} }
func textMapOf(elem *typ) *typ     { return &typ{kind: mapKind, elem: elem, textual: true} }
func nullableMapOf(elem *typ) *typ { return &typ{kind: mapKind, elem: elem, nullable: true} }
func objectOf(o *object) *typ      { return &typ{kind: objectKind, object: o} }
func enumOf(values ...string) *typ { return &typ{kind: enumKind, enum: values} }

// String says in words what t accepts, for messages and the reference page.
func (t *typ) String() string {
	switch t.kind {
	case stringKind, textKind:
		return "a string"
	case relaxedKind:
		return "a string, number or boolean"
	case boolKind:
		return "true or false"
	case intKind:
		return fmt.Sprintf("an integer from %d to %d", t.min, t.max)
	case enumKind:
		return "one of " + strings.Join(t.enum, ", ")
	case listKind:
		return "a list of " + plural(t.elem)
	case mapKind:
		return "a mapping of names to " + plural(t.elem)
	case objectKind:
		return "a mapping (" + t.object.name + ")"
	case stringsKind:
		return "a string or a list of strings"
	default:
		return "a number of replicas or a percentage such as 25%"
	}
}

// plural is String for several values, for the inside of lists and mappings.
func plural(t *typ) string {
	switch t.kind {
	case stringKind, textKind:
		return "strings"
	case relaxedKind:
		return "strings, numbers or booleans"
	case objectKind:
		return "mappings (" + t.object.name + ")"
	default:
		return t.String()
	}
}
