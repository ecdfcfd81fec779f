package policy_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

var (
	strict = policy.Policy{FailOn: verdict.Warning}

	broken = verdict.Finding{Rule: "T1", Severity: verdict.Error}
	odd    = verdict.Finding{Rule: "T2", Severity: verdict.Warning}
	noted  = verdict.Finding{Rule: "T3", Severity: verdict.Warning, Advice: true}
)

func subject(unit string) verdict.Subject { return verdict.Subject{Unit: id.Unit(unit)} }

func decided(unit string, findings ...verdict.Finding) verdict.Verdict {
	return subject(unit).Of(verdict.Part{Decision: verdict.Decision{Findings: findings}})
}

// called is the verdict of a worker that calls a unit what its findings do not say.
func called(k verdict.Kind, v verdict.Verdict) verdict.Verdict {
	v.Kind = k
	return v
}

// folded is the summary of a fold that expects each unit of a verdict, and more.
func folded(verdicts []verdict.Verdict, missing ...id.Unit) aggregator.Summary {
	f := aggregator.New(aggregator.Options{Joins: []verdict.Join{routes}, Whole: true})
	f.Expect(missing...)
	for _, v := range verdicts {
		f.Expect(v.Unit)
		f.Add(v)
	}
	return f.Summary(nil)
}

// routes is a fleet rule that warns.
var routes = verdict.Join{Kind: verdict.JoinUnique, Noun: "route", Rule: verdict.Rule{Code: "T4", Severity: verdict.Warning}}

func claiming(unit, route string) verdict.Verdict {
	return subject(unit).Of(verdict.Part{Decision: verdict.Decision{Claims: []verdict.Claim{{Joins: []string{"T4"}, Role: verdict.Unique, Key: route, Place: verdict.Place{File: unit, Line: 1}}}}})
}

// sides are the oks and the errs with their kinds, as they are listed.
func sides(s aggregator.Summary) string {
	var b strings.Builder
	for _, u := range s.OKs {
		b.WriteString(string(u.Name) + " ")
	}
	b.WriteString("|")
	for _, u := range s.Errs {
		b.WriteString(" " + string(u.Name) + ":" + string(u.Kind))
	}
	return b.String()
}

func TestApply(t *testing.T) {
	t.Parallel()
	all := func(v ...verdict.Verdict) []verdict.Verdict { return v }
	for _, tt := range []struct {
		name          string
		verdicts      []verdict.Verdict
		missing       []id.Unit
		errors, warns string // the sides where errors alone count, and where warnings do
	}{
		{"nothing", nil, nil, "|", "|"},
		{"clean", all(decided("a")), nil, "a |", "a |"},
		{"warned", all(decided("a", odd)), nil, "a |", "| a:invalid"},
		{"a note counts for nobody", all(decided("a", noted)), nil, "a |", "a |"},
		{"a warning beside a note", all(decided("a", noted, odd)), nil, "a |", "| a:invalid"},
		{"a warning beside an error", all(decided("a", broken, odd)), nil, "| a:invalid", "| a:invalid"},
		{"an error", all(decided("a", broken)), nil, "| a:invalid", "| a:invalid"},
		{"an error that its worker calls ok", all(called(verdict.OK, decided("a", broken))), nil, "| a:invalid", "| a:invalid"},
		{"invalid without a finding", all(called(verdict.Invalid, decided("a"))), nil, "| a:invalid", "| a:invalid"},
		{"invalid with a warning alone", all(called(verdict.Invalid, decided("a", odd))), nil, "| a:invalid", "| a:invalid"},
		{"failed", all(subject("a").Undecided("x")), nil, "| a:failed", "| a:failed"},
		{"missing", nil, []id.Unit{"a"}, "| a:missing", "| a:missing"},
		{"a fleet rule warns", all(claiming("a", "/x"), claiming("b", "/x"), claiming("c", "/y")), nil,
			"a b c |", "c | a:invalid b:invalid"},
		{"the order is that of names", all(decided("a", odd), decided("b"), decided("c", broken), decided("d", odd), decided("e"), subject("f").Undecided("x")), []id.Unit{"bb"},
			"a b d e | bb:missing c:invalid f:failed", "b e | a:invalid bb:missing c:invalid d:invalid f:failed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := folded(tt.verdicts, tt.missing...)
			for on, want := range map[verdict.Severity]string{"": tt.errors, verdict.Error: tt.errors, verdict.Warning: tt.warns} {
				p := policy.Policy{FailOn: on}
				if got := sides(p.Apply(s).Summary); got != want {
					t.Errorf("fail on %q: %s, want %s", p.FailOn, got, want)
				}
			}
		})
	}
}

// TestWhatDoesNotChangeIsNotCopied: a large fleet of units without findings is in memory once.
func TestWhatDoesNotChangeIsNotCopied(t *testing.T) {
	t.Parallel()
	clean := folded([]verdict.Verdict{decided("a"), subject("b").Undecided("x")})
	for _, tt := range []struct {
		name string
		p    policy.Policy
		s    aggregator.Summary
	}{
		{"errors count", policy.Policy{}, clean},
		{"nobody warns", strict, clean},
	} {
		if got := tt.p.Apply(tt.s); &got.OKs[0] != &tt.s.OKs[0] || &got.Errs[0] != &tt.s.Errs[0] {
			t.Errorf("%s: the units were copied", tt.name)
		}
	}
}

// randomFleet is small, and has every kind of unit.
func randomFleet(r *rand.Rand) (fleet []verdict.Verdict, missing []id.Unit) {
	for i := range r.IntN(12) {
		name := string(rune('a' + i))
		switch r.IntN(7) {
		case 0:
			missing = append(missing, id.Unit(name))
		case 1:
			fleet = append(fleet, subject(name).Undecided("x"))
		case 2:
			fleet = append(fleet, called(verdict.Invalid, decided(name, odd)))
		case 3:
			fleet = append(fleet, claiming(name, string(rune('x'+r.IntN(2)))))
		default:
			var findings []verdict.Finding
			for _, f := range []verdict.Finding{broken, odd, noted} {
				if r.IntN(3) == 0 {
					findings = append(findings, f)
				}
			}
			fleet = append(fleet, decided(name, findings...))
		}
	}
	return fleet, missing
}

// unstamped: fingerprints are not what is compared.
var unstamped = cmpopts.IgnoreFields(verdict.Finding{}, "Fingerprint")

// byName are all units of a summary, in one order.
func byName(s aggregator.Summary) []aggregator.Unit {
	all := slices.Concat(s.OKs, s.Errs)
	slices.SortFunc(all, compareNames)
	return all
}

func compareNames(a, b aggregator.Unit) int { return strings.Compare(string(a.Name), string(b.Name)) }

// TestApplyKeepsWhatASummaryIs: whatever was found, applying a policy changes on which side
// ok units are, as its definition says, and nothing else.
func TestApplyKeepsWhatASummaryIs(t *testing.T) {
	t.Parallel()
	moved := 0
	for seed := range uint64(500) {
		fleet, missing := randomFleet(rand.New(rand.NewPCG(seed, 1)))
		s, before := folded(fleet, missing...), folded(fleet, missing...)
		for _, p := range []policy.Policy{{}, {FailOn: verdict.Error}, strict} {
			got := p.Apply(s).Summary
			checkOneSide(t, got)
			if diff := cmp.Diff(judgedByDefinition(p, before), byName(got), unstamped); diff != "" {
				t.Errorf("the units differ (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(got, p.Apply(got).Summary); diff != "" {
				t.Errorf("applied again (-once +twice):\n%s", diff)
			}
			rest := got
			rest.OKs, rest.Errs, rest.Counts = before.OKs, before.Errs, before.Counts
			if diff := cmp.Diff(before, rest); diff != "" {
				t.Errorf("it changed what it is not about (-before +after):\n%s", diff)
			}
			if diff := cmp.Diff(before, s); diff != "" {
				t.Errorf("it wrote into what it was given (-before +after):\n%s", diff)
			}
			moved += len(s.OKs) - len(got.OKs)
			if t.Failed() {
				t.Fatalf("seed %d, fail on %q", seed, p.FailOn)
			}
		}
	}
	if moved < 300 {
		t.Errorf("%d units changed sides: the fleets are too tame", moved)
	}
}

// judgedByDefinition are the units of a fold's summary with the kinds that a policy gives
// them, by name.
func judgedByDefinition(p policy.Policy, s aggregator.Summary) []aggregator.Unit {
	all := byName(s)
	for i, u := range all {
		for _, f := range u.Findings {
			if u.Kind == verdict.OK && p.FailOn == verdict.Warning && f.Severity == verdict.Warning && !f.Advice {
				all[i].Kind = verdict.Invalid
			}
		}
	}
	return all
}

// checkOneSide: each unit is on the side of its kind, in order, and counted.
func checkOneSide(t *testing.T, s aggregator.Summary) {
	t.Helper()
	n := map[verdict.Kind]int{}
	for _, u := range s.OKs {
		if u.Kind != verdict.OK {
			t.Errorf("%s is %s and among the oks", u.Name, u.Kind)
		}
		n[u.Kind]++
	}
	for _, u := range s.Errs {
		if u.Kind == verdict.OK {
			t.Errorf("%s is ok and among the errs", u.Name)
		}
		n[u.Kind]++
	}
	counted := aggregator.Counts{OK: n[verdict.OK], Invalid: n[verdict.Invalid], Failed: n[verdict.Failed], Missing: n[verdict.Missing],
		Expected: len(s.OKs) + len(s.Errs)}
	if s.Counts != counted || s.OK+s.Invalid+s.Failed+s.Missing != s.Expected {
		t.Errorf("the counts are %+v, of units that are %+v", s.Counts, counted)
	}
	if !slices.IsSortedFunc(s.OKs, compareNames) || !slices.IsSortedFunc(s.Errs, compareNames) {
		t.Errorf("not in the order of names: %s", sides(s))
	}
}
