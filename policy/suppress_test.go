package policy_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// known are the rules of these tests. T4 is one across units.
var known = map[string]verdict.Rule{
	"T1": {Code: "T1", Name: "too-few", Severity: verdict.Error, Aliases: []string{"T01"}},
	"T2": {Code: "T2", Name: "odd", Severity: verdict.Warning},
	"T3": {Code: "T3", Name: "noted", Severity: verdict.Warning, Advice: true},
	"T4": {Code: "T4", Name: "one-route", Severity: verdict.Error},
}

// allKnown are they and those of policies.
func allKnown() map[string]verdict.Rule {
	all := maps.Clone(known)
	for _, r := range policy.Rules() {
		all[r.Code] = r
	}
	return all
}

const today = "2026-06-15"

// at is a finding of a rule in a line of a file.
func at(rule, file string, line int) verdict.Finding {
	return known[rule].At(verdict.Place{File: file, Line: line, Column: 1}, "something", "")
}

// inline is a mark for the line below it.
func inline(file string, line int, reason string, rules ...string) verdict.Mark {
	return verdict.Mark{Rules: rules, Reason: reason, Place: verdict.Place{File: file, Line: line, Column: 3}, First: line, Last: line + 1}
}

func until(m verdict.Mark, day string) verdict.Mark {
	m.Until = day
	return m
}

// entry is where the entries of a muster.yaml stand.
func entry(line int) verdict.Place { return verdict.Place{File: "muster.yaml", Line: line, Column: 5} }

// fleet is a summary of units that lie in folders of their names.
type fleet []aggregator.Unit

func (f fleet) summary() aggregator.Summary {
	s := aggregator.Summary{Complete: true, FleetRules: aggregator.Whole}
	for _, u := range f {
		u.Path = string(u.Name)
		s.Expected++
		switch u.Kind {
		case "", verdict.OK:
			u.Kind = verdict.OK
			if verdict.HasError(u.Findings) {
				u.Kind = verdict.Invalid
			}
		case verdict.Missing:
			s.Complete = false
		}
		switch u.Kind {
		case verdict.OK:
			s.OK++
			s.OKs = append(s.OKs, u)
			continue
		case verdict.Invalid:
			s.Invalid++
		case verdict.Failed:
			s.Failed++
		case verdict.Missing:
			s.Missing++
		}
		s.Errs = append(s.Errs, u)
	}
	return s
}

// told is a summary in a line for each unit, with what stands, what is hidden and why, and for
// each remark.
func told(s policy.Summary) string {
	var b strings.Builder
	all := slices.Concat(s.OKs, s.Errs)
	slices.SortFunc(all, compareNames)
	line := func(f verdict.Finding) string {
		text := " " + f.Rule + ":" + f.Level() + "@" + f.Place.String()
		if strings.HasPrefix(f.Rule, "P") {
			text += " (" + f.Message + "; " + f.Help + ")"
		}
		return text
	}
	for _, u := range all {
		fmt.Fprintf(&b, "%s %s:", u.Name, u.Kind)
		for _, f := range u.Findings {
			b.WriteString(line(f))
		}
		for _, h := range u.Hidden {
			fmt.Fprintf(&b, " [%s:%s@%s %s by %s: %s]", h.Rule, h.Level(), h.Finding.Place, h.Why, h.By, h.Reason)
		}
		b.WriteString("\n")
	}
	for _, f := range s.Remarks {
		fmt.Fprintf(&b, "policy:%s\n", line(f))
	}
	return b.String()
}

func unit(name string, findings ...verdict.Finding) aggregator.Unit {
	return aggregator.Unit{Name: subject(name).Unit, Findings: findings}
}

func marked(u aggregator.Unit, marks ...verdict.Mark) aggregator.Unit {
	u.Marks = marks
	return u
}

func TestSuppression(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		p     policy.Policy
		fleet fleet
		want  string
	}{
		{"a mark hides what it is about", policy.Policy{}, fleet{marked(unit("a", at("T1", "a/x", 2), at("T1", "a/x", 3)), inline("a/x", 1, "so be it", "T1"))},
			"a invalid: T1:error@a/x:3:1 [T1:error@a/x:2:1 suppressed by a/x:1:3: so be it]\n"},
		{"a unit whose errors are all hidden is ok", policy.Policy{}, fleet{marked(unit("a", at("T1", "a/x", 2)), inline("a/x", 1, "so be it", "too-few"))},
			"a ok: [T1:error@a/x:2:1 suppressed by a/x:1:3: so be it]\n"},
		{"by a code that the rule had before, in capitals or not", policy.Policy{}, fleet{marked(unit("a", at("T1", "a/x", 2)), inline("a/x", 1, "so be it", "t01"))},
			"a ok: [T1:error@a/x:2:1 suppressed by a/x:1:3: so be it]\n"},
		{"all rules", policy.Policy{}, fleet{marked(unit("a", at("T1", "a/x", 2), at("T2", "a/x", 2)), inline("a/x", 1, "so be it"))},
			"a ok: [T1:error@a/x:2:1 suppressed by a/x:1:3: so be it] [T2:warning@a/x:2:1 suppressed by a/x:1:3: so be it]\n"},
		{"a whole file", policy.Policy{}, fleet{marked(unit("a", at("T2", "a/x", 0)), verdict.Mark{Rules: []string{"T*"}, Reason: "made by a tool", Place: verdict.Place{File: "a/x", Line: 1, Column: 1}, File: true})},
			"a ok: [T2:warning@a/x suppressed by a/x:1:1: made by a tool]\n"},
		{"an unused mark", policy.Policy{}, fleet{marked(unit("a"), inline("a/x", 1, "so be it", "T1"))},
			"a ok: P101:warning@a/x:1:3 (this mark hides nothing; take it out)\n"},
		{"an unused word of a mark", policy.Policy{}, fleet{marked(unit("a", at("T1", "a/x", 2)), inline("a/x", 1, "so be it", "T1", "odd"))},
			"a ok: P101:warning@a/x:1:3 (this mark hides nothing of \"odd\"; take the rule out of it) [T1:error@a/x:2:1 suppressed by a/x:1:3: so be it]\n"},
		{"what is off is hidden by no mark", policy.Policy{Severities: []policy.Override{{Rules: []string{"T1"}, Level: "off", At: entry(3)}}},
			fleet{marked(unit("a", at("T1", "a/x", 2)), inline("a/x", 1, "so be it", "T1"))},
			"a ok: P101:warning@a/x:1:3 (this mark hides nothing; take it out) [T1:error@a/x:2:1 off by muster.yaml:3:5: ]\n"},
		{"nothing is unused in what was not decided", policy.Policy{}, fleet{
			marked(aggregator.Unit{Name: "a", Kind: verdict.Failed}, inline("a/x", 1, "so be it", "T1")),
			marked(aggregator.Unit{Name: "b", Skipped: verdict.NotDeployed}, inline("b/x", 1, "so be it", "T1")),
			marked(unit("c"), inline("c/x", 1, "so be it", "T4"), inline("c/x", 5, "so be it")),
			marked(unit("d"), inline("d/x", 1, "so be it", "T1"))},
			"a failed:\nb ok:\nc ok:\nd ok: P101:warning@d/x:1:3 (this mark hides nothing; take it out)\n"},
		{"nothing is unused in some regions", policy.Policy{SomeRegions: true}, fleet{marked(unit("a"), inline("a/x", 1, "so be it", "T1"))}, "a ok:\n"},
		{"a mark on a rule across units is unused in the whole fleet", policy.Policy{}, fleet{marked(unit("a"), inline("a/x", 1, "so be it", "one-*"))},
			"a ok: P101:warning@a/x:1:3 (this mark hides nothing; take it out)\n"},
		{"a joined finding", policy.Policy{}, fleet{marked(unit("a", at("T4", "a/x", 2)), inline("a/x", 1, "moves in May", "T4")), unit("b", at("T4", "b/x", 2))},
			"a ok: [T4:error@a/x:2:1 suppressed by a/x:1:3: moves in May]\nb invalid: T4:error@b/x:2:1\n"},
		{"the last day", policy.Policy{}, fleet{marked(unit("a", at("T1", "a/x", 2)), until(inline("a/x", 1, "so be it", "T1"), today))},
			"a ok: [T1:error@a/x:2:1 suppressed by a/x:1:3: so be it]\n"},
		{"the day after", policy.Policy{}, fleet{marked(unit("a", at("T1", "a/x", 2)), until(inline("a/x", 1, "so be it", "T1"), "2026-06-14"))},
			"a invalid: P102:warning@a/x:1:3 (this mark held until 2026-06-14, and hides nothing any more; mend what it hid, or give it a later day) T1:error@a/x:2:1\n"},
		{"two days", policy.Policy{}, fleet{marked(unit("a", at("T2", "a/x", 2)), until(inline("a/x", 1, "so be it", "T2"), "until=2026-12-31 until="))},
			"a invalid: P107:error@a/x:1:3 (this mark says \"until=2026-12-31 until=\", which is not one day, and hides nothing; write one day, as until=2026-12-31) T2:warning@a/x:2:1\n"},
		{"no day", policy.Policy{}, fleet{marked(unit("a", at("T2", "a/x", 2)), until(inline("a/x", 1, "so be it", "T2"), "2026-02-30"))},
			"a invalid: P107:error@a/x:1:3 (this mark says until \"2026-02-30\", which is no day, and hides nothing; write a day as 2026-12-31) T2:warning@a/x:2:1\n"},
		{"no reason", policy.Policy{}, fleet{marked(unit("a", at("T2", "a/x", 2)), inline("a/x", 1, " ", "T2"))},
			"a invalid: P103:error@a/x:1:3 (this mark gives no reason, and hides nothing; say why, for whoever finds it in a year) T2:warning@a/x:2:1\n"},
		{"an unknown rule", policy.Policy{}, fleet{marked(unit("a"), inline("a/x", 1, "so be it", "tow-few", "nothing-like-it"))},
			"a ok: P104:warning@a/x:1:3 (this mark names \"nothing-like-it\", and there is no such rule; `enqueue rules` lists all) " +
				"P104:warning@a/x:1:3 (this mark names \"tow-few\", and there is no such rule; did you mean T1 (too-few)?)\n"},
		{"never", policy.Policy{Limits: map[string]policy.Limit{"T1": {Never: true}}}, fleet{
			marked(unit("a", at("T1", "a/x", 2)), inline("a/x", 1, "so be it", "T1")),
			marked(unit("b", at("T1", "b/x", 2), at("T2", "b/x", 2)), inline("b/x", 1, "so be it")),
			marked(unit("c"), inline("c/x", 1, "so be it", "too-few"))},
			"a invalid: P105:error@a/x:1:3 (T1 (too-few) may not be suppressed, and is not by this mark; mend what is found, and take the mark out) T1:error@a/x:2:1\n" +
				"b invalid: P105:error@b/x:1:3 (T1 (too-few) may not be suppressed, and is not by this mark; mend what is found, and take the mark out) T1:error@b/x:2:1 [T2:warning@b/x:2:1 suppressed by b/x:1:3: so be it]\n" +
				"c invalid: P105:error@c/x:1:3 (T1 (too-few) may not be suppressed, and is not by this mark; mend what is found, and take the mark out)\n"},
		{"never, by a code that it had before", policy.Policy{Limits: map[string]policy.Limit{"T01": {Never: true}}}, fleet{marked(unit("a", at("T1", "a/x", 2)), inline("a/x", 1, "so be it", "T*"))},
			"a invalid: P105:error@a/x:1:3 (T1 (too-few) may not be suppressed, and is not by this mark; mend what is found, and take the mark out) T1:error@a/x:2:1\n"},
		{"not for ever, and not for long", policy.Policy{Limits: map[string]policy.Limit{"T1": {MostDays: 10}}}, fleet{
			marked(unit("a", at("T1", "a/x", 2)), inline("a/x", 1, "so be it", "T1")),
			marked(unit("b", at("T1", "b/x", 2)), until(inline("b/x", 1, "so be it", "T1"), "2026-06-26")),
			marked(unit("c", at("T1", "c/x", 2)), until(inline("c/x", 1, "so be it", "T1"), "2026-06-25"))},
			"a invalid: P106:error@a/x:1:3 (T1 (too-few) may be suppressed for 10 days at most, and this mark gives no last day; give it a last day, 2026-06-25 at most) T1:error@a/x:2:1\n" +
				"b invalid: P106:error@b/x:1:3 (T1 (too-few) may be suppressed for 10 days at most, and this mark says until 2026-06-26; give it a last day, 2026-06-25 at most) T1:error@b/x:2:1\n" +
				"c ok: [T1:error@c/x:2:1 suppressed by c/x:1:3: so be it]\n"},
		{"a mark in a shared file is used if any unit uses it", policy.Policy{}, fleet{
			marked(unit("a", at("T1", "shared", 2)), inline("shared", 1, "so be it", "T1"), inline("shared", 7, "so be it", "T2")),
			marked(unit("b"), inline("shared", 1, "so be it", "T1"), inline("shared", 7, "so be it", "T2"))},
			"a ok: [T1:error@shared:2:1 suppressed by shared:1:3: so be it]\nb ok:\npolicy: P101:warning@shared:7:3 (this mark hides nothing; take it out)\n"},
		{"a mark in units in each other is told to the inner one", policy.Policy{}, fleet{marked(unit("a"), inline("a/b/x", 1, "so be it", "T1")), marked(unit("a/b"), inline("a/b/x", 1, "so be it", "T1"))},
			"a ok:\na/b ok: P101:warning@a/b/x:1:3 (this mark hides nothing; take it out)\n"},
		{"a mark that is not trusted", policy.Policy{Distrusted: []verdict.Mark{inline("a/x", 1, "so be it", "T1")}}, fleet{marked(unit("a", at("T1", "a/x", 2)), inline("a/x", 1, "so be it", "T1"))},
			"a invalid: T1:error@a/x:2:1\n"},
		{"what is said of marks has a severity, and is not suppressed", policy.Policy{
			Severities: []policy.Override{{Rules: []string{"P101"}, Level: "off", At: entry(3)}, {Rules: []string{"P102"}, Level: "error", At: entry(4)}},
			Ignores:    []policy.Ignore{{Rules: []string{"P*"}, Reason: "no", At: entry(6)}}},
			fleet{marked(unit("a"), inline("a/x", 1, "so be it", "T1"), until(inline("a/x", 5, "so be it", "P102"), "2020-01-01"))},
			"a invalid: P102:error@a/x:5:3 (this mark held until 2020-01-01, and hides nothing any more; mend what it hid, or give it a later day) [P101:warning@a/x:1:3 off by muster.yaml:3:5: ]\n"},
		{"entries", policy.Policy{Ignores: []policy.Ignore{
			{Rules: []string{"T1"}, Units: []string{"legacy-*/"}, Reason: "goes in May", At: entry(3)},
			{Rules: []string{"T*"}, Paths: []string{"**/made.yml"}, Reason: "made by a tool", Until: "2026-12-31", At: entry(4)}}}, fleet{
			unit("a", at("T1", "a/x", 1), at("T2", "a/deep/.made/made.yml", 1)), unit("legacy-b", at("T1", "legacy-b/x", 1))},
			"a invalid: T1:error@a/x:1:1 [T2:warning@a/deep/.made/made.yml:1:1 suppressed by muster.yaml:4:5: made by a tool]\n" +
				"legacy-b ok: [T1:error@legacy-b/x:1:1 suppressed by muster.yaml:3:5: goes in May]\n"},
		{"what is said of entries", policy.Policy{Limits: map[string]policy.Limit{"T3": {Never: true}}, Ignores: []policy.Ignore{
			{Rules: []string{"T1"}, Reason: "x", At: entry(1)}, {Rules: []string{"T2", "T01"}, Reason: "x", At: entry(2)},
			{Rules: []string{"T2"}, Reason: "x", Until: "2026-01-01", At: entry(3)}, {Rules: []string{"T2"}, At: entry(4)}, {Rules: []string{"T3"}, Reason: "x", At: entry(5)}}},
			fleet{unit("a", at("T2", "a/x", 1))},
			"a ok: [T2:warning@a/x:1:1 suppressed by muster.yaml:2:5: x]\n" +
				"policy: P101:warning@muster.yaml:1:5 (this entry hides nothing; take it out)\n" +
				"policy: P101:warning@muster.yaml:2:5 (this entry hides nothing of \"T01\"; take the rule out of it)\n" +
				"policy: P102:warning@muster.yaml:3:5 (this entry held until 2026-01-01, and hides nothing any more; mend what it hid, or give it a later day)\n" +
				"policy: P103:error@muster.yaml:4:5 (this entry gives no reason, and hides nothing; say why, for whoever finds it in a year)\n" +
				"policy: P105:error@muster.yaml:5:5 (T3 (noted) may not be suppressed, and is not by this entry; mend what is found, and take the entry out)\n"},
		{"no entry is unused where not all is decided", policy.Policy{Ignores: []policy.Ignore{{Rules: []string{"T1"}, Reason: "x", At: entry(1)}}}, fleet{unit("a"), {Name: "b", Kind: verdict.Failed}},
			"a ok:\nb failed:\n"},
		{"neither of a mark and an entry is unused for the other", policy.Policy{Ignores: []policy.Ignore{{Rules: []string{"T1"}, Reason: "goes", At: entry(1)}}},
			fleet{marked(unit("a", at("T1", "a/x", 2)), inline("a/x", 1, "so be it", "T1"))},
			"a ok: [T1:error@a/x:2:1 suppressed by a/x:1:3: so be it]\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.p.Rules, tt.p.Joined, tt.p.Today = allKnown(), []string{"T4"}, today
			s := tt.p.Apply(tt.fleet.summary())
			checkOneSide(t, s.Summary)
			if diff := cmp.Diff(tt.want, told(s)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestSeverities(t *testing.T) {
	t.Parallel()
	over := func(level string, line int, paths []string, rules ...string) policy.Override {
		return policy.Override{Rules: rules, Paths: paths, Level: level, At: entry(line)}
	}
	for _, tt := range []struct {
		name  string
		p     policy.Policy
		fleet fleet
		want  string
	}{
		{"the last that matches", policy.Policy{Severities: []policy.Override{over("error", 1, nil, "T*"), over("info", 2, []string{"a/old/"}, "T1"), over("warning", 3, nil, "nothing")}},
			fleet{unit("a", at("T1", "a/old/x", 1), at("T2", "a/x", 1)), unit("b", at("T1", "b/x", 1), at("T3", "b/x", 2))},
			"a invalid: T1:info@a/old/x:1:1 T2:error@a/x:1:1\nb invalid: T1:error@b/x:1:1 T3:error@b/x:2:1\n"},
		{"an err whose errors become weaker is none", policy.Policy{Severities: []policy.Override{over("warning", 1, nil, "T1")}}, fleet{unit("a", at("T1", "a/x", 1))},
			"a ok: T1:warning@a/x:1:1\n"},
		{"but where warnings count", policy.Policy{FailOn: verdict.Warning, Severities: []policy.Override{over("warning", 1, nil, "T1"), over("info", 2, nil, "T2")}},
			fleet{unit("a", at("T1", "a/x", 1)), unit("b", at("T2", "b/x", 1))},
			"a invalid: T1:warning@a/x:1:1\nb ok: T2:info@b/x:1:1\n"},
		{"off", policy.Policy{Severities: []policy.Override{over("off", 1, []string{"**/x"}, "T1")}}, fleet{unit("a", at("T1", "a/x", 1), at("T1", "a/y", 1))},
			"a invalid: T1:error@a/y:1:1 [T1:error@a/x:1:1 off by muster.yaml:1:5: ]\n"},
		{"what failed stays so", policy.Policy{Severities: []policy.Override{over("off", 1, nil, "T1")}}, fleet{{Name: "a", Kind: verdict.Failed, Findings: []verdict.Finding{at("T1", "a/x", 1)}}, {Name: "b", Kind: verdict.Missing}},
			"a failed: [T1:error@a/x:1:1 off by muster.yaml:1:5: ]\nb missing:\n"},
		{"what is invalid for no error stays so", policy.Policy{Severities: []policy.Override{over("off", 1, nil, "T2")}}, fleet{{Name: "a", Kind: verdict.Invalid, Findings: []verdict.Finding{at("T2", "a/x", 1)}}},
			"a invalid: [T2:warning@a/x:1:1 off by muster.yaml:1:5: ]\n"},
		{"nothing weakens what may never be hidden", policy.Policy{Limits: map[string]policy.Limit{"T2": {Never: true}, "T1": {MostDays: 5}},
			Severities: []policy.Override{over("error", 1, nil, "T2"), over("info", 2, nil, "T2"), over("off", 3, nil, "T*"), over("warning", 4, []string{"a/y"}, "T1")}},
			fleet{unit("a", at("T1", "a/x", 1), at("T1", "a/y", 1), at("T2", "a/x", 2))},
			"a invalid: T1:error@a/x:1:1 T2:error@a/x:2:1 T1:warning@a/y:1:1\n" +
				"policy: P105:error@muster.yaml:2:5 (T2 (odd) may not be suppressed, and its findings stay warnings; take the rule out of this entry)\n" +
				"policy: P105:error@muster.yaml:3:5 (T2 (odd) may not be suppressed, and its findings stay warnings; take the rule out of this entry)\n" +
				"policy: P106:error@muster.yaml:3:5 (T1 (too-few) may be suppressed for 5 days at most, and off is for ever; hide its findings with an entry of ignore that says until when)\n"},
		{"a level that is none, and a glob that is none", policy.Policy{Severities: []policy.Override{over("fatal", 1, nil, "T1"), over("off", 2, []string{"["}, "T1")}}, fleet{unit("a", at("T1", "a/x", 1))},
			"a invalid: T1:error@a/x:1:1\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.p.Rules, tt.p.Today = known, today
			s := tt.p.Apply(tt.fleet.summary())
			checkOneSide(t, s.Summary)
			if diff := cmp.Diff(tt.want, told(s)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestRemarksDecide: an error of the policy itself makes a run invalid, and a warning does not.
func TestRemarksDecide(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		ignore policy.Ignore
		want   int
	}{
		{policy.Ignore{Rules: []string{"T1"}, At: entry(1)}, policy.ExitInvalid},
		{policy.Ignore{Rules: []string{"T1"}, Reason: "x", At: entry(1)}, policy.ExitOK},
	} {
		s := policy.Policy{Ignores: []policy.Ignore{tt.ignore}}.Apply(fleet{unit("a")}.summary())
		if got := (policy.Outcome{Summary: s}).ExitCode(); got != tt.want || len(s.Remarks) != 1 || s.Remarks[0].Fingerprint == "" {
			t.Errorf("%+v: exit code %d, remarks %v; expected %d", tt.ignore, got, s.Remarks, tt.want)
		}
	}
}

// TestNothingIsSaidOfEntriesWithoutRules: where the configuration has errors no check was opened, and an
// entry for one of them names no rule that is known.
func TestNothingIsSaidOfEntriesWithoutRules(t *testing.T) {
	t.Parallel()
	p := policy.Policy{Rules: allKnown(), Today: today, Ignores: []policy.Ignore{{Rules: []string{"app/owner"}, Reason: "so be it", At: entry(3)}}}
	for severity, want := range map[verdict.Severity]int{verdict.Error: 0, verdict.Warning: 1} {
		found := fleet{}.summary()
		found.Config = []verdict.Finding{{Rule: "C301", Severity: severity, Message: "x"}}
		if s := p.Apply(found); len(s.Remarks) != want {
			t.Errorf("with a configuration of severity %s: %v", severity, s.Remarks)
		}
	}
}

// TestFingerprintsStandAboveThePolicy: a finding is called the same whatever the policy does
// with it and with its neighbours.
func TestFingerprintsStandAboveThePolicy(t *testing.T) {
	t.Parallel()
	s := fleet{marked(unit("a", at("T1", "a/x", 2), at("T1", "a/x", 9), at("T2", "a/x", 9)), inline("a/x", 1, "so be it", "T1"))}.summary()
	prints := func(p policy.Policy) map[string]string {
		all := map[string]string{}
		for _, u := range byName(p.Apply(s).Summary) {
			for _, f := range u.Findings {
				all[f.Rule+f.Place.String()] = f.Fingerprint
			}
			for _, h := range u.Hidden {
				all[h.Rule+h.Finding.Place.String()] = h.Fingerprint
			}
		}
		return all
	}
	plain := prints(policy.Policy{Distrusted: s.Errs[0].Marks})
	for _, p := range []policy.Policy{{}, {Severities: []policy.Override{{Rules: []string{"T2"}, Level: "error"}}}} {
		if diff := cmp.Diff(plain, prints(p)); diff != "" {
			t.Errorf("%+v: -without +with:\n%s", p, diff)
		}
	}
}
