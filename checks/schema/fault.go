package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// fault is one thing that keeps a value from fitting a schema.
type fault struct {
	rule verdict.Rule
	way  []string // to the value, or to the one whose key it is
	key  bool     // it is at the key that way ends in
	// ofKey: the key itself is what is judged.
	ofKey bool
	// of is the way to what said is about, nil for way; whole says that said needs no subject.
	of    []string
	whole bool
	said  string
	// takes is what the value must do to fit, behind "must".
	takes string
	help  string
	about string // the schema's own words
	hint  string

	got     any   // of wrong-type and not-allowed
	want    types // of wrong-type
	allowed []any // of not-allowed
	near    bool  // one of the allowed looks like the value
	// depends are the ways to the values by which a schema decided that it holds.
	depends [][]string
	keys    []string // of unknown-key and missing-key
	beside  bool     // of missing-key: the key at way asks for it
	item    []string // of duplicate-item: the item, in a few words
	related []relation
}

// relation is another place that a fault speaks of.
type relation struct {
	way  []string
	key  bool
	text string
}

// Each of these puts a fault into the list, unless that is nil, and is false: the value does
// not fit.

func (out *faults) put(f fault) {
	if !out.full() {
		out.list = append(out.list, f)
	}
}

func (out *faults) ofAnotherType(e *evaluation, n *node, v any) bool {
	if out == nil {
		return false
	}
	f := fault{rule: wrongType, way: e.here(), about: n.about, got: v, want: n.types}
	if typeOf(v) == 0 {
		f.said, f.takes = "is "+show(v)+", which is no number of JSON Schema", "be another number"
	} else {
		f.said, f.takes = "must be "+n.types.String()+", not "+show(v), "be "+n.types.String()
		f.help = retype(n.types, v)
	}
	if v == nil && len(f.way) == 0 {
		f.help = "" // a document has no key to leave out
	}
	out.put(f)
	return false
}

func (out *faults) notAmong(e *evaluation, n *node, v any, allowed *enum) bool {
	if out == nil {
		return false
	}
	out.put(among(e.here(), v, allowed.values, n.about))
	return false
}

// among is the fault of a value that is none of those that are allowed.
func among(way []string, v any, allowed []any, about string) fault {
	f := fault{rule: notAllowed, way: way, got: v, allowed: allowed, about: about, takes: "be " + list(allowed, "one of ")}
	if len(allowed) == 1 {
		f.said = "must be " + show(allowed[0]) + ", not " + show(v)
	} else {
		f.said = "is " + show(v) + ", which is none of " + list(allowed, "")
	}
	f.help = alike(v, allowed)
	f.near = f.help != ""
	return f
}

func (out *faults) misformatted(e *evaluation, n *node, v string, err error) bool {
	if out == nil {
		return false
	}
	out.put(fault{rule: format, way: e.here(), about: n.about, takes: "be in the format " + n.format.Name,
		said: fmt.Sprintf("is %s, which is no %s: %s", quote(v), n.format.Name, brief(err.Error()))})
	return false
}

func (out *faults) unmatched(e *evaluation, n *node, v string) bool {
	if out == nil {
		return false
	}
	re := brief(n.text.pattern.String())
	out.put(fault{rule: pattern, way: e.here(), about: n.about, said: "is " + quote(v) + ", which does not match " + re, takes: "match " + re})
	return false
}

func (out *faults) outside(e *evaluation, n *node, v any, words string, b *bound) bool {
	if out == nil {
		return false
	}
	out.put(fault{rule: outOfRange, way: e.here(), about: n.about, takes: "be " + words + " " + b.String(),
		said: "is " + show(v) + ", and must be " + words + " " + b.String()})
	return false
}

// count is about how many characters, items or keys a value has.
func (out *faults) count(e *evaluation, n *node, one, many string, got, least, most int) bool {
	if out == nil {
		return false
	}
	f := fault{rule: items, way: e.here(), about: n.about}
	if one == "character" {
		f.rule = length
	}
	f.size(got, least, most, one, many)
	out.put(f)
	return false
}

// size lets f say how many there are, and how many there must be.
func (f *fault) size(got, least, most int, one, many string) {
	has := "has " + number(got, one, many)
	switch {
	case got == 0:
		f.said, f.takes = "is empty, and needs at least "+number(least, one, many), "have at least "+number(least, one, many)
	case got < least:
		f.said, f.takes = has+", and needs at least "+number(least, one, many), "have at least "+number(least, one, many)
	case most == 0:
		f.said, f.takes = has+", and must be empty", "be empty"
	default:
		f.said, f.takes = has+", and may have at most "+number(most, one, many), "have at most "+number(most, one, many)
	}
}

// missing is about a key that a mapping lacks; beside is the key that asks for it, "" if the mapping
// does.
func (out *faults) missing(e *evaluation, n *node, v map[string]any, k, beside string) bool {
	if out == nil {
		return false
	}
	f := fault{rule: missingKey, way: e.here(), key: true}
	if beside != "" {
		f.way, f.beside = e.here(key(beside)), true
	}
	f.lack([]string{k})
	if of := n.property(k); of != nil {
		f.about = of.about
	}
	strange := slices.DeleteFunc(sortedKeys(v), func(given string) bool { return given == beside || n.property(given) != nil })
	if near := yamldoc.Nearest(k, strange); near != "" {
		f.help = fmt.Sprintf("is %q meant?", near)
		f.related = []relation{{e.here(key(near)), true, "looks like it"}}
	}
	out.put(f)
	return false
}

// lack lets f be about keys that a mapping lacks.
func (f *fault) lack(keys []string) {
	f.keys = keys
	f.said, f.takes = "needs "+keyWords(keys, "and"), "have "+keyWords(keys, "and")
	if f.beside {
		f.said += " beside it"
	}
}

func (out *faults) unknown(e *evaluation, n *node, in map[string]any, k string) bool {
	if out == nil {
		return false
	}
	f := fault{rule: unknownKey, way: e.here(key(k)), key: true, of: e.here(), whole: true, keys: []string{k},
		said: "unknown key " + quote(k), takes: "not have " + keyWords([]string{k}, "and")}
	var free []string
	for _, known := range n.declared() {
		if _, given := in[known]; !given {
			free = append(free, known)
		}
	}
	if near := yamldoc.Nearest(k, free); near != "" {
		f.help = fmt.Sprintf("did you mean %q?", near)
	} else {
		f.help = yamldoc.Choices(free)
	}
	out.put(f)
	return false
}

// noSuchKey is about a key whose schema is false.
func (out *faults) noSuchKey(e *evaluation, k string) bool {
	if out == nil {
		return false
	}
	out.put(fault{rule: notAllowed, way: e.here(key(k)), key: true, of: e.here(), whole: true,
		said: "the key " + quote(k) + " is not allowed", takes: "not have " + keyWords([]string{k}, "and")})
	return false
}

func (out *faults) repeated(e *evaluation, v []any, first, second int) bool {
	if out == nil {
		return false
	}
	out.put(fault{rule: duplicateItem, way: e.here(item(second)), item: []string{show(v[second])}, said: "is " + show(v[second]) + ", which is in the list already", takes: "be in the list once",
		related: []relation{{e.here(item(first)), false, "the first one"}}})
	return false
}

// tooMany is about items for which there is no schema, or a false one.
func (out *faults) tooMany(e *evaluation, n *node, v []any, most int) bool {
	if out == nil {
		return false
	}
	f := fault{rule: items, way: e.here(item(most)), of: e.here(), about: n.about}
	f.size(len(v), 0, most, "item", "items")
	out.put(f)
	return false
}

// lacks is about contains.
func (out *faults) lacks(e *evaluation, n *node, found int) bool {
	if out == nil {
		return false
	}
	such := "that the schema asks for"
	in := does
	if found > 1 {
		in = do
	}
	if is := expects(n.list.contains, in); is != "" {
		such = "that " + is
	}
	f := fault{rule: items, way: e.here(), about: n.list.contains.about, takes: "have another number of items " + such}
	switch {
	case found == 0:
		f.said, f.takes = "has no item "+such, "have an item "+such
	case found < n.list.least:
		f.said = fmt.Sprintf("has %s %s, and needs at least %d", number(found, "item", "items"), such, n.list.least)
	default:
		f.said = fmt.Sprintf("has %s %s, and may have at most %d", number(found, "item", "items"), such, n.list.most)
	}
	out.put(f)
	return false
}

// forbidden is about not.
func (out *faults) forbidden(e *evaluation, n *node, v any) bool {
	if out == nil {
		return false
	}
	f := fault{rule: not, way: e.here(), about: n.not.about}
	want := expects(n.not, must)
	switch o := n.not.object; {
	case o != nil && len(o.required) == 1 && want == "have "+keyWords(o.required, "and"):
		f.way, f.key, f.of, f.whole = e.here(key(o.required[0])), true, e.here(), true
		f.said = "the key " + quote(o.required[0]) + " must not be here"
		f.takes = "not " + want
	case want != "":
		f.said, f.takes = "must not "+want, "not "+want
		if typeOf(v)&(arrayType|objectType) == 0 && f.said != "must not be "+show(v) {
			f.said += ", and is " + show(v)
		}
	default:
		f.said, f.takes = "is what the schema forbids", "not be what the schema forbids"
	}
	if f.about == "" {
		f.about = n.about
	}
	out.put(f)
	return false
}

// forbiddenBy is about a condition for which then is false.
func (out *faults) forbiddenBy(e *evaluation, when, n *node, v any) bool {
	if out == nil {
		return false
	}
	f := fault{rule: not, way: e.here(), about: when.about, said: "is what the schema forbids", takes: "be something else"}
	if why := condition(when); why != "" {
		f.said = "is not allowed where " + why
	}
	out.put(f)
	return false
}

func (out *faults) nothingFits(e *evaluation, v any) bool {
	if out == nil {
		return false
	}
	out.put(fault{rule: notAllowed, way: e.here(), said: "is " + show(v) + ", and the schema allows nothing here", takes: "not be here"})
	return false
}

func (out *faults) ambiguous(e *evaluation, n *node, v any, first, second int) bool {
	if out == nil {
		return false
	}
	f := fault{rule: oneOf, way: e.here(), about: n.about, takes: "fit one alternative alone"}
	f.said = fmt.Sprintf("fits two alternatives, and may fit only one: %s, and %s", label(n.oneOf[first], first), label(n.oneOf[second], second))
	out.put(f)
	return false
}

func (e *evaluation) endless() fault {
	return fault{rule: endlessReference, way: e.here(), said: "cannot be checked: its schema refers to itself without end", takes: "have another schema"}
}

func (e *evaluation) exhausted() fault {
	return fault{rule: tooMuchWork, said: fmt.Sprintf("takes more than %d steps to check", maxSteps), help: "let the alternatives of the schema tell themselves apart by a type or a constant"}
}

// further is the fault of a document that may have more than are told.
func further() fault {
	return fault{rule: tooManyMistakes, said: "may have more mistakes than are told", help: "mend what they have in common first"}
}

// property is the schema of a key, nil if there is none.
func (n *node) property(k string) *node {
	if n.object == nil {
		return nil
	}
	return n.object.properties[k]
}

// declared are the keys that a schema, or one that it applies to the same mapping, has schemas
// for, sorted.
func (n *node) declared() []string {
	all := map[string]bool{}
	n.declare(all, 0)
	return sortedKeys(all)
}

// maxNested is how deep schemas are looked into for words about them.
const maxNested = 8

func (n *node) declare(all map[string]bool, depth int) {
	if n == nil || depth > maxNested {
		return
	}
	if n.object != nil {
		for k, of := range n.object.properties {
			if !of.never {
				all[k] = true
			}
		}
		if n.object.unevaluated == nil {
			if depth == 0 {
				return // no other schema counts
			}
		}
		for _, d := range n.object.dependencies {
			d.schema.declare(all, depth+1)
		}
	}
	for _, list := range [][]*node{{n.ref, n.when, n.then, n.els, n.dynamic, n.recursive}, n.allOf, n.anyOf, n.oneOf} {
		for _, of := range list {
			of.declare(all, depth+1)
		}
	}
}

// label is what one calls an alternative.
func label(n *node, index int) string {
	if n.title != "" {
		return quote(n.title)
	}
	if want := expects(n, must); want != "" {
		return "to " + want
	}
	return fmt.Sprintf("alternative %d", index+1)
}

func keyWords(keys []string, and string) string {
	quoted := make([]string, len(keys))
	for i, k := range keys {
		quoted[i] = quote(k)
	}
	if len(keys) == 1 {
		return "the key " + quoted[0]
	}
	return "the keys " + strings.Join(quoted[:len(keys)-1], ", ") + " " + and + " " + quoted[len(keys)-1]
}
