package worktree_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/fleet/worktree"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

const limit = 4096

var layout = fleet.Layout{Marker: "fleet.conf", Kinds: []fleet.Kind{{
	Name: "unit", At: []string{"units/*/"}, ByName: true, Limit: limit,
	File:       func(p string) bool { return strings.HasSuffix(p, ".yml") },
	Shared:     []string{"fleet.conf", "templates", "absent.yml"},
	SharedFile: func(p string) bool { return !strings.HasSuffix(p, ".md") },
}}}

// checkout makes a repository of files; a value of "->x" makes a symbolic link to
// x, "|" a named pipe, "=" a socket; a name that ends in / an empty folder.
func checkout(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	files["fleet.conf"] = "regions: []\n"
	for name, content := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := put(p, name, content); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func put(p, name, content string) error {
	if target, ok := strings.CutPrefix(content, "->"); ok {
		return os.Symlink(target, p)
	}
	switch {
	case strings.HasSuffix(name, "/"):
		return os.MkdirAll(p, 0o755)
	case content == "|":
		return syscall.Mkfifo(p, 0o644)
	case content == "=":
		return syscall.Mknod(p, syscall.S_IFSOCK|0o644, 0)
	}
	return os.WriteFile(p, []byte(content), 0o644)
}

func open(t testing.TB, files map[string]string) *worktree.Tree {
	t.Helper()
	f, err := worktree.Open(checkout(t, files), layout)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func names(t testing.TB, f *worktree.Tree) (list []string) {
	t.Helper()
	for name, err := range f.Units(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, string(name))
	}
	slices.Sort(list)
	return list
}

func TestFind(t *testing.T) {
	t.Parallel()
	outer := checkout(t, map[string]string{"units/a/deep/er/": "", "inner/fleet.conf": "", "inner/units/b/": "",
		"units/a/other.conf": "", "inner/both/fleet.conf": "", "inner/both/other.conf": ""})
	for _, tt := range []struct{ start, want, marker string }{
		{".", ".", "fleet.conf"}, {"units", ".", "fleet.conf"}, {"inner", "inner", "fleet.conf"}, {"inner/units/b", "inner", "fleet.conf"},
		{"units/a/deep/er", "units/a", "other.conf"}, // the nearest, although the first marker is further up
		{"inner/both", "inner/both", "fleet.conf"},
	} {
		got, marker, err := worktree.Find(filepath.Join(outer, tt.start), layout.Marker, "other.conf")
		if want := filepath.Join(outer, tt.want); got != want || marker != tt.marker || err != nil {
			t.Errorf("from %s: %q by %q, %v; want %q by %q", tt.start, got, marker, err, want, tt.marker)
		}
	}
	_, _, err := worktree.Find(outer, "no such marker", "nor this one")
	if err == nil || !strings.Contains(err.Error(), "--repo") || !strings.Contains(err.Error(), outer) || !strings.Contains(err.Error(), "no such marker or nor this one") {
		t.Errorf("no marker anywhere: error = %v", err)
	}
}

func TestOpenWantsAFolder(t *testing.T) {
	t.Parallel()
	if _, err := worktree.Open(filepath.Join(t.TempDir(), "none"), layout); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent folder: error = %v", err)
	}
}

func TestNamesWithoutUnits(t *testing.T) {
	t.Parallel()
	if got := names(t, open(t, map[string]string{})); len(got) != 0 {
		t.Errorf("names = %q, want none", got)
	}
	for _, err := range open(t, map[string]string{"units": "a file"}).Units(t.Context()) {
		if !errors.Is(err, syscall.ENOTDIR) {
			t.Errorf("a file in place of the folder: error = %v", err)
		}
	}
}

func TestNamesEndsWhenAsked(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i := range 600 {
		files[fmt.Sprintf("units/u%d/", i)] = ""
	}
	f := open(t, files)
	if got := names(t, f); len(got) != 600 {
		t.Errorf("%d names, want 600", len(got))
	}
	for range f.Units(t.Context()) {
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n, last := 0, error(nil)
	for _, err := range f.Units(ctx) {
		cancel()
		n, last = n+1, err
	}
	if !errors.Is(last, context.Canceled) || n >= 600 {
		t.Errorf("cancelled after the first of 600: %d names, then %v", n, last)
	}
}

func TestHas(t *testing.T) {
	t.Parallel()
	f := open(t, map[string]string{
		"units/payments/main.yml": "", "units/pay/main.yml": "", "units/alias": "->pay", "units/README.md": "",
	})
	for _, name := range []string{"pay", "payments"} {
		if err := f.Has(id.Unit(name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, tt := range []struct{ name, want string }{
		{"paymets", `did you mean "payments"?`},
		{"paj", `did you mean "pay"?`},
		{"something-else", "check its spelling"},
		{"README.md", "not a folder"},
		{"units/pay", "under units/ alone"},
		{"../units", "under units/ alone"},
		{"pay/", "under units/ alone"},
		{`a\b`, "under units/ alone"},
		{`a\b`, `written \x5c`},
		{`pa\x79`, "under units/ alone"},
		{"", "names no folder"},
		{".", "names no folder"},
		{"..", "names no folder"},
		{"a\x00", "NUL"},
		{"a\xff", "UTF-8"},
	} {
		if err := f.Has(id.Unit(tt.name)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: error = %v, want one that says %q", tt.name, err, tt.want)
		}
	}
}

func TestPackReadsWhatTheLayoutChooses(t *testing.T) {
	t.Parallel()
	f := open(t, map[string]string{"units/pay/main.yml": "name: pay", "units/pay/notes.txt": "no", "units/other/main.yml": "no"})
	b, _, err := f.Unit(t.Context(), "pay")
	if err != nil {
		t.Fatal(err)
	}
	want, err := bundle.New([]bundle.Entry{{Path: "main.yml", Data: []byte("name: pay")}})
	if err != nil {
		t.Fatal(err)
	}
	if b.Digest() != want.Digest() {
		t.Errorf("packed %d files with digest %s, want main.yml alone", b.Len(), b.Digest())
	}
}

func TestPackErrorsThatAreTheUnitsOwn(t *testing.T) {
	t.Parallel()
	f := open(t, map[string]string{
		"units/large/dump.yml":                                strings.Repeat("x", 2*limit),
		"units/deep/" + strings.Repeat("d/", 70) + "main.yml": "",
		"units/odd/a\\b.yml":                                  "",
		"units/odd-unread/a\\b.txt":                           "",
	})
	for _, tt := range []struct{ name, rule, file, message string }{
		{"large", "F101", "units/large", "more than the 4096 that are allowed"},
		{"deep", "F101", "units/deep", "more than 64 levels deep"},
		{"odd", "F102", "units/odd", `"a\\b.yml"`},
	} {
		_, _, err := f.Unit(t.Context(), id.Unit(tt.name))
		findings, ok := fleet.Findings(id.Unit(tt.name), err)
		if !ok || len(findings) != 1 {
			t.Errorf("%s: error = %v, findings %v", tt.name, err, findings)
			continue
		}
		got := findings[0]
		if got.Rule != tt.rule || got.File != tt.file || got.Severity != verdict.Error || got.Help == "" ||
			!strings.Contains(got.Message, tt.message) || !strings.HasPrefix(got.Message, tt.name) {
			t.Errorf("%s: finding %+v", tt.name, got)
		}
	}
	if _, _, err := f.Unit(t.Context(), "odd-unread"); err != nil {
		t.Errorf("a bad name that the layout does not choose: %v", err)
	}
}

func TestPackErrorsThatAreNot(t *testing.T) {
	t.Parallel()
	f := open(t, map[string]string{"units/README.md": "", "units/pay/main.yml": "", "outside.yml": ""})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		ctx  context.Context
		name string
		want error
	}{
		{t.Context(), "none", fs.ErrNotExist},
		{t.Context(), "README.md", syscall.ENOTDIR},
		{t.Context(), `gone\xff`, fs.ErrNotExist},
		{ended, "pay", context.Canceled},
	} {
		_, _, err := f.Unit(tt.ctx, id.Unit(tt.name))
		if _, own := fleet.Findings(id.Unit(tt.name), err); own || !errors.Is(err, tt.want) {
			t.Errorf("%s: error = %v, a finding: %t", tt.name, err, own)
		}
	}
	if _, _, err := f.Unit(t.Context(), "../units/pay"); err == nil {
		t.Error("a path was packed as a unit")
	}
	if _, own := fleet.Findings("pay", nil); own {
		t.Error("no error became a finding")
	}
}

func TestShared(t *testing.T) {
	t.Parallel()
	f := open(t, map[string]string{
		"templates/a/b.j2": "x", "templates/README.md": "", "units/pay/main.yml": "", "other.yml": "",
		"templates/large.j2": strings.Repeat("x", 2*limit),
	})
	b, err := f.Shared(t.Context(), f.Layout().Kinds...)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	fs.WalkDir(b.FS(), ".", func(p string, d fs.DirEntry, _ error) error {
		if !d.IsDir() {
			got = append(got, p)
		}
		return nil
	})
	if want := []string{"fleet.conf", "templates/a/b.j2", "templates/large.j2"}; !slices.Equal(got, want) {
		t.Errorf("shared files = %q, want %q", got, want)
	}
}
