package main

import (
	"slices"
	"testing"
)

// TestFunctionBodies measures functions with one body after the other.
func TestFunctionBodies(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, body                            string
		lines, statements, tokens, complexity int
	}{
		{"nothing", "", 1, 0, 0, 1},
		{"a call", "\n\tf()\n", 3, 1, 3, 1},
		{"comments and blank lines", "\n\t// a\n\n\tf() /* b */\n", 5, 1, 3, 1},
		{"semicolons", "f(); f()", 1, 2, 7, 1},
		{"a string of lines", "g(`a\n\nb`)", 3, 1, 4, 1},
		{"an if with a head", "\nif x := g(); x {\nf()\n} else if !x {\nf()\n}\n", 7, 5, 22, 3},
		{"conditions", "g(a && b || !c)", 1, 1, 9, 3},
		{"no conditions", "g(a & b | c)", 1, 1, 8, 1},
		{"a loop of three", "for i := 0; i < 9; i++ {}", 1, 3, 13, 2},
		{"a range", "for range 3 {}", 1, 1, 5, 2},
		{"a switch", "switch x {\ncase 1, 2:\ncase 3:\nf()\ndefault:\nf()\n}", 7, 3, 20, 3},
		{"a type switch", "switch x.(type) {\ncase int:\ndefault:\n}", 4, 2, 13, 2},
		{"a select", "select {\ncase <-c:\ndefault:\n}", 4, 2, 9, 2},
		{"a label", "a:\nfor {\nbreak a\n}", 4, 2, 7, 2},
		{"a block", "{\nreturn\n}", 3, 1, 3, 1},
		{"a declaration", "var x, y int", 1, 1, 5, 1},
		{"a function in it", "h := func() {\nif x {\nf()\n}\n}\nh()", 6, 4, 17, 2},
	} {
		got := measured(t, "func f() {"+tt.body+"}\n").functions
		for _, m := range []struct {
			measure string
			got     []sample
			want    int
		}{
			{"lines", got.lines, tt.lines},
			{"statements", got.statements, tt.statements},
			{"tokens", got.tokens, tt.tokens},
			{"complexity", got.complexity, tt.complexity},
		} {
			if value := only(t, m.got).value; value != m.want {
				t.Errorf("%s: %s %d, want %d", tt.name, m.measure, value, m.want)
			}
		}
	}
}

func TestFunctionLinesBeginWithTheSignature(t *testing.T) {
	t.Parallel()
	r := measured(t, "\n// f is told of.\nfunc f(\n\ta int,\n) {\n}\n")
	if got := only(t, r.functions.lines); got != (sample{value: 4, name: "f", place: "a.go:4"}) {
		t.Errorf("measured %+v", got)
	}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	for signature, want := range map[string]int{
		"f()":                       0,
		"f(int, string)":            2,
		"f(a, b int, c ...string)":  3,
		"f[T any](a T) (b, c T)":    1,
		"(r T) f(a, _ int)":         2,
		"f(g func(a, b, c, d int))": 1,
	} {
		r := measured(t, "func "+signature+" {}\n")
		if got := only(t, r.functions.parameters).value; got != want {
			t.Errorf("func %s: %d parameters, want %d", signature, got, want)
		}
	}
}

// TestFunctionsCounted has functions of every kind, and what only looks like one.
func TestFunctionsCounted(t *testing.T) {
	t.Parallel()
	r := measured(t, `
func plain() { inner := func() {}; inner() }
func assembly()
func (T) value() {}
func (t *T) pointer() {}
func (t *G[K]) one() {}
func (t G[K, V]) two() {}
func (t *(T)) parens() {}

type handler func()

var table = map[string]func(){"a": func() { _ = func() {} }, "b": plain}
`)
	want := []string{"plain", "T.value", "T.pointer", "G.one", "G.two", "T.parens", "literal in table"}
	var got []string
	for _, s := range r.functions.lines {
		got = append(got, s.name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("functions %q, want %q", got, want)
	}
}
