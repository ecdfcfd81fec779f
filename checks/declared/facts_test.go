package declared_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/verdict"
)

// told is the decision of a section about a folder with the files given.
func told(t *testing.T, section declared.Section, schema string, files map[string]string) verdict.Decision {
	t.Helper()
	section.Kind, section.At = "a", []string{"units/*/"}
	s, err := declared.New().Open(fstest.MapFS{declared.SectionFile: {Data: section.Encode()}, "s.json": {Data: []byte(schema)}})
	if err != nil || len(s.Findings()) > 0 {
		t.Fatal(err, s.Findings())
	}
	unit := fstest.MapFS{}
	for name, text := range files {
		unit[name] = &fstest.MapFile{Data: []byte(text)}
	}
	d, err := s.Check(context.Background(), check.Unit{Name: "x", Path: "units/x", Dir: "units/x", Files: unit}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestMarksOfFiles: a unit has the marks of the files that its checks have read, each in its language.
func TestMarksOfFiles(t *testing.T) {
	t.Parallel()
	d := told(t, declared.Section{YAML: "kubernetes", Checks: []declared.Check{
		{ID: "a/syntax", Verb: declared.Syntax, In: []string{"*.yml"}},
		{ID: "a/settings", Verb: declared.Syntax, In: []string{"settings"}, Format: "jsonc"},
		{ID: "a/rule", Verb: declared.Rule, In: []string{"*.yml", "*.json", "settings"}, Rule: "true"},
		{ID: "a/text", Verb: declared.Provides, In: []string{"*.tf", "*.j2"}, Text: "uses (.*)", As: []string{"s"}},
	}}, "{}", map[string]string{
		"b.yml":    "w: # muster:ignore a/rule fine\n- name: x\n- y\n",
		"a.yml":    "# muster:ignore-file a/rule fine\na: \"# muster:ignore a/rule no\"\n",
		"x.json":   "{\"a\": \"// muster:ignore a/rule no\"}",
		"settings": "{\n  // muster:ignore a/rule fine\n  \"a\": 1,\n}",
		"m.tf":     "# muster:ignore a/text fine\nuses x\nuses y # muster:ignore a/text no\n",
		"t.j2":     "{# muster:ignore a/text fine #}\nuses x\n# muster:ignore a/text no\n",
		"c.md":     "<!-- muster:ignore-file a/text not read -->\n",
	})
	var got []string
	for _, m := range d.Marks {
		got = append(got, fmt.Sprintf("%s:%d %d-%d %s: %s", strings.TrimPrefix(m.Place.File, "units/x/"), m.Line, m.First, m.Last, m.Path, m.Reason))
	}
	want := "a.yml:1 0-0 : fine\nb.yml:1 1-3 w: fine\nm.tf:1 2-2 : fine\nsettings:2 3-3 a: fine\nt.j2:1 2-2 : fine"
	if all := strings.Join(got, "\n"); all != want {
		t.Errorf("%s\nwant\n%s", all, want)
	}
}

// TestMarksInFilesOfCommands: what a command finds may be hidden in any file that it is about, and
// links are not read.
func TestMarksInFilesOfCommands(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"Chart.yaml":           "name: shop # muster:ignore a/run fine\n",
		"templates/web.yaml":   "{{- if .Values.web }}\nkind: Pod # muster:ignore a/run fine\n{{- end }}\n",
		"templates/_names.tpl": "# muster:ignore-file a/run fine\n",
		"logo.png":             "\xff# muster:ignore-file a/run no\n",
	}
	all := "Chart.yaml:1 templates/_names.tpl:1 templates/web.yaml:2"
	for what, tt := range map[string]struct {
		checks []declared.Check
		want   string
	}{
		"all files":                   {[]declared.Check{{ID: "a/run", Verb: declared.Run, Command: "lint"}}, all},
		"some":                        {[]declared.Check{{ID: "a/run", Verb: declared.Run, Command: "lint", In: []string{"*.yaml", "*.png"}}}, "Chart.yaml:1"},
		"beside a check that reads":   {[]declared.Check{{ID: "a/rule", Verb: declared.Rule, Rule: "true", In: []string{"*.yaml"}}, {ID: "a/run", Verb: declared.Run, Command: "lint"}}, all},
		"no command and nothing read": {[]declared.Check{{ID: "a/rule", Verb: declared.Rule, Rule: "true", In: []string{"x"}, Optional: true}}, ""},
	} {
		var got []string
		for _, m := range told(t, declared.Section{YAML: "1.2", Checks: tt.checks}, "{}", files).Marks {
			got = append(got, fmt.Sprintf("%s:%d", strings.TrimPrefix(m.Place.File, "units/x/"), m.Line))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %s, want %s", what, got, tt.want)
		}
	}
}

// TestCommandsReadNoDocuments: whose a unit is, and where it is deployed, stands in files that other
// checks look for documents in.
func TestCommandsReadNoDocuments(t *testing.T) {
	t.Parallel()
	d := told(t, declared.Section{YAML: "1.2", Owner: "owner", Checks: []declared.Check{
		{ID: "a/run", Verb: declared.Run, Command: "lint"},
		{ID: "a/rule", Verb: declared.Rule, Rule: "true", In: []string{"b.yaml"}},
	}}, "{}", map[string]string{"a.yaml": "{ owner: eve", "b.yaml": "owner: bob"})
	if d.Owner != "bob" || len(d.Findings) > 0 {
		t.Errorf("the owner is %q, with %v", d.Owner, d.Findings)
	}
}

// TestItemsAreFoundByName: whichever check finds something, and in whichever language.
func TestItemsAreFoundByName(t *testing.T) {
	t.Parallel()
	section := declared.Section{YAML: "1.2", Checks: []declared.Check{
		{ID: "a/schema", Verb: declared.Schema, In: []string{"*"}, Schema: "s.json"},
		{ID: "a/rule", Verb: declared.Rule, In: []string{"*"}, Rule: "false", Each: "w[*].l[*]"},
	}}
	const schema = `{"properties": {"w": {"items": {"required": ["p"], "properties": {"p": {"type": "integer"}}}}}}`
	for name, text := range map[string]string{
		"a.yml":   "a: 1\n---\nw:\n- {name: x, p: 1}\n- {id: 7, p: y, l: [z]}\n- {q: 1}\n",
		"a.json":  `{"w": [{"name": "x", "p": 1}, {"id": 7, "p": "y", "l": ["z"]}, {"q": 1}]}`,
		"a.jsonc": `{"w": [{"name": "x", "p": 1,}, {"id": 7, "p": "y", "l": ["z"]}, {"q": 1}]} // one`,
	} {
		d := told(t, section, schema, map[string]string{name: text})
		var got []string
		for _, f := range d.Findings {
			got = append(got, fmt.Sprintf("%s %s %s %s", f.Rule, f.Path, f.Named, f.Identity))
		}
		for _, want := range []string{"a/schema w[1].p w[id=7].p wrong-type", "a/schema w[2] w[] missing-key p", "a/rule w[1].l[0] w[id=7].l[] "} {
			if !strings.Contains(strings.Join(got, "\n")+"\n", want+"\n") {
				t.Errorf("%s: no %q in\n%s", name, want, strings.Join(got, "\n"))
			}
		}
	}
}

// TestSchemaFindingsAreToldApart: one check of a value may find several mistakes in one place.
func TestSchemaFindingsAreToldApart(t *testing.T) {
	t.Parallel()
	d := told(t, declared.Section{YAML: "1.2", Checks: []declared.Check{{ID: "a/schema", Verb: declared.Schema, In: []string{"*"}, Schema: "s.json"}}},
		`{"properties": {"a": {"pattern": "^x", "minLength": 9}, "l": {"uniqueItems": true}}, "required": ["b", "c"], "maxProperties": 1}`,
		map[string]string{"a.yml": "a: y\nl: [1, 1]\n"})
	seen := map[string]bool{}
	for _, f := range d.Findings {
		key := f.Path + " " + f.Identity
		if f.Identity == "" || seen[key] {
			t.Errorf("%s: %q is not told apart", f.Message, key)
		}
		seen[key] = true
	}
	for _, want := range []string{"a pattern", "a length", "l[1] duplicate-item 1", " missing-key b c", " items"} {
		if !seen[want] {
			t.Errorf("no %q in %v", want, seen)
		}
	}
}

// TestOwner: the first text that the selector finds, in the order of checks, files and documents.
func TestOwner(t *testing.T) {
	t.Parallel()
	checks := []declared.Check{
		{ID: "a/text", Verb: declared.Provides, In: []string{"*.tf"}, Optional: true, Text: "team: (.*)", As: []string{"s"}},
		{ID: "a/last", Verb: declared.Syntax, In: []string{"z.yml"}, Optional: true},
		{ID: "a/all", Verb: declared.Syntax, In: []string{"*.yml"}, Optional: true},
	}
	for _, tt := range []struct {
		name, owner string
		files       map[string]string
		want        string
	}{
		{"none is asked for", "", map[string]string{"a.yml": "team: x\n"}, ""},
		{"one", "team", map[string]string{"a.yml": "team: x\n"}, "x"},
		{"no file", "team", nil, ""},
		{"nothing there", "team", map[string]string{"a.yml": "tema: x\n"}, ""},
		{"no text", "team", map[string]string{"a.yml": "team: {a: b}\n", "b.yml": "team: y\n"}, "y"},
		{"empty", "team", map[string]string{"a.yml": "team: \"\"\n---\nteam: z\n"}, "z"},
		{"the order of the checks", "team", map[string]string{"a.yml": "team: x\n", "z.yml": "team: y\n", "a.tf": "team: w\n"}, "y"},
		{"several", "teams[*]", map[string]string{"a.yml": "teams: [x, y]\n"}, "x"},
		{"a number", "team", map[string]string{"a.yml": "team: 7\n"}, "7"},
		{"a broken file", "team", map[string]string{"a.yml": "team: [\n"}, ""},
	} {
		if got := told(t, declared.Section{YAML: "1.2", Owner: tt.owner, Checks: checks}, "{}", tt.files).Owner; got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestOwnerOfAFile: a unit of one file has an owner whether or not its checks look for documents.
func TestOwnerOfAFile(t *testing.T) {
	t.Parallel()
	for _, checks := range [][]declared.Check{nil, {{ID: "a/syntax", Verb: declared.Syntax}}} {
		section := declared.Section{Kind: "a", At: []string{"*.yml"}, YAML: "1.2", Owner: "team", Named: true, Checks: checks}
		s, err := declared.New().Open(fstest.MapFS{declared.SectionFile: {Data: section.Encode()}})
		if err != nil {
			t.Fatal(err)
		}
		d, err := s.Check(context.Background(), check.Unit{Name: "x", Path: "x.yml", Files: fstest.MapFS{"x.yml": {Data: []byte("team: t\n")}}}, nil)
		if err != nil || d.Owner != "t" {
			t.Errorf("%d checks: %q, %v", len(checks), d.Owner, err)
		}
	}
}

// TestFormerIDs are aliases of the rules, those of fleet rules too.
func TestFormerIDs(t *testing.T) {
	t.Parallel()
	section := declared.Section{Kind: "a", At: []string{"*.yml"}, YAML: "1.2", Checks: []declared.Check{
		{ID: "a/one", Formerly: []string{"a/old", "b"}, Verb: declared.Syntax},
		{ID: "a/key", Formerly: []string{"c"}, Verb: declared.Unique, Keys: []string{"k"}},
	}}
	s, err := declared.New().Open(fstest.MapFS{declared.SectionFile: {Data: section.Encode()}})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, r := range s.(check.Ruled).Rules() {
		got[r.Code] += strings.Join(r.Aliases, " ")
	}
	for _, j := range s.Joins() {
		got["join "+j.Rule.Code] = strings.Join(j.Rule.Aliases, " ")
	}
	if got["a/one"] != "a/old b" || got["a/key"] != "c" || got["join a/key"] != "c" {
		t.Errorf("%v", got)
	}
}
