package rule

import (
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/interpreter"

	"github.com/seed306eabeb/muster/verdict"
)

// maxValues is how many values a finding shows.
const maxValues = 4

// trace is an evaluation, and what its parts were.
type trace struct {
	*written
	*asking
	state  interpreter.EvalState
	bound  map[string]chain // the variables of the loops that it is in
	rounds int              // of loops that were gone through to explain it
}

// reason is why a rule is false.
type reason struct {
	text   string // the part that is
	values []part
	absent []string // "self.license is absent"
	place  verdict.Place
}

// part is a part of an expression, and its value.
type part struct{ text, value string }

// listed are parts for a sentence.
func listed(all []part) string {
	if len(all) == 0 {
		return ""
	}
	texts := make([]string, len(all))
	for i, p := range all {
		texts[i] = p.text + " = " + p.value
	}
	return ", with " + strings.Join(texts, ", ")
}

// why finds the part of the rule that is false.
func (t *trace) why() reason {
	part := t.failing(t.ast.Expr())
	chains := t.chains(part)
	r := reason{text: t.textOf(part), place: t.here()}
	for i := range chains {
		if chains[i].inDoc {
			r.place = t.placeOf(chains[i])
			break
		}
	}
	r.values, r.absent = t.values(part, chains)
	return r
}

// failing is the smallest part of a false expression that makes it false.
func (t *trace) failing(e ast.Expr) ast.Expr {
	switch e.Kind() {
	case ast.CallKind:
		call := e.AsCall()
		args := call.Args()
		switch call.FunctionName() {
		case operators.LogicalAnd:
			for _, arg := range args {
				if t.is(arg, types.False) {
					return t.failing(arg)
				}
			}
		case operators.Conditional:
			if t.is(args[0], types.True) {
				return t.failing(args[1])
			} else if t.is(args[0], types.False) {
				return t.failing(args[2])
			}
		}
	case ast.ComprehensionKind:
		if body, ok := t.bodyOfAll(e); ok {
			return t.failing(body)
		}
	}
	return e
}

// is says whether a part had a value.
func (t *trace) is(e ast.Expr, value ref.Val) bool {
	v, ok := t.state.Value(e.ID())
	return ok && v == value
}

// bodyOfAll is the condition of an `all` that is false, and binds its variables to where it is.
func (t *trace) bodyOfAll(e ast.Expr) (ast.Expr, bool) {
	macro, ok := t.ast.SourceInfo().GetMacroCall(e.ID())
	if !ok || macro.Kind() != ast.CallKind || macro.AsCall().FunctionName() != "all" {
		return nil, false
	}
	loop := e.AsComprehension()
	step := loop.LoopStep()
	if step.Kind() != ast.CallKind || step.AsCall().FunctionName() != operators.LogicalAnd {
		return nil, false
	}
	body := step.AsCall().Args()[1]
	if !t.is(body, types.False) {
		return nil, false
	}
	v, _ := t.state.Value(loop.IterRange().ID())
	seen, ok := v.(interface{ stopped() *stop })
	if !ok || seen.stopped().key == nil {
		return nil, false
	}
	t.bind(loop, *seen.stopped())
	return body, true
}

// bind binds the variables of a loop to one of its rounds.
func (t *trace) bind(loop ast.ComprehensionExpr, at stop) {
	of := t.rangeOf(loop)
	_, isMapping := of.value.(traits.Mapper)
	item := step(of, "", at.key)
	item.value = at.value
	key := item
	key.isKey, key.value = isMapping, at.key
	one, two := loop.IterVar(), loop.IterVar2()
	key.label, item.label = one, one
	switch {
	case two != "":
		item.label = two
		t.bound[one], t.bound[two] = key, item
	case isMapping:
		t.bound[one] = key
	default:
		t.bound[one] = item
	}
}

// rangeOf is what a loop goes through. If that was made of something, it stands where that does.
func (t *trace) rangeOf(loop ast.ComprehensionExpr) chain {
	of, ok := t.chainOf(loop.IterRange())
	if ok {
		return of
	}
	for _, c := range t.chains(loop.IterRange()) {
		if c.inDoc {
			of = chain{way: c.way, inDoc: true, made: true}
			break
		}
	}
	of.value = t.valueOf(loop.IterRange())
	return of
}

// values are those of the chains of an expression, and of what it compares. A whole document says
// nothing.
func (t *trace) values(e ast.Expr, chains []chain) (values []part, absent []string) {
	seen := map[string]bool{}
	for _, c := range chains {
		_, isMapping := c.value.(traits.Mapper)
		if seen[c.label] || c.root && isMapping || len(values)+len(absent) == maxValues {
			continue
		}
		seen[c.label] = true
		if c.value == nil {
			absent = append(absent, c.label+" is absent")
		} else {
			values = append(values, part{c.label, shown(c.value)})
		}
	}
	for _, operand := range compared(e) {
		if _, isChain := t.chainOf(operand); isChain || isWritten(operand) {
			continue
		}
		if v := t.valueOf(operand); v != nil {
			values = append(values, part{cut(t.textOf(operand)), shown(v)})
		}
	}
	return values, absent
}

// isWritten says that the value of an expression can be seen from it: it is a literal, or a type.
func isWritten(e ast.Expr) bool {
	return e.Kind() == ast.LiteralKind || e.Kind() == ast.ListKind || e.Kind() == ast.IdentKind
}

// compared are the two sides of a comparison.
func compared(e ast.Expr) []ast.Expr {
	if e.Kind() != ast.CallKind {
		return nil
	}
	switch e.AsCall().FunctionName() {
	case operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals, operators.In:
		return e.AsCall().Args()
	}
	return nil
}
