package engine

import (
	"runtime/debug"
	"strings"
	"testing"
	"testing/fstest"
)

func TestWriteSources(t *testing.T) {
	t.Parallel()
	said := func(tree fstest.MapFS) string {
		var b strings.Builder
		if err := (Code{Sources: tree, Packages: []string{"p", "q"}}).WriteSources(&b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	one := said(fstest.MapFS{"p/a.go": file("package p\n"), "q/b.go": file("package q\n")})
	for name, tree := range map[string]struct {
		fstest.MapFS
		same bool
	}{
		"with a test":          {fstest.MapFS{"p/a.go": file("package p\n"), "p/a_test.go": file("package p\n"), "q/b.go": file("package q\n")}, true},
		"with another package": {fstest.MapFS{"p/a.go": file("package p\n"), "p/r/c.go": file("package r\n"), "q/b.go": file("package q\n")}, true},
		"with something else":  {fstest.MapFS{"go.sum": file("x"), "p/a.go": file("package p\n"), "q/b.go": file("package q\n")}, true},
		"with a comment":       {fstest.MapFS{"p/a.go": file("package p // x\n"), "q/b.go": file("package q\n")}, false},
		"with assembler":       {fstest.MapFS{"p/a.go": file("package p\n"), "p/a.s": file("TEXT\n"), "q/b.go": file("package q\n")}, false},
		"under another name":   {fstest.MapFS{"p/c.go": file("package p\n"), "q/b.go": file("package q\n")}, false},
		"one in the other":     {fstest.MapFS{"p/a.go": file("package p\nq/b.go 10\npackage q\n")}, false},
		"one file less":        {fstest.MapFS{"p/a.go": file("package p\n")}, false},
		"as they were written": {fstest.MapFS{"q/b.go": file("package q\n"), "p/a.go": file("package p\n")}, true},
	} {
		if got := said(tree.MapFS); (got == one) != tree.same {
			t.Errorf("%s: %q, and the sources alone are %q; want the same %v", name, got, one, tree.same)
		}
	}
}

func TestPinned(t *testing.T) {
	t.Parallel()
	const sums = "example.com/a v1.0.0/go.mod h1:mod=\nexample.com/a v1.0.0 h1:one=\nexample.com/ab v3.0.0 h1:ab=\nexample.com/b v1.0.0 h1:b=\n"
	for name, tt := range map[string]struct {
		module string
		deps   []*debug.Module
		want   string
	}{
		"not in the build":     {"example.com/a", nil, "example.com/a v1.0.0 h1:one="},
		"as pinned":            {"example.com/a", []*debug.Module{{Path: "example.com/a", Version: "v1.0.0", Sum: "h1:one="}}, "example.com/a v1.0.0 h1:one="},
		"from a vendor folder": {"example.com/a", []*debug.Module{{Path: "example.com/a", Version: "v1.0.0"}}, "example.com/a v1.0.0 h1:one="},
		"another version":      {"example.com/a", []*debug.Module{{Path: "example.com/a", Version: "v1.1.0", Sum: "h1:two="}}, "example.com/a v1.1.0 h1:two="},
		"another, without sum": {"example.com/a", []*debug.Module{{Path: "example.com/a", Version: "v1.1.0"}}, "example.com/a v1.1.0"},
		"another module": {"example.com/a", []*debug.Module{{Path: "example.com/a", Version: "v1.0.0", Replace: &debug.Module{Path: "example.com/b", Version: "v1.0.0"}}},
			"example.com/a => example.com/b v1.0.0 h1:b="},
		"a folder": {"example.com/a", []*debug.Module{{Path: "example.com/a", Version: "v1.0.0", Replace: &debug.Module{Path: "../a", Version: "(devel)"}}},
			"example.com/a => ../a (devel)"},
		"unknown": {"example.com/c", nil, "example.com/c"},
	} {
		if got := pinned(tt.module, sums, &debug.BuildInfo{Deps: tt.deps}); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	if got := pinned("example.com/a", sums, nil); got != "example.com/a v1.0.0 h1:one=" {
		t.Errorf("a program that does not know its build: %q", got)
	}
}
