package yamldoc

import (
	"fmt"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// The description of a file: it is the one place where its keys are written down. It is
// data, made once and never changed.

// Kind is the shape of value that a Type accepts.
type Kind uint8

// The kinds.
const (
	StringKind          Kind = iota // a string scalar; a number or boolean must be quoted
	TextKind                        // the literal text of any scalar
	RelaxedKind                     // a string, number, boolean or null, turned into a string
	BoolKind                        // true or false
	IntKind                         // an integer from Min to Max
	EnumKind                        // one of Enum, exactly
	ListKind                        // a sequence of Elem
	MapKind                         // free keys, each value of Elem
	ObjectKind                      // the fields of Object
	StringsKind                     // a string or a sequence of strings
	IntOrStringKind                 // an integer from Min to Max, or a string
	StringsOrObjectKind             // a string, a sequence of strings, or the fields of Object
	AnyKind                         // anything
	IntOrListKind                   // an integer from Min to Max, or a sequence of Elem
)

// Type describes the values that a field accepts.
type Type struct {
	Kind     Kind
	Min, Max int64
	Enum     []string
	Elem     *Type
	Object   *Object
	AnyKeys  bool   // list and map elements and keys may be any scalar
	Nullable bool   // map values may be null, which removes the key on merging
	Says     string // in words what is accepted, "" for what the kind says
	// Meant proposes what a string in the place of a value was meant for, where the
	// type knows that better than its kind; ok is false where it does not either.
	Meant func(text string, v *Value) (p Proposal, ok bool)
}

// Unknown says what becomes of a key that an object does not have.
type Unknown uint8

// What becomes of an unknown key.
const (
	RejectUnknown Unknown = iota // it is refused
	IgnoreUnknown                // it is for others
	WarnUnknown                  // it has no effect, which is worth a warning
	ExtraFields                  // it is a further field, of type Extra
)

// Object describes a mapping with known keys: decoding, merging, the JSON Schema and the
// reference page all read it.
type Object struct {
	Name    string
	Doc     string
	Fields  []Field
	Unknown Unknown
	Extra   *Type // of unknown keys under ExtraFields
	// Refuses says of an unknown key why it is refused, where that is more than a typo; it
	// may be nil.
	Refuses func(key string) (Refusal, bool)

	index map[string]int
}

// Refusal is why an object refuses a key.
type Refusal struct {
	Rule          verdict.Rule
	Message, Help string
}

// Refusing sets Refuses.
func (o *Object) Refusing(why func(key string) (Refusal, bool)) *Object {
	o.Refuses = why
	return o
}

// refused is why o refuses a key that it does not have.
func (o *Object) refused(key string) (Refusal, bool) {
	if o.Refuses == nil {
		return Refusal{}, false
	}
	return o.Refuses(key)
}

// Field describes one key of an object.
type Field struct {
	Key      string
	Type     *Type
	Doc      string
	Default  string // the value that stands for an absent one, as YAML; "" for none
	Required bool
	NotNull  bool
	Root     bool // legal in a first file, not in an override of it
	Merge    Merge
}

// Merge is how a later layer's value meets an earlier one's.
type Merge uint8

// How layers meet.
const (
	ReplaceWhole Merge = iota // the later value stands alone
	MergeKeys                 // maps: union of keys, the later value wins per key
	MergeFields               // objects: field by field, each in its own mode
)

// NewObject describes a mapping with these keys, each once.
func NewObject(name, doc string, unknown Unknown, fields ...Field) *Object {
	o := &Object{Name: name, Doc: doc, Fields: fields, Unknown: unknown, index: make(map[string]int, len(fields))}
	for i, f := range fields {
		if _, twice := o.index[f.Key]; twice {
			panic(fmt.Sprintf("yamldoc: object %s describes %s twice", name, f.Key))
		}
		o.index[f.Key] = i
	}
	return o
}

// Pick is the fields of o with the keys given, in that order.
func (o *Object) Pick(keys ...string) []Field {
	fields := make([]Field, len(keys))
	for i, k := range keys {
		fields[i] = o.Fields[o.slot(k)]
	}
	return fields
}

// Field is the field of a key, if o has one.
func (o *Object) Field(key string) (f Field, ok bool) {
	i, ok := o.index[key]
	if ok {
		f = o.Fields[i]
	}
	return f, ok
}

// slot is the position of a field that o is known to have.
func (o *Object) slot(key string) int {
	i, ok := o.index[key]
	if !ok {
		panic(fmt.Sprintf("yamldoc: object %s has no field %s", o.Name, key))
	}
	return i
}

// Keys lists the names of o's fields.
func (o *Object) Keys() []string {
	keys := make([]string, len(o.Fields))
	for i, f := range o.Fields {
		keys[i] = f.Key
	}
	return keys
}

// Required describes a key that must be there, and is never null. Optional and Defaulted
// are the two ways for one to be absent.
func Required(key string, t *Type, doc string) Field {
	return Field{Key: key, Type: t, Doc: doc, Required: true, NotNull: true}
}

// Optional describes a key that may be absent; null says the same.
func Optional(key string, t *Type, doc string) Field {
	return Field{Key: key, Type: t, Doc: doc}
}

// Defaulted describes a key that may be absent, with a value that stands for it; null is
// refused.
func Defaulted(key string, t *Type, def, doc string) Field {
	return Field{Key: key, Type: t, Default: def, Doc: doc, NotNull: true}
}

// Or names the value that stands for an absent or null one.
func (f Field) Or(def string) Field { f.Default = def; return f }

// OnlyRoot makes f illegal in an override.
func (f Field) OnlyRoot() Field { f.Root = true; return f }

// NeverNull refuses null for a field that may be absent.
func (f Field) NeverNull() Field { f.NotNull = true; return f }

// Merged sets how layers of f meet; such fields are never null.
func (f Field) Merged(m Merge) Field { f.Merge, f.NotNull = m, true; return f }

// The types that are a kind and no more.
var (
	String  = &Type{Kind: StringKind}
	Text    = &Type{Kind: TextKind}
	Relaxed = &Type{Kind: RelaxedKind}
	Bool    = &Type{Kind: BoolKind}
	Strings = &Type{Kind: StringsKind}
	Any     = &Type{Kind: AnyKind}
)

// ListOf is a list of elem.
func ListOf(elem *Type) *Type { return &Type{Kind: ListKind, Elem: elem} }

// MapOf is a mapping with free keys, which are strings.
func MapOf(elem *Type) *Type { return &Type{Kind: MapKind, Elem: elem} }

// TextMapOf is a mapping with free keys, which are any scalars.
func TextMapOf(elem *Type) *Type { return &Type{Kind: MapKind, Elem: elem, AnyKeys: true} }

// NullableMapOf is a mapping in which null removes what an earlier layer has for the key.
func NullableMapOf(elem *Type) *Type { return &Type{Kind: MapKind, Elem: elem, Nullable: true} }

// ObjectOf is a mapping that is an o.
func ObjectOf(o *Object) *Type { return &Type{Kind: ObjectKind, Object: o} }

// IntOf is an integer from min to max.
func IntOf(min, max int64) *Type { return &Type{Kind: IntKind, Min: min, Max: max} }

// EnumOf is one of some texts.
func EnumOf(values ...string) *Type { return &Type{Kind: EnumKind, Enum: values} }

// IntOrStringOf is an integer or a string; says names both.
func IntOrStringOf(min, max int64, says string) *Type {
	return &Type{Kind: IntOrStringKind, Min: min, Max: max, Says: says}
}

// IntOrListOf is an integer, or a list of elem.
func IntOrListOf(min, max int64, elem *Type) *Type {
	return &Type{Kind: IntOrListKind, Min: min, Max: max, Elem: elem}
}

// StringsOr is a string, a list of strings, or a mapping that is an o.
func StringsOr(o *Object) *Type { return &Type{Kind: StringsOrObjectKind, Object: o} }

// Meaning is t with what a string in the place of one of its values was meant for.
func (t *Type) Meaning(meant func(text string, v *Value) (Proposal, bool)) *Type {
	other := *t
	other.Meant = meant
	return &other
}

// WithAnyKeys is t with any scalar as a key, where others have strings alone.
func (t *Type) WithAnyKeys() *Type {
	other := *t
	other.AnyKeys = true
	return &other
}

// String says in words what t accepts, for messages and the reference page.
func (t *Type) String() string {
	if t.Says != "" {
		return t.Says
	}
	switch t.Kind {
	case StringKind, TextKind:
		return "a string"
	case RelaxedKind:
		return "a string, number or boolean"
	case BoolKind:
		return "true or false"
	case IntKind:
		return fmt.Sprintf("an integer from %d to %d", t.Min, t.Max)
	case EnumKind:
		return "one of " + strings.Join(t.Enum, ", ")
	case ListKind:
		return "a list of " + plural(t.Elem)
	case MapKind:
		return "a mapping of names to " + plural(t.Elem)
	case ObjectKind:
		return "a mapping (" + t.Object.Name + ")"
	case StringsKind:
		return "a string or a list of strings"
	case StringsOrObjectKind:
		return "a string, a list of strings or a mapping (" + t.Object.Name + ")"
	case AnyKind:
		return "anything"
	case IntOrListKind:
		return fmt.Sprintf("an integer from %d to %d, or a list of %s", t.Min, t.Max, plural(t.Elem))
	default:
		return fmt.Sprintf("an integer from %d to %d, or a string", t.Min, t.Max)
	}
}

// plural is String for several values, for the inside of lists and mappings.
func plural(t *Type) string {
	switch t.Kind {
	case StringKind, TextKind:
		return "strings"
	case RelaxedKind:
		return "strings, numbers or booleans"
	case ObjectKind:
		return "mappings (" + t.Object.Name + ")"
	default:
		return t.String()
	}
}
