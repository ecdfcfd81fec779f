package schema

import (
	"fmt"

	"github.com/seed306eabeb/muster/verdict"
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
