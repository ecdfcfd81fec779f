package main

import (
	"go/ast"
	"go/token"
)

// globals are what a package has and does before anybody calls it.
type globals struct {
	variables int // without _, which only asserts something to the compiler
	inits     int
}

func countGlobals(sources []*source) globals {
	var g globals
	for _, s := range sources {
		g.inits += count(s.syntax, isInit)
		for _, spec := range variables(s.syntax) {
			for _, name := range spec.Names {
				if name.Name != "_" {
					g.variables++
				}
			}
		}
	}
	return g
}

func isInit(n ast.Node) bool {
	decl, ok := n.(*ast.FuncDecl)
	return ok && decl.Recv == nil && decl.Name.Name == "init"
}

// variables are those that a file declares outside its functions.
func variables(file *ast.File) []*ast.ValueSpec {
	var specs []*ast.ValueSpec
	for _, decl := range file.Decls {
		general, ok := decl.(*ast.GenDecl)
		if !ok || general.Tok != token.VAR {
			continue
		}
		for _, spec := range general.Specs {
			specs = append(specs, spec.(*ast.ValueSpec))
		}
	}
	return specs
}
