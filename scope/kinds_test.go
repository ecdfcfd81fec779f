package scope_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/fleet/worktree"
	"github.com/seed306eabeb/muster/scope"
)

// severalKinds has units by name beside folders and files that are known by their paths.
var severalKinds = fleet.Layout{Marker: "fleet.conf", Kinds: []fleet.Kind{
	{Name: "service", At: []string{"services/*/"}, ByName: true, Shared: []string{"fleet.conf"}},
	{Name: "app", At: []string{"clusters/*/apps/*/"}, Except: []string{"clusters/test/"}, Shared: []string{"fleet.conf"}},
	{Name: "rule", At: []string{"rules/**/*.yml"}, Shared: []string{"schemas"}},
}}

func openKinds(t *testing.T, layout fleet.Layout, files ...string) (dir string, s scope.Scope) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		full := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o755), os.WriteFile(full, nil, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	tree, err := worktree.Open(dir, layout)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tree.Close() })
	return dir, scope.Scope{Fleet: tree}
}

// chosen is what an input selects, and what it passes over, those that are gone as "-name".
func chosen(t *testing.T, s scope.Scope, in scope.Input) (units, passed []string) {
	t.Helper()
	got, over, err := s.Select(in)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range got.Units() {
		units = append(units, string(u))
	}
	if got.Whole() {
		units = []string{all}
	}
	passed = over.Others
	for _, u := range over.Gone {
		passed = append(passed, "-"+string(u))
	}
	return units, passed
}

func TestSelectAmongSeveralKinds(t *testing.T) {
	t.Parallel()
	dir, s := openKinds(t, severalKinds,
		"fleet.conf", "README.md", "schemas/a.json", "services/pay/manifest.yml", "services/crew-a/manifest.yml",
		"clusters/eu/apps/pay/a.yml", "clusters/eu/apps/pay/deep/b.yml", "clusters/eu/apps/crew/a.yml", "clusters/us/apps/pay/a.yml", "clusters/eu/README.md",
		"clusters/caf\xe9/apps/x/a.yml", "clusters/test/apps/x/a.yml", "rules/a.yml", "rules/b c.yml", "rules/deep/er/d.yml", "rules/README.md")
	if err := os.Symlink("eu", filepath.Join(dir, "clusters/alias")); err != nil {
		t.Fatal(err)
	}
	eu, deep := []string{"clusters/eu/apps/crew", "clusters/eu/apps/pay"}, "rules/deep/er/d.yml"
	apps := append([]string{`clusters/caf\xe9/apps/x`}, append(eu, "clusters/us/apps/pay")...)
	for _, c := range []struct {
		name, dir string
		args      []string
		stdin     string
		want      []string
		passed    []string
	}{
		{name: "a name and the paths that are names", args: []string{"pay", "clusters/eu/apps/pay", "rules/a.yml"}, want: []string{"clusters/eu/apps/pay", "pay", "rules/a.yml"}},
		{name: "a path of a service by name", args: []string{"services/pay/manifest.yml"}, want: []string{"pay"}},
		{name: "files in a folder", args: []string{"clusters/eu/apps/pay/deep/b.yml", "clusters/us/apps/pay/gone.yml"}, want: []string{"clusters/eu/apps/pay", "clusters/us/apps/pay"}},
		{name: "an absolute path", args: []string{filepath.Join(dir, deep)}, want: []string{deep}},
		{name: "a name as list prints it", args: []string{`clusters/caf\xe9/apps/x`}, want: []string{`clusters/caf\xe9/apps/x`}},
		{name: "its path", args: []string{"clusters/caf\xe9/apps/x/a.yml"}, want: []string{`clusters/caf\xe9/apps/x`}},
		{name: "from a unit's folder", dir: "clusters/eu/apps/pay", args: []string{"a.yml", "../crew", "rules/a.yml"}, want: []string{"clusters/eu/apps/crew", "clusters/eu/apps/pay", "rules/a.yml"}},
		{name: "from a folder of files", dir: "rules/deep", args: []string{"er/d.yml", "."}, want: []string{deep}},
		{name: "a folder of units", args: []string{"clusters/eu"}, want: eu},
		{name: "the folder of a kind", args: []string{"clusters/"}, want: apps},
		{name: "that of another", args: []string{"rules"}, want: []string{"rules/a.yml", "rules/b c.yml", deep}},
		{name: "that of those by name", args: []string{"services"}, want: []string{"crew-a", "pay"}},
		{name: "a folder without units", args: []string{"clusters/test"}, passed: []string{"clusters/test"}},
		{name: "the repository", args: []string{"."}, want: []string{all}},
		{name: "a file that one kind shares", args: []string{"schemas/a.json"}, want: []string{all}},
		{name: "a folder that one kind shares", args: []string{"schemas"}, want: []string{all}},
		{name: "files of no unit", args: []string{"rules/README.md", "clusters/test/apps/x/a.yml", "README.md"}, passed: []string{"rules/README.md", "clusters/test/apps/x/a.yml", "README.md"}},

		{name: "a pattern of names", args: []string{"crew-*"}, want: []string{"crew-a"}},
		{name: "a pattern of paths", args: []string{"clusters/*/apps/pay"}, want: []string{"clusters/eu/apps/pay", "clusters/us/apps/pay"}},
		{name: "any folders", args: []string{"**/d.yml"}, want: []string{deep}},
		{name: "any folders on the way", args: []string{"rules/**/*.yml"}, want: []string{"rules/a.yml", "rules/b c.yml", deep}},
		{name: "all below", args: []string{"clusters/eu/**"}, want: eu, passed: []string{"clusters/eu/README.md"}},
		{name: "a pattern of files", args: []string{"clusters/*/apps/*/deep/*.yml"}, want: []string{"clusters/eu/apps/pay"}},
		{name: "a pattern of folders of units", args: []string{"clusters/e?"}, want: eu},
		{name: "everything", args: []string{"**"}, want: append(append(slices.Clone(apps), "crew-a", "pay"), "rules/a.yml", "rules/b c.yml", deep)},

		{name: "names on standard input", args: []string{"-"}, stdin: "pay\nrules/b c.yml\nclusters/eu/apps/pay\n", want: []string{"clusters/eu/apps/pay", "pay", "rules/b c.yml"}},
		{name: "names ended by NUL", args: []string{"-"}, stdin: "rules/b c.yml\x00clusters/caf\\xe9/apps/x\x00", want: []string{`clusters/caf\xe9/apps/x`, "rules/b c.yml"}},
		{name: "changed files", args: []string{"-"}, stdin: "rules/deep/er/d.yml\nrules/gone.yml\nclusters/eu/apps/gone/a.yml\nclusters/eu/apps/pay/x/gone.yml\ndocs/x.md\nservices/gone/x\n",
			want: []string{"clusters/eu/apps/pay", deep}, passed: []string{"docs/x.md", "-rules/gone.yml", "-clusters/eu/apps/gone", "-gone"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			units, passed := chosen(t, s, scope.Input{Args: c.args, Stdin: strings.NewReader(c.stdin), Dir: filepath.Join(dir, c.dir)})
			if !slices.Equal(units, c.want) || !slices.Equal(passed, c.passed) {
				t.Errorf("selected %q and passed over %q, want %q and %q", units, passed, c.want, c.passed)
			}
		})
	}
}

// TestSelectFilesBesideUnitsByName by their paths, as a list of changed files has them.
func TestSelectFilesBesideUnitsByName(t *testing.T) {
	t.Parallel()
	layout := fleet.Layout{Marker: "fleet.conf", Kinds: []fleet.Kind{
		{Name: "rule", At: []string{"units/*.yml"}}, {Name: "unit", At: []string{"units/*/"}, ByName: true},
	}}
	dir, s := openKinds(t, layout, "fleet.conf", "units/pay/a", "units/dir.yml/a", "units/rule.yml", "units/README")
	units, passed := chosen(t, s, scope.Input{Args: []string{"-"}, Dir: dir,
		Stdin: strings.NewReader("units/rule.yml\nunits/dir.yml/a\nunits/pay/a\nunits/gone.yml\nunits/README\n")})
	if want := []string{"dir.yml", "pay", "units/rule.yml"}; !slices.Equal(units, want) || !slices.Equal(passed, []string{"units/README", "-units/gone.yml"}) {
		t.Errorf("selected %q and passed over %q, want %q", units, passed, want)
	}
}

// TestSelectUnitsInEachOther: what is in several units is of all of them.
func TestSelectUnitsInEachOther(t *testing.T) {
	t.Parallel()
	layout := fleet.Layout{Marker: "fleet.conf", Kinds: []fleet.Kind{
		{Name: "module", At: []string{"modules/**/"}}, {Name: "meta", At: []string{"modules/*/meta.yml"}},
	}}
	dir, s := openKinds(t, layout, "fleet.conf", "modules/a/b/x.tf", "modules/a/meta.yml", "modules/c/x.tf")
	for path, want := range map[string][]string{
		"modules/a/meta.yml": {"modules", "modules/a", "modules/a/meta.yml"},
		"modules/a/b/x.tf":   {"modules", "modules/a", "modules/a/b"},
		"modules/a":          {"modules", "modules/a", "modules/a/b", "modules/a/meta.yml"},
	} {
		if units, _ := chosen(t, s, scope.Input{Args: []string{path}, Dir: dir}); !slices.Equal(units, want) {
			t.Errorf("%s selects %q, want %q", path, units, want)
		}
	}
}

// TestAFileThatGovernsSelectsAll: whether it has changed, has come or is gone.
func TestAFileThatGovernsSelectsAll(t *testing.T) {
	t.Parallel()
	layout := fleet.Layout{Marker: "fleet.conf", Governing: []string{"lists/regions.yml", "aliases/schemas/a[1].json"}, GoverningGlobs: []string{"schemas/**/*.json"},
		Kinds: []fleet.Kind{{Name: "rule", At: []string{"rules/*.yml"}, Shared: []string{"schemas/a.json"}}}}
	dir, s := openKinds(t, layout, "fleet.conf", "lists/regions.yml", "lists/x", "schemas/a.json", "schemas/README", "rules/a.yml", "elsewhere/schemas/a[1].json")
	if err := os.Symlink("elsewhere", filepath.Join(dir, "aliases")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"fleet.conf", "lists/regions.yml", "schemas/gone.json", "schemas/gone/too.json", "aliases", "aliases/schemas/a[1].json"} {
		for _, in := range []scope.Input{{Args: []string{"-"}, Stdin: strings.NewReader(path + "\n"), Dir: dir}, {Args: []string{path}, Dir: filepath.Join(dir, "rules")}} {
			if units, passed := chosen(t, s, in); !slices.Equal(units, []string{all}) || len(passed) > 0 {
				t.Errorf("%s: %q is selected and %q passed over, want all", path, units, passed)
			}
		}
	}
	for _, path := range []string{"lists/x", "schemas/README", "elsewhere/x"} {
		if units, _ := chosen(t, s, scope.Input{Args: []string{"-"}, Stdin: strings.NewReader(path + "\n"), Dir: dir}); len(units) > 0 {
			t.Errorf("%s selects %q", path, units)
		}
	}
}

func TestSelectAmongSeveralKindsRefuses(t *testing.T) {
	t.Parallel()
	dir, s := openKinds(t, severalKinds, "fleet.conf", "services/pay/manifest.yml", "clusters/eu/apps/payments/a.yml", "rules/alert.yml")
	for _, c := range []struct {
		name  string
		args  []string
		stdin string
		says  string
	}{
		{"a typing error in a path", []string{"clusters/eu/apps/payment"}, "", `did you mean "clusters/eu/apps/payments"?`},
		{"one in that of a file", []string{"rules/alerts.yml"}, "", `no file "rules/alerts.yml"`},
		{"one in the path of a file in a folder", []string{"clusters/eu/apps/payment/a.yml"}, "", `did you mean "clusters/eu/apps/payments"?`},
		{"one in a name", []string{"pax"}, "", `did you mean "pay"?`},
		{"a path of no unit", []string{"docs/x.md"}, "", `there is no "docs/x.md"`},
		{"a pattern without a match", []string{"rules/**/*.yaml"}, "", "no file or folder of the repository"},
		{"a broken pattern", []string{"rules/[a"}, "", "is not a pattern"},
		{"a list that is not there", []string{"@nowhere"}, "", "is written ./services/@nowhere"},
	} {
		_, _, err := s.Select(scope.Input{Args: c.args, Stdin: strings.NewReader(c.stdin), Dir: dir})
		usage := (*scope.UsageError)(nil)
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want a mistake of use that says %q", c.name, err, c.says)
		}
	}
}

// TestSelectAllByTheMarker, whether or not units share it as a file: it says what is verified.
func TestSelectAllByTheMarker(t *testing.T) {
	t.Parallel()
	layout := fleet.Layout{Marker: "fleet.conf", Kinds: []fleet.Kind{{Name: "rule", At: []string{"rules/*.yml"}}}}
	dir, s := openKinds(t, layout, "fleet.conf", "rules/a.yml", "rules/fleet.conf")
	units, passed := chosen(t, s, scope.Input{Args: []string{"-"}, Dir: dir, Stdin: strings.NewReader("fleet.conf\nrules/fleet.conf\n")})
	if !slices.Equal(units, []string{all}) || !slices.Equal(passed, []string{"rules/fleet.conf"}) {
		t.Errorf("selected %q and passed over %q, want all, and the file of the same name elsewhere", units, passed)
	}
}
