package config

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

func TestPolicy(t *testing.T) {
	t.Parallel()
	d := valid(t, `muster: 1
severities:
  - {rules: request-above-limit, severity: info}
  - rules: [M3*, "*-limit"]
    paths: [services/old-*/, "**/made.yml"]
    severity: "off"
ignore:
  - {rules: M318, units: [old-*, services/pay/], reason: they go in May, until: 2027-05-31}
  - {rules: "*", paths: services/legacy, reason: goes}
rules:
  M318: {suppressible: false}
  m1*: {max-until: 90d}
  bad-glob: {}
baseline: ci/baseline.json
`)
	at := func(line, column int, path string) verdict.Place {
		return verdict.Place{File: Marker, Line: line, Column: column, Path: path}
	}
	want := policy.Policy{
		Severities: []policy.Override{
			{Rules: []string{"request-above-limit"}, Level: "info", At: at(3, 5, "severities[0]")},
			{Rules: []string{"M3*", "*-limit"}, Paths: []string{"services/old-*/", "**/made.yml"}, Level: "off", At: at(4, 5, "severities[1]")}},
		Ignores: []policy.Ignore{
			{Rules: []string{"M318"}, Units: []string{"old-*", "services/pay/"}, Reason: "they go in May", Until: "2027-05-31", At: at(8, 5, "ignore[0]")},
			{Rules: []string{"*"}, Paths: []string{"services/legacy"}, Reason: "goes", At: at(9, 5, "ignore[1]")}},
		Limits: map[string]policy.Limit{"M318": {Never: true}},
	}
	for _, r := range AllRules(Builtin()) {
		if strings.HasPrefix(r.Code, "M1") {
			want.Limits[r.Code] = policy.Limit{MostDays: 90}
		}
	}
	if diff := cmp.Diff(want, d.Policy); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if want := (Baseline{"ci/baseline.json", at(14, 11, "baseline")}); d.Baseline != want {
		t.Errorf("baseline %+v, want %+v", d.Baseline, want)
	}
}

func TestMistakesOfPolicies(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ what, text, want string }{
		{"rules that are not there", "severities: [{rules: [request-above-limits, Z9, \"Z*\", \"\"], severity: warn}]\nignore: [{rules: port/shema, reason: x}]\nrules: {M3l8: {}, syntax: {}}\n" + portUnits,
			"1:23 C222 severities[0].rules[0]: severities[0].rules[0] is \"request-above-limits\", and there is no such rule [did you mean \"request-above-limit\"?]\n" +
				"1:45 C222 severities[0].rules[1]: severities[0].rules[1] is \"Z9\", and there is no such rule [`enqueue rules --repo .` lists all]\n" +
				"1:49 C222 severities[0].rules[2]: severities[0].rules[2] is \"Z*\", and there is no such rule [`enqueue rules --repo .` lists all]\n" +
				"1:55 C214 severities[0].rules[3]: severities[0].rules[3] is empty [give it a value or take it out]\n" +
				"1:70 C113 severities[0].severity: severities[0].severity is \"warn\"; expected one of error, warning, info, off [did you mean \"warning\"?]\n" +
				"2:18 C222 ignore[0].rules: ignore[0].rules is \"port/shema\", and there is no such rule [did you mean \"port/schema\"?]\n" +
				"3:9 C222 rules.M3l8: rules.M3l8 is given, and there is no rule \"M3l8\" [did you mean \"M308\"?]\n"},
		{"what is missing", "severities: [{}]\nignore: [{rules: M318}, {rules: M318, reason: \" \"}]\n" + portUnits,
			"1:14 C114 severities[0].rules: severities[0].rules is missing; expected a string or a list of strings [add rules: the rules, by code, name, the id of a check, or a glob of them]\n" +
				"1:14 C114 severities[0].severity: severities[0].severity is missing; expected one of error, warning, info, off [add severity: what the findings are. Those that are off are not told]\n" +
				"2:10 C114 ignore[0].reason: ignore[0].reason is missing; expected a string [add reason: why, for whoever finds it in a year]\n" +
				"2:25 C223 ignore[1]: ignore[1] is about the same rules and places as ignore[0] [make one of both] {2:10 the other entry}\n" +
				"2:47 C214 ignore[1].reason: ignore[1].reason is empty [give it a value or take it out]\n"},
		{"globs", "severities: [{rules: M318, paths: [../x, \"[\"], severity: info}]\nignore: [{rules: M318, units: ./services/a/, reason: x}]\n" + portUnits,
			"1:36 C201 severities[0].paths[0]: severities[0].paths[0]: glob \"../x\": want a path below the repository, without empty, . and .. elements\n" +
				"1:42 C201 severities[0].paths[1]: severities[0].paths[1]: glob \"[\": \"[\" is not valid: * stands for any characters, ? for one, [a-z] for one of these, {a,b} for either, and none of them for a /\n" +
				"2:31 C201 ignore[0].units: ignore[0].units: glob \"./services/a/\": want a path below the repository, without empty, . and .. elements [write services/a/]\n"},
		{"days", "ignore: [{rules: M318, reason: x, until: 2026-02-29}, {rules: M3*, reason: x, until: \"\"}]\nrules: {M318: {max-until: 0d}, M317: {max-until: 90}, M316: {max-until: 10000d}, M315: {max-until: 090d}}\n" + portUnits,
			"1:42 C224 ignore[0].until: ignore[0].until is \"2026-02-29\"; expected a day [write it as 2026-12-31]\n" +
				"1:86 C214 ignore[1].until: ignore[1].until is empty [give it a value or take it out]\n" +
				"2:27 C225 rules.M318.max-until: rules.M318.max-until is \"0d\"; expected a number of days from 1 to 9999 [write it as 90d]\n" +
				"2:50 C110 rules.M317.max-until: rules.M317.max-until is the integer 90; expected a string [quote the value: \"90\"]\n" +
				"2:73 C225 rules.M316.max-until: rules.M316.max-until is \"10000d\"; expected a number of days from 1 to 9999 [write it as 90d]\n" +
				"2:100 C225 rules.M315.max-until: rules.M315.max-until is \"090d\"; expected a number of days from 1 to 9999 [write it as 90d]\n"},
		{"a rule twice", "rules: {M318: {}, request-above-limit: {}, M31*: {}}\n" + portUnits,
			"1:9 C223 rules.M318: rules.M318 is about M318, and so is rules.M31* [give each rule once] {1:44 the other entry}\n" +
				"1:19 C223 rules.request-above-limit: rules.request-above-limit is about M318, and so is rules.M31* [give each rule once] {1:44 the other entry}\n"},
		{"a path of a baseline", "baseline: ../baseline.json\n" + portUnits, "1:11 C203 baseline: baseline is \"../baseline.json\"; expected a path from the root of the repository, without empty, . and .. elements\n"},
		{"shapes that are none", "severities: {}\nignore: [M318, 1]\nrules: [M318]\nbaseline: []\n" + portUnits,
			"1:13 C110 severities: severities is a mapping; expected a list of mappings (severities)\n" +
				"2:10 C110 ignore[0]: ignore[0] is the string \"M318\"; expected a mapping (ignore)\n" +
				"2:16 C110 ignore[1]: ignore[1] is the integer 1; expected a mapping (ignore)\n" +
				"3:8 C110 rules: rules is a list; expected a mapping of names to mappings (rules)\n" +
				"4:11 C110 baseline: baseline is a list; expected a string\n"},
		{"what means nothing without units", "muster: 1\nschemas: schemas/*.json\nregions: [eu]\nignore: [{rules: M318, reason: x}]\n",
			"2:1 C208 schemas: schemas is given, but no units are: those of shipcat.conf are verified [take it out, or name the units, too]\n" +
				"3:1 C208 regions: regions is given, but no units are: those of shipcat.conf are verified [take it out, or name the units, too]\n"},
		{"misspelt units", "muster: 1\nunit: {rule: {at: rules/*.yml, checks: [{syntax: auto}]}}\n", "2:1 C108 unit: muster.yaml has no field \"unit\" [did you mean \"units\"?]\n"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, said(declare(t, tt.text).Findings)); diff != "" {
				t.Errorf("%s\nmistakes (-expected +got):\n%s", tt.text, diff)
			}
		})
	}
}

// TestNoUnitsAnywhere: where nothing lies beside a muster.yaml, it says itself what the units are.
func TestNoUnitsAnywhere(t *testing.T) {
	t.Parallel()
	files := repository(map[string]string{Marker: "muster: 1\nignore: [{rules: M318, reason: x}]\n"})
	delete(files, "shipcat.conf")
	want := "1:1 C114 units: units is missing, and there is no shipcat.conf: nothing says what is verified " +
		"[add units, as in units: {port: {at: ports/*/, checks: []}}; a muster.yaml without them says how what is found in shipcat's services is judged]\n"
	if diff := cmp.Diff(want, said(declareIn(t, files).Findings)); diff != "" {
		t.Errorf("mistakes (-expected +got):\n%s", diff)
	}
}

// TestBesideShipcat: a muster.yaml without units leaves shipcat's repository what it is.
func TestBesideShipcat(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		what, text string
		baseline   bool
		want       string // settings
	}{
		{"no muster.yaml", "", true, "units.service.at services/*/ default, baseline muster-baseline.json default"},
		{"one for a policy", "muster: 1\nignore:\n  - {rules: M318, reason: x}\nrules: {M318: {max-until: 9d}}\n", false,
			"units.service.at services/*/ default, ignore[0].rules M318 muster.yaml:3:13, ignore[0].reason x muster.yaml:3:27, " +
				"rules.M318.suppressible true default, rules.M318.max-until 9d muster.yaml:4:27"},
		{"one for everything", "muster: 1\nunits: {service: {at: services/*/, checks: [{shipcat: {}}]}}\nbaseline: b.json\n", true,
			"units.service.at services/*/ muster.yaml:2:23, baseline b.json muster.yaml:3:11"},
	} {
		files := fstest.MapFS{"shipcat.conf": {}, "services/pay/manifest.yml": {Data: []byte("health: {}\n")}}
		if tt.baseline {
			files[BaselineFile] = &fstest.MapFile{}
		}
		c := shipcat()
		c.Baseline = defaultBaseline(files)
		if tt.text != "" {
			files[Marker] = &fstest.MapFile{Data: []byte(tt.text)}
			var err error
			if c, err = declaredConfig().load(files, Builtin()); err != nil || len(c.Findings) > 0 {
				t.Fatalf("%s: %v, %s", tt.what, err, said(c.Findings))
			}
			if !c.Layout.Governs(Marker) || c.Layout.Governs(BaselineFile) || c.Layout.Governs("b.json") {
				t.Errorf("%s: %s governs %t, and a baseline", tt.what, Marker, c.Layout.Governs(Marker))
			}
		}
		var got []string
		for _, s := range c.Settings() {
			if strings.HasSuffix(s.Path, ".at") || strings.HasPrefix(s.Path, "ignore") || strings.HasPrefix(s.Path, "rules") || s.Path == "baseline" {
				got = append(got, fmt.Sprint(s.Path, " ", strings.Trim(s.Value, "[]"), " ", s.Origin()))
			}
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s: -want +got:\n%s", tt.what, diff)
		}
	}
}
