package main

import "go/ast"

// measureInterfaces counts the methods of every named interface. An embedded
// interface, or a union in a constraint, counts as one.
func measureInterfaces(sources []*source) []sample {
	var all []sample
	for _, s := range sources {
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if named, ok := spec.Type.(*ast.InterfaceType); ok {
				all = append(all, sample{value: named.Methods.NumFields(), name: spec.Name.Name, place: s.place(spec.Pos())})
			}
			return true
		})
	}
	return all
}
