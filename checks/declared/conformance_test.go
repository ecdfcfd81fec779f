package declared_test

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/check/checktest"
	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// rich has checks of every verb, in every form, where units are deployed in regions.
var rich = declared.Section{
	Kind: "service", At: []string{"services/*/"}, Name: "services/(.*)", Named: true, YAML: "kubernetes", Schemas: []string{"schemas/common.json", "schemas/service.json"},
	Shared: []string{"teams.yml", "limits.json"}, Regions: []string{"eu", "us", "dev"}, Deployed: "regions[*]",
	Checks: []declared.Check{
		{ID: "service/yaml", Verb: declared.Syntax, In: []string{"*.yml", "conf/**"}, Format: "yaml", Documents: "one"},
		{ID: "service/json", Verb: declared.Syntax, In: []string{"*.json"}, Optional: true, Format: "jsonc", Severity: "warning"},
		{ID: "service/schema", Verb: declared.Schema, In: []string{"a.yml"}, Schema: "schemas/service.json", Help: "see the page of the schema"},
		{ID: "service/loose", Verb: declared.Schema, In: []string{"**/*.yml", "*.json"}, Schema: "schemas/common.json", Formats: "off", Severity: "warning"},
		{ID: "service/name", Verb: declared.Rule, In: []string{"a.yml"}, Rule: "self.name == unit.name && file.stem == 'a' && unit.kind == 'service'", Message: "'is called ' + self.name"},
		{ID: "service/ports", Verb: declared.Rule, In: []string{"a.yml"}, Rule: "self.port > 1024 && self.port <= shared['limits.json'].port", Each: "ports[*]", When: "doc.checked", Help: "take another"},
		{ID: "service/near", Verb: declared.Rule, In: []string{"a.yml"}, Rule: "region != 'us' || self.replicas >= 2", Regions: "each"},
		{ID: "service/files", Verb: declared.Rule, In: []string{"*.yml"}, Rule: "unit.files.all(f, f == f) && ('b.json' in files ? files['b.json'].a == 1 : true)", Severity: "warning"},
		{ID: "service/unique", Verb: declared.Unique, In: []string{"*.yml"}, Keys: []string{"host", "hosts[*]"}, As: []string{"host"}},
		{ID: "service/own", Verb: declared.Unique, In: []string{"a.yml"}, Keys: []string{"id"}, As: []string{"service/own"}},
		{ID: "service/exists", Verb: declared.Exists, In: []string{"**/*.yml"}, Keys: []string{"needs[*]", "$..team"}, As: []string{"service", "team"}},
		{ID: "service/acyclic", Verb: declared.Acyclic, In: []string{"a.yml"}, Keys: []string{"needs[*]"}, As: []string{"service"}, Severity: "warning"},
		{ID: "service/provides", Verb: declared.Provides, In: []string{"*.txt"}, Optional: true, Text: "^team: (.*)$", As: []string{"team"}},
		{ID: "service/uses", Verb: declared.Exists, In: []string{"*.txt"}, Optional: true, Text: "(?m)^uses (\\S+)$", As: []string{"service"}},
	},
}

// shared are the files that it names.
func shared() fstest.MapFS {
	return fstest.MapFS{
		declared.SectionFile: {Data: rich.Encode()},
		"schemas/service.json": {Data: []byte(`{"$id": "https://example.com/service.json", "type": "object", "required": ["name"], "properties": {
			"name": {"$ref": "common.json#/$defs/name"}, "replicas": {"type": "integer", "minimum": 0}, "mail": {"format": "email"},
			"ports": {"items": {"oneOf": [{"type": "integer"}, {"type": "object", "required": ["port"]}]}}}}`)},
		"schemas/common.json": {Data: []byte(`{"$id": "https://example.com/common.json", "$defs": {"name": {"type": "string", "pattern": "^(?!x)[a-z]+$"}}, "not": {"required": ["forbidden"]}}`)},
		"teams.yml":           {Data: []byte("[pay, ship]\n")},
		"limits.json":         {Data: []byte(`{"port": 9000}`)},
	}
}

const good = "name: pay\nchecked: true\nreplicas: 2\nregions: [eu, us]\nports: [{port: 8080}]\nhost: pay.example.com\nid: 1\nneeds: [ship]\nteam: pay\n"

// units are such as people have, and such as nobody would.
func units() map[id.Unit]fs.FS {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	all := map[id.Unit]fs.FS{
		"pay":     fstest.MapFS{"a.yml": file(good), "b.json": file("{\"a\": 1, // one\n}"), "c.txt": file("team: pay\nuses ship\n"), "conf/x": file("a: 1")},
		"wrong":   fstest.MapFS{"a.yml": file("name: [x]\nchecked: true\nreplicas: -1\nports: [{port: 80}, 1, {prot: 1}, x]\nmail: x\nforbidden: 1\n"), "b.json": file("[,]")},
		"nowhere": fstest.MapFS{"a.yml": file("name: nowhere\nregions: [mars]\n")},
		"one":     fstest.MapFS{"a.yml": file("name: one\nregions: us\nreplicas: 1\n"), "z.yml": file("a: 1\n---\nb: 2\n")},
		"odd": fstest.MapFS{"a.yml": &fstest.MapFile{Mode: fs.ModeSymlink}, "b.json": &fstest.MapFile{Mode: fs.ModeNamedPipe}, "conf/a": &fstest.MapFile{Mode: fs.ModeSocket},
			"c.txt": &fstest.MapFile{Mode: fs.ModeDevice}, "é.yml": file("a: 1"), "\n.yml": file("host: a\n")},
		"bytes":   fstest.MapFS{"a.yml": file("a: \xff\n"), "b.json": file("\x00"), "c.txt": file("team: \xfe\nuses a\n")},
		"deep":    fstest.MapFS{"a.yml": file(strings.Repeat("[", 5000)), "b.json": file(strings.Repeat(`{"a":`, 5000)), "conf/a": file(strings.Repeat("- ", 3000) + "a")},
		"bomb":    fstest.MapFS{"a.yml": file(bomb)},
		"nothing": fstest.MapFS{},
		"marked": fstest.MapFS{"a.yml": file("# muster:ignore-file x\nname: [x] # muster:ignore service/schema r\nports: # muster:ignore\n- {name: a}\n- 1\n"),
			"b.json": file("{\"a\": 1, // muster:ignore service/json r\n"), "c.txt": file("# muster:ignore service/text r\nteam: pay\n")},
		"keys":    fstest.MapFS{"a.yml": file("a.b: 1\n\"\": 2\n? [x]\n: 1\n<<: {name: a}\n~: 1\n1: 2\ntrue: 1\ny: 1\n")},
		"numbers": fstest.MapFS{"a.yml": file("name: numbers\nreplicas: 1e999\nid: 0x10\nhost: .nan\nports: [{port: 1e999}, {port: -.inf}, {port: 18446744073709551616}]\nchecked: yes\n"), "b.json": file(`{"a": 1e999}`)},
	}
	var many strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&many, "- {port: %d, team: t%d}\n", i%70, i)
	}
	all["many"] = fstest.MapFS{"a.yml": file("name: many\nchecked: true\nports:\n" + many.String())}
	return all
}

// bomb unfolds to more values than anybody can hold.
var bomb = func() string {
	text := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := range 20 {
		text += fmt.Sprintf("a%d: &a%d [%s*a%d]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*a%d, ", i), 9), i)
	}
	return text
}()

// TestConformance: the check keeps what the seam asks, with all that a section can have.
func TestConformance(t *testing.T) {
	t.Parallel()
	if err := checktest.Test(declared.New(), shared(), units()); err != nil {
		t.Error(err)
	}
}

// TestDecisionsAreAlike: a unit is decided the same way by sessions of their own, in any order,
// side by side, and after others.
func TestDecisionsAreAlike(t *testing.T) {
	t.Parallel()
	first := decisions(t, slices.Sorted(keysOf(units())))
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			names := slices.Sorted(keysOf(units()))
			if i%2 == 0 {
				slices.Reverse(names)
			}
			for name, got := range decisions(t, names) {
				if got != first[name] {
					t.Errorf("%s is decided as\n%s\nand as\n%s", name, first[name], got)
				}
			}
		})
	}
	all.Wait()
}

func keysOf(m map[id.Unit]fs.FS) func(func(id.Unit) bool) {
	return func(yield func(id.Unit) bool) {
		for name := range m {
			if !yield(name) {
				return
			}
		}
	}
}

// decisions are the verdicts about units by a session of their own.
func decisions(t *testing.T, names []id.Unit) map[id.Unit]string {
	s, err := declared.New().Open(shared())
	if err != nil {
		t.Error(err)
		return nil
	}
	all := map[id.Unit]string{}
	for _, name := range names {
		d, err := s.Check(context.Background(), check.Unit{Name: name, Path: "services/" + string(name), Dir: "services/" + string(name), Files: units()[name]}, []string{"eu", "us", "dev"})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		v := verdict.Subject{Unit: name}.Of(verdict.Part{Check: declared.Name, Decision: d})
		text, err := v.Canonical()
		if err != nil {
			t.Error(err)
		}
		all[name] = string(text)
	}
	return all
}

// TestWhatIsNotDecidedInTime: an expression that is given up for its time may be decided on another
// machine. So it is no answer, and no contradiction to one; what else is wrong is told.
func TestWhatIsNotDecidedInTime(t *testing.T) {
	t.Parallel()
	section := declared.Section{Kind: "a", At: []string{"*.yml"}, YAML: "1.2", Checks: []declared.Check{{ID: "a/schema", Verb: declared.Schema, Schema: "s.json"}, {ID: "a/rule", Verb: declared.Rule, Rule: "self == 'a'"}}}
	s, err := declared.New().Open(fstest.MapFS{declared.SectionFile: {Data: section.Encode()}, "s.json": {Data: []byte(`{"pattern": "^(?=a)(a+)+$"}`)}})
	if err != nil {
		t.Fatal(err)
	}
	late := "a/schema: x.yml:1:1: the document could not be held against ^(?=a)(a+)+$: not decided within 1s: write the expression without look-around, and without a repetition in a repetition"
	for text, want := range map[string]string{"ab": "", strings.Repeat("a", 40) + "b": late} {
		d, err := s.Check(context.Background(), check.Unit{Name: "x.yml", Path: "x.yml", Files: fstest.MapFS{"x.yml": {Data: []byte(text)}}}, nil)
		said := ""
		if err != nil {
			said = err.Error()
		}
		findings := 2 // of the schema and of the rule
		if want != "" {
			findings = 1
		}
		if said != want || d.Impure != (want != "") || len(d.Findings) != findings {
			t.Errorf("%s: %q; impure is %v, with %v; expected %q, and %d findings", text, said, d.Impure, d.Findings, want, findings)
		}
	}
}
