package schema

import (
	"context"
	"slices"
	"strconv"

	"github.com/seed306eabeb/muster/internal/ecma"
)

const (
	// maxSteps is how many schemas one document may be held against, which takes seconds.
	maxSteps = 20_000_000
	// maxUndecided is after how many questions without an answer the rest is left.
	maxUndecided = 3
	// maxFaults is how many faults of one document are looked for, and maxTold how many mistakes of
	// those are told.
	maxFaults = 1000
	maxTold   = 100
)

// evaluation holds one value against a schema. It asks first whether it fits, and only then,
// with faults to fill, why it does not.
type evaluation struct {
	ctx    context.Context
	schema *Schema
	way    []step
	steps  int
	// stop: there is no answer, and every further one is that it does not fit.
	stop      bool
	failure   error // why there is none, where another try may have one
	explains  bool
	undecided []fault
	unknown   int      // questions without an answer, of which undecided tells each once
	level     int      // of the value in the document
	keys      []string // of the mappings that are open, one behind the other
	open      []frame
	scopes    []*scope
}

// step is a key, or an index where that is not negative.
type step struct {
	key   string
	index int
}

func key(name string) step { return step{name, -1} }
func item(index int) step  { return step{"", index} }

// frame is a schema that is being held against the value at a level.
type frame struct {
	node  *node
	level int
}

// faults is a list to fill, until it is full.
type faults struct{ list []fault }

// full says that no further fault would be told. What they are about does not fit without them.
func (out *faults) full() bool { return out != nil && len(out.list) > maxFaults }

// faults says why a value does not fit, nothing if it does.
func (s *Schema) faults(ctx context.Context, v any) ([]fault, error) {
	quick := evaluation{ctx: ctx, schema: s}
	fits := quick.check(s.root, v, nil, nil) && !quick.stop
	switch {
	case quick.failure != nil:
		return nil, quick.failure
	case fits:
		return nil, nil
	case quick.steps > maxSteps:
		return []fault{quick.exhausted()}, nil
	}
	slow := evaluation{ctx: ctx, schema: s, explains: true}
	var out faults
	slow.check(s.root, v, nil, &out)
	switch {
	case slow.failure != nil:
		return nil, slow.failure
	case slow.steps > maxSteps:
		return []fault{slow.exhausted()}, nil
	case out.full():
		return append(tidy(out.list[:maxFaults], slow.undecided), further()), nil
	}
	return tidy(out.list, slow.undecided), nil
}

// stepsBetweenLooks is after how many schemas it is looked whether somebody still waits for an answer.
const stepsBetweenLooks = 1024

// undecided is a text that was not held against an expression in time.
type undecided struct {
	way []string
	re  *ecma.Regexp
	err error
}

func (u undecided) Error() string { return u.err.Error() }

// fail ends the evaluation without an answer.
func (e *evaluation) fail(err error) {
	e.stop = true
	if e.failure == nil {
		e.failure = err
	}
}

// check says whether v fits n, and unless out is nil why not. What it looks at is noted in seen,
// if somebody asks.
func (e *evaluation) check(n *node, v any, seen *seen, out *faults) bool {
	if n.always {
		return true
	}
	if out.full() {
		return false
	}
	if n.never {
		return out.nothingFits(e, v)
	}
	if e.steps++; e.stop || e.steps > maxSteps {
		e.stop = true
		return false
	}
	if e.steps%stepsBetweenLooks == 0 {
		if err := e.ctx.Err(); err != nil {
			e.fail(err)
			return false
		}
	}
	if n.scope != nil && (len(e.scopes) == 0 || e.scopes[len(e.scopes)-1] != n.scope) {
		e.scopes = append(e.scopes, n.scope)
		defer func() { e.scopes = e.scopes[:len(e.scopes)-1] }()
	}
	if !n.loops {
		return e.apply(n, v, seen, out)
	}
	for i := len(e.open) - 1; i >= 0 && e.open[i].level == e.level; i-- {
		if e.open[i].node == n {
			e.cannotDecide(e.endless())
			return false
		}
	}
	e.open = append(e.open, frame{n, e.level})
	ok := e.apply(n, v, seen, out)
	e.open = e.open[:len(e.open)-1]
	return ok
}

// apply is check for a schema that is neither true nor false.
func (e *evaluation) apply(n *node, v any, seen *seen, out *faults) bool {
	if t := typeOf(v); t == 0 || n.types != 0 && n.types&t == 0 {
		return out.ofAnotherType(e, n, v)
	}
	if n.constant != nil && !n.constant.has(v) {
		return out.notAmong(e, n, v, n.constant)
	}
	if n.enum != nil && !n.enum.has(v) {
		return out.notAmong(e, n, v, n.enum)
	}
	if text, ok := v.(string); ok && n.format != nil {
		if err := n.format.Validate(text); err != nil {
			return out.misformatted(e, n, text, err)
		}
	}
	own := seen
	if n.object != nil && n.object.unevaluated != nil || n.list != nil && n.list.unevaluated != nil {
		own = newSeen()
	}
	if !e.rules(n, v, own, out) {
		if out == nil {
			return false
		}
		seen.merge(own)
		return false
	}
	seen.merge(own)
	return true
}

// rules holds v against all that n says of values of its type, and against the schemas that n puts
// together.
func (e *evaluation) rules(n *node, v any, seen *seen, out *faults) bool {
	ok := n.ref == nil || e.within(n, n.ref, v, seen, out)
	if !ok && out == nil {
		return false
	}
	switch v := v.(type) {
	case map[string]any:
		ok = (n.object == nil || e.object(n, v, seen, out)) && ok
	case []any:
		ok = (n.list == nil || e.list(n, v, seen, out)) && ok
	case string:
		ok = (n.text == nil || e.text(n, v, out)) && ok
	case nil, bool:
	default:
		ok = (n.number == nil || e.number(n, v, out)) && ok
	}
	if !ok && out == nil {
		return false
	}
	if ok = e.together(n, v, seen, out) && ok; !ok && out == nil {
		return false
	}
	switch v := v.(type) {
	case map[string]any:
		ok = (n.object == nil || n.object.unevaluated == nil || e.leftKeys(n, v, seen, out)) && ok
	case []any:
		ok = (n.list == nil || n.list.unevaluated == nil || e.leftItems(n, v, seen, out)) && ok
	}
	return ok
}

// within is check for a schema that another one applies to the same value.
func (e *evaluation) within(n, of *node, v any, seen *seen, out *faults) bool {
	if out == nil {
		return e.check(of, v, seen, nil)
	}
	known := len(out.list)
	ok := e.check(of, v, seen, out)
	for i := known; i < len(out.list); i++ {
		if f := &out.list[i]; f.about == "" && len(f.way) == len(e.way) {
			f.about = n.about
		}
	}
	return ok
}

// below is check for a value inside the one at hand.
func (e *evaluation) below(n *node, v any, at step, out *faults) bool {
	e.level++
	e.way = append(e.way, at)
	ok := e.check(n, v, nil, out)
	e.way = e.way[:len(e.way)-1]
	e.level--
	return ok
}

// together holds v against the schemas that n puts together.
func (e *evaluation) together(n *node, v any, seen *seen, out *faults) bool {
	ok := true
	for _, of := range n.allOf {
		if !e.within(n, of, v, seen, out) {
			if out == nil {
				return false
			}
			ok = false
		}
	}
	if n.recursive != nil {
		ok = e.within(n, e.recursive(n), v, seen, out) && ok
	}
	if n.dynamic != nil {
		ok = e.within(n, e.dynamic(n), v, seen, out) && ok
	}
	if !ok && out == nil {
		return false
	}
	if n.not != nil && e.check(n.not, v, nil, nil) {
		ok = out.forbidden(e, n, v)
	}
	if n.anyOf != nil && (ok || out != nil) {
		ok = e.some(n, v, seen, out) && ok
	}
	if n.oneOf != nil && (ok || out != nil) {
		ok = e.one(n, v, seen, out) && ok
	}
	if n.when != nil && (ok || out != nil) {
		ok = e.conditional(n, v, seen, out) && ok
	}
	return ok
}

// some is anyOf.
func (e *evaluation) some(n *node, v any, seen *seen, out *faults) bool {
	fits := false
	for _, of := range n.anyOf {
		own := seen.fresh()
		if e.check(of, v, own, nil) {
			fits = true
			if seen == nil {
				break // the others add nothing
			}
			seen.merge(own)
		}
	}
	return fits || out.choose(e, n, n.anyOf, v, seen)
}

// one is oneOf.
func (e *evaluation) one(n *node, v any, seen *seen, out *faults) bool {
	first := -1
	for i, of := range n.oneOf {
		own := seen.fresh()
		if !e.check(of, v, own, nil) {
			continue
		}
		if first >= 0 {
			return out.ambiguous(e, n, v, first, i)
		}
		first = i
		seen.merge(own)
	}
	return first >= 0 || out.choose(e, n, n.oneOf, v, seen)
}

// conditional is if, then and else. Where one of the two is false, what is wrong is what if says, or that it
// holds.
func (e *evaluation) conditional(n *node, v any, seen *seen, out *faults) bool {
	own := seen.fresh()
	holds := e.check(n.when, v, own, nil)
	if holds {
		seen.merge(own)
	}
	then := n.els
	if holds {
		then = n.then
	}
	switch {
	case then == nil:
		return true
	case out == nil:
		return e.check(then, v, seen, nil)
	case then.never && holds:
		return out.forbiddenBy(e, n.when, n, v)
	case then.never:
		return e.within(n, n.when, v, nil, out)
	}
	known := len(out.list)
	ok := e.within(n, then, v, seen, out)
	why := ""
	if holds {
		why = condition(n.when)
	}
	out.because(e, n.when, why, known)
	return ok
}

// because says of the faults from one on why a schema that found them holds at all.
func (out *faults) because(e *evaluation, when *node, why string, from int) {
	var depends [][]string
	for _, k := range sortedKeys(when.choices(0)) {
		depends = append(depends, e.here(key(k)))
	}
	for i := from; i < len(out.list); i++ {
		f := &out.list[i]
		f.depends = append(f.depends, depends...)
		if why != "" {
			f.hint = "asked for where " + why
		}
	}
}

// matches says whether a text matches. One that is not decided ends the evaluation.
func (e *evaluation) matches(re *ecma.Regexp, text string) bool {
	if e.stop {
		return false
	}
	if !re.IsQuick() && e.ctx.Err() != nil {
		e.fail(e.ctx.Err())
		return false
	}
	matched, err := re.Match(text)
	if err != nil {
		e.fail(undecided{e.here(), re, err})
	}
	return err == nil && matched
}

// cannotDecide notes that there is no answer to a part of the question, so that no answer to all of it
// is taken for one.
func (e *evaluation) cannotDecide(f fault) {
	if e.explains && !slices.ContainsFunc(e.undecided, func(known fault) bool { return known.said == f.said && slices.Equal(known.way, f.way) }) {
		e.undecided = append(e.undecided, f)
	}
	e.unknown++
	e.stop = !e.explains || e.unknown >= maxUndecided
}

// seen is which keys and items of a value schemas have looked at. A nil one notes nothing.
type seen struct {
	keys  map[string]bool
	items map[int]bool
	// first is how many of the first items were looked at, and all that all were.
	first int
	all   bool
}

func newSeen() *seen { return &seen{keys: map[string]bool{}, items: map[int]bool{}} }

// note notes that a key was looked at.
func (s *seen) note(key string) {
	if s != nil {
		s.keys[key] = true
	}
}

// fresh is another one for a schema that may turn out not to count; nil of nil.
func (s *seen) fresh() *seen {
	if s == nil {
		return nil
	}
	return newSeen()
}

func (s *seen) merge(o *seen) {
	if s == nil || o == nil || s == o {
		return
	}
	for k := range o.keys {
		s.keys[k] = true
	}
	for i := range o.items {
		s.items[i] = true
	}
	s.first, s.all = max(s.first, o.first), s.all || o.all
}

// here is the way to the value at hand, or to one below it.
func (e *evaluation) here(further ...step) []string {
	way := make([]string, 0, len(e.way)+len(further))
	for _, s := range append(e.way[:len(e.way):len(e.way)], further...) {
		if s.index >= 0 {
			way = append(way, strconv.Itoa(s.index))
		} else {
			way = append(way, s.key)
		}
	}
	return way
}
