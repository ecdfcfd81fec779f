package main

import "testing"

func TestCountLines(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       lines
	}{
		{"blank lines", "package a\n\n \t\n\nvar x int\n", lines{all: 2}},
		{"no newline at the end", "package a\nvar x int", lines{all: 2}},
		{"line comments", "// a\npackage a\n\t// b\n", lines{all: 3, comments: 2}},
		{"a comment after code", "package a // a\n", lines{all: 1}},
		{"a block comment with a blank line", "/*\na\n\nb\n*/\npackage a\n", lines{all: 5, comments: 4}},
		{"a block comment before code", "/* a\nb */ package a\n", lines{all: 2, comments: 1}},
		{"no comment in a string", "package a\nvar x = `\n// a\n\n`\n", lines{all: 4}},
	} {
		if got := countLines([]byte(tt.text)); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestFileLines(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"": 1, "\n": 2, "\nvar x int": 3, "// a\n\n\n": 4} {
		r := measured(t, text)
		if got := only(t, r.files); got != (sample{value: want, place: "a.go"}) {
			t.Errorf("a file that ends in %q: %+v, want %d lines", text, got, want)
		}
	}
}
