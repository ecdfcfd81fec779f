package main

import (
	"slices"
	"testing"
)

func TestExports(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       []export
	}{
		{"a function", "// F does.\nfunc F() {}\nfunc G() {}\nfunc h() {}", []export{{"F", true}, {"G", false}}},
		{"a comment apart", "// F does.\n\nfunc F() {}", []export{{"F", false}}},
		{"a directive", "//go:noinline\nfunc F() {}", []export{{"F", false}}},
		{"methods", "// M does.\nfunc (t *T[K]) M() {}\nfunc (T) N() {}\nfunc (T) o() {}\nfunc (t) P() {}", []export{{"T.M", true}, {"T.N", false}}},
		{"a type", "// T is.\ntype T struct{ Field int }\ntype u int", []export{{"T", true}}},
		{"types in a block", "// These are.\ntype (\n\t// T is.\n\tT int\n\tU int\n)", []export{{"T", true}, {"U", false}}},
		{"an interface", "type I interface{ M() }", []export{{"I", false}}},
		{"constants in a block", "// These are.\nconst (\n\tA = iota\n\tB\n\tc\n)", []export{{"A", true}, {"B", true}}},
		{"variables", "// A is.\nvar A, b, C int\nvar D int // is\nvar E int", []export{{"A", true}, {"C", true}, {"D", true}, {"E", false}}},
		{"what is in a function", "func f() {\n\ttype T int\n\tconst C = 1\n}", nil},
	} {
		m, err := load(writeModule(t, map[string]string{"a.go": "package a\n\n" + tt.text + "\n"}), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := exportsOf(m.production[0].syntax); !slices.Equal(got, tt.want) {
			t.Errorf("%s: exports %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestPackagesAddUp(t *testing.T) {
	t.Parallel()
	m, err := load(writeModule(t, map[string]string{
		"p/y.go":   "package p\n\n// A is.\nvar A int\n",
		"p/q/b.go": "package q\n\nvar B, c int\n",
		"p/z.go":   "package p\n\nfunc Z() {}\n",
	}), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []pkg{
		{dir: "p", files: 2, lines: 5, exported: 2, undocumented: 1},
		{dir: "p/q", files: 1, lines: 2, exported: 1, undocumented: 1},
		{dir: "all", files: 3, lines: 7, exported: 3, undocumented: 2},
	}
	var got []pkg
	for _, p := range measurePackages(m.production) {
		got = append(got, *p)
	}
	if !slices.Equal(got, want) {
		t.Errorf("packages %+v, want %+v", got, want)
	}
}

func TestGlobals(t *testing.T) {
	t.Parallel()
	r := measured(t, `
const c = 1

var a, b int

var (
	d   = 1
	_ I = T{}
)

func init() { var local int; _ = local }
func init() {}
func (T) init() {}
func initialise() {}
`)
	if want := (globals{variables: 3, inits: 2}); r.globals != want {
		t.Errorf("counted %+v, want %+v", r.globals, want)
	}
}
