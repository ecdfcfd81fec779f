package worktree_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/fleet/worktree"
	"github.com/seed306eabeb/muster/id"
)

// TestWhatIsAUnit has one entry of the units' folder a case.
func TestWhatIsAUnit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		what, entry, content string
		unit                 string   // "" for none
		rules                []string // of the findings of Pack; none for a bundle
	}{
		{"a folder", "pay/main.yml", "name: pay", "pay", nil},
		{"an empty folder", "pay/", "", "pay", nil},
		{"a hidden folder", ".git/HEAD", "", ".git", nil},
		{"a folder with a line break", "two\nlines/", "", "two\nlines", nil},
		{"a folder beyond ASCII", "café/main.yml", "", "café", nil},
		{"a plain file", "README.md", "no folder", "", nil},
		{"a hidden file", ".DS_Store", "", "", nil},
		{"a file whose name is not UTF-8", "a\xff", "", "", nil},
		{"a link to a folder", "alias", "->../elsewhere", "alias", []string{"F103"}},
		{"a link to a file", "alias", "->../fleet.conf", "alias", []string{"F103"}},
		{"a link out of the repository", "alias", "->/", "alias", []string{"F103"}},
		{"a link to nothing", "alias", "->nowhere", "alias", []string{"F103"}},
		{"a link to itself", "alias", "->alias", "alias", []string{"F103"}},
		{"a hidden link", ".#main.yml", "->somebody@host", ".#main.yml", []string{"F103"}},
		{"a named pipe", "pipe", "|", "pipe", []string{"F104"}},
		{"a socket", "socket", "=", "socket", []string{"F104"}},
		{"a folder whose name is not UTF-8", "caf\xe9/main.yml", "", `caf\xe9`, []string{"F105"}},
		{"a folder with a backslash", `a\b/main.yml`, "", `a\x5cb`, []string{"F105"}},
		{"a folder that looks like a name", `caf\xe9/main.yml`, "", `caf\x5cxe9`, []string{"F105"}},
		{"a link whose name is not UTF-8", "caf\xe9", "->../elsewhere", `caf\xe9`, []string{"F103", "F105"}},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			f := open(t, map[string]string{"units/" + tt.entry: tt.content, "elsewhere/": ""})
			got := names(t, f)
			if tt.unit == "" {
				if len(got) != 0 || f.PlainFiles() != 1 {
					t.Errorf("names = %q beside %d files, want one file", got, f.PlainFiles())
				}
				if err := f.Has(fleet.NameOf(tt.entry)); err == nil || !strings.Contains(err.Error(), "not a folder") {
					t.Errorf("selected by name: %v", err)
				}
				return
			}
			if !slices.Equal(got, []string{tt.unit}) || f.PlainFiles() != 0 {
				t.Fatalf("names = %q beside %d files, want %q", got, f.PlainFiles(), tt.unit)
			}
			if err := f.Has(id.Unit(tt.unit)); err != nil {
				t.Errorf("selected by name: %v", err)
			}
			checkPacked(t, f, id.Unit(tt.unit), tt.rules)
		})
	}
}

// checkPacked packs a unit, which must give a bundle or findings of these rules.
func checkPacked(t *testing.T, f *worktree.Tree, unit id.Unit, rules []string) {
	t.Helper()
	_, _, err := f.Unit(t.Context(), unit)
	if len(rules) == 0 {
		if err != nil {
			t.Errorf("pack: %v", err)
		}
		return
	}
	var entry *fleet.EntryError
	if !errors.As(err, &entry) || !strings.Contains(err.Error(), string(unit)) {
		t.Errorf("pack: %v, want an EntryError that names %q", err, unit)
	}
	findings, own := fleet.Findings(unit, err)
	var got []string
	for _, finding := range findings {
		got = append(got, finding.Rule)
		if finding.File != "units/"+string(unit) || finding.Help == "" || !strings.HasPrefix(finding.Message, string(unit)) {
			t.Errorf("finding %+v", finding)
		}
	}
	if !own || !slices.Equal(got, rules) {
		t.Errorf("rules %q, the unit's own: %v; want %q", got, own, rules)
	}
}

// TestOneBadEntryEndsNothing: all kinds beside each other.
func TestOneBadEntryEndsNothing(t *testing.T) {
	t.Parallel()
	f := open(t, map[string]string{
		"units/a/": "", "units/\xff/": "", "units/alias": "->a", "units/pipe": "|", "units/b/": "", "units/x": "", "units/y": "",
	})
	if want, got := []string{`\xff`, "a", "alias", "b", "pipe"}, names(t, f); !slices.Equal(got, want) {
		t.Errorf("names = %q, want %q", got, want)
	}
	for range f.Units(t.Context()) {
		break
	}
	if f.PlainFiles() != 2 {
		t.Errorf("%d files, want the 2 of the walk that came to its end", f.PlainFiles())
	}
}
