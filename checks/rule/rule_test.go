package rule

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/document"
	"github.com/seed306eabeb/muster/verdict"
)

var update = flag.Bool("update", false, "write golden files; read them before committing")

// TestRules: testdata/rules.txt has rules, and under each what is wrong with it, or what is found
// when testdata/document.yaml is asked.
func TestRules(t *testing.T) {
	t.Parallel()
	const file = "testdata/rules.txt"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	in := example(t)
	var got []string
	for block := range strings.SplitSeq(strings.TrimSpace(string(text)), "\n\n") {
		var spec Spec
		var lines []string
		for line := range strings.Lines(block) {
			if line = strings.TrimSuffix(line, "\n"); !strings.HasPrefix(line, "  ") {
				lines = append(lines, line)
				assign(t, &spec, line)
			}
		}
		r, problems := Compile(spec)
		if (r == nil) != (len(problems) > 0) {
			t.Errorf("%+v: %v and %d problems", spec, r, len(problems))
		}
		for _, p := range problems {
			lines = append(lines, fmt.Sprintf("  wrong: %s:%d:%d: %s", p.Part, p.Line, p.Column, p.Message))
			lines = appendHelp(lines, p.Help)
		}
		if r != nil {
			for _, f := range r.Check(t.Context(), in) {
				lines = append(lines, fmt.Sprintf("  %s: %d:%d %s: %s", f.Name, f.Line, f.Column, f.Path, f.Message))
				lines = appendHelp(lines, f.Help)
			}
		}
		got = append(got, strings.Join(lines, "\n"))
	}
	all := strings.Join(got, "\n\n") + "\n"
	if *update {
		if err := os.WriteFile(file, []byte(all), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(text), all); diff != "" && !*update {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func appendHelp(lines []string, help string) []string {
	if help == "" {
		return lines
	}
	return append(lines, "    help: "+help)
}

// assign reads a line `rule: …` of a specification; a text of several lines stands in quotes.
func assign(t *testing.T, spec *Spec, line string) {
	t.Helper()
	key, value, _ := strings.Cut(line, ": ")
	if text, err := strconv.Unquote(value); err == nil && strings.Contains(text, "\n") {
		value = text
	}
	switch strings.TrimSuffix(key, ":") {
	case "rule":
		spec.Rule = value
	case "when":
		spec.When = value
	case "each":
		spec.Each = value
	case "message":
		spec.Message = value
	case "help":
		spec.Help = value
	default:
		t.Fatalf("%q is no part of a rule", line)
	}
}

// example is what the rules of testdata are asked about.
func example(t testing.TB) Input {
	t.Helper()
	text, err := os.ReadFile("testdata/document.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return Input{
		Doc: read(t, "svc/a.yaml", string(text)), File: "svc/a.yaml",
		Unit:  Unit{Name: "svc", Path: "svc", Kind: "service", Files: []string{"b.yaml", "a.yaml", "README.md"}},
		Files: func(path string) (any, bool) { return map[string]any{"x": int64(3)}, path == "b.yaml" },
		Shared: func(path string) (any, bool) {
			return map[string]any{"regions": []any{"south"}}, path == "regions.yaml"
		},
		SharedPaths: []string{"regions.yaml"}, Region: "north", Regions: []string{"north"},
	}
}

func read(t testing.TB, name, text string) *document.Document {
	t.Helper()
	format, _ := document.FormatOf(name)
	f := document.Reader{}.Read(name, []byte(text), format)
	if len(f.Docs) == 0 {
		t.Fatal(f.Findings)
	}
	return f.Docs[0]
}

func compile(t testing.TB, spec Spec) *Rule {
	t.Helper()
	r, problems := Compile(spec)
	if len(problems) > 0 {
		t.Fatalf("%+v: %+v", spec, problems)
	}
	return r
}

// TestFindingsAreComplete: a finding is an error, of the regions that it was asked for, at a place.
func TestFindingsAreComplete(t *testing.T) {
	t.Parallel()
	in := example(t)
	for _, text := range []string{"self.replicas > 1", "self.foo > 1", "self.replicas", "lists.range(1000000).size() > 1"} {
		for _, f := range compile(t, Spec{Rule: text}).Check(t.Context(), in) {
			if f.Severity != verdict.Error || f.Rule != "" || f.File != "svc/a.yaml" || f.Line < 1 || f.Column < 1 || !cmp.Equal(f.Regions, in.Regions) {
				t.Errorf("%s: %+v", text, f)
			}
		}
	}
}

// TestFilesAreReadWhenTheyAreAskedFor: and no others are.
func TestFilesAreReadWhenTheyAreAskedFor(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"self.name == 'zlib' || files['b.yaml'].x == 1": 0,
		"files['b.yaml'].x == 3":                        1,
		"has(files.c) || 'b.yaml' in files":             3,
		"files.size() == 1":                             3,
		"files.all(p, files[p].x == 3)":                 8, // how many there are, twice, and what is in the one
	} {
		in := example(t)
		read, asked := in.Files, 0
		in.Files = func(path string) (any, bool) {
			asked++
			return read(path)
		}
		if found := compile(t, Spec{Rule: text}).Check(t.Context(), in); len(found) > 0 {
			t.Errorf("%s: %v", text, found)
		}
		if asked > want {
			t.Errorf("%s: %d files are read; expected at most %d", text, asked, want)
		}
	}
}

// TestCancelled: a check ends with its context.
func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	in := example(t)
	in.Files = func(string) (any, bool) {
		cancel()
		return nil, false
	}
	r := compile(t, Spec{Rule: "lists.range(90000).all(x, 'b.yaml' in files || true)", Each: "*"})
	if found := r.Check(ctx, in); len(found) > 0 {
		t.Errorf("%v", found)
	}
}

// ports are the manifests of vcpkg, which lies in a folder of that name below MUSTER_FLEETS.
func ports(t testing.TB) []Input {
	t.Helper()
	root := os.Getenv("MUSTER_FLEETS")
	if root == "" {
		t.Skip("MUSTER_FLEETS names no folder with a checkout of microsoft/vcpkg")
	}
	files, err := filepath.Glob(filepath.Join(root, "vcpkg", "ports", "*", "vcpkg.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no vcpkg/ports/*/vcpkg.json: %v", root, err)
	}
	var all []Input
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(filepath.Dir(file))
		path := "ports/" + name + "/vcpkg.json"
		// The fleet may hold the manifests alone.
		unit := Unit{Name: name, Path: "ports/" + name, Kind: "port", Files: []string{"portfile.cmake", "vcpkg.json"}}
		all = append(all, Input{Doc: read(t, path, string(text)), File: path, Unit: unit})
	}
	return all
}

var portRules = []Spec{
	{Rule: "self.name == unit.name", Message: "'named ' + self.name + ', but lies in ' + unit.path"},
	{Rule: "['version','version-semver','version-date','version-string'].filter(v, v in self).size() == 1"},
	{Rule: "'portfile.cmake' in unit.files"},
}

// TestPorts: the rules of real manifests find nothing in them.
func TestPorts(t *testing.T) {
	t.Parallel()
	all := ports(t)
	for _, spec := range portRules {
		r := compile(t, spec)
		for _, in := range all {
			for _, f := range r.Check(t.Context(), in) {
				t.Errorf("%s: %s", f.Place, f.Message)
			}
		}
	}
}

// BenchmarkPorts: what three rules take a manifest, and what it takes to explain one.
func BenchmarkPorts(b *testing.B) {
	all := ports(b)
	var rules []*Rule
	for _, spec := range portRules {
		rules = append(rules, compile(b, spec))
	}
	for i, r := range rules {
		b.Run(fmt.Sprint("rule", i), func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				r.Check(b.Context(), all[n%len(all)])
				n++
			}
		})
	}
	b.Run("explained", func(b *testing.B) {
		r := compile(b, Spec{Rule: "self.name != unit.name"})
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			r.Check(b.Context(), all[n%len(all)])
			n++
		}
	})
	b.Run("compile", func(b *testing.B) {
		for b.Loop() {
			compile(b, portRules[1])
		}
	})
}
