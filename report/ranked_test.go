package report

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

var undefined = verdict.Rule{Code: "M502", Name: "undefined-variable", Severity: verdict.Error}

// crowded has 8 services: all of them have the mistake of one shared template, and two of them
// mistakes of their own; one is ok with a warning and one more failed.
func crowded() Report {
	shared := undefined.At(verdict.Place{File: "templates/log.j2", Line: 7, Column: 3}, "env.NOPE is not defined", "one of LEVEL")
	var s aggregator.Summary
	for i := range 8 {
		name := fmt.Sprintf("s%d", i)
		f := shared
		f.Regions = []string{[]string{"dev-uk", "prod-uk"}[i%2]}
		u := aggregator.Unit{Name: id.Unit(name), Path: "services/" + name, Kind: verdict.Invalid, Findings: []verdict.Finding{f}, Owners: [][]string{{"core"}, {"pay", "ops"}, nil}[i%3]}
		if i < 2 {
			u.Findings = append(u.Findings, limits.At(manifest(name, 14, 15), "cpu request 2 is above its limit 1", ""), legacy.At(manifest(name, 30, 3), "old", ""), idle.At(manifest(name, 31, 3), "idle", ""))
		}
		s.Errs = append(s.Errs, u)
	}
	s.Errs = append(s.Errs, aggregator.Unit{Name: "t", Kind: verdict.Failed, Cause: "it panicked"})
	s.OKs = []aggregator.Unit{{Name: "u", Kind: verdict.OK, Findings: []verdict.Finding{legacy.At(manifest("u", 3, 1), "old", "")}, Owners: []string{"pay"}}}
	s.Counts = aggregator.Counts{OK: 1, Invalid: 8, Failed: 1, Expected: 10}
	s.Complete, s.FleetRules = true, aggregator.Whole
	return Report{Summary: policy.Summary{Summary: s}}
}

func textOf(t *testing.T, r Report, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Text(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const crowdedText = `8 services (s0, s1, s2 and 5 more): 1 error
templates/log.j2:7:3: error[M502 undefined-variable]: env.NOPE is not defined (dev-uk, prod-uk)
    help: one of LEVEL

s0 (core): 1 error, 1 warning
services/s0/manifest.yml:14:15: error[M301 request-above-limit]: cpu request 2 is above its limit 1
services/s0/manifest.yml:30:3: warning[M110 legacy-field]: old

s1 (pay, ops): 1 error, 1 warning
services/s1/manifest.yml:14:15: error[M301 request-above-limit]: cpu request 2 is above its limit 1
services/s1/manifest.yml:30:3: warning[M110 legacy-field]: old

t: failed: it panicked

u (pay): 1 warning
services/u/manifest.yml:3:1: warning[M110 legacy-field]: old

owner   errors  warnings  services
pay          4         2         4
core         4         1         3
ops          4         1         3
nobody       2         0         3

hidden: 2 below --show (--show info lists them)
UNDECIDED: 1 of 10 services not decided (1 failed, 0 missing); fleet rules did not see them
    help: see the causes above, then run again
1 ok, 9 err (8 invalid, 1 failed, 0 missing) in 0s
`

const rankedText = `8 services (s0, s1, s2 and 5 more): 1 error
templates/log.j2:7:3: error[M502 undefined-variable]: env.NOPE is not defined (dev-uk, prod-uk)
    help: one of LEVEL

s0 (core): 1 error
services/s0/manifest.yml:14:15: error[M301 request-above-limit]: cpu request 2 is above its limit 1

services/s1/manifest.yml:14:15: error[M301 request-above-limit]: cpu request 2 is above its limit 1
services/s0/manifest.yml:30:3: warning[M110 legacy-field]: old

rule                             findings  services  owners          first
error[M301 request-above-limit]         2         2  core, ops, pay  services/s0/manifest.yml:14:15
error[M502 undefined-variable]          1         8  core, ops, pay  templates/log.j2:7:3
warning[M110 legacy-field]              3         3  core, ops, pay  services/s0/manifest.yml:30:3

showing 2 of 6 findings, and 2 more in a line each (--max-findings 0 shows all)

t: failed: it panicked

owner   errors  warnings  services
pay          4         2         4
core         4         1         3
ops          4         1         3
nobody       2         0         3

hidden: 2 below --show (--show info lists them)
UNDECIDED: 1 of 10 services not decided (1 failed, 0 missing); fleet rules did not see them
    help: see the causes above, then run again
1 ok, 9 err (8 invalid, 1 failed, 0 missing) in 0s
`

// TestManyFindingsStayReadable: what one shared file does to many is one finding, and of more
// findings than are asked for the worst are shown, then the next, then how much there is.
func TestManyFindingsStayReadable(t *testing.T) {
	t.Parallel()
	for most, want := range map[int]string{0: crowdedText, 6: crowdedText, 2: rankedText} {
		if diff := cmp.Diff(want, textOf(t, crowded(), Options{MaxFindings: most})); diff != "" {
			t.Errorf("with --max-findings %d (-want +got):\n%s", most, diff)
		}
	}
}

// TestTheLevelIsAppliedBeforeTheCap: what is below it takes the place of nothing.
func TestTheLevelIsAppliedBeforeTheCap(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		o             Options
		shown, hidden int
		capped        bool
	}{
		{Options{Show: "error", MaxFindings: 3}, 3, 5, false},
		{Options{Show: "error", MaxFindings: 2}, 3, 5, true},
		{Options{Show: "info", MaxFindings: 8}, 8, 0, false},
		{Options{Verbose: true}, 8, 0, false},
		{Options{Verbose: true, Show: "warning"}, 6, 2, false},
		{Options{Quiet: true}, 5, 0, false},
		{Options{Quiet: true, Verbose: true}, 5, 0, false},
	} {
		out := textOf(t, crowded(), c.o)
		if got := len(regexp.MustCompile(`(?m)^\S+:\d+:\d+: `).FindAllString(out, -1)); got != c.shown {
			t.Errorf("%+v shows %d findings, want %d:\n%s", c.o, got, c.shown, out)
		}
		if below := fmt.Sprintf("hidden: %d below --show", c.hidden); strings.Contains(out, below) != (c.hidden > 0) {
			t.Errorf("%+v: want %q:\n%s", c.o, below, out)
		}
		if strings.Contains(out, "\nshowing ") != c.capped || !strings.HasSuffix(out, "1 ok, 9 err (8 invalid, 1 failed, 0 missing) in 0s\n") {
			t.Errorf("%+v: capped %v, and the same counts, is wanted:\n%s", c.o, c.capped, out)
		}
	}
}

// TestAnErrBelowTheLevelHasALine: it is one for --fail-on warning.
func TestAnErrBelowTheLevelHasALine(t *testing.T) {
	t.Parallel()
	r := crowded()
	r.Summary.Errs = []aggregator.Unit{{Name: "u", Kind: verdict.Invalid, Findings: r.Summary.OKs[0].Findings}}
	want := "u: invalid: 1 warning, below --show error\n"
	for name, write := range map[string]func(Report) string{
		"text": func(r Report) string { return textOf(t, r, Options{Show: "error"}) },
		"concise": func(r Report) string {
			return string(written(t, conciseFormat, r, Options{Show: "error"}))
		},
	} {
		if got := write(r); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q does not begin with %q", name, got, want)
		}
	}
}

// judged has all that a policy says.
func judgedPolicy() Report {
	hide := func(line int, why verdict.Why, reason string, by verdict.Place) verdict.Hidden {
		return verdict.Hidden{Finding: limits.At(manifest("s0", line, 1), "too much", "never shown"), Why: why, Reason: reason, By: by}
	}
	r := crowded()
	r.Summary.Errs, r.Summary.Counts = nil, aggregator.Counts{OK: 1, Expected: 1}
	r.Summary.OKs = []aggregator.Unit{{Name: "s0", Kind: verdict.OK, Hidden: []verdict.Hidden{
		hide(1, verdict.Suppressed, "until the move", verdict.Place{File: "muster.yaml", Line: 4, Column: 3}),
		hide(2, verdict.InBaseline, "", verdict.Place{File: "muster-baseline.json", Line: 9}),
		hide(3, verdict.InBaseline, "", verdict.Place{File: "muster-baseline.json", Line: 10}),
		hide(4, verdict.Off, "", verdict.Place{}),
	}}}
	r.Summary.Remarks = []verdict.Finding{legacy.At(verdict.Place{File: "muster.yaml", Line: 4, Column: 3}, "nothing is hidden by it", "")}
	r.Summary.Fixed = []policy.Entry{{Rule: "M301", Unit: "s1", File: "services/s1/manifest.yml", Path: "resources", Message: "too much"}, {Rule: "M110"}}
	r.Summary.Proposed = []string{"M301 would be off for services/**"}
	return r
}

const judgedText = `policy: 1 warning
muster.yaml:4:3: warning[M110 legacy-field]: nothing is hidden by it

hidden: 1 suppressed, 2 baseline, 1 off (--show-hidden lists them)
2 findings of the baseline are fixed: enqueue baseline prune takes them out
what the change would switch off (its checks run as it has them, and nothing else of this is applied):
    M301 would be off for services/**
1 ok, 0 err (0 invalid, 0 failed, 0 missing) in 0s
`

const hiddenText = `policy: 1 warning
muster.yaml:4:3: warning[M110 legacy-field]: nothing is hidden by it

hidden: 4 findings
  suppressed: services/s0/manifest.yml:1:1: error[M301 request-above-limit]: too much
     = by muster.yaml:4:3: until the move
  baseline: services/s0/manifest.yml:2:1: error[M301 request-above-limit]: too much
     = by muster-baseline.json:9
  baseline: services/s0/manifest.yml:3:1: error[M301 request-above-limit]: too much
     = by muster-baseline.json:10
  off: services/s0/manifest.yml:4:1: error[M301 request-above-limit]: too much

hidden: 1 suppressed, 2 baseline, 1 off
2 findings of the baseline are fixed: enqueue baseline prune takes them out
    fixed: s1: services/s1/manifest.yml (resources): M301: too much
    fixed: : : M110: 
what the change would switch off (its checks run as it has them, and nothing else of this is applied):
    M301 would be off for services/**
1 ok, 0 err (0 invalid, 0 failed, 0 missing) in 0s
`

// TestWhatAPolicyDoesIsTold: what is hidden is counted by the reason, and listed on demand, so that no
// line looks like that of a finding which stands.
func TestWhatAPolicyDoesIsTold(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(judgedText, textOf(t, judgedPolicy(), Options{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(hiddenText, textOf(t, judgedPolicy(), Options{ShowHidden: true, Verbose: true})); diff != "" {
		t.Errorf("with --show-hidden --verbose (-want +got):\n%s", diff)
	}
	if out := textOf(t, judgedPolicy(), Options{ShowHidden: true, MaxFindings: 3}); !strings.Contains(out, "\n… and 1 more (--max-findings 0 shows all)\n") {
		t.Errorf("with --max-findings 3 of four hidden ones the last is not counted:\n%s", out)
	}
	if out := textOf(t, judgedPolicy(), Options{Quiet: true}); out != "1 ok, 0 err (0 invalid, 0 failed, 0 missing) in 0s\n" {
		t.Errorf("with --quiet:\n%s", out)
	}
	r := judgedPolicy()
	r.Summary.Remarks[0].Severity = verdict.Error
	if out := textOf(t, r, Options{Quiet: true}); !strings.HasPrefix(out, "policy: 1 error\nmuster.yaml:4:3: error[") {
		t.Errorf("a remark that makes the run invalid is not shown with --quiet:\n%s", out)
	}
}

// TestConciseHasALineForEach: findings as editors look for them, the worst first, then errs that
// have none, then the counts, whatever is asked for of text.
func TestConciseHasALineForEach(t *testing.T) {
	t.Parallel()
	want := `templates/log.j2:7:3: error[M502 undefined-variable]: env.NOPE is not defined (dev-uk, prod-uk)
services/s0/manifest.yml:14:15: error[M301 request-above-limit]: cpu request 2 is above its limit 1
services/s1/manifest.yml:14:15: error[M301 request-above-limit]: cpu request 2 is above its limit 1
services/s0/manifest.yml:30:3: warning[M110 legacy-field]: old
services/s1/manifest.yml:30:3: warning[M110 legacy-field]: old
services/u/manifest.yml:3:1: warning[M110 legacy-field]: old
t: failed: it panicked
UNDECIDED: 1 of 10 services not decided (1 failed, 0 missing); fleet rules did not see them
1 ok, 9 err (8 invalid, 1 failed, 0 missing) in 0s
`
	for _, o := range []Options{{}, {MaxFindings: 1, Snippets: true, Sources: lineOf("x"), ShowHidden: true}} {
		if diff := cmp.Diff(want, string(written(t, conciseFormat, crowded(), o))); diff != "" {
			t.Errorf("with %+v (-want +got):\n%s", o, diff)
		}
	}
}

// TestTablesAreBounded, whatever number of rules and owners there is.
func TestTablesAreBounded(t *testing.T) {
	t.Parallel()
	var s aggregator.Summary
	for i := range 3 * mostRows {
		rule := verdict.Rule{Code: fmt.Sprintf("X%03d", i), Name: "x", Severity: verdict.Error}
		s.Errs = append(s.Errs, aggregator.Unit{Name: id.Unit(fmt.Sprintf("s%03d", i)), Kind: verdict.Invalid, Owners: []string{fmt.Sprintf("owner%03d", i)},
			Findings: []verdict.Finding{rule.At(manifest("s", i+1, 1), "odd", "")}})
	}
	lines := strings.Split(textOf(t, Report{Summary: policy.Summary{Summary: s}}, Options{MaxFindings: 1}), "\n")
	if !slices.Contains(lines, "… and 80 more rules") || !slices.Contains(lines, "… and 80 more owners") || len(lines) > 2*mostRows+20 {
		t.Errorf("120 rules of 120 owners take %d lines:\n%s", len(lines), strings.Join(lines, "\n"))
	}
}

// TestManyFailedAreCounted as many missing ones are, where each has a cause of its own.
func TestManyFailedAreCounted(t *testing.T) {
	t.Parallel()
	var s aggregator.Summary
	for i := range 100 {
		s.Errs = append(s.Errs, aggregator.Unit{Name: id.Unit(fmt.Sprintf("s%03d", i)), Kind: verdict.Failed, Cause: fmt.Sprintf("it panicked in turn %d", i)})
	}
	out := textOf(t, Report{Summary: policy.Summary{Summary: s}}, Options{})
	if strings.Count(out, ": failed: ") != mostMissing || !strings.Contains(out, "\n… and 25 more failed (--format json has them all)\n") {
		t.Errorf("of 100 that failed not 75 are shown and 25 counted:\n%s", out)
	}
}

// TestOneCauseIsToldOnce: of units that failed or are missing for one cause, more than a few, the names stand below it,
// wherever the first of them is; what else was found of one stands with it.
func TestOneCauseIsToldOnce(t *testing.T) {
	t.Parallel()
	unit := func(name string, kind verdict.Kind, cause string, fs ...verdict.Finding) aggregator.Unit {
		return aggregator.Unit{Name: id.Unit(name), Kind: kind, Cause: cause, Findings: fs}
	}
	limit := verdict.Rule{Code: "L1", Name: "limit", Severity: verdict.Error}
	s := aggregator.Summary{Errs: []aggregator.Unit{
		unit("a", verdict.Failed, "no helm", limit.At(manifest("a", 1, 1), "too much", "")),
		unit("b", verdict.Failed, "no helm"), unit("c", verdict.Failed, "no jq"), unit("d", verdict.Missing, "no helm"),
		unit("e", verdict.Failed, "no helm"), unit("f", verdict.Failed, "no helm"), unit("g", verdict.Failed, "no helm"),
		unit("h", verdict.Failed, "no jq"),
	}}
	for _, tt := range []struct {
		most int
		want string
	}{
		{0, "\n4 services: failed: no helm\n    b\n    e\n    f\n    g\n\nc: failed: no jq\nd: missing: no helm\nh: failed: no jq\n"},
		{1, "\n5 services: failed: no helm\n    a\n    b\n    e\n    f\n    g\n\nc: failed: no jq\nd: missing: no helm\nh: failed: no jq\n"},
	} {
		if tt.most > 0 { // more findings than are shown in full
			s.Errs[0].Findings = append(s.Errs[0].Findings, limit.At(manifest("a", 2, 1), "far too much", ""))
		}
		if out := textOf(t, Report{Summary: policy.Summary{Summary: s}}, Options{MaxFindings: tt.most}); !strings.Contains(out, tt.want) {
			t.Errorf("with %d findings at most:\n%s\nwant\n%s", tt.most, out, tt.want)
		}
	}
}

// TestGoneLinesAreCounted by the reason, once each.
func TestGoneLinesAreCounted(t *testing.T) {
	t.Parallel()
	out := textOf(t, crowded(), Options{Snippets: true, Sources: gone("the files have\x1b changed")})
	if !strings.Contains(out, "\nwithout its lines, 6 findings: the files have\\x1b changed\n") || strings.Contains(out, "^") {
		t.Errorf("what is gone is not said:\n%s", out)
	}
}

// gone has nothing, for a reason.
type gone string

func (g gone) Snippet(aggregator.Unit, verdict.Place) Snippet { return Snippet{Gone: string(g)} }
