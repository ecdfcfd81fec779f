package config

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func loaded(t *testing.T, text string) Config {
	t.Helper()
	files := fstest.MapFS{"ports/a/port.json": {Data: []byte("{}")}, "rules/a.yml": {Data: []byte("a: 1")}, "schemas/port.json": {Data: []byte("{}")}, "services/x/manifest.yml": {}, "shipcat.conf": {}}
	if text != "" {
		files[Marker] = &fstest.MapFile{Data: []byte(text)}
	}
	c, ok, err := LoadFiles(files, Builtin())
	if err != nil || !ok || len(c.Findings) > 0 {
		t.Fatalf("%v, %v, %+v", ok, err, c.Findings)
	}
	return c
}

func TestLoosened(t *testing.T) {
	t.Parallel()
	const before = `muster: 1
regions: [eu, us]
units:
  port:
    at: [ports/*/]
    checks:
      - {schema: schemas/port.json, in: port.json}
      - {rule: "true", in: port.json, when: "true", help: x}
  rule: {at: rules/*.yml, checks: [{syntax: auto}]}
  service: {at: services/*/, checks: [{shipcat: {}}]}
`
	for _, tt := range []struct {
		name, now string
		want      []string
	}{
		{"nothing", before, nil},
		{"more checks, other words", `muster: 1
regions: [eu, us, ap]
units:
  port:
    at: [ports/*/, rules/x*/]
    optional: true
    checks:
      - {schema: schemas/port.json, in: port.json}
      - {rule: "true", in: port.json, when: "true", help: y, docs: https://x.example}
      - {syntax: auto, in: port.json}
  rule: {at: rules/*.yml, checks: [{syntax: auto}]}
  service: {at: services/*/, checks: [{shipcat: {}}]}
`, nil},
		{"much", `muster: 1
regions: [eu]
units:
  port:
    at: [ports/a/]
    except: ports/old/
    yaml: kubernetes
    checks:
      - {schema: schemas/port.json, in: port.json, severity: warning, formats: off, id: port/renamed, formerly: port/schema}
  service: {at: services/*/, checks: [{syntax: auto, in: "*.yml"}]}
`, []string{
			"takes ports/*/ out of the units \"port\"", "excepts ports/old/ from the units \"port\"", "takes the regions us away", "reads the units \"port\" as YAML kubernetes, not 1.2",
			"lowers the check port/schema to warning", "changes the check port/schema (formats)", "removes the check port/rule",
			"takes the units \"rule\" away, and their checks",
			"removes shipcat's checks of the units \"service\"",
		}},
	} {
		if got := Loosened(loaded(t, before), loaded(t, tt.now)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q\nwant %q", tt.name, got, tt.want)
		}
	}
	const first, second = "muster: 1\nunits:\n  port:\n    at: ports/*/\n    checks:\n      - {syntax: auto, in: port.json, id: port/a", "      - {exists: x, in: port.json, as: port, id: port/b"
	const names = first + ", formerly: port/old}\n" + second
	for _, tt := range []struct {
		name, now string
		want      []string
	}{
		{"renamed, with what it was before", first + "2, formerly: [port/a, port/old]}\n" + second + "2, formerly: port/b}\n", nil},
		{"the id that another check had before", first + "}\n" + second + ", formerly: port/old}\n", []string{`gives the check port/b the former id port/old`}},
		{"an id that none had", names + ", formerly: port/new}\n", []string{`gives the check port/b the former id port/new`}},
		{"the id of a check that goes, to one that stays", "muster: 1\nunits:\n  port:\n    at: ports/*/\n    checks:\n" + second + ", formerly: port/a}\n",
			[]string{"changes the check port/a (verb, keys, as)", `gives the check port/b the former id port/a`}},
		{"one check of two", "muster: 1\nunits:\n  port:\n    at: ports/*/\n    checks:\n" + second + "2, formerly: [port/a, port/b]}\n",
			[]string{"changes the check port/a (verb, keys, as)", `gives the check port/b2 the former id port/a`, `gives the check port/b2 the former id port/b`}},
	} {
		if got := Loosened(loaded(t, names+"}\n"), loaded(t, tt.now)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q\nwant %q", tt.name, got, tt.want)
		}
	}
	const runs = "muster: 1\nunits:\n  port:\n    at: ports/*/\n    checks:\n      - {run: lint, in: a, with: [rules, schemas], args: {a: b}}\n"
	for _, tt := range []struct {
		name, now string
		want      []string
	}{
		{"another command", strings.Replace(runs, "run: lint", "run: none", 1), []string{"changes the check port/run (run)"}},
		{"other arguments, and less beside the units", "muster: 1\nunits:\n  port:\n    at: ports/*/\n    checks:\n      - {run: lint, in: b, with: schemas, args: {a: c}}\n", []string{"changes the check port/run (in, with, args)"}},
		{"as a warning, where it may find no file", strings.Replace(runs, "in: a", "in: a, optional: true, severity: warning", 1), []string{"lowers the check port/run to warning", "changes the check port/run (optional)"}},
		{"no command", "muster: 1\nunits:\n  port:\n    at: ports/*/\n    checks:\n      - {syntax: auto, in: a}\n", []string{"removes the check port/run"}},
	} {
		if got := Loosened(loaded(t, runs), loaded(t, tt.now)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q\nwant %q", tt.name, got, tt.want)
		}
	}
	lenient, strict := "muster: 1\nunits:\n  rule: {at: rules/*.yml, checks: [{syntax: auto, severity: warning}]}\n", "muster: 1\nunits:\n  rule: {at: rules/*.yml, checks: [{syntax: auto, severity: error}]}\n"
	if got := Loosened(loaded(t, lenient), loaded(t, strict)); got != nil {
		t.Errorf("a check whose findings are errors now: %q", got)
	}
	const own = "muster: 1\nunits:\n  rule: {at: rules/*.yml, checks: [{syntax: auto}]}\n"
	if got, want := Loosened(loaded(t, ""), loaded(t, own)), []string{"takes the checks manifest away: the repository is verified by muster.yaml"}; !slices.Equal(got, want) {
		t.Errorf("a muster.yaml in the place of shipcat's checks: %q, want %q", got, want)
	}
	if got, want := Loosened(loaded(t, own), loaded(t, "")), []string{"takes the checks declared away: the repository is verified by shipcat.conf"}; !slices.Equal(got, want) {
		t.Errorf("without a muster.yaml: %q, want %q", got, want)
	}
	if got := Loosened(loaded(t, ""), loaded(t, "muster: 1\n")); got != nil {
		t.Errorf("a muster.yaml beside shipcat's checks: %q", got)
	}
}
