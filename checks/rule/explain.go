package rule

import (
	"regexp"
	"slices"
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
	of, _ := t.chainOf(loop.IterRange())
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

// chain is a value that an expression reaches by names and indexes from a variable.
type chain struct {
	label string
	way   []string // in the document
	inDoc bool
	isKey bool    // it is the key at the end of the way
	test  bool    // it is asked whether it is there
	root  bool    // it is a variable as it is
	value ref.Val // nil where it is not there
	// missing is the first part of it that is not there, and instead how to write it so that it may be
	// missing.
	missing, instead string
}

// chains are the chains of an expression, the longest ones, in the order in which they are written.
// What is inside of loops has another value in each round, and is left out.
func (t *trace) chains(e ast.Expr) []chain {
	if c, ok := t.chainOf(e); ok {
		return []chain{c}
	}
	var all []chain
	switch e.Kind() {
	case ast.CallKind:
		call := e.AsCall()
		if call.FunctionName() == operators.In {
			return append(t.chains(call.Args()[0]), t.container(call)...)
		}
		if call.IsMemberFunction() {
			all = t.chains(call.Target())
		}
		for _, arg := range call.Args() {
			all = append(all, t.chains(arg)...)
		}
	case ast.SelectKind:
		all = t.chains(e.AsSelect().Operand())
	case ast.ListKind:
		for _, item := range e.AsList().Elements() {
			all = append(all, t.chains(item)...)
		}
	case ast.MapKind:
		for _, entry := range e.AsMap().Entries() {
			all = append(append(all, t.chains(entry.AsMapEntry().Key())...), t.chains(entry.AsMapEntry().Value())...)
		}
	case ast.ComprehensionKind:
		all = t.chains(e.AsComprehension().IterRange())
	}
	return all
}

// container are the chains of what `in` looks in: of a mapping the value that it looks for.
func (t *trace) container(in ast.CallExpr) []chain {
	of, ok := t.chainOf(in.Args()[1])
	if !ok {
		return t.chains(in.Args()[1])
	}
	name, isText := t.valueOf(in.Args()[0]).(types.String)
	if _, isMapping := of.value.(traits.Mapper); !isMapping || !isText {
		return []chain{of}
	}
	of = step(of, "", name)
	of.test = true
	return []chain{of}
}

// valueOf is the value of a part, nil if it has none.
func (t *trace) valueOf(e ast.Expr) ref.Val {
	if e.Kind() == ast.LiteralKind {
		return e.AsLiteral()
	}
	if v, ok := t.state.Value(e.ID()); ok && !types.IsUnknownOrError(v) {
		return v
	}
	c, _ := t.chainOf(e)
	return c.value
}

// chainOf is the chain that an expression is.
func (t *trace) chainOf(e ast.Expr) (chain, bool) {
	switch e.Kind() {
	case ast.IdentKind:
		return t.variable(e.AsIdent())
	case ast.SelectKind:
		s := e.AsSelect()
		if op := s.Operand(); op.Kind() == ast.IdentKind && !s.IsTestOnly() {
			if _, isBound := t.bound[op.AsIdent()]; !isBound {
				if c, ok := t.variable(op.AsIdent() + "." + s.FieldName()); ok {
					return c, true
				}
			}
		}
		of, ok := t.chainOf(s.Operand())
		if !ok {
			return chain{}, false
		}
		of = step(of, ".", types.String(s.FieldName()))
		of.test = s.IsTestOnly()
		return of, true
	case ast.CallKind:
		return t.indexed(e.AsCall())
	}
	return chain{}, false
}

// indexed is the chain that an index makes.
func (t *trace) indexed(call ast.CallExpr) (chain, bool) {
	dot := ""
	switch call.FunctionName() {
	case operators.Index:
	case operators.OptIndex:
		dot = "?"
	case operators.OptSelect:
		dot = ".?"
	default:
		return chain{}, false
	}
	of, ok := t.chainOf(call.Args()[0])
	if !ok {
		return chain{}, false
	}
	index := t.valueOf(call.Args()[1])
	if index == nil {
		return chain{}, false
	}
	return step(of, dot, index), true
}

// variable is the chain that a variable is.
func (t *trace) variable(name string) (chain, bool) {
	if c, ok := t.bound[name]; ok {
		return c, true
	}
	v, ok := t.vars.ResolveName(name)
	if !ok {
		return chain{}, false
	}
	c := chain{label: name, root: true, value: adapter{}.NativeToValue(v)}
	switch name {
	case "self", "object":
		c.inDoc, c.way, c.isKey = true, t.node.Way, t.node.IsKey
	case "doc":
		c.inDoc = true
	}
	return c, true
}

var word = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// step goes one step further on a chain.
func step(c chain, dot string, index ref.Val) chain {
	name, isText := index.(types.String)
	text, before, had := string(name), c.label, c.value != nil
	instead := ""
	switch {
	case !isText:
		text = shown(index)
		c.label, instead = before+"["+text+"]", before+"[?"+text+"]"
	case word.MatchString(text):
		if !strings.HasPrefix(dot, ".") {
			dot = "."
		}
		c.label, instead = before+dot+text, before+".?"+text
	default:
		c.label, instead = before+"["+shown(index)+"]", before+"[?"+shown(index)+"]"
	}
	c.way = append(slices.Clone(c.way), text)
	c.value = below(c.value, index)
	c.isKey, c.root = false, false
	if had && c.value == nil {
		c.missing, c.instead = c.label, instead
	}
	return c
}

// below is a value in a list or mapping, nil where there is none.
func below(v, index ref.Val) ref.Val {
	switch v := v.(type) {
	case traits.Mapper:
		if item, ok := v.Find(index); ok {
			return item
		}
	case traits.Lister:
		if i, ok := index.(types.Int); ok && i >= 0 && i < v.Size().(types.Int) {
			return v.Get(i)
		}
	}
	return nil
}

// placeOf is where a chain of the document stands, or the last value on its way that is there.
func (t *trace) placeOf(c chain) verdict.Place {
	if c.isKey || c.test && c.value != nil {
		return t.in.Doc.KeyAt(c.way...)
	}
	return t.in.Doc.At(c.way...)
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
		if _, isChain := t.chainOf(operand); isChain || operand.Kind() == ast.LiteralKind || operand.Kind() == ast.ListKind {
			continue
		}
		if v := t.valueOf(operand); v != nil {
			values = append(values, part{cut(t.textOf(operand)), shown(v)})
		}
	}
	return values, absent
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
