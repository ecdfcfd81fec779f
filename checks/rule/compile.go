package rule

import (
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
)

// compiled compiles one text, or says what is wrong with it.
func compiled(env *cel.Env, part, text string, want *cel.Type) (e *expression, problems []Problem) {
	defer func() {
		if recover() != nil {
			e, problems = nil, []Problem{at(part, 1, 1, "the compiler of expressions cannot cope with it", "write it in a simpler way")}
		}
	}()
	switch {
	case strings.TrimSpace(text) == "":
		return nil, []Problem{at(part, 1, 1, "the expression is empty", "")}
	case len(text) > maxText:
		return nil, []Problem{at(part, 1, 1, fmt.Sprintf("the expression is %d bytes long; expected at most %d", len(text), maxText), "")}
	case !utf8.ValidString(text):
		return nil, []Problem{at(part, 1, 1, "the expression is not UTF-8", "")}
	}
	parsed, issues := env.Parse(text)
	if issues.Err() != nil {
		return nil, problemsOf(env, part, text, issues)
	}
	w := &written{text: text, ast: ast.Copy(parsed.NativeRep())}
	if loop := tooDeep(w.ast.Expr(), maxLoops); loop != nil {
		return nil, []Problem{tooManyLoops(part, w, loop)}
	}
	checked, issues := checkedOf(env, parsed, ordering)
	if issues.Err() != nil {
		return nil, problemsOf(env, part, text, issues)
	}
	if got := checked.OutputType(); !got.IsExactType(want) && !got.IsExactType(cel.DynType) {
		return nil, []Problem{ofType(part, text, got)}
	}
	if e, err := planned(env, w, checked); err == nil {
		return e, nil
	} else {
		return nil, []Problem{at(part, 1, 1, err.Error(), "")}
	}
}

func at(part string, line, column int, message, help string) Problem {
	return Problem{Part: part, Line: line, Column: column, Message: message, Help: help}
}

// tooDeep is a loop inside of so many others, nil if there is none. What loops go through one after
// the other is not nested.
func tooDeep(e ast.Expr, most int) (deep ast.Expr) {
	into := func(part ast.Expr, most int) {
		if deep == nil {
			deep = tooDeep(part, most)
		}
	}
	if e.Kind() != ast.ComprehensionKind {
		each(e, func(part ast.Expr) { into(part, most) })
		return deep
	}
	loop := e.AsComprehension()
	r := loop.IterRange()
	if r.Kind() == ast.ListKind && len(r.AsList().Elements()) == 0 { // a macro that goes through nothing
		each(e, func(part ast.Expr) { into(part, most) })
		return deep
	}
	if most == 0 {
		return e
	}
	into(r, most)
	into(loop.LoopStep(), most-1)
	return deep
}

func tooManyLoops(part string, w *written, loop ast.Expr) Problem {
	where := w.ast.SourceInfo().GetStartLocation(loop.ID())
	p := at(part, max(where.Line(), 1), max(where.Column(), 0)+1, fmt.Sprintf("loops (all, exists, map, filter …) are nested more than %d deep here", maxLoops), "")
	nameFirst(w.text, &p)
	return p
}

// callForLoops puts a call around all that the expression's loops go through. The call has the id of
// what it stands for.
func callForLoops(a *ast.AST, function string) {
	next, fac, info := ast.MaxID(a)+1, ast.NewExprFactory(), a.SourceInfo()
	ast.PostOrderVisit(a.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.ComprehensionKind {
			return
		}
		r := e.AsComprehension().IterRange()
		id, inner := next, fac.CopyExpr(r)
		next++
		inner.RenumberIDs(func(old int64) int64 {
			if old == r.ID() {
				return id
			}
			return old
		})
		if where, ok := info.GetOffsetRange(r.ID()); ok {
			info.SetOffsetRange(id, where)
		}
		r.SetKindCase(fac.NewCall(r.ID(), function, inner))
	}))
}

// checkedOf checks an expression, and puts our functions where they belong: those with a price in
// place of CEL's, and one around all that loops go through.
func checkedOf(env *cel.Env, parsed *cel.Ast, around string) (*cel.Ast, *cel.Issues) {
	callForLoops(parsed.NativeRep(), around)
	checked, issues := env.Check(parsed)
	if issues.Err() != nil {
		return nil, issues
	}
	a := checked.NativeRep()
	ast.PostOrderVisit(a.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind {
			return
		}
		call := e.AsCall()
		name, args := "", call.Args()
		switch call.FunctionName() {
		case operators.Equals:
			name = same
		case operators.NotEquals:
			name = different
		case overloads.Matches:
			if call.IsMemberFunction() {
				args = append([]ast.Expr{call.Target()}, args...)
			}
			if args[1].Kind() != ast.LiteralKind {
				name = matching
			}
		}
		if name != "" {
			e.SetKindCase(ast.NewExprFactory().NewCall(e.ID(), name, args...))
			a.SetReference(e.ID(), ast.NewFunctionReference(name))
		}
	}))
	return checked, issues
}

// planned makes the program of a checked expression, and the one that is traced when it is needed.
func planned(env *cel.Env, w *written, checked *cel.Ast) (*expression, error) {
	plan, err := program(env, checked, cel.OptOptimize|cel.OptTrackCost)
	if err != nil {
		return nil, err
	}
	traced := sync.OnceValues(func() (cel.Program, error) {
		parsed, issues := env.Parse(w.text)
		if issues.Err() != nil {
			return nil, issues.Err()
		}
		checked, issues := checkedOf(env, parsed, watching)
		if issues.Err() != nil {
			return nil, issues.Err()
		}
		return program(env, checked, cel.OptTrackState|cel.OptTrackCost)
	})
	return &expression{text: w.text, plan: plan, written: w, traced: traced}, nil
}
