package syntax

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// FuzzParse: whatever a text holds, reading it ends, and every place that is told
// is in the text. Where the quick look finds nothing to rewrite and yaml.v3 takes
// the text, rewriting it all the same changes no node and no place.
func FuzzParse(f *testing.F) {
	addTexts(f)
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || strings.HasPrefix(text, "\ufeff") {
			t.Skip()
		}
		plain, fault := Parse([]byte(text), Profile{})
		if !oddBreaks([]byte(text)) { // yaml.v3 counts them as lines, and faults do not
			checkPlaces(t, text, plain, fault)
		}
		all, ruled := Parse([]byte(text), yamlRust)
		checkPlaces(t, text, all, ruled)
		r := read([]byte(text), yamlRust)
		if r.prepared || fault != nil || plain.Root == nil || strings.ContainsAny(text, "&*") || !r.prepare() {
			return
		}
		d, err := decode(r.text)
		if err != nil {
			t.Fatalf("%q: the quick look missed it: %v", text, err)
		}
		r.restore(d.Root)
		if got, want := show(d.Root), show(plain.Root); got != want {
			t.Errorf("%q\nrewritten %s\nas it is  %s", text, got, want)
		}
	})
}

// addTexts adds the texts of the tests.
func addTexts(f *testing.F) {
	f.Helper()
	files, err := filepath.Glob("testdata/valid/*.yml")
	if err != nil || len(files) == 0 {
		f.Fatalf("no texts: %v", err)
	}
	for _, name := range append(files, "testdata/faults.txt") {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
		for _, part := range strings.Split(string(data), "\n== ") {
			f.Add(strings.ReplaceAll(part, "¦", ""))
		}
	}
	for _, text := range []string{"[:a, ?b, |]", "{a:, b:[c]}", "# \u2028\na: b\rc: d", "%FOO\n---\na: ! 5", "a: &b\n: c", "a:\nb\n", "? - a\n: - b\n", "--- |\n x\n...\n", "?\r"} {
		f.Add(text)
	}
}

// checkPlaces wants every place inside its text.
func checkPlaces(t *testing.T, text string, d Document, fault *Fault) {
	t.Helper()
	if fault != nil {
		if fault.Message == "" || !inside(text, fault.Position) {
			t.Errorf("%q: fault %+v", text, *fault)
		}
		return
	}
	if d.Root != nil {
		eachNode(d.Root, map[*yaml.Node]bool{}, func(n *yaml.Node) {
			if !inside(text, Position{n.Line, n.Column}) {
				t.Errorf("%q: %q at %d:%d", text, n.Value, n.Line, n.Column)
			}
		})
	}
}

func eachNode(n *yaml.Node, seen map[*yaml.Node]bool, do func(*yaml.Node)) {
	if seen[n] {
		return
	}
	seen[n] = true
	do(n)
	for _, c := range n.Content {
		eachNode(c, seen, do)
	}
}

// inside says that a place is in a text, or just behind one of its lines.
func inside(text string, p Position) bool {
	lines := strings.Split(text, "\n")
	return p.Line >= 1 && p.Column >= 1 && p.Line <= len(lines)+1 && (p.Line > len(lines) || p.Column <= utf8.RuneCountInString(lines[p.Line-1])+1)
}
