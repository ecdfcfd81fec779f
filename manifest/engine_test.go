package manifest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster"
)

// TestEngineNamesTheCode: two of the kind agree on their engine.
func TestEngineNamesTheCode(t *testing.T) {
	t.Parallel()
	a, b := New(), New()
	if a.Engine() != b.Engine() || len(a.Engine()) != 32 {
		t.Errorf("got %q and %q; expected one digest of 32 hexadecimal digits", a.Engine(), b.Engine())
	}
}

// closure lists what package manifest needs on Linux, in lines of a template of `go list`.
func closure(t *testing.T, template string) []string {
	t.Helper()
	list := exec.Command("go", "list", "-deps", "-f", template, ".")
	list.Env = append(os.Environ(), "GOOS=linux", "CGO_ENABLED=0")
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	return slices.Compact(slices.Sorted(strings.FieldsSeq(string(out))))
}

// TestEngineKnowsItsModules: a list in the code, for a program does not know which of its
// modules judge.
func TestEngineKnowsItsModules(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(closure(t, `{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}`), modules); diff != "" {
		t.Errorf("the modules of engine.go (-those that are needed +listed):\n%s", diff)
	}
}

// TestEngineCoversWhatJudges: every Go file of every package that makes a decision is in
// it, but tests and the file that embeds the others.
func TestEngineCoversWhatJudges(t *testing.T) {
	t.Parallel()
	dirs := closure(t, `{{with .Module}}{{if .Main}}{{$.Dir}}{{end}}{{end}}`)
	root, size := dirs[0], 0 // it sorts before its folders
	var covered strings.Builder
	if err := writeSources(&covered, muster.Judging); err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs[1:] {
		for name, text := range sources(t, root, dir) {
			head := fmt.Sprintf("%s %d\n", name, len(text))
			size += len(head) + len(text)
			if !strings.Contains(covered.String(), head+text) {
				t.Errorf("%s judges, and sources.go of the module does not embed it as it is", name)
			}
		}
	}
	if covered.Len() != size {
		t.Errorf("%d bytes make the engine, and the files that judge have %d: sources.go embeds what does not judge", covered.Len(), size)
	}
}

// sources are the texts of a folder's Go files without tests, by their names from root on.
func sources(t *testing.T, root, dir string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, file := range files {
		name, err := filepath.Rel(root, file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.ToSlash(name)] = string(text)
	}
	return texts
}

func TestWriteSources(t *testing.T) {
	t.Parallel()
	said := func(tree fstest.MapFS) string {
		var b strings.Builder
		if err := writeSources(&b, tree); err != nil {
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
		"with something else":  {fstest.MapFS{"go.sum": file("x"), "p/a.go": file("package p\n"), "q/b.go": file("package q\n")}, true},
		"with a comment":       {fstest.MapFS{"p/a.go": file("package p // x\n"), "q/b.go": file("package q\n")}, false},
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

// BenchmarkEngine: it is made once in a process, and each has to wait for it.
func BenchmarkEngine(b *testing.B) {
	for b.Loop() {
		digest()
	}
}
