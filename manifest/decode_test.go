package manifest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// say puts findings as lines: rule, place, path, message and help.
func say(findings []verdict.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%s %s %s: %s", f.Rule, f.Place, f.Path, f.Message)
		if f.Help != "" {
			fmt.Fprintf(&b, " (%s)", f.Help)
		}
		if len(f.Regions) > 0 {
			fmt.Fprintf(&b, " %v", f.Regions)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// TestDecoding gives the whole of what is said of a manifest's keys and values:
// every mistake, once, where it is.
func TestDecoding(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"typos get a suggestion", "replicacount: 2\nhealth: {url: /x}\nworkload: StatefulSet\nmetadata: {teem: sq}\n", `
M117 1:1 name: name is missing; expected a string (add name: the service's name, equal to its folder's)
M110 1:1 replicacount: manifest has no field "replicacount" (did you mean "replicaCount"?)
M110 2:10 health.url: health has no field "url" (did you mean "uri"?)
M116 3:11 workload: workload is "StatefulSet"; expected one of Deployment, Statefulset (did you mean "Statefulset"?)
`},
		{"a typo is not a missing field too", "name: svc\nmetdata: {team: sq}\nvault: {nmae: x}\nconfigs: {mnt: /x/, files: []}\n", `
M110 2:1 metdata: manifest has no field "metdata" (did you mean "metadata"?)
M110 3:9 vault.nmae: vault has no field "nmae" (did you mean "name"?)
M117 4:1 configs.mount: configs.mount is missing; expected a string (add mount: the directory, ending in a slash, where the files appear)
M110 4:11 configs.mnt: configs has no field "mnt" (one of mount, files)
`},
		{"a misspelt field of metadata", "name: svc\nmetadata: {team: sq, contcts: [{name: a}]}\n", `
M113 2:31 metadata.contcts: metadata.contcts is a list; expected a string (did you mean "contacts"?)
`},
		{"types are strict, and say how to mend", "name: svc\nmetadata: {}\nimage: 5\nhttpPort: \"80\"\npubliclyAccessible: yes\ncommand: run\nimageSize: 010\nexternalPort: 70000000000\nenv: {A: [1]}\nhealth: {wait: 1.5}\n", `
M113 3:8 image: image is the integer 5; expected a string (quote the value: "5")
M113 4:11 httpPort: httpPort is the string "80"; expected an integer from 0 to 4294967295 (write 80 without quotes)
M113 5:21 publiclyAccessible: publiclyAccessible is the string "yes"; expected true or false (write true, without quotes)
M113 6:10 command: command is the string "run"; expected a list of strings (write [run])
M113 7:12 imageSize: imageSize is the string "010"; expected an integer from 0 to 4294967295 (write 10, without leading zeros)
M115 8:15 externalPort: externalPort is 70000000000; expected an integer from 0 to 4294967295
M113 9:10 env.A: env.A is a list; expected a string, number or boolean
M113 10:16 health.wait: health.wait is the float 1.5; expected an integer from 0 to 4294967295
`},
		{"merge keys among free keys", "name: svc\nmetadata: {}\nenv: {<<: &l {A: x}, B: y}\nlabels:\n  <<: *l\nserviceAnnotations: {<<: [*l]}\n", `
M120 3:7 env.<<: merge keys (<<) are not supported (repeat the keys, or give the whole value an alias)
M120 5:3 labels.<<: merge keys (<<) are not supported (repeat the keys, or give the whole value an alias)
M120 6:22 serviceAnnotations.<<: merge keys (<<) are not supported (repeat the keys, or give the whole value an alias)
`},
		{"merge keys among named objects", "name: svc\nmetadata: {}\nkongApis: {<<: &l {svc: {uris: /x}}}\nnewrelic: {alerts: {<<: [*l]}}\n", `
M120 3:12 kongApis.<<: merge keys (<<) are not supported (repeat the keys, or give the whole value an alias)
M120 4:21 newrelic.alerts.<<: merge keys (<<) are not supported (repeat the keys, or give the whole value an alias)
`},
		{"a long number", "name: svc\nmetadata: {}\nhttpPort: +0" + strings.Repeat("9", yamldoc.MaxHelp) + "\nenv: {A: 0x" + strings.Repeat("f", yamldoc.MaxHelp) + "}\n", `
M115 3:11 httpPort: httpPort is +0` + strings.Repeat("9", 58) + `…; expected an integer from 0 to 4294967295
M115 4:10 env.A: env.A is 0x` + strings.Repeat("f", 58) + `…; expected at most 64 bits in an integer (a string that reads as a number or boolean is quoted)
`},
		{"a free key that looks like one", "name: svc\nmetadata: {}\nlabels: {<<: x}\n", "\n"},
		{"a name for a mapping", "name: svc\nmetadata: {}\ndependencies: [other]\n", `
M113 3:16 dependencies[0]: dependencies[0] is the string "other"; expected a mapping (dependency) (write {name: other})
`},
		{"a wrong field is not missing too", "name: [svc]\nmetadata: {}\nvault: {name: 5}\n", `
M113 1:7 name: name is a list; expected a string
M113 3:15 vault.name: vault.name is the integer 5; expected a string (quote the value: "5")
`},
		{"duplicate keys are told with both places", "name: svc\nmetadata: {}\nname: svc\nhealth: {wait: 1, wait: 2}\n", `
M112 3:1 name: name is given twice; it was first given in line 1, column 1 (keep one of the two)
M112 4:19 health.wait: health.wait is given twice; it was first given in line 4, column 10 (keep one of the two)
`},
		{"in a free mapping the last one counts", "name: svc\nmetadata: {}\nenv:\n  A: x\n  A: y\n", `
M702 5:3 env.A: env.A is given twice; this one replaces the one in line 4 (keep one of the two)
`},
		{"null", "name: svc\nmetadata: {}\nenv:\nimage: ~\nports: null\nhealth: {wait: ~}\nnewrelic: {alerts: {a: ~}}\n", `
M114 3:5 env: env is null; expected a mapping of names to strings, numbers or booleans (give it a value or take the key out)
M114 6:16 health.wait: health.wait is null; expected an integer from 0 to 4294967295 (give it a value or take the key out)
`},
		{"an unquoted template", "name: svc\nmetadata: {}\nenv:\n  A: {{ region }}\n", `
M118 4:6 env.A: env.A starts with {{, which YAML reads as a mapping; expected a string, number or boolean (quote the template: "{{ region }}")
`},
		{"no merge keys", "name: svc\nmetadata: {}\nhealth: {<<: {wait: 1}}\n", `
M120 3:10 health.<<: merge keys (<<) are not supported (repeat the keys, or give the whole value an alias)
`},
		{"what a merge key gives is not missing", "name: svc\nmetadata: {}\nconfigs: {<<: &c {mount: /x/, files: []}}\ndependencies: [{<<: {name: a}}, {<<: [{name: a}]}]\n", `
M120 3:11 configs.<<: merge keys (<<) are not supported (repeat the keys, or give the whole value an alias)
M120 4:17 dependencies[0].<<: merge keys (<<) are not supported (repeat the keys, or give the whole value an alias)
M120 4:34 dependencies[1].<<: merge keys (<<) are not supported (repeat the keys, or give the whole value an alias)
`},
		{"a merge key where keys are ignored", "name: svc\nmetadata: {}\nrollingUpdate: {<<: {maxSurge: 1}}\n", `
M701 3:17 rollingUpdate.<<: rollingUpdate takes no merge keys (<<); it is ignored (repeat the keys, or give the whole value an alias)
`},
		{"a misspelt key hides no mistake", "name: svc\nmetadata: {}\nhealht: {wait: soon}\n", `
M110 3:1 healht: manifest has no field "healht" (did you mean "health"?)
M113 3:16 health.wait: health.wait is the string "soon"; expected an integer from 0 to 4294967295
`},
		{"aliases point at what they stand for", "name: svc\nmetadata: {}\nimage: &five 5\nchart: *five\n", `
M113 3:8 chart: chart is the integer 5; expected a string (quote the value: "5")
M113 3:8 image: image is the integer 5; expected a string (quote the value: "5")
`},
		{"an alias inside itself ends", "name: svc\nmetadata: {}\ncommand: &c [a, *c]\n", `
M113 3:10 command[1]: command[1] is a list; expected a string
`},
		{"keys of mappings are strings", "name: svc\nmetadata: {}\nenv: {1: x, true: y, ? [a] : z}\n", `
M113 3:7 env: a key of env is the integer 1; expected a string (quote the key: "1")
M113 3:13 env: a key of env is the boolean true; expected a string (quote the key: "true")
M113 3:24 env: a key of env is a list; expected a string
`},
		{"what shipcat ignores, and where that is a trap", "name: svc\nmetadata: {}\nkafka: {bogus: 1}\nworkers: [{name: w, replicas: 1}]\n", `
M701 3:9 kafka.bogus: kafka has no field "bogus"; it is ignored (one of mountPodIP, brokers, proxies, zk, propertyEnvMapping)
M701 4:21 workers[0].replicas: worker has no field "replicas"; it is ignored (did you mean "replicaCount"?)
`},
		{"names may be any text", "name: 5\nmetadata: {team: true, repo: 1.50}\nregions: [1]\n", ""},
		{"columns count runes", "name: svc\nmetadata: {}\nenv: {É: [x]}\n", `
M113 3:10 env.É: env.É is a list; expected a string, number or boolean
`},
		{"several documents", "name: svc\nmetadata: {}\n---\nname: other\n", `
M104 3:1 : the file holds more than one YAML document (keep one; text after a second --- would be ignored)
`},
		{"only comments", "# later\n", `
M105 f.yml : f.yml holds no keys, only comments or nothing (write {} for an override that changes nothing, or delete the file)
`},
		{"a list", "- name: svc\n", `
M113 1:1 : the file is a list; expected a mapping (manifest)
`},
		{"a byte order mark", "\ufeffname: svc\n", `
M103 1:1 : the file starts with a byte order mark (save it as UTF-8 without a byte order mark)
`},
		{"CRLF", "name: svc\r\nmetadata: {}\r\nbogus: 1\r\n", `
M110 3:1 bogus: manifest has no field "bogus"
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var found []verdict.Finding
			dialect.Read("f.yml", []byte(tt.text), objectOf(manifestObject), func(f verdict.Finding) { found = append(found, f) })
			got := strings.ReplaceAll(say(verdict.SortFindings(found)), "f.yml:", "")
			if diff := cmp.Diff(strings.TrimPrefix(tt.want, "\n"), got); diff != "" {
				t.Errorf("expected (-) and got (+):\n%s", diff)
			}
		})
	}
}

// TestOverridesAreRead as strictly as the root file; what belongs there alone is
// refused by name.
func TestOverridesAreRead(t *testing.T) {
	t.Parallel()
	got := say(found(t, "-- services/svc/dev.yml --\nimage: 5\nregions: []\nmetadata: {}\n"))
	want := `M113 services/svc/dev.yml:1:8 image: image is the integer 5; expected a string (quote the value: "5") [dev-plain dev-uk]
M111 services/svc/dev.yml:2:1 regions: regions cannot be overridden; it belongs in manifest.yml alone (take it out of this file) [dev-plain dev-uk]
M111 services/svc/dev.yml:3:1 metadata: metadata cannot be overridden; it belongs in manifest.yml alone (take it out of this file) [dev-plain dev-uk]
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("expected (-) and got (+):\n%s", diff)
	}
}

// TestAliasBudget: a small file that unfolds to a million values is refused soon
// and said once.
func TestAliasBudget(t *testing.T) {
	t.Parallel()
	count := 0
	for _, f := range found(t, aliasBomb) {
		if f.Rule == ruleAliasExpansion.Code {
			count++
		}
	}
	if count != 1 {
		t.Errorf("said %d times; expected once", count)
	}
}

// TestFindingsAreBounded: a file full of mistakes gives a report of readable
// size, and no warning makes a service invalid.
func TestFindingsAreBounded(t *testing.T) {
	t.Parallel()
	errors := found(t, "command: ["+strings.Repeat("1, ", 50_000)+"]\n")
	if n := len(errors); n > maxFindings+10 || !slices.ContainsFunc(errors, func(f verdict.Finding) bool { return f.Rule == ruleManyMistakes.Code }) {
		t.Errorf("%d findings; expected at most %d and one that says so", n, maxFindings+10)
	}
	if warnings := found(t, "env:\n"+strings.Repeat("  A: x\n", 5000)); verdict.HasError(warnings) || len(warnings) > maxFindings+10 {
		t.Errorf("%d findings; expected a bounded number of warnings and no error", len(warnings))
	}
}
