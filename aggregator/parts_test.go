package aggregator

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// TestAFailureHidesNoFinding of the other checks.
func TestAFailureHidesNoFinding(t *testing.T) {
	t.Parallel()
	rule := verdict.Rule{Code: "P1", Severity: verdict.Warning}
	until := rule.At(verdict.Place{File: "f", Line: 1}, "until then", "")
	v := withFinding("a", verdict.Error)
	v = v.Of(v.Parts[0],
		verdict.Part{Check: "policy", Engine: "e2", Failure: "no memory", Decision: verdict.Decision{Findings: []verdict.Finding{until}}},
		verdict.Part{Check: "chart", Engine: "e3", Failure: "no chart"})
	s := folded(nil, v).Summary(nil)
	want := Unit{Name: "a", Kind: verdict.Failed, Regions: []string{"eu", "us"}, Digest: "d-a", Cause: "chart: no chart; policy: no memory",
		Failures: []Failure{{"chart", "no chart"}, {"policy", "no memory"}}, Findings: []verdict.Finding{until, v.Parts[1].Findings[0]}}
	if diff := cmp.Diff(want, s.Errs[0]); diff != "" || s.Failed != 1 {
		t.Errorf("%d failed (-want +got):\n%s", s.Failed, diff)
	}
	if diff := cmp.Diff([]string{"e1", "e2", "e3"}, s.Engines); diff != "" {
		t.Errorf("engines of all parts (-want +got):\n%s", diff)
	}
	if len(s.Mixed) > 0 {
		t.Errorf("checks %q have mixed engines, and each has its own alone", s.Mixed)
	}
}

// TestAPartThatIsLost makes no ok: a check that says nothing has not decided.
func TestAPartThatIsLost(t *testing.T) {
	t.Parallel()
	manifest, chart := decided(verdict.Decision{}), verdict.Part{Check: "chart", Engine: "e1"}
	for name, c := range map[string]struct {
		parts []verdict.Part
		kind  verdict.Kind
		cause string
	}{
		"both":           {[]verdict.Part{manifest, chart}, verdict.OK, ""},
		"one":            {[]verdict.Part{manifest}, verdict.Failed, `its verdict says nothing of the check "chart"`},
		"none of them":   {[]verdict.Part{{Check: "other", Engine: "e1"}}, verdict.Failed, `its verdict says nothing of the checks "chart" and "manifest"`},
		"one that fails": {[]verdict.Part{{Check: "chart", Failure: "no chart"}}, verdict.Failed, "no chart"},
	} {
		f := New(Options{Checks: func(id.Digest) []string { return []string{"chart", "manifest"} }})
		f.Expect("a")
		f.Add(about("a").Of(c.parts...))
		s := f.Summary(nil)
		if all := append(s.OKs, s.Errs...); len(all) != 1 || all[0].Kind != c.kind || all[0].Cause != c.cause {
			t.Errorf("%s: %+v, want %s because %q", name, all, c.kind, c.cause)
		}
	}
}

// TestImpureVerdictsAreNoConflict, whichever of two comes first.
func TestImpureVerdictsAreNoConflict(t *testing.T) {
	t.Parallel()
	pure, impure := passed("a"), withFinding("a", verdict.Warning)
	impure.Parts[0].Impure = true
	other := withFinding("a", verdict.Error)
	other.Parts[0].Impure = true
	for name, two := range map[string][]verdict.Verdict{
		"an impure one later": {pure, impure}, "an impure one first": {impure, pure}, "two of them": {impure, other},
	} {
		s := folded(nil, two...).Summary(nil)
		if first := two[0].Kind; len(s.Conflicts) > 0 || len(s.OKs) != 1 || s.OKs[0].Kind != first {
			t.Errorf("%s: conflicts %q, and %+v; want none, and the first, which is %s", name, s.Conflicts, s.OKs, first)
		}
	}
}

// TestPathsOfUnits come from verdicts, and else from who made the fold.
func TestPathsOfUnits(t *testing.T) {
	t.Parallel()
	f := New(Options{Path: func(unit id.Unit) string { return "made/" + string(unit) }})
	for unit, path := range map[id.Unit]string{"a": "services/a", "b": "teams/b/service.yml", "charts/c": "charts/c", "d": "", "a/a": "b/a"} {
		f.Expect(unit)
		v := passed(string(unit))
		v.Path = path
		f.Add(v)
	}
	f.Expect("missing")
	got := map[id.Unit]string{}
	s := f.Summary(nil)
	for _, u := range append(s.OKs, s.Errs...) {
		got[u.Name] = u.Path
	}
	want := map[id.Unit]string{"a": "services/a", "b": "teams/b/service.yml", "charts/c": "charts/c", "d": "made/d", "a/a": "b/a", "missing": "made/missing"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
	f = New(Options{})
	f.Expect("a")
	if u := f.Summary(nil).Errs[0]; u.Path != "" {
		t.Errorf("a fold that knows no path says %q", u.Path)
	}
}

func TestRelatedPlacesAreKept(t *testing.T) {
	t.Parallel()
	v := withFinding("a", verdict.Error)
	related := []verdict.Related{{Place: verdict.Place{File: "values.yml", Line: 3}, Text: "set here"}, {Place: verdict.Place{File: "a.yml"}, Text: "also there"}}
	v.Parts[0].Findings[0].Related = related
	if diff := cmp.Diff(related, folded(nil, v).Summary(nil).Errs[0].Findings[0].Related); diff != "" {
		t.Errorf("related places (-want +got):\n%s", diff)
	}
}
