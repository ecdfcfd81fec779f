package main

import (
	"fmt"
	"go/ast"
	"strings"
)

// structs are the widths in fields: of every named struct type, also of those in a
// function, and of the anonymous ones in type declarations and package-level
// variables that have a field at all.
type structs struct {
	types []sample
	rows  []sample // anonymous elements of a slice, array or map that is written out: a table
}

func measureStructs(sources []*source) *structs {
	all := &structs{}
	for _, s := range sources {
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				all.addType(s, spec)
			}
			return true
		})
		for _, spec := range variables(s.syntax) {
			all.addWithin(s, spec, spec.Names[0].Name)
		}
	}
	return all
}

func (st *structs) addType(s *source, spec *ast.TypeSpec) {
	named, ok := spec.Type.(*ast.StructType)
	if !ok {
		st.addWithin(s, spec.Type, spec.Name.Name)
		return
	}
	st.types = append(st.types, sample{value: named.Fields.NumFields(), name: spec.Name.Name, place: s.place(spec.Pos())})
	st.addWithin(s, named.Fields, spec.Name.Name)
}

// addWithin adds the anonymous structs in what has a name, down to the functions
// in it.
func (st *structs) addWithin(s *source, root ast.Node, name string) {
	rows := map[*ast.StructType]bool{}
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CompositeLit:
			markRows(n.Type, rows)
		case *ast.StructType:
			st.addAnonymous(sample{value: n.Fields.NumFields(), name: "struct in " + name, place: s.place(n.Pos())}, rows[n])
		}
		return true
	})
}

func (st *structs) addAnonymous(width sample, row bool) {
	switch {
	case width.value == 0: // a set's value or a channel's
	case row:
		st.rows = append(st.rows, width)
	default:
		st.types = append(st.types, width)
	}
}

// markRows marks the structs that a composite literal of this type has as its
// elements, and those in them.
func markRows(literal ast.Expr, rows map[*ast.StructType]bool) {
	switch literal.(type) {
	case *ast.ArrayType, *ast.MapType:
		ast.Inspect(literal, func(n ast.Node) bool {
			if row, ok := n.(*ast.StructType); ok {
				rows[row] = true
			}
			return true
		})
	}
}

// tooWide is an error that names every struct with more fields than limit. Table
// rows may be as wide as their table; 0 is no limit.
func tooWide(st *structs, limit int) error {
	if limit <= 0 {
		return nil
	}
	var wide []string
	for _, s := range greatest(st.types, len(st.types)) {
		if s.value > limit {
			wide = append(wide, fmt.Sprintf("%s has %d (%s)", s.name, s.value, s.place))
		}
	}
	if wide == nil {
		return nil
	}
	return fmt.Errorf("structs with more than %d fields: %s", limit, strings.Join(wide, ", "))
}
