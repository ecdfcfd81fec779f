package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// found is an error at a path of a unit's file.
func found(rule, path, message string) verdict.Finding {
	return verdict.Finding{Rule: rule, Name: rule, Severity: verdict.Error, Message: message, Place: verdict.Place{File: "a/f.yml", Line: 1, Path: path}}
}

func named(f verdict.Finding, path string) verdict.Finding {
	f.Named = path
	return f
}

// baselineOf is the baseline that is made of some units.
func baselineOf(p policy.Policy, units ...verdict.Verdict) *policy.Baseline {
	entries, _ := p.BaselineOf(p.Apply(folded(units)))
	return &policy.Baseline{File: policy.BaselineFile, Entries: entries}
}

// outcome is what stands, what the baseline hides, and what is fixed.
func outcome(s policy.Summary) string {
	var stand, hidden, fixed []string
	for _, u := range slices.Concat(s.Errs, s.OKs) {
		for _, f := range u.Findings {
			stand = append(stand, f.Message)
		}
		for _, h := range u.Hidden {
			hidden = append(hidden, fmt.Sprintf("%s (%s)", h.Message, h.Why))
		}
	}
	for _, e := range s.Fixed {
		fixed = append(fixed, e.Message)
	}
	return fmt.Sprintf("stand: %s; hidden: %s; fixed: %s", strings.Join(stand, ", "), strings.Join(hidden, ", "), strings.Join(fixed, ", "))
}

func TestBaseline(t *testing.T) {
	t.Parallel()
	some := func(fs ...verdict.Finding) []verdict.Finding { return fs }
	moved := func(f verdict.Finding, line int) verdict.Finding {
		f.Line = line
		return f
	}
	for _, tt := range []struct {
		name   string
		before []verdict.Finding
		after  []verdict.Finding
		want   string
	}{
		{"the same", some(found("T1", "a", "one"), found("T1", "b", "two")), some(found("T1", "a", "one"), found("T1", "b", "two")),
			"stand: ; hidden: one (baseline), two (baseline); fixed: "},
		{"lines and messages change", some(found("T1", "a", "one")), some(moved(found("T1", "a", "other"), 7)), "stand: ; hidden: other (baseline); fixed: "},
		{"one is new", some(found("T1", "a", "one")), some(found("T1", "a", "one"), found("T1", "b", "two")), "stand: two; hidden: one (baseline); fixed: "},
		{"another rule at the path", some(found("T1", "a", "one")), some(found("T1", "a", "one"), found("T9", "a", "two")), "stand: two; hidden: one (baseline); fixed: "},
		{"one is fixed", some(found("T1", "a", "one"), found("T1", "b", "two")), some(found("T1", "b", "two")), "stand: ; hidden: two (baseline); fixed: one"},
		{"an item with a name is inserted above", some(named(found("T1", "l[0].x", "one"), "l[b].x")),
			some(named(found("T1", "l[0].x", "zero"), "l[a].x"), named(found("T1", "l[1].x", "one"), "l[b].x")), "stand: zero; hidden: one (baseline); fixed: "},
		{"an item without one, by its message", some(found("T1", "l[0].x", "one")), some(moved(found("T1", "l[0].x", "zero"), 1), moved(found("T1", "l[1].x", "one"), 2)),
			"stand: zero; hidden: one (baseline); fixed: "},
		{"of several alike one is new", some(found("T1", "l[0]", "x"), moved(found("T1", "l[1]", "x"), 2)),
			some(found("T1", "l[0]", "x"), moved(found("T1", "l[1]", "x"), 2), moved(found("T1", "l[2]", "x"), 3)), "stand: x; hidden: x (baseline), x (baseline); fixed: "},
		{"of several alike one is fixed", some(found("T1", "l[0]", "x"), moved(found("T1", "l[1]", "x"), 2)), some(found("T1", "l[0]", "x")),
			"stand: ; hidden: x (baseline); fixed: x"},
		{"a rule was renamed", some(found("OLD", "a", "one"), found("OLDER", "b", "two")), some(found("NEW", "a", "one"), found("NEW", "b", "two")),
			"stand: ; hidden: one (baseline), two (baseline); fixed: "},
		{"of a renamed rule one is new", some(found("OLD", "a", "one")), some(found("NEW", "a", "one"), found("NEW", "b", "two")), "stand: two; hidden: one (baseline); fixed: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := policy.Policy{Rules: map[string]verdict.Rule{"NEW": {Code: "NEW", Aliases: []string{"OLD", "OLDER"}}}}
			p.Baseline = baselineOf(p, decided("a", tt.before...))
			s := p.Apply(folded([]verdict.Verdict{decided("a", tt.after...)}))
			if got := outcome(s); got != tt.want {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
			checkOneSide(t, s.Summary)
		})
	}
}

// TestBorrowedNames: under a name that a change gives to another rule nothing of it is hidden, by no
// means; and what may not be hidden under that name may not be.
func TestBorrowedNames(t *testing.T) {
	t.Parallel()
	finding := decided("a", found("NEW", "a", "one"))
	p := policy.Policy{Rules: map[string]verdict.Rule{"NEW": {Code: "NEW", Aliases: []string{"OWN", "OLD"}}}}
	before := baselineOf(p, decided("a", found("OLD", "a", "one")))
	for _, tt := range []struct {
		name    string
		hiding  policy.Policy
		own     string // what comes of it where the name is the rule's own
		borrows string
	}{
		{"an entry", policy.Policy{Ignores: []policy.Ignore{{Rules: []string{"old"}, Reason: "r"}}}, "stand: ; hidden: one (suppressed); fixed: ", "stand: one; hidden: ; fixed: "},
		{"an entry for its own name", policy.Policy{Ignores: []policy.Ignore{{Rules: []string{"OWN"}, Reason: "r"}}}, "stand: ; hidden: one (suppressed); fixed: ", "stand: ; hidden: one (suppressed); fixed: "},
		{"a severity", policy.Policy{Severities: []policy.Override{{Rules: []string{"O?D"}, Level: "off"}}}, "stand: ; hidden: one (off); fixed: ", "stand: one; hidden: ; fixed: "},
		{"a baseline", policy.Policy{Baseline: before}, "stand: ; hidden: one (baseline); fixed: ", "stand: one; hidden: ; fixed: one"},
		{"an entry against a limit", policy.Policy{Ignores: []policy.Ignore{{Rules: []string{"NEW"}, Reason: "r"}}, Limits: map[string]policy.Limit{"OLD": {Never: true}}},
			"stand: one; hidden: ; fixed: ", "stand: one; hidden: ; fixed: "},
	} {
		tt.hiding.Rules = p.Rules
		for _, borrowed := range []map[string][]string{nil, {"NEW": {"OLD"}, "GONE": {"X"}}} {
			tt.hiding.Borrowed = borrowed
			want := tt.own
			if borrowed != nil {
				want = tt.borrows
			}
			if got := outcome(tt.hiding.Apply(folded([]verdict.Verdict{finding}))); got != want {
				t.Errorf("%s, borrowed %v: %s\nwant %s", tt.name, borrowed, got, want)
			}
		}
		if len(p.Rules["NEW"].Aliases) != 2 {
			t.Fatal("the rules of others have changed")
		}
	}
}

// TestWhatABaselineHides: errors and warnings, after suppression, and no information.
func TestWhatABaselineHides(t *testing.T) {
	t.Parallel()
	odd, told := found("T2", "b", "odd"), found("T3", "c", "told")
	odd.Severity, told.Severity, told.Advice = verdict.Warning, verdict.Warning, true
	p := policy.Policy{
		Ignores: []policy.Ignore{{Rules: []string{"T4"}, Reason: "because"}},
		Limits:  map[string]policy.Limit{"T5": {Never: true}},
	}
	unit := decided("a", found("T1", "a", "broken"), odd, told, found("T4", "d", "ignored"), found("T5", "e", "never"))
	entries, leftOut := p.BaselineOf(p.Apply(folded([]verdict.Verdict{unit})))
	want := []policy.Entry{{Rule: "T1", Unit: "a", File: "a/f.yml", Path: "a", Message: "broken"}, {Rule: "T2", Unit: "a", File: "a/f.yml", Path: "b", Message: "odd"}}
	for i := range entries {
		if len(entries[i].Fingerprint) != 32 {
			t.Errorf("the fingerprint is %q", entries[i].Fingerprint)
		}
		entries[i].Fingerprint = ""
	}
	if diff := cmp.Diff(want, entries); diff != "" || leftOut != 1 {
		t.Errorf("%d are left out; the entries (-want +got):\n%s", leftOut, diff)
	}
	p.Baseline = baselineOf(policy.Policy{}, unit) // of all, whatever is said of them
	s := p.Apply(folded([]verdict.Verdict{unit}))
	if got, want := outcome(s), "stand: told, never; hidden: broken (baseline), odd (baseline), ignored (suppressed); fixed: "; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if len(s.Remarks) != 1 || s.Remarks[0].Rule != "P105" || s.Remarks[0].File != policy.BaselineFile {
		t.Errorf("the remarks are %+v", s.Remarks)
	}
}

// TestNumbersOfABaseline: which of several that are alike was hidden otherwise does not matter.
func TestNumbersOfABaseline(t *testing.T) {
	t.Parallel()
	first, second := found("T1", "l[0]", "x"), found("T1", "l[1]", "x")
	second.Line = 2
	p := policy.Policy{Ignores: []policy.Ignore{{Rules: []string{"T1"}, Paths: []string{"a/g.yml"}, Reason: "because"}}}
	p.Baseline = baselineOf(policy.Policy{}, decided("a", first, second))
	p.Baseline.Entries = p.Baseline.Entries[1:]
	if got, want := outcome(p.Apply(folded([]verdict.Verdict{decided("a", first)}))), "stand: ; hidden: x (baseline); fixed: "; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestFixed(t *testing.T) {
	t.Parallel()
	old := baselineOf(policy.Policy{}, decided("a", found("T1", "a", "one")), decided("b", found("T1", "a", "two")))
	clean := decided("a")
	for _, tt := range []struct {
		name    string
		p       policy.Policy
		s       aggregator.Summary
		fixed   int
		remarks int
	}{
		{"a whole run, of which one unit is gone", policy.Policy{}, folded([]verdict.Verdict{clean}), 2, 0},
		{"strict", policy.Policy{Baseline: &policy.Baseline{Strict: true}}, folded([]verdict.Verdict{clean}), 2, 1},
		{"a unit is missing", policy.Policy{}, folded([]verdict.Verdict{clean}, "b"), 0, 0},
		{"a unit failed", policy.Policy{Baseline: &policy.Baseline{Strict: true}}, folded([]verdict.Verdict{clean, subject("b").Undecided("x")}), 0, 0},
		{"some regions", policy.Policy{SomeRegions: true}, folded([]verdict.Verdict{clean}), 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, b := tt.p, *old
			b.Strict = p.Baseline != nil && p.Baseline.Strict
			p.Baseline = &b
			s := p.Apply(tt.s)
			if len(s.Fixed) != tt.fixed || len(s.Remarks) != tt.remarks || verdict.HasError(s.Remarks) != (tt.remarks > 0) {
				t.Errorf("fixed %v, remarks %v", s.Fixed, s.Remarks)
			}
			if wantCode := tt.remarks > 0; (policy.Outcome{Summary: s}).ExitCode() == policy.ExitInvalid != wantCode {
				t.Errorf("the exit code is %d", (policy.Outcome{Summary: s}).ExitCode())
			}
		})
	}
}
