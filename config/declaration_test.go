package config

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/checks/trial"
	"github.com/seed306eabeb/muster/verdict"
)

// full uses all keys of the format.
const full = `muster: 1
schemas: schemas/**/*.json
shared: [shared/*.yml]
yaml: kubernetes
regions: {from: regions.yaml, path: "regions[*].name"}
limits: {unit: 4MiB}
units:
  rule:
    at: rules/**/*.yml
    except: rules/old/
    name: rules/(.*)\.yml
    yaml: "1.2"
    deployed: regions[*]
    limits: {unit: 1000}
    checks:
      - {schema: schemas/rule.yaml, formats: "off", tests: [{document: {id: a}, findings: 0}, {document: {}, unit: rules/b.yml, region: us, findings: [{at: '', message: id, name: required}, {message: x}]}]}
      - {syntax: auto, documents: one}
      - {unique: id, as: rule id, severity: warning, help: take another one, docs: docs/checks.md, tests: [{file: rules/a.yml, claims: a}]}
      - {exists: ["related[*].id", needs], as: [rule id, port]}
  port:
    at: [ports/z*/, ports/a*/]
    optional: true
    checks:
      - {syntax: json, in: "*.json", optional: true}
      - rule: self.name == unit.name
        in: port.json
        id: port/name
        when: "true"
        each: $
        regions: each
        message: "'no'"
        docs: https://example.com/
        tests: []
      - {acyclic: dependencies, in: port.json}
      - {provides: {text: "^provides (.*)$"}, in: notes.txt, tests: [{text: "provides zlib\n", files: {port.json: {name: a}, empty: "", "n": }, findings: 2, claims: []}]}
      - {rule: "true", in: port.json}
  service:
    at: services/*/
    checks: [{shipcat: {}}]
severities:
  - {rules: [rule/*, M101], paths: rules/deep/, severity: "off"}
ignore:
  - {rules: port/name, units: ports/old-*, paths: "**/port.json", reason: they go, until: 2027-05-31}
rules:
  port/name: {suppressible: false}
  "*-limit": {max-until: 90d}
baseline: ci/baseline.json
`

func TestDeclare(t *testing.T) {
	t.Parallel()
	d := valid(t, full)
	regions := []string{"eu", "us"}
	want := []declared.Section{
		{Kind: "port", At: []string{"ports/z*/", "ports/a*/"}, Named: true, YAML: "kubernetes", Shared: []string{"shared/teams.yml"}, Regions: regions, Checks: []declared.Check{
			{ID: "port/syntax", Verb: "syntax", In: []string{"*.json"}, Optional: true, Format: "json"},
			{ID: "port/name", Verb: "rule", In: []string{"port.json"}, Docs: "https://example.com/", Rule: "self.name == unit.name", When: "true", Each: "$", Message: "'no'", Regions: "each"},
			{ID: "port/acyclic", Verb: "acyclic", In: []string{"port.json"}, Keys: []string{"dependencies"}, As: []string{"port"}},
			{ID: "port/provides", Verb: "provides", In: []string{"notes.txt"}, Text: "^provides (.*)$", As: []string{"port"}},
			{ID: "port/rule-2", Verb: "rule", In: []string{"port.json"}, Rule: "true"}}},
		{Kind: "rule", At: []string{"rules/**/*.yml"}, Except: []string{"rules/old/"}, Name: `rules/(.*)\.yml`, YAML: "1.2", Regions: regions, Deployed: "regions[*]",
			Schemas: []string{"schemas/rule.yaml"}, Checks: []declared.Check{
				{ID: "rule/schema", Verb: "schema", Schema: "schemas/rule.yaml", Formats: "off"},
				{ID: "rule/syntax", Verb: "syntax", Documents: "one"},
				{ID: "rule/unique", Verb: "unique", Severity: "warning", Help: "take another one", Docs: "docs/checks.md", Keys: []string{"id"}, As: []string{"rule id"}},
				{ID: "rule/exists", Verb: "exists", Keys: []string{"related[*].id", "needs"}, As: []string{"rule id", "port"}}}},
		{Kind: "service", At: []string{"services/*/"}, YAML: "kubernetes", Regions: regions, Checks: []declared.Check{}},
	}
	if diff := cmp.Diff(want, d.Sections); diff != "" {
		t.Errorf("sections (-expected +got):\n%s", diff)
	}
	if diff := cmp.Diff([][]string{{"declared"}, {"declared"}, {"manifest"}}, d.Checks); diff != "" {
		t.Errorf("checks (-expected +got):\n%s", diff)
	}
}

// TestTests: what a test leaves out is made up, and the files that it names are read.
func TestTests(t *testing.T) {
	t.Parallel()
	files := repository(map[string]string{Marker: full})
	got, err := declareIn(t, files).Tests(files)
	whole := ""
	at := func(line, column int, path string) verdict.Place {
		return verdict.Place{File: Marker, Line: line, Column: column, Path: path}
	}
	want := []trial.Test{
		{Check: "port/provides", Number: 1, Unit: "ports/zexample", Count: 2, Claims: []string{}, HasClaims: true, Place: at(0, 0, "units.port.checks[3].tests[0]"), Files: []trial.File{
			{Path: "notes.txt", Text: []byte("provides zlib\n")}, {Path: "port.json", Value: map[string]any{"name": "a"}}, {Path: "empty", Text: []byte{}}, {Path: "n"}}},
		{Check: "rule/schema", Number: 1, Unit: "rules/example/example.yml", Place: at(0, 0, "units.rule.checks[0].tests[0]"), Files: []trial.File{{Path: "rules/example/example.yml", Value: map[string]any{"id": "a"}}}},
		{Check: "rule/schema", Number: 2, Unit: "rules/b.yml", Region: "us", Count: 2, Findings: []trial.Expectation{{At: &whole, Message: "id", Name: "required"}, {Message: "x"}},
			Place: at(0, 0, "units.rule.checks[0].tests[1]"), Files: []trial.File{{Path: "rules/b.yml", Value: map[string]any{}}}},
		{Check: "rule/unique", Number: 1, Unit: "rules/example/example.yml", Claims: []string{"a"}, HasClaims: true, Place: at(0, 0, "units.rule.checks[2].tests[0]"),
			Files: []trial.File{{Path: "rules/example/example.yml", Text: []byte("id: a\n")}}},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(verdict.Place{}, "Line", "Column")); diff != "" || err != nil {
		t.Errorf("tests (-expected +got): %v\n%s", err, diff)
	}
	delete(files, "rules/a.yml")
	if _, err := valid(t, full).Tests(files); err == nil || !strings.Contains(err.Error(), "read the file of the test at muster.yaml:18:") {
		t.Errorf("with a file that is gone: %v", err)
	}
}

func TestLayout(t *testing.T) {
	t.Parallel()
	d := valid(t, full)
	port, rule, service := d.Layout.Kinds[0], d.Layout.Kinds[1], d.Layout.Kinds[2]
	for i, k := range d.Layout.Kinds[:2] {
		s, err := declared.DecodeSection(k.Given["muster.yaml"])
		if diff := cmp.Diff(d.Sections[i], s, cmp.Comparer(func(a, b []declared.Check) bool { return len(a) == len(b) })); err != nil || diff != "" || k.File != nil || k.ByName || k.SharedFile != nil {
			t.Errorf("%s: %v\n%s", k.Name, err, diff)
		}
	}
	if port.Limit != 4<<20 || rule.Limit != 1000 || !slices.Equal(rule.Shared, d.Sections[1].Schemas) || !slices.Equal(port.Shared, []string{"shared/teams.yml"}) || d.Layout.Marker != "muster.yaml" {
		t.Errorf("layout %+v", d.Layout)
	}
	if !service.ByName || service.Given != nil || service.File("a.txt") || !service.File("manifest.yml") || !slices.Equal(service.Shared, []string{"shipcat.conf", "teams.yml", "templates"}) || service.SharedFile("schemas/port.json") {
		t.Errorf("services %+v", service)
	}
}

// TestWhatGoverns: each file that the checks and the regions are read from, the links to it
// included, and whatever the globs of schemas and of shared files match.
func TestWhatGoverns(t *testing.T) {
	t.Parallel()
	files := repository(map[string]string{Marker: full, "real/rule.yaml": "{$ref: lib.json}\n", "real/base/base.json": "{}"})
	for link, to := range map[string]string{"schemas/rule.yaml": "../aliases/rule", "aliases": "real/aliases", "real/aliases/rule": "../rule.yaml", "real/lib.json": "base/base.json"} {
		files[link] = &fstest.MapFile{Data: []byte(to), Mode: fs.ModeSymlink}
	}
	l := declareIn(t, files).Layout
	if diff := cmp.Diff([]string{"aliases/rule", "real/aliases/rule", "real/base/base.json", "real/lib.json", "real/rule.yaml", "regions.yaml", "schemas/rule.yaml"}, l.Governing); diff != "" {
		t.Errorf("files (-expected +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"schemas/**/*.json", "shared/*.yml"}, l.GoverningGlobs); diff != "" {
		t.Errorf("globs (-expected +got):\n%s", diff)
	}
	if got := l.Kinds[1].Given; string(got["real/lib.json"]) != "{}" || len(got) != 2 {
		t.Errorf("beside the section, %q is given; want what lies behind the link that a schema refers to", got)
	}
}

// TestServicesWithChecksOfTheirOwn: shipcat's checks stand beside others, and beside claims
// that ask for services.
func TestServicesWithChecksOfTheirOwn(t *testing.T) {
	t.Parallel()
	d := valid(t, "muster: 1\nunits:\n  service: {at: services/*/, checks: [{shipcat: {}}, {schema: schemas/port.json, in: manifest.yml}]}\n")
	k := d.Layout.Kinds[0]
	if diff := cmp.Diff([]string{"declared", "manifest"}, k.Checks); diff != "" || !k.ByName || k.File != nil || len(d.Sections[0].Checks) != 1 {
		t.Errorf("%+v\n%s", k, diff)
	}
	if !k.SharedFile("schemas/port.json") || !k.SharedFile("shipcat.conf") || k.SharedFile("schemas/rule.yaml") {
		t.Error("the shared files are not those of both")
	}
	d = valid(t, "muster: 1\nunits:\n  service: {at: services/*/, checks: [{shipcat: {}}]}\n  rule: {at: rules/*.yml, checks: [{exists: needs, as: service}]}\n")
	if k := d.Layout.Kinds[1]; !slices.Equal(k.Checks, []string{"declared", "manifest"}) || !d.Sections[1].Named || k.Given == nil {
		t.Errorf("%+v, named: %t", k, d.Sections[1].Named)
	}
}

// TestCanonicalForm: what means the same has the same bytes, and what other kinds say does
// not count.
func TestCanonicalForm(t *testing.T) {
	t.Parallel()
	const plain = "muster: 1\nunits:\n  port:\n    at: ports/*/\n    except: [ports/old/]\n    checks:\n      - {schema: schemas/port.json, in: port.json, severity: error}\n      - {rule: \"size(self) < 3 && '<' != ''\", in: port.json}\n"
	form := func(text string) string {
		d := valid(t, text)
		i := slices.IndexFunc(d.Sections, func(s declared.Section) bool { return s.Kind == "port" })
		return string(d.Layout.Kinds[i].Given[Marker])
	}
	want := form(plain)
	if !strings.Contains(want, `size(self) < 3 && '<' != ''`) || strings.Count(want, "\n") != 1 {
		t.Errorf("the form is\n%s", want)
	}
	for what, text := range map[string]string{
		"comments":            "# one\n" + strings.ReplaceAll(plain, "\n", " # more\n"),
		"order and quotes":    "units:\n  \"port\":\n    checks:\n      - {in: [\"port.json\"], schema: 'schemas/port.json'}\n      - in: port.json\n        rule: >-\n          size(self) < 3\n          && '<' != ''\n    except: ports/old/\n    at: [ports/*/]\nmuster: 1\n",
		"defaults":            strings.Replace(plain, "units:", "yaml: 1.2\nunits:", 1),
		"another kind":        plain + "  rule: {at: rules/*.yml, checks: [{unique: id}, {exists: needs, as: rule}]}\n",
		"shared, not used by": strings.Replace(plain, "muster: 1", "muster: 1\nlimits: {unit: 1MiB}", 1),
		"tests":               strings.Replace(plain, "severity: error", "tests: [{document: {}, findings: 0}]", 1),
	} {
		if got := form(text); got != want {
			t.Errorf("%s: the form is\n%s\nexpected\n%s", what, got, want)
		}
	}
	for what, text := range map[string]string{
		"a glob":                 strings.Replace(plain, "ports/old/", "ports/new/", 1),
		"a severity":             strings.Replace(plain, "error", "warning", 1),
		"a kind that looks here": plain + "  rule: {at: rules/*.yml, checks: [{exists: needs, as: port}]}\n",
		"the dialect":            "yaml: kubernetes\n" + plain,
	} {
		if form(text) == want {
			t.Errorf("%s makes no difference", what)
		}
	}
}

// TestSchemasOfAKind: a kind has the files that its schemas are made of, and no others; all
// that there are, where that is not clear.
func TestSchemasOfAKind(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		port string
		want []string
	}{
		{`{"type": "object"}`, []string{"schemas/port.json"}},
		{`{"$ref": "lib/base.json"}`, []string{"schemas/lib/base.json", "schemas/port.json"}},
		{`{"$ref": "https://example.com/other"}`, []string{"schemas/other.json", "schemas/port.json"}},
		{`{"$ref": "https://example.com/none"}`, []string{"schemas/lib/base.json", "schemas/other.json", "schemas/port.json"}},
		{`{`, []string{"schemas/lib/base.json", "schemas/other.json", "schemas/port.json"}},
	} {
		d := declareIn(t, repository(map[string]string{Marker: "schemas: schemas/**/*.json\n" + portUnits, "schemas/port.json": tt.port, "schemas/other.json": `{"$id": "https://example.com/other"}`}))
		if diff := cmp.Diff(tt.want, d.Sections[0].Schemas); diff != "" || len(d.Findings) > 0 {
			t.Errorf("%s: schemas (-expected +got):\n%s%s", tt.port, diff, said(d.Findings))
		}
		if diff := cmp.Diff(tt.want, d.Layout.Kinds[0].Shared); diff != "" {
			t.Errorf("%s: shared (-expected +got):\n%s", tt.port, diff)
		}
	}
}

func TestDecodeSection(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{", `{"kind": 1}`, `{"kind": "a", "newer": 1}`, `{"kind": "a"}{}`} {
		if s, err := declared.DecodeSection([]byte(text)); err == nil {
			t.Errorf("%q is the section %+v", text, s)
		}
	}
}

// TestMarkerOnDisk: muster.yaml is read as any repository has it, and goes before shipcat.conf.
func TestMarkerOnDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("shipcat.conf", "")
	if c, err := Load(dir, Builtin()); err != nil || c.Declaration != nil || c.Layout.Marker != "shipcat.conf" {
		t.Fatalf("%+v, %v", c, err)
	}
	write("rules/a.yml", "id: a\n")
	write("rules/b\nc.yml", "id: a\n")
	write(Marker, "muster: 1\nunits: {rule: {at: rules/*.yml, checks: [{syntax: auto}]}}\n")
	c, err := Load(dir, Builtin())
	if err != nil || c.Declaration == nil || len(c.Findings) > 0 || len(c.Layout.Kinds) != 1 || c.Locate == nil {
		t.Fatalf("%+v, %v", c, err)
	}
	write(Marker, "muster: 1\nunits: {rule: {at: rules/*.yaml, checks: [{syntax: auto}]}}\n")
	if c, err = Load(dir, Builtin()); err != nil || len(c.Findings) != 1 || len(c.Layout.Kinds) > 0 || c.Layout.Marker != Marker {
		t.Errorf("%+v, %v", c, err)
	}
	if err := os.Rename(filepath.Join(dir, Marker), filepath.Join(dir, "other.yaml")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("other.yaml", filepath.Join(dir, Marker)); err != nil {
		t.Fatal(err)
	}
	if c, err = Load(dir, Builtin()); err != nil || len(c.Findings) != 1 || c.Findings[0].Rule != ruleIrregularFile.Code {
		t.Errorf("a link: %+v, %v", c, err)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	if _, err := ReadDeclaration(fstest.MapFS{}); err == nil {
		t.Error("no muster.yaml is no error")
	}
	files := repository(map[string]string{Marker: portUnits})
	if _, err := ReadDeclaration(shut{files, "ports"}); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("a folder that cannot be read: %v", err)
	}
	if d := declareIn(t, shut{files, "rules"}); len(d.Findings) > 0 {
		t.Errorf("a folder that need not be read:\n%s", said(d.Findings))
	}
}

// shut is a file system with a folder that cannot be read.
type shut struct {
	fstest.MapFS
	folder string
}

func (s shut) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == s.folder {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return s.MapFS.ReadDir(name)
}

func TestCensus(t *testing.T) {
	t.Parallel()
	files := repository(map[string]string{Marker: full})
	d := declareIn(t, files)
	counts, found, err := d.Census(files)
	if diff := cmp.Diff([]Count{{"port", true, 2}, {"rule", false, 2}, {"service", true, 1}}, counts); diff != "" || len(found) > 0 || err != nil {
		t.Errorf("%v\n%s\n%s", err, said(found), diff)
	}
	text := "muster: 1\nunits:\n  deep: {at: [rules/x, \"**/*.yml\"], optional: true, checks: [{syntax: auto}]}\n  rule: {at: rules/*.yml, checks: [{syntax: auto}]}\n"
	files[Marker] = &fstest.MapFile{Data: []byte(strings.Replace(text, "rules/x, ", "", 1))}
	_, found, err = declareIn(t, files).Census(files)
	if len(found) != 1 || err != nil || said(found) != "4:14 C218 units.rule.at: rules/a.yml is a unit of two kinds, \"deep\" and \"rule\" [let the globs of one of them not match it, or except it] {3:15 the other glob}\n" {
		t.Errorf("%v\n%s", err, said(found))
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, s := range valid(t, "muster: 1\nlimits: {unit: 2MiB}\nunits:\n  port: {at: ports/*/, checks: [{schema: schemas/port.json, in: port.json}, {exists: needs, in: port.json}]}\n  service: {at: services/*/, limits: {unit: 1KiB}, checks: [{shipcat: {}}]}\n").Settings() {
		b.WriteString(s.Path + " = " + s.Value + " (" + s.Origin() + ")\n")
	}
	const want = `muster = 1 (muster.yaml:1:9)
yaml = 1.2 (default)
limits.unit = 2MiB (muster.yaml:2:16)
units.port.at = [ports/*/] (muster.yaml:4:14)
units.port.optional = false (default)
units.port.yaml = 1.2 (default)
units.port.limits.unit = 2MiB (muster.yaml:2:16)
units.port.checks[0].schema = schemas/port.json (muster.yaml:4:42)
units.port.checks[0].in = [port.json] (muster.yaml:4:65)
units.port.checks[0].severity = error (default)
units.port.checks[0].optional = false (default)
units.port.checks[0].id = port/schema (default)
units.port.checks[1].exists = [needs] (muster.yaml:4:86)
units.port.checks[1].in = [port.json] (muster.yaml:4:97)
units.port.checks[1].severity = error (default)
units.port.checks[1].optional = false (default)
units.port.checks[1].id = port/exists (default)
units.port.checks[1].as = port (default)
units.service.at = [services/*/] (muster.yaml:5:17)
units.service.optional = false (default)
units.service.yaml = 1.2 (default)
units.service.limits.unit = 1KiB (muster.yaml:5:45)
units.service.checks[0].shipcat = {} (muster.yaml:5:71)
owners.teams = teams.yml (default)
owners.codeowners = auto (default)
owners.required = false (default)
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("settings (-expected +got):\n%s", diff)
	}
	if got := builtinSettings(shipcat()); len(got) != 4 || got[0] != (Setting{Path: "units.service.at", Value: "[services/*/]"}) {
		t.Errorf("built in: %+v", got)
	}
}
