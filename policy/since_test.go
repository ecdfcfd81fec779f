package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// sinceOf is what stood of some units by a policy.
func sinceOf(p policy.Policy, units ...verdict.Verdict) *policy.Since {
	return &policy.Since{Rev: "main", Commit: "abc", Entries: p.Apply(folded(units)).Standing()}
}

// compared is what stands, what is hidden, and what is fixed since.
func compared(s policy.Summary) string {
	s.Fixed = s.Since.Fixed
	return outcome(s) + fmt.Sprintf("; %d new, %d old", s.Since.New, s.Since.Old)
}

func TestSince(t *testing.T) {
	t.Parallel()
	one, again, two := found("T1", "l[0]", "x"), found("T1", "l[1]", "x"), found("T1", "b", "two")
	again.Line = 2
	warning := found("T1", "l[0]", "x")
	warning.Severity = verdict.Warning
	ignoring := policy.Policy{Ignores: []policy.Ignore{{Rules: []string{"T1"}, Reason: "because"}}}
	off := policy.Policy{Severities: []policy.Override{{Rules: []string{"T1"}, Level: "off"}}}
	never := policy.Policy{Limits: map[string]policy.Limit{"T1": {Never: true}}}
	for _, tt := range []struct {
		name          string
		then, now     policy.Policy
		before, after []verdict.Finding
		want          string
	}{
		{name: "the same", before: []verdict.Finding{one, two}, after: []verdict.Finding{one, two}, want: "stand: ; hidden: two (old), x (old); fixed: ; 0 new, 2 old"},
		{name: "one more of the same", before: []verdict.Finding{one}, after: []verdict.Finding{one, again}, want: "stand: x; hidden: x (old); fixed: ; 1 new, 1 old"},
		{name: "one less of the same", before: []verdict.Finding{one, again}, after: []verdict.Finding{one}, want: "stand: ; hidden: x (old); fixed: x; 0 new, 1 old"},
		{name: "one for another", before: []verdict.Finding{one}, after: []verdict.Finding{two}, want: "stand: two; hidden: ; fixed: x; 1 new, 0 old"},
		{name: "of another severity", before: []verdict.Finding{warning}, after: []verdict.Finding{one}, want: "stand: ; hidden: x (old); fixed: ; 0 new, 1 old"},
		{name: "hidden then and shown now", then: ignoring, before: []verdict.Finding{one}, after: []verdict.Finding{one}, want: "stand: x; hidden: ; fixed: ; 1 new, 0 old"},
		{name: "off then and on now", then: off, before: []verdict.Finding{one}, after: []verdict.Finding{one}, want: "stand: x; hidden: ; fixed: ; 1 new, 0 old"},
		{name: "shown then and hidden now", now: ignoring, before: []verdict.Finding{one}, after: []verdict.Finding{one}, want: "stand: ; hidden: x (suppressed); fixed: ; 0 new, 0 old"},
		{name: "in the baseline then and now", then: policy.Policy{Baseline: baselineOf(policy.Policy{}, decided("a", one))},
			now: policy.Policy{Baseline: baselineOf(policy.Policy{}, decided("a", one))}, before: []verdict.Finding{one}, after: []verdict.Finding{one, again},
			want: "stand: x; hidden: x (baseline); fixed: ; 1 new, 0 old"},
		{name: "what may not be suppressed is old all the same", then: never, now: never, before: []verdict.Finding{one}, after: []verdict.Finding{one}, want: "stand: ; hidden: x (old); fixed: ; 0 new, 1 old"},
		{name: "a rule was renamed", now: policy.Policy{Rules: map[string]verdict.Rule{"NEW": {Code: "NEW", Aliases: []string{"T1"}}}}, before: []verdict.Finding{one},
			after: []verdict.Finding{found("NEW", "l[0]", "x")}, want: "stand: ; hidden: x (old); fixed: ; 0 new, 1 old"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := tt.now
			p.Since = sinceOf(tt.then, decided("a", tt.before...))
			s := p.Apply(folded([]verdict.Verdict{decided("a", tt.after...)}))
			if got := compared(s); got != tt.want {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
			if wantOK := strings.HasPrefix(tt.want, "stand: ;"); (s.OK == 1) != wantOK {
				t.Errorf("%d units are ok", s.OK)
			}
			checkOneSide(t, s.Summary)
		})
	}
}

// TestStateOfWhatIsHidden: what is hidden otherwise is old, too, if it stood before.
func TestStateOfWhatIsHidden(t *testing.T) {
	t.Parallel()
	p := policy.Policy{Ignores: []policy.Ignore{{Rules: []string{"T1"}, Reason: "because"}}}
	p.Since = sinceOf(policy.Policy{}, decided("a", found("T1", "a", "one")))
	s := p.Apply(folded([]verdict.Verdict{decided("a", found("T1", "a", "one"), found("T1", "b", "two"))}))
	got := map[string]bool{}
	for _, h := range s.OKs[0].Hidden {
		got[h.Message] = h.Old
	}
	if diff := cmp.Diff(map[string]bool{"one": true, "two": false}, got); diff != "" {
		t.Errorf("old (-want +got):\n%s", diff)
	}
}

// TestFixedSince: nothing is fixed that was not looked at.
func TestFixedSince(t *testing.T) {
	t.Parallel()
	before := []verdict.Verdict{decided("a", found("T1", "a", "of a")), decided("b", found("T1", "a", "of b")), claiming("c", "r"), claiming("d", "r")}
	clean := []verdict.Verdict{decided("a"), decided("c"), decided("d")}
	partial := func(verdicts ...verdict.Verdict) aggregator.Summary {
		f := aggregator.New(aggregator.Options{Joins: []verdict.Join{routes}})
		for _, v := range verdicts {
			f.Expect(v.Unit)
			f.Add(v)
		}
		return f.Summary(nil)
	}
	for _, tt := range []struct {
		name  string
		found aggregator.Summary
		want  []string // units
	}{
		{"all of it, of which one unit is gone", folded(clean), []string{"a", "b", "c", "d"}},
		{"one is missing", folded(clean, "b"), []string{"a"}},
		{"one failed", folded(append(clean, subject("b").Undecided("x"))), []string{"a"}},
		{"some units", partial(clean...), []string{"a"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := policy.Policy{Joined: []string{"T4"}, Since: sinceOf(policy.Policy{}, before...)}
			var got []string
			for _, e := range p.Apply(tt.found).Since.Fixed {
				got = append(got, e.Unit)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("fixed (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWhatDidNotStandIsNotOld: of a unit that was not decided nothing is old, and a key that two give is new at both.
func TestWhatDidNotStandIsNotOld(t *testing.T) {
	t.Parallel()
	failed := subject("a").Of(verdict.Part{Decision: verdict.Decision{Findings: []verdict.Finding{found("T1", "a", "one")}}}, verdict.Part{Failure: "no disk"})
	p := policy.Policy{FailOn: verdict.Warning, Since: sinceOf(policy.Policy{}, failed, claiming("b", "r"))}
	s := p.Apply(folded([]verdict.Verdict{decided("a", found("T1", "a", "one")), claiming("b", "r"), claiming("c", "r")}))
	var errs []id.Unit
	for _, u := range s.Errs {
		errs = append(errs, u.Name)
	}
	if diff := cmp.Diff([]id.Unit{"a", "b", "c"}, errs); diff != "" || s.Since.Old != 0 {
		t.Errorf("%d old, errs (-want +got):\n%s", s.Since.Old, diff)
	}
}
