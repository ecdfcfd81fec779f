package manifest

import (
	"fmt"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// kind is the shape of value that a typ accepts.
type kind uint8

const (
	stringKind      kind = iota // a string scalar; a number or boolean must be quoted
	textKind                    // the literal text of any scalar
	relaxedKind                 // a string, number, boolean or null, turned into a string
	boolKind                    // true or false
	intKind                     // an integer from min to max
	enumKind                    // one of enum, exactly
	listKind                    // a sequence of elem
	mapKind                     // free keys, each value of elem
	objectKind                  // the fields of object
	stringsKind                 // a string or a sequence of strings
	intOrStringKind             // an integer from min to max, or a string
)

// typ describes the values that a field accepts.
type typ struct {
	kind     kind
	min, max int64
	enum     []string
	elem     *typ
	object   *object
	textual  bool   // list and map elements and keys may be any scalar
	nullable bool   // map values may be null, which removes the key on merging
	says     string // in words what is accepted, "" for what the kind says
	// meant proposes what a string in the place of a value was meant for, where the
	// type knows that better than its kind; ok is false where it does not either.
	meant func(text string, v *value) (p proposal, ok bool)
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
	refuses func(key string) (refusal, bool)
}

// refusal is why an object has no field for a key, where that is more than that it
// does not know it.
type refusal struct {
	rule          verdict.Rule
	message, help string
}

// refusing has o refuse some unknown keys in other words than those for a typo.
func (o *object) refusing(why func(key string) (refusal, bool)) *object {
	o.refuses = why
	return o
}

// refused is why o refuses a key that it does not have.
func (o *object) refused(key string) (refusal, bool) {
	if o.refuses == nil {
		return refusal{}, false
	}
	return o.refuses(key)
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
	stringsType = &typ{kind: stringsKind}

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
func intOf(min, max int64) *typ    { return &typ{kind: intKind, min: min, max: max} }

// intOrStringOf is an integer or a string; says names both.
func intOrStringOf(min, max int64, says string) *typ {
	return &typ{kind: intOrStringKind, min: min, max: max, says: says}
}

// withMeant has t propose what a string in the place of one of its values was meant for.
func (t *typ) withMeant(meant func(text string, v *value) (proposal, bool)) *typ {
	other := *t
	other.meant = meant
	return &other
}

// withKeys has the keys below t be any scalar, not strings alone.
func (t *typ) anyKeys() *typ {
	other := *t
	other.textual = true
	return &other
}

func enumOf(values ...string) *typ { return &typ{kind: enumKind, enum: values} }

// String says in words what t accepts, for messages and the reference page.
func (t *typ) String() string {
	if t.says != "" {
		return t.says
	}
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
		return fmt.Sprintf("an integer from %d to %d, or a string", t.min, t.max)
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
