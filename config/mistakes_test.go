package config

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// TestMistakes: each mistake is one finding, at its place, with what to do.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ what, text, want string }{
		{"five mistakes", "muster: 2\nyaml: 1.3\nunits:\n  port:\n    at: ports/*/\n    excpt: ports/old/\n    checks:\n      - {schema: schemas/prot.json, in: port.json, severity: warn}\n",
			"1:9 C112 muster: muster is 2; expected 1, the version of the format\n" +
				"2:7 C110 yaml: yaml is the float 1.3; expected one of 1.2, kubernetes\n" +
				"6:5 C108 units.port.excpt: kind has no field \"excpt\" [did you mean \"except\"?]\n" +
				"8:18 C203 units.port.checks[0].schema: units.port.checks[0].schema is \"schemas/prot.json\", which does not exist [did you mean \"schemas/port.json\"?]\n" +
				"8:62 C113 units.port.checks[0].severity: units.port.checks[0].severity is \"warn\"; expected one of error, warning [did you mean \"warning\"?]\n"},
		{"ids of other things", ruleChecks + "      - {unique: id, id: rule/syntax}\n      - {unique: id, id: RULE/deployed}\n      - {syntax: yaml, id: own/syntax}\n      - {syntax: yaml}\n",
			"6:26 C212 units.rule.checks[0].id: units.rule.checks[0] has the id \"rule/syntax\", which is what files of kind rule are checked as that cannot be read [give it another one, as in rule/name]\n" +
				"7:26 C212 units.rule.checks[1].id: units.rule.checks[1] has the id \"RULE/deployed\", which is what the regions of kind rule are checked as [give it another one, as in rule/name]\n"},
		{"a selector that is not quoted", ruleChecks + "      - {exists: needs[*], as: rule}\n", "6:23 C101 : expected a comma or }, and found \"[*], as: rule}\" [quote the whole value: YAML takes the bracket for the beginning of a list]\n"},
		{"nothing", "", "1:1 C102 : muster.yaml is empty [begin with muster: 1 and units:]\n"},
		{"a list", "- a\n", "1:1 C110 : the file is a list; expected a mapping (muster.yaml)\n"},
		{"no version", "units: {rule: {at: rules/*.yml, checks: [{syntax: auto}]}}\n", "1:1 C114 muster: muster is missing; expected 1, the version of the format [add muster: the version of the format]\n"},
		{"a quoted version", strings.Replace(portUnits, "1", "'1'", 1), "1:9 C110 muster: muster is the string \"1\"; expected 1, the version of the format [write 1 without quotes]\n"},
		{"no units", "muster: 1\nunits: {}\n", "2:8 C214 units: units is empty [name a kind of units and say where they lie, as in port: {at: ports/*/}]\n"},
		{"an unknown verb", ruleChecks + "      - {lint: helm}\n", "6:10 C108 units.rule.checks[0].lint: check has no field \"lint\" [a check has one verb of syntax, schema, rule, unique, exists, acyclic, provides, run, shipcat]\n"},
		{"two verbs", ruleChecks + "      - {schema: schemas/rule.yaml, unique: id}\n",
			"6:37 C207 units.rule.checks[0].unique: units.rule.checks[0] has the verbs schema and unique; expected one of syntax, schema, rule, unique, exists, acyclic, provides, run, shipcat [make a check of each] {6:10 the first verb}\n"},
		{"a verb without a value", ruleChecks + "      - {unique: }\n", "6:18 C111 units.rule.checks[0].unique: units.rule.checks[0].unique is null; expected a string, a list of strings or a mapping (text) [give it a value or take the key out]\n"},
		{"a misspelt key of a claim", ruleChecks + "      - unique: {txet: (a)}\n", "6:18 C108 units.rule.checks[0].unique.txet: text has no field \"txet\" [did you mean \"text\"?]\n"},
		{"settings of shipcat", "muster: 1\nunits:\n  service: {at: services/*/, checks: [{shipcat: {regions: each}, severity: warning}]}\n",
			"3:50 C108 units.service.checks[0].shipcat.regions: shipcat has no field \"regions\"\n" +
				"3:66 C208 units.service.checks[0].severity: units.service.checks[0].severity means nothing to the verb shipcat [take it out: it is a key of syntax, schema, rule, unique, exists, acyclic, provides, run]\n"},
		{"two kinds of services", "muster: 1\nunits:\n  a: {at: services/*/, checks: [{shipcat: {}}, {shipcat: {}}]}\n  b: {at: services/*/, name: (.*), checks: [{shipcat: {}}]}\n",
			"3:49 C216 units.a.checks[1].shipcat: units.a has the check shipcat twice [keep one]\n" +
				"4:24 C208 units.b.name: units.b.name is given, but units with the check shipcat are called by their folders [take it out]\n" +
				"4:46 C216 units.b.checks[0].shipcat: the kind \"b\" has the check shipcat, and so has \"a\": only one kind can\n"},
		{"globs that cannot be", "muster: 1\nschemas: [/schemas/*.json, shared/, \"schemas/[\"]\nunits:\n  rule: {at: [\"\", rules/../*.yml, rules/**.yml], except: ./rules, checks: [{syntax: auto}]}\n",
			"2:11 C201 schemas[0]: schemas[0]: glob \"/schemas/*.json\": want a path below the repository, without empty, . and .. elements [write \"schemas/*.json\"]\n" +
				"2:28 C201 schemas[1]: schemas[1] is \"shared/\", a glob of folders; expected one of files [write \"shared/**\"]\n" +
				"2:37 C201 schemas[2]: schemas[2]: glob \"schemas/[\": \"[\" is not valid: * stands for any characters, ? for one, [a-z] for one of these, {a,b} for either, and none of them for a /\n" +
				"4:15 C214 units.rule.at[0]: units.rule.at[0] is empty [give it a value or take it out]\n" +
				"4:19 C201 units.rule.at[1]: units.rule.at[1]: glob \"rules/../*.yml\": want a path below the repository, without empty, . and .. elements\n" +
				"4:35 C201 units.rule.at[2]: units.rule.at[2]: glob \"rules/**.yml\": ** stands alone between two /, not in \"**.yml\"\n" +
				"4:58 C201 units.rule.except: units.rule.except: glob \"./rules\": want a path below the repository, without empty, . and .. elements [write rules]\n"},
		{"globs that match nothing", "muster: 1\nschemas: schemas/*.jsn\nshared: [shard/*.yml, muster.yaml]\nunits:\n  a: {at: rules/*.yaml, checks: [{syntax: auto}]}\n  b: {at: ports/*, except: ports/README, checks: [{syntax: auto}]}\n  c: {at: rules/*.yml/, checks: [{syntax: auto, in: a}]}\n  d: {at: ports/*/, except: ports/, checks: [{syntax: auto, in: a}]}\n  e: {at: none/*, optional: true, checks: [{syntax: auto}]}\n",
			"2:10 C202 schemas: schemas is \"schemas/*.jsn\", which matches no file\n" +
				"3:10 C202 shared[0]: shared[0] is \"shard/*.yml\", which matches no file [did you mean \"shared/*.yml\"?]\n" +
				"3:23 C202 shared[1]: shared[1] is \"muster.yaml\", which matches no file [muster.yaml itself is not shared]\n" +
				"5:11 C202 units.a.at: units.a.at is \"rules/*.yaml\", which matches no file\n" +
				"6:11 C202 units.b.at: units.b.at is \"ports/*\", which matches no file [all that it matches is excepted]\n" +
				"7:11 C202 units.c.at: units.c.at is \"rules/*.yml/\", which matches no folder [write \"rules/*.yml\"; it matches files]\n" +
				"8:11 C202 units.d.at: units.d.at is \"ports/*/\", which matches no folder [all that it matches is excepted]\n"},
		{"patterns", "muster: 1\nunits:\n  rule:\n    at: rules/*.yml\n    name: >-\n      rules/\n      (a**)\n    checks:\n      - unique: {text: \"a\\t(b\"}\n      - provides: {text: (a)(b)}\n      - exists: {text: \"\"}\n",
			"7:9 C205 units.rule.name: units.rule.name is \"rules/ (a**)\", which is no regular expression: invalid nested repetition operator: `**`\n" +
				"9:25 C205 units.rule.checks[0].unique.text: units.rule.checks[0].unique.text is \"a\\t(b\", which is no pattern of a key: the pattern is no regular expression: missing closing ): `a\t(b` [the syntax is RE2's (https://github.com/google/re2/wiki/Syntax): no lookaround and no backreferences]\n" +
				"10:26 C205 units.rule.checks[1].provides.text: units.rule.checks[1].provides.text is \"(a)(b)\", which is no pattern of a key: the pattern has 2 groups; expected one, the key [write (?:…) for the groups that are not the key]\n" +
				"11:24 C214 units.rule.checks[2].exists.text: units.rule.checks[2].exists.text is empty [give it a value or take it out]\n"},
		{"paths", portChecks + "      - {schema: port.json, in: port.json, docs: ../a}\n      - {schema: ports/README/x.json, in: port.json}\n      - {schema: \"\", in: port.json}\n",
			"6:18 C203 units.port.checks[0].schema: units.port.checks[0].schema is \"port.json\", which does not exist\n" +
				"6:50 C203 units.port.checks[0].docs: units.port.checks[0].docs is \"../a\"; expected a path from the root of the repository, without empty, . and .. elements\n" +
				"7:18 C203 units.port.checks[1].schema: units.port.checks[1].schema is \"ports/README/x.json\", which does not exist\n" +
				"8:18 C214 units.port.checks[2].schema: units.port.checks[2].schema is empty [give it a value or take it out]\n"},
		{"spaces", ruleChecks + "      - {unique: id, as: [a, b]}\n      - {exists: x, as: [ruel, a, c]}\n      - {acyclic: x, as: []}\n",
			"6:30 C213 units.rule.checks[0].as[1]: units.rule.checks[0].as[1] is a second space; expected one, which the keys are put into [make a check for each]\n" +
				"7:26 C213 units.rule.checks[1].as[0]: units.rule.checks[1].as[0] is \"ruel\", which is no kind and no space that a check fills [did you mean \"rule\"?]\n" +
				"7:35 C213 units.rule.checks[1].as[2]: units.rule.checks[1].as[2] is \"c\", which is no kind and no space that a check fills [one of a, b, rule]\n" +
				"8:26 C214 units.rule.checks[2].as: units.rule.checks[2].as is empty [give it a value or take the key out]\n"},
		{"ids", ruleChecks + "      - {unique: id, id: M101}\n      - {unique: a, id: \"\"}\n      - {syntax: auto, id: RULE/unique-4}\n      - unique: b\n      - unique: c\n",
			"6:26 C212 units.rule.checks[0].id: units.rule.checks[0].id is \"M101\", which looks like the code of a built-in rule [name what the check is about, as in rule/name]\n" +
				"7:25 C214 units.rule.checks[1].id: units.rule.checks[1].id is empty [give it a value or take it out]\n" +
				"10:9 C211 units.rule.checks[4]: two checks have the id \"rule/unique-4\"; expected one of its own for each [give one of them another id] {8:28 the other one}\n"},
		{"ids of before", ruleChecks + "      - {unique: a, id: new, formerly: [M101, \"\", old, 1x]}\n      - {unique: b, formerly: NEW}\n      - {unique: c, formerly: [rule/unique-2, Old]}\n",
			"6:41 C212 units.rule.checks[0].formerly[0]: units.rule.checks[0].formerly[0] is \"M101\", which looks like the code of a built-in rule [name what the check is about, as in rule/name]\n" +
				"6:47 C214 units.rule.checks[0].formerly[1]: units.rule.checks[0].formerly[1] is empty [give it a value or take it out]\n" +
				"6:56 C212 units.rule.checks[0].formerly[3]: units.rule.checks[0].formerly[3] is \"1x\"; expected letters, digits and any of . _ / -, with a letter first, at most 100 [as in rule/name]\n" +
				"7:31 C211 units.rule.checks[1].formerly: the id \"NEW\" is said to be a former one, and a check has it [take it out: what was written down under it holds for the check that has it] {6:25 the other one}\n" +
				"8:32 C211 units.rule.checks[2].formerly[0]: the id \"rule/unique-2\" is said to be a former one, and a check has it [take it out: what was written down under it holds for the check that has it] {7:9 the other one}\n" +
				"8:47 C211 units.rule.checks[2].formerly[1]: the id \"Old\" is said of two checks to be a former one; expected it of one [take one of the two out] {6:51 the other one}\n"},
		{"owners", "muster: 1\nunits:\n  a: {at: services/*/, owner: team, checks: [{shipcat: {}}]}\n  b: {at: ports/*/, owner: \"team[\", checks: [{syntax: auto, in: port.json}]}\n",
			"3:24 C208 units.a.owner: units.a.owner is given, but units with the check shipcat alone belong to the team in metadata.team [take it out]\n" +
				"4:34 C206 units.b.owner: units.b.owner is \"team[\", which is no selector: the selector ends too early [selectors look like `dependencies[*].name`, `$..id` and `a[\"x.y\"]`]\n"},
		{"regions that are not there", ruleChecks + "      - {rule: \"true\", regions: each}\n    deployed: a[\n", "6:24 C208 units.rule.checks[0].regions: units.rule.checks[0].regions is given, but there are no regions [name them at the top level: regions: [eu, us]]\n" +
			"7:5 C208 units.rule.deployed: units.rule.deployed is given, but there are no regions [name them at the top level: regions: [eu, us]]\n" +
			"7:17 C206 units.rule.deployed: units.rule.deployed is \"a[\", which is no selector: the selector ends too early [selectors look like `dependencies[*].name`, `$..id` and `a[\"x.y\"]`]\n"},
		{"regions of a file", portUnits + "regions: {from: region.yaml, path: a}\n", "7:17 C203 regions.from: regions.from is \"region.yaml\", which does not exist [did you mean \"regions.yaml\"?]\n"},
		{"regions that are none", portUnits + "regions: {from: regions.yaml, path: \"regions[*]\"}\n", "1:11 C219 regions[0]: the name of a region is no text, and no number\n1:23 C219 regions[1]: the name of a region is no text, and no number\n"},
		{"regions of nothing", portUnits + "regions: {from: regions.yaml, path: none}\n", "7:37 C219 regions.path: regions.path is \"none\", which selects nothing\n"},
		{"regions of a text", portUnits + "regions: {from: ports/README, path: none}\n", "7:17 C219 regions.from: regions.from is \"ports/README\"; expected a file of YAML or JSON, by its name\n"},
		{"sizes", portUnits + "    limits: {unit: 0}\nlimits: {unit: 17MiB}\n", "7:20 C215 units.port.limits.unit: units.port.limits.unit is 0; expected at least one byte\n" +
			"8:16 C215 limits.unit: limits.unit is 17MiB; workers accept at most 16MiB [write 16MiB]\n"},
		{"a kind that others look in", "muster: 1\nunits:\n  a: {at: rules/*.yml}\n  b: {at: ports/*/, checks: [{exists: x, in: port.json, as: a}]}\n", ""},
		{"a kind by its name", "muster: 1\nunits:\n  My Kind: {at: rules/*.yml, checks: [{syntax: auto}]}\n", "3:3 C204 units.My Kind: \"My Kind\" is no name for a kind of units [write \"my-kind\"]\n"},
		{"tests", ruleChecks + `      - rule: "true"
        tests:
          - {document: 1, text: "2", findings: 0}
          - {file: rules/a.yaml, findings: 0}
          - {findings: 0}
          - {files: {a: b}, findings: 0}
          - {document: 1, files: {a: b}, findings: 0}
          - {document: null}
          - {document: 1, claims: [a], findings: 0}
          - {document: 1, unit: rules/a.txt, findings: 0}
          - {document: 1, unit: "", findings: 0}
          - {document: 1, region: eu, findings: 0}
          - {document: 1, findings: [{}, {at: "", name: ""}]}
          - {document: 1, findings: [{mesage: x}]}
          - {document: 1, findings: -1}
          - {document: 1, findings: none}
          - {document: 1, findngs: 0}
      - {unique: id, tests: [{document: 1}]}
`,
			"8:27 C221 units.rule.checks[0].tests[0].text: units.rule.checks[0].tests[0] has both document and text [keep one; other files of the unit go into files]\n" +
				"9:20 C203 units.rule.checks[0].tests[1].file: units.rule.checks[0].tests[1].file is \"rules/a.yaml\", which does not exist\n" +
				"10:13 C221 units.rule.checks[0].tests[2]: units.rule.checks[0].tests[2] has no document [give it one, as in {document: {name: zlib}, findings: 0}, or text, or file]\n" +
				"11:13 C221 units.rule.checks[0].tests[3]: units.rule.checks[0].tests[3] has no document [give it one, as in {document: {name: zlib}, findings: 0}, or text, or file]\n" +
				"11:14 C208 units.rule.checks[0].tests[3].files: units.rule.checks[0].tests[3].files is given, but a unit of kind \"rule\" is one file [take it out]\n" +
				"12:27 C208 units.rule.checks[0].tests[4].files: units.rule.checks[0].tests[4].files is given, but a unit of kind \"rule\" is one file [take it out]\n" +
				"13:13 C221 units.rule.checks[0].tests[5]: units.rule.checks[0].tests[5] does not say what is found [findings: 0 says that nothing is, and findings: [{at: name}] where something is]\n" +
				"14:27 C208 units.rule.checks[0].tests[6].claims: units.rule.checks[0].tests[6].claims means nothing to the verb rule [it is a key of tests of unique, exists, acyclic, provides]\n" +
				"15:33 C221 units.rule.checks[0].tests[7].unit: units.rule.checks[0].tests[7].unit is \"rules/a.txt\", which is no unit of kind \"rule\": it lies elsewhere than `at` and `except` say [units lie in rules/**/*.yml]\n" +
				"16:33 C214 units.rule.checks[0].tests[8].unit: units.rule.checks[0].tests[8].unit is empty [give it a value or take it out]\n" +
				"17:27 C208 units.rule.checks[0].tests[9].region: units.rule.checks[0].tests[9].region is given, but there are no regions [take it out]\n" +
				"18:38 C221 units.rule.checks[0].tests[10].findings[0]: units.rule.checks[0].tests[10].findings[0] says nothing of the mistake [say where it is, as in {at: name}, or how many there are, as in findings: 1]\n" +
				"18:57 C214 units.rule.checks[0].tests[10].findings[1].name: units.rule.checks[0].tests[10].findings[1].name is empty [give it a value or take it out]\n" +
				"19:39 C108 units.rule.checks[0].tests[11].findings[0].mesage: expectation has no field \"mesage\" [did you mean \"message\"?]\n" +
				"20:37 C112 units.rule.checks[0].tests[12].findings: units.rule.checks[0].tests[12].findings is -1; expected an integer from 0 to 1000, or a list of mappings (expectation)\n" +
				"21:37 C110 units.rule.checks[0].tests[13].findings: units.rule.checks[0].tests[13].findings is the string \"none\"; expected an integer from 0 to 1000, or a list of mappings (expectation)\n" +
				"22:27 C108 units.rule.checks[0].tests[14].findngs: test has no field \"findngs\" [did you mean \"findings\"?]\n" +
				"23:30 C221 units.rule.checks[1].tests[0]: units.rule.checks[1].tests[0] does not say which keys are claimed [name them, as in claims: [zlib], or claims: [] for none]\n"},
		{"tests of folders", "regions: [eu, us]\n" + portChecks + `      - rule: "true"
        in: port.json
        tests:
          - {files: {}, findings: 0}
          - {document: 1, files: {port.json: {}, ../a: "", a: ""}, findings: 0}
          - {document: 1, unit: port/zlib, region: eus, findings: 0}
      - {rule: "true", id: a, in: "{a,{b,c}}", tests: [{document: 1, findings: 0}]}
`,
			"11:35 C221 units.port.checks[0].tests[1].files.port.json: port.json is the file that units.port.checks[0].tests[1].document gives, too [keep one of them]\n" +
				"11:50 C221 units.port.checks[0].tests[1].files.../a: \"../a\" is no file; expected its path in the unit's folder [as in files: {notes.txt: none}]\n" +
				"12:33 C221 units.port.checks[0].tests[2].unit: units.port.checks[0].tests[2].unit is \"port/zlib\", which is no unit of kind \"port\": it lies elsewhere than `at` and `except` say [units lie in ports/*/]\n" +
				"12:52 C221 units.port.checks[0].tests[2].region: units.port.checks[0].tests[2].region is \"eus\", which is no region [did you mean \"eu\"?]\n" +
				"13:57 C221 units.port.checks[1].tests[0].document: no file can be made up that the first of units.port.checks[1].in matches [give the document in files, under its path]\n"},
		{"a space called like a check", portChecks + "      - {unique: host, id: host, as: host, in: port.json}\n      - {provides: name, as: host, in: port.json}\n",
			"7:30 C213 units.port.checks[1].as: units.port.checks[1].as is \"host\", which is the ID of another check [give the space, or that check, another name]\n"},
		{"tests of units that cannot be made up", "muster: 1\nunits:\n  rule:\n    at: rules/{a,{b,c}}*.yml\n    checks:\n      - {rule: \"true\", tests: [{document: 1, findings: 0}, {document: 1, unit: rules/ab.yml, findings: 0}]}\n", ""},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, said(declare(t, tt.text).Findings)); diff != "" {
				t.Errorf("%s\nmistakes (-expected +got):\n%s", tt.text, diff)
			}
		})
	}
}

// TestLinks: a link to a schema of the repository stands for it, and any other one for nothing. Globs
// pass over links.
func TestLinks(t *testing.T) {
	t.Parallel()
	const mode = 0o777 | fs.ModeSymlink
	files := repository(map[string]string{Marker: portChecks + "      - {schema: schemas/link.json, in: port.json}\nschemas: schemas/link*\n"})
	for name, target := range map[string]string{
		"schemas/link.json": "port.json", "schemas/again.json": "../schemas/link.json", "schemas/out.json": "../../x.json", "schemas/round.json": "round.json", "schemas/root.json": "/schemas/port.json",
	} {
		files[name] = &fstest.MapFile{Data: []byte(target), Mode: mode}
	}
	for name, stands := range map[string]bool{"link": true, "again": true, "out": false, "round": false, "root": false} {
		files[Marker] = &fstest.MapFile{Data: []byte(portChecks + "      - {schema: schemas/" + name + ".json, in: port.json}\n")}
		d := declareIn(t, files)
		if stands != (len(d.Findings) == 0) || stands && (d.Sections[0].Checks[0].Schema != "schemas/port.json" || !slices.Equal(d.Layout.Kinds[0].Shared, []string{"schemas/port.json"})) {
			t.Errorf("schemas/%s.json: %+v, %s", name, d.Sections[0], said(d.Findings))
		}
	}
	files[Marker] = &fstest.MapFile{Data: []byte(portChecks + "      - {schema: schemas/link.json, in: port.json}\nschemas: schemas/link*\n")}
	want := "7:10 C202 schemas: schemas is \"schemas/link*\", which matches no file\n"
	if diff := cmp.Diff(want, said(declareIn(t, files).Findings)); diff != "" {
		t.Errorf("mistakes (-expected +got):\n%s", diff)
	}
}
