package report

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files; read them before committing")

// goldenElsewhere are the golden files of other tests.
var goldenElsewhere = map[string]bool{}

// TestGolden compares both formats with testdata, in which each file belongs to
// a case. The JSON form of a case depends on no text option and is kept once.
func TestGolden(t *testing.T) {
	t.Parallel()
	want := maps.Clone(goldenElsewhere)
	for _, c := range cases() {
		want[c.name+".txt"] = true
		var text bytes.Buffer
		if err := Text(&text, c.report, c.text); err != nil {
			t.Fatal(err)
		}
		golden(t, c.name+".txt", text.Bytes())
		if c.name == "all-ok" || c.text.Verbose || c.text.Quiet {
			continue // ten thousand services, or the same report as before
		}
		want[c.name+".json"] = true
		var js bytes.Buffer
		if err := JSON(&js, c.report, c.text); err != nil {
			t.Fatal(err)
		}
		golden(t, c.name+".json", js.Bytes())
	}
	files, err := filepath.Glob("testdata/*.*")
	if err != nil || len(files) != len(want) {
		t.Errorf("testdata has %d files, the cases have %d (%v)", len(files), len(want), err)
	}
	for _, f := range files {
		if !want[filepath.Base(f)] {
			t.Errorf("%s belongs to no case", f)
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
