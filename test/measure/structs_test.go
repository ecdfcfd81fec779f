package main

import (
	"slices"
	"testing"
)

func TestStructs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text  string
		types, rows []sample
	}{
		{"fields", "type T struct {\n\ta, b int\n\tc string\n}", []sample{{3, "T", "a.go:2"}}, nil},
		{"an embedded field", "type T struct {\n\tU\n\t*V\n\tp.W\n}", []sample{{3, "T", "a.go:2"}}, nil},
		{"none", "type T struct{}\ntype I interface{ M() }\ntype N int", []sample{{0, "T", "a.go:2"}}, nil},
		{"type parameters", "type T[A, B any] struct{ a A }", []sample{{1, "T", "a.go:2"}}, nil},
		{"an alias", "type T = struct{ a, b int }", []sample{{2, "T", "a.go:2"}}, nil},
		{"one in a group", "type (\n\tT struct{ a int }\n)", []sample{{1, "T", "a.go:3"}}, nil},
		{"one in a function", "func f() {\n\ttype T struct{ a int }\n}", []sample{{1, "T", "a.go:3"}}, nil},
		{"one in another", "type T struct {\n\ta struct{ b, c int }\n}", []sample{{1, "T", "a.go:2"}, {2, "struct in T", "a.go:3"}}, nil},
		{"elements of a type", "type T []struct{ a, b int }", []sample{{2, "struct in T", "a.go:2"}}, nil},
		{"a variable", "var x struct{ a, b int }", []sample{{2, "struct in x", "a.go:2"}}, nil},
		{"a value", "var x = struct{ a int }{1}", []sample{{1, "struct in x", "a.go:2"}}, nil},
		{"a slice that is not written out", "var x []struct{ a int }", []sample{{1, "struct in x", "a.go:2"}}, nil},
		{"a slice", "var x = []struct{ a, b int }{{1, 2}}", nil, []sample{{2, "struct in x", "a.go:2"}}},
		{"an array of pointers", "var x = [...]*struct{ a int }{}", nil, []sample{{1, "struct in x", "a.go:2"}}},
		{"a map", "var x = map[string]struct{ a int }{}", nil, []sample{{1, "struct in x", "a.go:2"}}},
		{"a struct in a row", "var x = []struct{ a struct{ b, c int } }{}", nil, []sample{{1, "struct in x", "a.go:2"}, {2, "struct in x", "a.go:2"}}},
		{"a table of a named struct", "type T struct{ a int }\nvar x = []T{{1}}", []sample{{1, "T", "a.go:2"}}, nil},
		{"a set", "var x = map[string]struct{}{\"a\": {}}", nil, nil},
		{"variables of functions", "func f() { var x struct{ a int }; _ = x }\nvar g = func() { _ = struct{ a int }{} }", nil, nil},
	} {
		got := measured(t, tt.text+"\n").structs
		if !slices.Equal(got.types, tt.types) {
			t.Errorf("%s: structs %v, want %v", tt.name, got.types, tt.types)
		}
		if !slices.Equal(got.rows, tt.rows) {
			t.Errorf("%s: table rows %v, want %v", tt.name, got.rows, tt.rows)
		}
	}
}

func TestInterfaces(t *testing.T) {
	t.Parallel()
	r := measured(t, `
type T struct{}
type Empty interface{}
type Two interface {
	A(x, y int)
	B()
}
type More interface {
	Two
	C()
}
type Any = any
func f(x interface{ D() }) {
	type Local interface{ E() }
}
`)
	want := []sample{{0, "Empty", "a.go:4"}, {2, "Two", "a.go:5"}, {2, "More", "a.go:9"}, {1, "Local", "a.go:15"}}
	if !slices.Equal(r.interfaces, want) {
		t.Errorf("interfaces %v, want %v", r.interfaces, want)
	}
}
