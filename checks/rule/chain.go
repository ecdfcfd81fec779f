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

	"github.com/seed306eabeb/muster/verdict"
)

// chain is a value that an expression reaches by names and indexes from a variable.
type chain struct {
	label string
	way   []string // in the document
	inDoc bool
	isKey bool    // it is the key at the end of the way
	test  bool    // it is asked whether it is there
	root  bool    // it is a variable as it is
	made  bool    // it is made of what is at the end of the way
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
	if !c.made {
		c.way = append(slices.Clone(c.way), text)
	}
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
