package yamldoc

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/verdict"
)

// maxNodes bounds what the aliases of one file may unfold to.
const maxNodes = 200_000

// decoder turns one file's nodes into values and reports what does not fit the
// description. It goes on after a mistake, so that a file's mistakes are all
// found in one run.
type decoder struct {
	*Reader
	src      *source
	found    func(verdict.Finding)
	textual  bool // keys may be any scalar
	nodes    int
	errors   int
	full     bool // a limit was exceeded; nothing more is read
	spare    []Value
	expected int        // values, beyond the spare ones
	seen     []position // of the keys of the objects being read, innermost last

	asked     *yaml.Node // the mapping whose keys were asked for last
	keysGiven []string   // in it
}

func (d *decoder) scalars() *Scalars { return &d.Profile.Scalars }

// value makes a value. They are allocated together: those that the file is expected to
// have, and few at a time of what aliases unfold to.
func (d *decoder) value(parent *Value, key string, index int, keyAt position) *Value {
	if len(d.spare) == 0 {
		d.spare = make([]Value, min(max(d.expected, 4), maxSpare))
		d.expected -= len(d.spare)
	}
	v := &d.spare[0]
	d.spare = d.spare[1:]
	v.parent, v.key, v.index, v.keyAt = parent, key, index, keyAt
	return v
}

// maxSpare keeps an allocation of values within the sizes that are cheap.
const maxSpare = 128

// values is how many values are in n, itself and no keys.
func values(n *yaml.Node) int {
	count, step := 1, 1
	if n.Kind == yaml.MappingNode {
		step = 2
	}
	for i := step - 1; i < len(n.Content); i += step {
		count += values(n.Content[i])
	}
	return count
}

// decode reads n as a t into v, whose parent and key are set, and returns v. A
// value that does not fit is reported and marked bad.
func (d *decoder) decode(n *yaml.Node, t *Type, v *Value) *Value {
	v.typ, v.src = t, d.src
	if n = d.resolveAlias(n, v); n == nil {
		v.bad = true
		return v
	}
	v.at = position{n.Line, n.Column}
	if d.isTemplate(n) {
		d.mismatch(n, v)
		return v
	}
	switch t.Kind {
	case ObjectKind:
		d.object(n, v)
	case MapKind:
		d.mapping(n, v)
	case ListKind:
		d.sequence(n, v, t.Elem)
	case StringsOrObjectKind:
		if n.Kind == yaml.MappingNode {
			d.object(n, v)
			break
		}
		d.oneOrMany(n, v)
	case StringsKind:
		d.oneOrMany(n, v)
	case IntOrListKind:
		if n.Kind == yaml.SequenceNode {
			d.sequence(n, v, t.Elem)
			break
		}
		d.scalar(n, v)
	case AnyKind:
		d.any(n, v)
	default:
		d.scalar(n, v)
	}
	return v
}

// resolveAlias follows an alias and keeps the budget. It returns nil when that is
// used up, which it reports once. The description of the keys has an end, so an
// alias that contains itself does too.
func (d *decoder) resolveAlias(n *yaml.Node, v *Value) *yaml.Node {
	d.nodes++
	v.at = position{n.Line, n.Column}
	switch {
	case d.full:
		return nil
	case d.nodes > maxNodes:
		d.full = true
		d.report(d.Rules.AliasExpansion, v.Place(), fmt.Sprintf("aliases unfold to more than %d values", maxNodes), "write the repeated parts out, or fewer of them")
		return nil
	}
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// report records a mistake.
func (d *decoder) report(r verdict.Rule, p verdict.Place, message, help string) {
	d.offer(r, p, message, Advice(help))
}

// offer records a mistake with a proposal. A file with more than a report holds is
// read no further; that more were found is for the report to say.
func (d *decoder) offer(r verdict.Rule, p verdict.Place, message string, how Proposal) {
	d.found(how.Of(r.At(p, message, "")))
	if r.Severity == verdict.Error {
		d.errors++
		d.full = d.full || d.errors > d.MaxErrors
	}
}

// object reads a mapping with known keys.
func (d *decoder) object(n *yaml.Node, v *Value) {
	o := v.typ.Object
	if n.Kind != yaml.MappingNode {
		d.mismatch(n, v)
		return
	}
	v.fields = make([]*Value, len(o.Fields))
	outer := len(d.seen)
	d.seen = append(d.seen, make([]position, len(o.Fields))...)
	defer func() { d.seen = d.seen[:outer] }()
	var extra index
	pairs := d.pairs(n, v)
	for i := 0; i+1 < len(pairs); i += 2 {
		key, content := d.key(pairs[i]), pairs[i+1]
		at := position{pairs[i].Line, pairs[i].Column}
		slot, known := o.index[key]
		if !known && !d.textual && o.Unknown != RejectUnknown && !d.keyFits(pairs[i], v) {
			continue
		}
		if !known && o.Unknown == ExtraFields {
			d.extra(key, at, content, v, &extra)
			continue
		}
		if !known {
			d.unknown(unknownKey{key, at, content, n}, v)
			continue
		}
		if first := d.seen[outer+slot]; first.line > 0 && !d.repeats(key, at, first, v) {
			continue
		}
		d.seen[outer+slot] = at
		v.fields[slot] = d.field(&o.Fields[slot], at, content, v)
	}
	d.required(v, d.seen[outer:])
}

func (d *decoder) required(v *Value, seen []position) {
	for i := range v.typ.Object.Fields {
		f := &v.typ.Object.Fields[i]
		if f.Required && seen[i].line == 0 && v.fields[i] == nil {
			help := "add " + f.Key
			if f.Doc != "" {
				help += ": " + phrase(f.Doc)
			}
			d.report(d.Rules.MissingField, v.Under(f.Key), fmt.Sprintf("%s is missing; expected %s", joinPath(v.Path(), f.Key), f.Type), help)
		}
	}
}

// phrase is a sentence as part of another.
func phrase(doc string) string {
	return strings.ToLower(doc[:1]) + strings.TrimSuffix(doc[1:], ".")
}

// field reads the content of one key; null leaves an optional field unset.
func (d *decoder) field(f *Field, at position, content *yaml.Node, parent *Value) *Value {
	v := d.value(parent, f.Key, -1, at)
	if d.isNull(content) && (!f.NotNull || !takesNull(f.Type)) {
		if !f.NotNull {
			return nil
		}
		v.typ, v.src, v.at, v.bad = f.Type, d.src, position{content.Line, content.Column}, true
		d.report(d.Rules.Null, v.Place(), fmt.Sprintf("%s is null; expected %s", v.Path(), f.Type), "give it a value or take the key out")
		return v
	}
	return d.decode(content, f.Type, v)
}

// takesNull says that null is a value like others where it is not absent.
func takesNull(t *Type) bool { return t.Kind == RelaxedKind || t.Kind == TextKind || t.Kind == AnyKind }

func (r *Reader) isNull(n *yaml.Node) bool {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Style != 0 {
		return n.Kind == yaml.ScalarNode && n.Style&yaml.TaggedStyle != 0 && r.Profile.Scalars.Node(n).Kind == NullScalar
	}
	return n.Kind == yaml.ScalarNode && slices.Contains(r.Profile.Scalars.Null, n.Value)
}

// key is the text of a mapping's key.
func (d *decoder) key(n *yaml.Node) string {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.ScalarNode {
		return d.describe(n)
	}
	return n.Value
}

// repeats reports a key that a description names and that stands twice. It returns true
// where the later one counts.
func (d *decoder) repeats(key string, at, first position, v *Value) bool {
	p := v.placeAt(at)
	p.Path = joinPath(v.Path(), key)
	if d.Profile.Repeats == LastCounts {
		d.repeated(p, first)
		return true
	}
	d.duplicate(p, first)
	return false
}

func (d *decoder) duplicate(p verdict.Place, first position) {
	d.report(d.Rules.DuplicateField, p, fmt.Sprintf("%s is given twice; it was first given in line %d, column %d", p.Path, first.line, first.column), "keep one of the two")
}

// repeated warns of a key that stands twice.
func (d *decoder) repeated(p verdict.Place, first position) {
	d.report(d.Rules.RepeatedKey, p, fmt.Sprintf("%s is given twice; this one replaces the one in line %d", p.Path, first.line), "keep one of the two")
}

// extra reads a key that is not described by name.
func (d *decoder) extra(key string, at position, content *yaml.Node, v *Value, known *index) {
	if d.merges(key, at, content, v, v.typ.Object.Extra) {
		return
	}
	e := d.decode(content, v.typ.Object.Extra, d.value(v, key, -1, at))
	v.items = d.keyed(v.items, e, known)
}

// keyed adds an entry to those of a mapping, or puts it in the place of one with the
// same key.
func (d *decoder) keyed(items []*Value, e *Value, known *index) []*Value {
	i, twice := known.find(items, e.key)
	switch {
	case twice && d.Profile.Repeats == RefuseRepeats:
		d.duplicate(e.KeyPlace(), items[i].keyAt)
		return items
	case twice:
		d.repeated(e.KeyPlace(), items[i].keyAt)
		items[i] = e
		return items
	}
	items = append(items, e)
	known.add(items)
	return items
}

// mapping reads a mapping with free keys.
func (d *decoder) mapping(n *yaml.Node, v *Value) {
	if n.Kind != yaml.MappingNode {
		d.mismatch(n, v)
		return
	}
	pairs := d.pairs(n, v)
	v.items = make([]*Value, 0, len(pairs)/2)
	var known index
	for i := 0; i+1 < len(pairs); i += 2 {
		if e := d.entry(pairs[i], pairs[i+1], v); e != nil {
			v.items = d.keyed(v.items, e, &known)
		}
	}
}

// entry reads one key and value of a free mapping, nil when the key is none.
func (d *decoder) entry(key, content *yaml.Node, parent *Value) *Value {
	e := d.value(parent, d.key(key), -1, position{key.Line, key.Column})
	if !d.keyFits(key, parent) || d.merges(e.key, e.keyAt, content, parent, parent.typ.Elem) {
		return nil
	}
	if parent.typ.Nullable && d.isNull(content) {
		e.typ, e.src, e.at, e.null = parent.typ.Elem, d.src, position{content.Line, content.Column}, true
		return e
	}
	return d.decode(content, parent.typ.Elem, e)
}

// keyFits says whether a free mapping takes the key: a string, and any scalar
// where the mapping is textual.
func (d *decoder) keyFits(key *yaml.Node, parent *Value) bool {
	n := key
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind == yaml.ScalarNode && (d.textual || parent.typ.AnyKeys || d.scalars().Node(n).Kind == StringScalar) {
		return true
	}
	p := parent.placeAt(position{key.Line, key.Column})
	help := Advice("")
	if n.Kind == yaml.ScalarNode {
		help = QuoteKey(n.Value, d.src.replace(position{key.Line, key.Column}, n.Value, strconv.Quote(n.Value)))
	}
	d.offer(d.Rules.WrongType, p, fmt.Sprintf("a key of %s is %s; expected a string", parent.Path(), d.describe(n)), help)
	return false
}

func (d *decoder) sequence(n *yaml.Node, v *Value, elem *Type) {
	if n.Kind != yaml.SequenceNode {
		d.mismatch(n, v)
		return
	}
	v.items = make([]*Value, len(n.Content))
	for i, c := range n.Content {
		v.items[i] = d.decode(c, elem, d.value(v, "", i, position{}))
	}
}

// oneOrMany reads a string or a list of strings as a list.
func (d *decoder) oneOrMany(n *yaml.Node, v *Value) {
	if n.Kind == yaml.SequenceNode {
		d.sequence(n, v, String)
		return
	}
	if n.Kind != yaml.ScalarNode || d.scalars().Node(n).Kind != StringScalar {
		d.mismatch(n, v)
		return
	}
	only := d.value(v.parent, v.key, v.index, v.keyAt)
	v.items = []*Value{d.decode(n, String, only)}
}
