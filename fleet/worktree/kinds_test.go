package worktree_test

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/fleet/worktree"
	"github.com/seed306eabeb/muster/id"
)

// mixed has units by name beside folders and files that are known by their paths.
var mixed = fleet.Layout{Marker: "fleet.conf", Kinds: []fleet.Kind{
	{Name: "unit", At: []string{"units/*/"}, ByName: true, Except: []string{"units/_*/"}},
	{Name: "app", At: []string{"clusters/*/apps/*/", "clusters/eu/apps/p*/"}, Except: []string{"clusters/test/"}, Limit: limit,
		File: func(p string) bool { return strings.HasSuffix(p, ".yml") }},
	{Name: "rule", At: []string{"rules/**/*.yml"}, Limit: limit},
}}

func openAs(t testing.TB, layout fleet.Layout, files map[string]string) *worktree.Tree {
	t.Helper()
	f, err := worktree.Open(checkout(t, files), layout)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// files lists a bundle's files, with the type of those that are not regular.
func files(t testing.TB, b bundle.Bundle) (list []string) {
	t.Helper()
	fs.WalkDir(b.FS(), ".", func(p string, d fs.DirEntry, _ error) error {
		switch {
		case d.Type().IsRegular():
			data, _ := fs.ReadFile(b.FS(), p)
			list = append(list, p+"="+string(data))
		case !d.IsDir():
			list = append(list, p+" "+d.Type().String())
		}
		return nil
	})
	return list
}

func TestUnitsOfSeveralKinds(t *testing.T) {
	t.Parallel()
	f := openAs(t, mixed, map[string]string{
		"units/pay/main.yml": "", "units/_template/main.yml": "", "units/README": "",
		"clusters/eu/apps/pay/main.yml": "name: pay", "clusters/eu/apps/pay/deep/x.yml": "x", "clusters/eu/apps/pay/notes.txt": "",
		"clusters/eu/apps/README.md": "", "clusters/eu/apps/.hidden/x.yml": "", "clusters/eu/apps/empty/": "",
		"clusters/us/apps/pay/main.yml": "", "clusters/.git/apps/x/y.yml": "", "clusters/test/apps/x/y.yml": "", "clusters/alias": "->eu", "clusters/README": "",
		"rules/a.yml": "a: 1", "rules/deep/er/b.yml": "b", "rules/.hidden/c.yml": "", "rules/.d.yml": "", "rules/e.md": "", "rules/f.yml/g.txt": "", "rules/linked": "->deep",
		"docs/a.yml": "",
	})
	want := []string{"clusters/eu/apps/empty", "clusters/eu/apps/pay", "clusters/us/apps/pay", "pay", "rules/a.yml", "rules/deep/er/b.yml"}
	if got := names(t, f); !slices.Equal(got, want) || f.PlainFiles() != 1 {
		t.Errorf("units %q beside %d files, want %q beside one", got, f.PlainFiles(), want)
	}
	for unit, want := range map[id.Unit][]string{
		"clusters/eu/apps/pay": {"deep/x.yml=x", "main.yml=name: pay"}, "clusters/eu/apps/empty": nil, "rules/a.yml": {"rules/a.yml=a: 1"}, "rules/deep/er/b.yml": {"rules/deep/er/b.yml=b"},
	} {
		b, _, err := f.Unit(t.Context(), unit)
		if got := files(t, b); err != nil || !slices.Equal(got, want) || f.Has(unit) != nil {
			t.Errorf("%s has the files %q, %v, want %q", unit, got, err, want)
		}
	}
}

// TestFilesBesideUnitsByName: what lies at a path says which of the two it is.
func TestFilesBesideUnitsByName(t *testing.T) {
	t.Parallel()
	f := openAs(t, fleet.Layout{Kinds: []fleet.Kind{{Name: "unit", At: []string{"units/*/"}, ByName: true}, {Name: "rule", At: []string{"units/*.yml"}}}},
		map[string]string{"units/pay/a": "x", "units/dir.yml/a": "y", "units/rule.yml": "z", "units/README": ""})
	want := map[id.Unit][]string{"pay": {"a=x"}, "dir.yml": {"a=y"}, "units/rule.yml": {"units/rule.yml=z"}}
	if got := names(t, f); len(got) != len(want) || f.PlainFiles() != 1 {
		t.Errorf("units %q beside %d files, want 3 beside one", got, f.PlainFiles())
	}
	for unit, want := range want {
		b, _, err := f.Unit(t.Context(), unit)
		if got := files(t, b); err != nil || !slices.Equal(got, want) || f.Has(unit) != nil {
			t.Errorf("%s has the files %q, %v, %v; want %q", unit, got, err, f.Has(unit), want)
		}
	}
	for _, unit := range []id.Unit{"rule.yml", "units/dir.yml", "units/pay"} {
		if _, _, err := f.Unit(t.Context(), unit); err == nil || f.Contains(unit) {
			t.Errorf("%s is a unit", unit)
		}
	}
}

// TestWhatStandsForAUnitByPath has one thing that a glob matches a case.
func TestWhatStandsForAUnitByPath(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		what, path, content string
		unit                string
		rules               []string
	}{
		{"a link to a folder", "clusters/eu/apps/alias", "->../../../elsewhere", "clusters/eu/apps/alias", []string{"F103"}},
		{"a link to nothing", "rules/a.yml", "->nowhere", "rules/a.yml", []string{"F103"}},
		{"a named pipe", "clusters/eu/apps/pipe", "|", "clusters/eu/apps/pipe", []string{"F104"}},
		{"a pipe in place of a file", "rules/deep/pipe.yml", "|", "rules/deep/pipe.yml", []string{"F104"}},
		{"a folder whose name is not UTF-8", "clusters/eu/apps/caf\xe9/x.yml", "", `clusters/eu/apps/caf\xe9`, []string{"F105"}},
		{"a folder in one whose name is not UTF-8", "clusters/caf\xe9/apps/pay/x.yml", "", `clusters/caf\xe9/apps/pay`, []string{"F105"}},
		{"a file with a backslash", `rules/a\b.yml`, "", `rules/a\x5cb.yml`, []string{"F105"}},
		{"a link whose name is not UTF-8", "rules/\xff.yml", "->a", `rules/\xff.yml`, []string{"F103", "F105"}},
		{"a file over the limit", "rules/large.yml", strings.Repeat("x", 2*limit), "rules/large.yml", []string{"F101"}},
		{"a folder over the limit", "clusters/eu/apps/large/x.yml", strings.Repeat("x", 2*limit), "clusters/eu/apps/large", []string{"F101"}},
		{"a folder with a bad file", `clusters/eu/apps/pay/a\b.yml`, "", "clusters/eu/apps/pay", []string{"F102"}},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			f := openAs(t, mixed, map[string]string{tt.path: tt.content, "elsewhere/": ""})
			if got := names(t, f); !slices.Equal(got, []string{tt.unit}) {
				t.Fatalf("units %q, want %q", got, tt.unit)
			}
			unit := id.Unit(tt.unit)
			if err := f.Has(unit); err != nil {
				t.Errorf("selected by name: %v", err)
			}
			_, _, err := f.Unit(t.Context(), unit)
			findings, own := fleet.Findings(unit, err)
			var rules []string
			for _, finding := range findings {
				rules = append(rules, finding.Rule)
				if finding.File != tt.unit || !strings.HasPrefix(finding.Message, tt.unit) {
					t.Errorf("finding %+v", finding)
				}
			}
			if !own || !slices.Equal(rules, tt.rules) {
				t.Errorf("rules %q, the unit's own: %v; want %q", rules, own, tt.rules)
			}
		})
	}
}

// TestOneIDForTwoUnits: nothing can be verified where it is not clear what a unit is.
func TestOneIDForTwoUnits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		what  string
		kinds []fleet.Kind
		files map[string]string
		says  []string
	}{
		{"two kinds of folders", []fleet.Kind{{Name: "one", At: []string{"a/*/"}}, {Name: "two", At: []string{"*/x/"}}}, map[string]string{"a/x/": ""}, []string{"a/x", `"one"`, `"two"`}},
		{"by name and by path", []fleet.Kind{{Name: "one", At: []string{"a/*/"}, ByName: true}, {Name: "two", At: []string{"a/x/"}}}, map[string]string{"a/x/": ""}, []string{"a/x", `"one"`, `"two"`}},
		{"a path that may be a name", []fleet.Kind{{Name: "one", At: []string{"a/*/"}, ByName: true}, {Name: "two", At: []string{"*.yml"}}}, map[string]string{"x.yml": ""}, []string{"x.yml", `"one"`, `"two"`, "root"}},
	} {
		f := openAs(t, fleet.Layout{Kinds: tt.kinds}, tt.files)
		var last error
		for _, err := range f.Units(t.Context()) {
			last = err
		}
		for _, words := range tt.says {
			if last == nil || !strings.Contains(last.Error(), words) {
				t.Errorf("%s: %v, want an error that says %s", tt.what, last, words)
			}
		}
	}
	f := openAs(t, fleet.Layout{Kinds: []fleet.Kind{{Name: "folder", At: []string{"a/*/"}}, {Name: "file", At: []string{"a/*"}}}}, map[string]string{"a/x/": "", "a/y": "", "a/link": "->y"})
	if got := names(t, f); !slices.Equal(got, []string{"a/link", "a/x", "a/y"}) {
		t.Errorf("folders and files of one name: %q", got)
	}
}

func TestWhatIsNoUnitByPath(t *testing.T) {
	t.Parallel()
	f := openAs(t, mixed, map[string]string{
		"units/pay/": "", "units/_template/": "", "clusters/eu/apps/payments/": "", "clusters/eu/apps/file": "", "clusters/alias": "->eu", "clusters/test/apps/x/": "", "rules/a.yml": "", "rules/dir.yml/": "",
	})
	for _, tt := range []struct{ unit, says string }{
		{"clusters/eu/apps/paymets", `did you mean "clusters/eu/apps/payments"?`},
		{"rules/b.yml", `no file "rules/b.yml"`},
		{"rules/b.yml", `did you mean "rules/a.yml"?`},
		{"rules/a.yml/b.yml", `no file "rules/a.yml/b.yml"`},
		{"clusters/alias/apps/payments", `no folder "clusters/alias/apps/payments"`},
		{"clusters/test/apps/x", "is no unit: units are units/ or clusters/*/apps/*/"},
		{"clusters/eu/apps/file", "is a plain file"},
		{"rules/dir.yml", "is a folder"},
		{"units/pay", "is no unit"},
		{"../rules/a.yml", "is no unit"},
		{"clusters//eu/apps/payments", "is no unit"},
		{"_template", "is excepted"},
		{"pax", `did you mean "pay"?`},
	} {
		err := f.Has(id.Unit(tt.unit))
		if err == nil || !strings.Contains(err.Error(), tt.says) || f.Contains(id.Unit(tt.unit)) {
			t.Errorf("%s: %v, contained %v; want an error that says %q", tt.unit, err, f.Contains(id.Unit(tt.unit)), tt.says)
		}
	}
	for unit, want := range map[id.Unit]error{"clusters/eu/apps/none": fs.ErrNotExist, "clusters/eu/apps/file": syscall.ENOTDIR, "rules/dir.yml": syscall.EISDIR, "clusters/alias/apps/payments": syscall.ENOTDIR} {
		_, _, err := f.Unit(t.Context(), unit)
		if _, own := fleet.Findings(unit, err); own || !errors.Is(err, want) {
			t.Errorf("reading %s: %v, a finding: %v; want %v", unit, err, own, want)
		}
	}
}

// TestALargeFolderOfUnitsByPath: all of several batches, and an end where it is asked for.
func TestALargeFolderOfUnitsByPath(t *testing.T) {
	t.Parallel()
	all := map[string]string{}
	for i := range entries {
		all[fmt.Sprintf("rules/%d/a.yml", i%7)+fmt.Sprint(i)+".yml"] = ""
	}
	f := openAs(t, mixed, all)
	if got := names(t, f); len(got) != entries || !slices.IsSorted(got) || len(slices.Compact(got)) != entries {
		t.Errorf("%d units, want %d, each once", len(got), entries)
	}
	for range f.Units(t.Context()) {
		break
	}
}

const entries = 4000
