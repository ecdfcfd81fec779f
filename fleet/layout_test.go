package fleet_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
)

// mixed has units by name beside folders and files that are known by their paths.
var mixed = fleet.Layout{Marker: "fleet.conf", Kinds: []fleet.Kind{
	{Name: "service", At: []string{"services/*/"}, ByName: true, Except: []string{"services/_*/"}},
	{Name: "app", At: []string{"clusters/*/apps/*/"}, Except: []string{"clusters/test/"}, Limit: 100},
	{Name: "rule", At: []string{"rules/**/*.{yml,yaml}", "rules/main.yml"}, Except: []string{"rules/**/old/", "**/_*.yml"}},
}}

func TestCheckedLayouts(t *testing.T) {
	t.Parallel()
	if err := mixed.Check(); err != nil {
		t.Errorf("a layout of three kinds: %v", err)
	}
	for _, tt := range []struct {
		says  string
		kinds []fleet.Kind
	}{
		{`units "a": no glob says where they lie`, []fleet.Kind{{Name: "a"}}},
		{`two kinds have this name`, []fleet.Kind{{Name: "a", At: []string{"a/*/"}}, {Name: "a", At: []string{"b/*/"}}}},
		{`those of "a" are known by name already`, []fleet.Kind{{Name: "a", At: []string{"a/*/"}, ByName: true}, {Name: "b", At: []string{"b/*/"}, ByName: true}}},
		{`want one of the form DIR/*/`, []fleet.Kind{{Name: "a", At: []string{"a/*/b/*/"}, ByName: true}}},
		{`want one of the form DIR/*/`, []fleet.Kind{{Name: "a", At: []string{"a/*"}, ByName: true}}},
		{`want one of the form DIR/*/`, []fleet.Kind{{Name: "a", At: []string{"a/*/", "b/*/"}, ByName: true}}},
		{`want one of the form DIR/*/`, []fleet.Kind{{Name: "a", At: []string{"*/"}, ByName: true}}},
		{`glob "/a/*/": want a path below the repository`, []fleet.Kind{{Name: "a", At: []string{"/a/*/"}}}},
		{`glob "a/../*": want a path below`, []fleet.Kind{{Name: "a", At: []string{"a/../*"}}}},
		{`glob "": want a path below`, []fleet.Kind{{Name: "a", At: []string{""}}}},
		{`glob "a//": want a path below`, []fleet.Kind{{Name: "a", At: []string{"a//"}}}},
		{`** stands alone between two /, not in "a**"`, []fleet.Kind{{Name: "a", At: []string{"a**/b"}}}},
		{`"[b" is not valid`, []fleet.Kind{{Name: "a", At: []string{"a/[b"}}}},
		{`"{b" is not valid`, []fleet.Kind{{Name: "a", At: []string{"a/{b/c,d}"}}}},
		{`glob "[x": "[x" is not valid`, []fleet.Kind{{Name: "a", At: []string{"a/*/"}, Except: []string{"[x"}}}},
		{`a limit of -1 bytes`, []fleet.Kind{{Name: "a", At: []string{"a/*/"}, Limit: -1}}},
		{`which workers accept`, []fleet.Kind{{Name: "a", At: []string{"a/*/"}, Limit: fleet.MostUnit + 1}}},
	} {
		if err := (fleet.Layout{Kinds: tt.kinds}).Check(); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%+v: %v, want an error that says %q", tt.kinds, err, tt.says)
		}
	}
}

func TestNoun(t *testing.T) {
	t.Parallel()
	for unit, want := range map[id.Unit]string{"pay": "folder", "clusters/eu/apps/pay": "folder", "rules/a.yml": "file", `rules/\xff.yml`: "file"} {
		if got := mixed.Noun(unit); got != want {
			t.Errorf("%s is a %s, want a %s", unit, got, want)
		}
	}
}

// TestGlobs: which units the globs of one kind make, of one thing at a path.
func TestGlobs(t *testing.T) {
	t.Parallel()
	const folder, file, link = fs.ModeDir, fs.FileMode(0), fs.ModeSymlink
	for _, tt := range []struct {
		at, except string // globs between spaces
		path       string
		t          fs.FileMode
		want       bool
	}{
		{at: "a/*/", path: "a/b", t: folder, want: true},
		{at: "a/*/", path: "a/b", t: file},
		{at: "a/*/", path: "a/b", t: link, want: true},
		{at: "a/*", path: "a/b", t: file, want: true},
		{at: "a/*", path: "a/b", t: folder},
		{at: "a/*", path: "a/b", t: link, want: true},
		{at: "a/*/", path: "a", t: folder},
		{at: "a/*/", path: "a/b/c", t: folder},
		{at: "a/", path: "a", t: folder, want: true},
		{at: "a/?.yml", path: "a/x.yml", want: true},
		{at: "a/?.yml", path: "a/xy.yml"},
		{at: "a/[m-p]*", path: "a/orders", want: true},
		{at: "a/[m-p]*", path: "a/billing"},
		{at: "a/[!m-p]*", path: "a/billing", want: true},
		{at: "{a,b}/*.{yml,yaml}", path: "b/x.yaml", want: true},
		{at: "{a,b}/*.{yml,yaml}", path: "c/x.yaml"},
		{at: "**/x.yml", path: "x.yml", want: true},
		{at: "**/x.yml", path: "a/b/x.yml", want: true},
		{at: "a/**/x.yml", path: "a/x.yml", want: true},
		{at: "a/**/b/**/x.yml", path: "a/1/b/2/3/x.yml", want: true},
		{at: "a/**/b/**/x.yml", path: "a/1/2/x.yml"},
		{at: "a/**", path: "a/b/c", want: true},
		{at: "a/**/", path: "a", t: folder, want: true},
		{at: "a/**/", path: "a/b/c", t: folder, want: true},
		{at: "a/**/", path: "b", t: folder},

		{at: "a/*/", path: "a/.b", t: folder},
		{at: "a/*", path: "a/.b.yml"},
		{at: "a/?b", path: "a/.b"},
		{at: "a/**/*", path: "a/.b/c"},
		{at: "*/c", path: ".b/c"},
		{at: ".b/*", path: ".b/c", want: true},
		{at: ".*/c", path: ".b/c", want: true},
		{at: "{.b,b}/c", path: ".b/c", want: true},
		{at: "{b,.b}/c", path: ".b/c", want: true},

		{at: "a/*/ a/b/", path: "a/b", t: folder, want: true},
		{at: "a/*/", except: "a/b/", path: "a/b", t: folder},
		{at: "a/*/", except: "a/b/", path: "a/c", t: folder, want: true},
		{at: "a/**/*.yml", except: "a/b/", path: "a/b/c/x.yml"},
		{at: "a/**/*.yml", except: "a/b/", path: "a/b.yml", want: true},
		{at: "a/**/*.yml", except: "**/_*", path: "a/_b.yml"},
		{at: "a/**/*.yml", except: "a/*/", path: "a/x.yml", want: true},
		{at: ".b/*", except: "*/c", path: ".b/c"},
		{at: "**", path: "../x"},
		{at: "**", path: "/x"},
		{at: "**", path: ""},
		{at: "**", path: "."},
		{at: "**", path: "a//b"},
	} {
		l := fleet.Layout{Kinds: []fleet.Kind{{Name: "x", At: strings.Fields(tt.at), Except: strings.Fields(tt.except)}}}
		if err := l.Check(); err != nil {
			t.Fatal(err)
		}
		if _, got := l.KindOf(id.Unit(tt.path), tt.t); got != tt.want {
			t.Errorf("globs %q except %q, %s of type %s: a unit %v, want %v", tt.at, tt.except, tt.path, tt.t, got, tt.want)
		}
	}
}

// TestWhereAUnitLies: a name alone says it, whatever is on disk.
func TestWhereAUnitLies(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		unit       id.Unit
		path, kind string // "" for no kind
	}{
		{"pay", "services/pay", "service"},
		{".hidden", "services/.hidden", "service"},
		{`caf\xe9`, `services/caf\xe9`, "service"},
		{"_template", "services/_template", ""},
		{"clusters/eu/apps/pay", "clusters/eu/apps/pay", "app"},
		{`clusters/caf\xe9/apps/pay`, `clusters/caf\xe9/apps/pay`, "app"},
		{`clusters/a\b/apps/pay`, `clusters/a\b/apps/pay`, ""},
		{"clusters/test/apps/pay", "clusters/test/apps/pay", ""},
		{"clusters/.eu/apps/pay", "clusters/.eu/apps/pay", ""},
		{"rules/main.yml", "rules/main.yml", "rule"},
		{"rules/a/b/c.yaml", "rules/a/b/c.yaml", "rule"},
		{"rules/a/old/c.yaml", "rules/a/old/c.yaml", ""},
		{"rules/a/_c.yml", "rules/a/_c.yml", ""},
		{"docs/a.md", "docs/a.md", ""},
		{"services/pay", "services/pay", ""}, // the path of a unit with another name
	} {
		if got := mixed.Path(tt.unit); got != tt.path {
			t.Errorf("%s lies at %s, want %s", tt.unit, got, tt.path)
		}
		if kind, ok := mixed.KindOf(tt.unit, fs.ModeIrregular); kind.Name != tt.kind || ok != (tt.kind != "") {
			t.Errorf("%s is of kind %q, want %q", tt.unit, kind.Name, tt.kind)
		}
	}
}

func TestOwners(t *testing.T) {
	t.Parallel()
	beside := fleet.Layout{Kinds: []fleet.Kind{{Name: "rule", At: []string{"s/*.yml"}}, {Name: "service", At: []string{"s/*/"}, ByName: true}}}
	nested := fleet.Layout{Kinds: []fleet.Kind{{Name: "module", At: []string{"m/**/"}}, {Name: "meta", At: []string{"m/**/meta.yml"}}}}
	for _, tt := range []struct {
		layout fleet.Layout
		path   string
		want   []fleet.Owner
	}{
		{mixed, "services/pay/a/b.yml", []fleet.Owner{{Unit: "pay"}}},
		{mixed, "services/pay", []fleet.Owner{{Unit: "pay", Folder: true}}},
		{mixed, "services/_template/a.yml", nil},
		{mixed, "services", nil},
		{mixed, "clusters/eu/apps/pay/x.yml", []fleet.Owner{{Unit: "clusters/eu/apps/pay"}}},
		{mixed, "clusters/\xff/apps/pay/x.yml", []fleet.Owner{{Unit: `clusters/\xff/apps/pay`}}},
		{mixed, "clusters/eu/x.yml", nil},
		{mixed, "rules/a/b.yml", []fleet.Owner{{Unit: "rules/a/b.yml"}}},
		{mixed, "rules/a/b.md", nil},
		{beside, "s/a.yml", []fleet.Owner{{Unit: "a.yml", Folder: true}, {Unit: "s/a.yml"}}},
		{beside, "s/a.yml/b", []fleet.Owner{{Unit: "a.yml"}}},
		{nested, "m/a/meta.yml", []fleet.Owner{{Unit: "m"}, {Unit: "m/a"}, {Unit: "m/a/meta.yml"}}},
	} {
		if got := tt.layout.Owners(tt.path); !slices.Equal(got, tt.want) {
			t.Errorf("%q belongs to %v, want %v", tt.path, got, tt.want)
		}
	}
}

func TestHolds(t *testing.T) {
	t.Parallel()
	one := fleet.Layout{Kinds: mixed.Kinds[:1]}
	both := fleet.Layout{Kinds: []fleet.Kind{{At: []string{"x/a/*/"}}, {At: []string{"x/b/*.yml", "x/b.yml"}}}}
	for _, tt := range []struct {
		layout fleet.Layout
		folder string
		want   bool
	}{
		{one, "services", true}, {one, ".", true}, {one, "services/pay", false}, {one, "service", false},
		{mixed, ".", true}, {mixed, "services", false}, {both, "x", true}, {both, "x/a", false},
	} {
		if got := tt.layout.Holds(tt.folder); got != tt.want {
			t.Errorf("%s holds all that is %s: %v", tt.folder, tt.layout.Where(), got)
		}
	}
}

func TestWhere(t *testing.T) {
	t.Parallel()
	if got, want := mixed.Where(), "services/ or clusters/*/apps/*/ or rules/**/*.{yml,yaml} or rules/main.yml"; got != want {
		t.Errorf("units are looked for under %s, want %s", got, want)
	}
}

// TestSharedFiles: those of each kind, each by its own rule.
func TestSharedFiles(t *testing.T) {
	t.Parallel()
	l := fleet.Layout{Kinds: []fleet.Kind{
		{Shared: []string{"conf", "templates"}, SharedFile: func(p string) bool { return strings.HasSuffix(p, ".j2") || p == "conf" }},
		{Shared: []string{"conf", "schemas"}},
	}}
	if got := l.SharedPaths(); !slices.Equal(got, []string{"conf", "schemas", "templates"}) {
		t.Errorf("shared paths %q", got)
	}
	for file, want := range map[string]bool{
		"conf": true, "templates/a.j2": true, "templates/README": false, "schemas/README": true, "schemas": true, "other/a.j2": false,
	} {
		if got := l.SharedFile(file); got != want {
			t.Errorf("%s is shared: %v", file, got)
		}
	}
}
