package genfleet_test

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

	"github.com/seed306eabeb/muster/test/genfleet"
)

// Measurements are compared across versions of the program, so the bytes of a
// fleet never change. A digest that differs means a draw too many, too few or in
// another place; only a new kind of defect is a reason to change it.
func TestFleetsKeepTheirBytes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		o      genfleet.Options
		digest string
	}{
		{"good", genfleet.Options{Services: 50, Seed: 1},
			"f01f6b1cd9a38eb12cabed5c5c2dcc99284d122a98f20e94855c7c93857ecf00"},
		{"half bad", genfleet.Options{Services: 50, Bad: 0.5, Seed: 7},
			"da96f1c3c7d951e8ffa22916b198b55c1bf0b5ae018f739fcfcacaaaff062c97"},
		{"chosen kinds", genfleet.Options{Services: 50, Bad: 0.2, Seed: 3, Kinds: []string{"malformed-yaml", "duplicate-event-stream"}},
			"c9267a72807a9900f7471faf8b28b06eaf5617ad5e86847af71cb5d7e1e16b60"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, dir, tt.o)
			if got := digest(t, dir); got != tt.digest {
				t.Errorf("digest of the fleet:\n got %s\nwant %s", got, tt.digest)
			}
		})
	}
}

func TestEveryKindOfDefectIsUsedAndListed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	kinds := genfleet.Kinds()
	n := 4 * len(kinds)
	e := write(t, dir, genfleet.Options{Services: n, Bad: 0.5, Seed: 1})

	for _, k := range kinds {
		if e.Kinds[k.Name] == 0 {
			t.Errorf("kind %q: no service has it", k.Name)
		}
	}
	if e.Invalid != n/2 || len(e.Bad) != n/2 || e.Valid != n/2 {
		t.Errorf("got %d invalid, %d listed, %d valid of %d; want half of them", e.Invalid, len(e.Bad), e.Valid, n)
	}
	if !slices.IsSortedFunc(e.Bad, func(a, b genfleet.Defective) int { return strings.Compare(a.Service, b.Service) }) {
		t.Error("defective services are not sorted by name")
	}
	for _, b := range e.Bad {
		checkDefective(t, dir, b)
	}
}

// checkDefective wants the file that holds the defect to be there, and a template
// that is the defect by its absence not to be.
func checkDefective(t *testing.T, dir string, b genfleet.Defective) {
	t.Helper()
	folder := filepath.Join(dir, "services", b.Service)
	if _, err := os.Stat(filepath.Join(folder, b.File)); err != nil {
		t.Errorf("%s (%s): %v", b.Service, b.Kind, err)
	}
	if (b.With != "") != (b.Kind == "duplicate-event-stream") {
		t.Errorf("%s (%s): with %q", b.Service, b.Kind, b.With)
	}
	if b.Kind == "template-missing" {
		if _, err := os.Stat(filepath.Join(folder, b.Detail)); err == nil {
			t.Errorf("%s: template %s is there", b.Service, b.Detail)
		}
	}
}

func TestExpectedFileIsWhatWriteReturns(t *testing.T) {
	t.Parallel()
	for _, bad := range []float64{0, 0.1} {
		dir := t.TempDir()
		want := write(t, dir, genfleet.Options{Services: 30, Bad: bad, Seed: 2})
		text, err := os.ReadFile(filepath.Join(dir, "EXPECTED.json"))
		if err != nil {
			t.Fatal(err)
		}
		var got genfleet.Expected
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("bad %v: EXPECTED.json differs (-returned +file):\n%s", bad, diff)
		}
	}
}

func TestSeedsDiffer(t *testing.T) {
	t.Parallel()
	one, two := t.TempDir(), t.TempDir()
	write(t, one, genfleet.Options{Services: 5, Seed: 1})
	write(t, two, genfleet.Options{Services: 5, Seed: 2})
	if digest(t, one) == digest(t, two) {
		t.Error("seeds 1 and 2 give the same fleet")
	}
}

func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		o    genfleet.Options
		want string
	}{
		{"no services", genfleet.Options{}, "a fleet of 0 services: need at least 1"},
		{"too many bad", genfleet.Options{Services: 1, Bad: 0.6}, "a bad fraction of 0.6: need 0 to 0.5"},
		{"negative bad", genfleet.Options{Services: 1, Bad: -0.1}, "a bad fraction of -0.1: need 0 to 0.5"},
		{"unknown kind", genfleet.Options{Services: 1, Kinds: []string{"bad-cron", "bad-cork"}},
			`unknown kind of defect "bad-cork": see Kinds, or genfleet -list-kinds`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if _, err := genfleet.Write(dir, tt.o); err == nil || err.Error() != tt.want {
				t.Errorf("got error %v, want %s", err, tt.want)
			}
			if left, _ := os.ReadDir(dir); len(left) != 0 {
				t.Errorf("%d entries were written", len(left))
			}
		})
	}
}

func TestWriteKeepsAnExistingFleet(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, genfleet.Options{Services: 3, Seed: 1})
	before := digest(t, dir)
	_, err := genfleet.Write(dir, genfleet.Options{Services: 3, Seed: 2})
	if err == nil || !strings.Contains(err.Error(), "exists already") {
		t.Errorf("got error %v, want one about a folder that exists", err)
	}
	if digest(t, dir) != before {
		t.Error("the fleet changed")
	}
}

func write(t *testing.T, dir string, o genfleet.Options) genfleet.Expected {
	t.Helper()
	e, err := genfleet.Write(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// digest is the SHA-256 over path, length and bytes of every file, in the order
// of the paths.
func digest(t *testing.T, dir string) string {
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
