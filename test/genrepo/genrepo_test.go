package genrepo_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/test/genrepo"
)

// A digest that differs means a draw too many, too few or in another place: measurements of two
// versions of the program would not be of the same repository.
func TestRepositoriesKeepTheirBytes(t *testing.T) {
	t.Parallel()
	for digest, o := range map[string]genrepo.Options{
		"2ddb1f271f93945e2083f3297ef491d3478f780132976e25b04a209297c3e17d": {Units: 50, Seed: 1},
		"f8afec2a86f7e9894aaba9ba305fcd7c4ab51fcbf3011824d4309b0f2b523947": {Units: 200, Bad: 0.3, Seed: 7, Comments: []string{"do: sleep 5ms"}},
	} {
		dir := t.TempDir()
		write(t, dir, o)
		if got := digestOf(t, dir); got != digest {
			t.Errorf("%+v: digest %s, want %s", o, got, digest)
		}
	}
}

// TestTheConfigurationIsValid in the smallest repository, too.
func TestTheConfigurationIsValid(t *testing.T) {
	t.Parallel()
	for _, n := range []int{4, 100} {
		dir := t.TempDir()
		write(t, dir, genrepo.Options{Units: n, Bad: 0.25})
		c, err := config.Load(dir, config.Builtin())
		if err != nil || len(c.Findings) > 0 || len(c.Layout.Kinds) != 3 {
			t.Errorf("%d units: %d kinds, findings %v, error %v", n, len(c.Layout.Kinds), c.Findings, err)
		}
	}
}

// TestEveryCheckFindsSomething: each of muster.yaml that can, and the reading of files.
func TestEveryCheckFindsSomething(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := write(t, dir, genrepo.Options{Units: 300, Bad: 0.3})
	rules := map[string]bool{}
	for _, f := range e.Findings {
		rules[f.Rule] = true
	}
	c, err := config.Load(dir, config.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range c.Declaration.Sections {
		for _, check := range s.Checks {
			if !rules[check.ID] && check.Verb != declared.Provides {
				t.Errorf("no unit has a mistake that %s finds", check.ID)
			}
		}
	}
	if !rules["queue/syntax"] {
		t.Error("no queue has a file that cannot be read")
	}
	if len(e.Units) != 300 || len(e.Invalid) < 90 || len(e.Invalid) >= len(e.Findings) {
		t.Errorf("%d units, %d invalid, %d findings; want 300, 90 at least, and warnings beside their errors", len(e.Units), len(e.Invalid), len(e.Findings))
	}
	if !slices.IsSorted(e.Units) || !slices.IsSorted(e.Invalid) || len(slices.Compact(slices.Clone(e.Invalid))) != len(e.Invalid) {
		t.Error("the units are not in order, or one has two mistakes")
	}
}

func TestExpectedFileIsWhatWriteReturns(t *testing.T) {
	t.Parallel()
	for _, bad := range []float64{0, 0.2} {
		dir := t.TempDir()
		want := write(t, dir, genrepo.Options{Units: 40, Bad: bad})
		text, err := os.ReadFile(filepath.Join(dir, "EXPECTED.json"))
		if err != nil {
			t.Fatal(err)
		}
		var got genrepo.Expected
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("bad %v: EXPECTED.json differs (-returned +file):\n%s", bad, diff)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	full := t.TempDir()
	write(t, full, genrepo.Options{Units: 4})
	for want, c := range map[string]struct {
		dir string
		o   genrepo.Options
	}{
		"need at least 4":     {t.TempDir(), genrepo.Options{Units: 3}},
		"need 0 to 0.5":       {t.TempDir(), genrepo.Options{Units: 9, Bad: 0.6}},
		"a muster.yaml alrea": {full, genrepo.Options{Units: 9}},
	} {
		before := digestOf(t, c.dir)
		if _, err := genrepo.Write(c.dir, c.o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
		if digestOf(t, c.dir) != before {
			t.Errorf("%q, and the folder has changed", want)
		}
	}
}

func write(t *testing.T, dir string, o genrepo.Options) genrepo.Expected {
	t.Helper()
	e, err := genrepo.Write(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// digestOf is the SHA-256 over path, length and bytes of every file, in the order of the paths.
func digestOf(t *testing.T, dir string) string {
	t.Helper()
	sum := sha256.New()
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(dir, path))
		fmt.Fprintf(sum, "%s %d\n%s", path, len(text), text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(sum.Sum(nil))
}
