package fingerprints

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/fingerprints.json, of new findings and rules alone")

// kept is the fingerprint of a finding, as a release has it.
type kept struct {
	In          string `json:"in"`
	Rule        string `json:"rule"`
	Unit        string `json:"unit"`
	File        string `json:"file"`
	Path        string `json:"path"`
	Identity    string `json:"identity,omitempty"`
	Fingerprint string `json:"fingerprint"`
}

const advice = `Fingerprints are what baselines and platforms know findings by: with another one a finding that was
accepted is new for everybody. They are of the rule, the unit, the file, the path with names and the identity. If a rule was
renamed, give the new one the old code as an alias; if its path or its identity has changed, change it back. Findings that
are new here are written with -update (-kept +found):
`

// TestFingerprintsAreKept compares the fingerprints of many findings with those of the last release.
func TestFingerprintsAreKept(t *testing.T) {
	t.Parallel()
	var now []kept
	seen := map[string]bool{}
	for name, dir := range map[string]string{
		"fleet": "../../examples/fleet", "modules": "../../examples/modules",
		"manifests": laid(t, archive(t, "manifests.txtar")), "declared": laid(t, archive(t, "declared.txtar")),
		"configuration": laid(t, archive(t, "configuration.txtar")), "mistakes": laid(t, archive(t, "mistakes.txtar")),
	} {
		for _, f := range found(t, dir) {
			now = append(now, kept{name, f.Rule, f.unit, f.File, cmp.Or(f.Named, f.Path), f.Identity, f.Fingerprint})
			if key := name + f.Fingerprint; f.Fingerprint == "" || seen[key] {
				t.Errorf("%s: %s at %s has the fingerprint %q, as another has", name, f.Rule, f.Place, f.Fingerprint)
			} else {
				seen[key] = true
			}
		}
	}
	slices.SortFunc(now, func(a, b kept) int {
		return cmp.Or(cmp.Compare(a.In, b.In), cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.File, b.File), cmp.Compare(a.Path, b.Path),
			cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Identity, b.Identity), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	const golden = "testdata/fingerprints.json"
	if *update {
		write(t, golden, now)
	}
	data, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	var before []kept
	if err := json.Unmarshal(data, &before); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(before, now); diff != "" {
		t.Error(advice + diff)
	}
	if rules := rulesOf(now); len(rules) < 110 {
		t.Errorf("only %d rules are found", len(rules))
	}
}

func rulesOf(all []kept) map[string]bool {
	rules := map[string]bool{}
	for _, k := range all {
		rules[k.Rule] = true
	}
	return rules
}

// write writes a line each.
func write(t *testing.T, name string, all []kept) {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("[\n")
	for i, k := range all {
		line, err := json.Marshal(k)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(line)
		if i+1 < len(all) {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
	}
	b.WriteString("]\n")
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
