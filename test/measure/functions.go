package main

import (
	"go/ast"
	"go/token"
)

// functions are the measures of every function and method that has a body, and of
// the function literals in package-level variables. A literal inside a function
// is part of it.
type functions struct {
	lines      []sample // from the word func to the last brace
	statements []sample
	tokens     []sample // between the braces of the body, without comments
	complexity []sample
	parameters []sample // without the receiver
}

func measureFunctions(sources []*source) *functions {
	all := &functions{}
	for _, s := range sources {
		for _, decl := range s.syntax.Decls {
			if decl, ok := decl.(*ast.FuncDecl); ok {
				all.add(s, functionName(decl), decl.Type, decl.Body)
			}
		}
		for _, variable := range variables(s.syntax) {
			all.addLiterals(s, variable)
		}
	}
	return all
}

// addLiterals adds the outermost functions in the values of a variable.
func (f *functions) addLiterals(s *source, variable *ast.ValueSpec) {
	ast.Inspect(variable, func(n ast.Node) bool {
		literal, ok := n.(*ast.FuncLit)
		if ok {
			f.add(s, "literal in "+variable.Names[0].Name, literal.Type, literal.Body)
		}
		return !ok
	})
}

func (f *functions) add(s *source, name string, signature *ast.FuncType, body *ast.BlockStmt) {
	if body == nil {
		return // written in assembly, or elsewhere
	}
	at := func(value int) sample { return sample{value: value, name: name, place: s.place(signature.Pos())} }
	f.lines = append(f.lines, at(s.line(body.Rbrace)-s.line(signature.Pos())+1))
	f.statements = append(f.statements, at(count(body, isStatement)))
	f.tokens = append(f.tokens, at(countTokens(s.between(body.Lbrace+1, body.Rbrace))))
	f.complexity = append(f.complexity, at(1+count(body, isDecision)))
	f.parameters = append(f.parameters, at(signature.Params.NumFields()))
}

// functionName shows a method with the type that it belongs to.
func functionName(decl *ast.FuncDecl) string {
	if decl.Recv == nil {
		return decl.Name.Name
	}
	return receiver(decl) + "." + decl.Name.Name
}

// receiver is the name of the type that a method belongs to, without its star and
// its type parameters.
func receiver(decl *ast.FuncDecl) string {
	expr := decl.Recv.List[0].Type
	for {
		switch e := expr.(type) {
		case *ast.StarExpr:
			expr = e.X
		case *ast.ParenExpr:
			expr = e.X
		case *ast.IndexExpr:
			expr = e.X
		case *ast.IndexListExpr:
			expr = e.X
		case *ast.Ident:
			return e.Name
		default:
			return "?"
		}
	}
}

func count(root ast.Node, counts func(ast.Node) bool) int {
	n := 0
	ast.Inspect(root, func(node ast.Node) bool {
		if node != nil && counts(node) {
			n++
		}
		return true
	})
	return n
}

// isStatement tells what does something from what only holds or names statements.
// The head of an if or a for that has statements of its own counts them.
func isStatement(n ast.Node) bool {
	switch n.(type) {
	case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause, *ast.LabeledStmt, *ast.EmptyStmt:
		return false
	}
	_, ok := n.(ast.Stmt)
	return ok
}

// isDecision tells where a path through the code forks.
func isDecision(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt:
		return true
	case *ast.CaseClause:
		return n.List != nil // nil is the default
	case *ast.CommClause:
		return n.Comm != nil // nil is the default
	case *ast.BinaryExpr:
		return n.Op == token.LAND || n.Op == token.LOR
	}
	return false
}

func countTokens(text []byte) int {
	n := 0
	scan(text, func(tok token.Token, _, _ int) {
		if tok != token.COMMENT {
			n++
		}
	})
	return n
}
