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
		for _, decl := range s.syntax.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if decl.Recv == nil && decl.Name.Name == "init" {
					g.inits++
				}
			case *ast.GenDecl:
				g.variables += countVariables(decl)
			}
		}
	}
	return g
}

func countVariables(decl *ast.GenDecl) int {
	n := 0
	if decl.Tok != token.VAR {
		return n
	}
	for _, spec := range decl.Specs {
		for _, name := range spec.(*ast.ValueSpec).Names {
			if name.Name != "_" {
				n++
			}
		}
	}
	return n
}
