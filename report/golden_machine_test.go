package report

import (
	"bytes"

	"path/filepath"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// machineFormats are those whose files a program reads, with the ends of their names.
var machineFormats = map[string]string{
	"ndjson": ".ndjson", "sarif": ".sarif", "junit": ".junit.xml", "gitlab": ".gitlab.json", "checkstyle": ".checkstyle.xml", "rdjson": ".rdjson",
}

// TestMachineGolden compares the formats for programs with testdata/machine, in which each file
// belongs to a case.
func TestMachineGolden(t *testing.T) {
	t.Parallel()
	want := map[string]bool{}
	for name, c := range machineCases() {
		for format, end := range machineFormats {
			f, _ := FormatNamed(format)
			want[name+end] = true
			golden(t, filepath.Join("machine", name+end), written(t, f, c.report, c.text))
		}
	}
	files, err := filepath.Glob("testdata/machine/*")
	if err != nil || len(files) != len(want) {
		t.Errorf("testdata/machine has %d files, the cases have %d (%v)", len(files), len(want), err)
	}
}

func machineCases() map[string]reportCase {
	exit := 1
	return map[string]reportCase{
		"all-kinds": {report: kinds()},
		"hostile":   {report: hostile()},
		"unlisted":  {report: unlisted()},
		"judged": {report: judged(), text: Options{Version: "v1.4.0", Exit: &exit, Rules: map[string]verdict.Rule{"M301": {
			Code: "M301", Name: "request-above-limit", Severity: verdict.Error, Summary: "a container asks for more than its limit",
			Doc: "The scheduler refuses such a pod.", Good: "cpu: 1\n", Bad: "cpu: 2 # ```\n",
		}}, Sources: lines{"services/billing/manifest.yml": "name: billing\nlabels: {été: \"größer\", cpu: 2.5}\n", "shipcat.conf": strings.Repeat("\n", 30) + "resources: {cpu: 1}"}}},
	}
}

// lines are the files of a repository.
type lines map[string]string

func (l lines) Snippet(_ aggregator.Unit, at verdict.Place) Snippet {
	all := strings.Split(l[at.File], "\n")
	if at.Line > len(all) {
		return Snippet{Gone: "it is gone"}
	}
	first := max(at.Line-1, 1)
	return Snippet{First: first, Lines: all[first-1 : min(at.Line+1, len(all))]}
}

// judged is a report of which a policy hides findings, and gives others fingerprints and
// owners.
func judged() Report {
	at := verdict.Place{File: "services/billing/manifest.yml", Line: 2, Column: 30, Path: "labels.cpu"}
	above := inRegions(limits.At(at, "cpu request 2.5 is above its limit 1", "lower the request or [raise](it)"), "dev-uk")
	above.Related = []verdict.Related{{Place: verdict.Place{File: "shipcat.conf", Line: 31, Column: 18}, Text: "limit [set] here"}}
	quoted := legacy.At(verdict.Place{File: at.File, Line: 2, Column: 15, Path: "labels.été"}, "ümlaut", "")
	quoted.Named = "labels.[été]"
	mark := verdict.Place{File: at.File, Line: 1}
	r := Report{Run: queueRun(2 * 1e9)}
	r.Run.Checkout = &Checkout{Folder: "/srv/ci manifests", Commit: firstCommit, Branch: "main"}
	r.Summary = summary(aggregator.Options{Whole: true}, decided("account", verdict.Decision{}), decided("billing", verdict.Decision{Findings: []verdict.Finding{above, quoted, above2(above)}}))
	u := &r.Summary.Errs[0]
	u.Owners = []string{"@pay/core", "@pay/ops"}
	u.Hidden = []verdict.Hidden{
		{Finding: idle.At(mark, "nobody reads this", ""), Why: verdict.Suppressed, Reason: "until the move", By: mark},
		{Finding: limits.At(manifest("billing", 14, 15), "memory request is above its limit", ""), Why: verdict.InBaseline, By: verdict.Place{File: "muster-baseline.json", Line: 7}},
		{Finding: idle.At(verdict.Place{File: at.File}, "off here", ""), Why: verdict.Off, By: verdict.Place{File: "muster.yaml", Line: 3}},
	}
	r.Summary.Remarks = []verdict.Finding{unused.At(verdict.Place{File: "muster.yaml", Line: 12, Column: 5}, "the entry hides nothing", "take it away")}
	r.Summary.Fixed = []policy.Entry{{Fingerprint: "00ff", Rule: "M110", Unit: "account", File: "services/account/manifest.yml", Path: "health.uri", Message: "no longer read"}}
	r.Summary.Proposed = []string{"M301 would be off in services/billing"}
	return r
}

// above2 is the same finding once more, at a place before it.
func above2(f verdict.Finding) verdict.Finding {
	f.Column--
	f.Fingerprint = ""
	return f
}

// TestColumnsAreThoseOfTheFormats: SARIF counts characters and rdjson bytes, and both end behind the
// token.
func TestColumnsAreThoseOfTheFormats(t *testing.T) {
	t.Parallel()
	c := machineCases()["judged"]
	for format, want := range map[string]string{
		"sarif":  `"startLine":2,"startColumn":30,"endLine":2,"endColumn":33`,
		"rdjson": `"range":{"start":{"line":2,"column":34},"end":{"line":2,"column":37}}`,
	} {
		f, _ := FormatNamed(format)
		if out := written(t, f, c.report, c.text); !bytes.Contains(out, []byte(want)) {
			t.Errorf("%s lacks %s:\n%s", format, want, out)
		}
	}
}

func TestWhereThereAreNoLinesATokenIsOneCharacter(t *testing.T) {
	t.Parallel()
	at := verdict.Place{File: "a", Line: 1, Column: 9}
	for name, o := range map[string]Options{"no sources": {}, "gone": {Sources: lines{}}, "a shorter line": {Sources: lines{"a": "short"}}, "another file": {Sources: lines{"b": "x"}}} {
		if s := o.spanOf(aggregator.Unit{}, at); s.known || s.start != 9 || s.end != 10 {
			t.Errorf("%s: %+v", name, s)
		}
	}
}
