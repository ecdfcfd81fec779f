package aggregator_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// TestDropLeavesNoTrace: a verdict that was taken back is as if it had never been.
func TestDropLeavesNoTrace(t *testing.T) {
	t.Parallel()
	join := verdict.Join{Kind: verdict.JoinUnique, Noun: "title", Rule: verdict.Rule{Code: "T1", Name: "same-title", Severity: verdict.Error}}
	claim := []verdict.Claim{{Joins: []string{"T1"}, Role: verdict.Unique, Key: "k", Place: verdict.Place{File: "f"}}}
	decided := func(unit string, claims []verdict.Claim) verdict.Verdict {
		return verdict.Subject{Unit: id.Unit(unit), Digest: id.Digest(unit)}.Of(
			verdict.Part{Engine: "e", Decision: verdict.Decision{Regions: []string{"r"}, Claims: claims}})
	}
	failed := verdict.Subject{Unit: "b", Path: "old/b", Digest: "old"}.Of(verdict.Part{Engine: "old", Failure: "vault is away", Decision: verdict.Decision{Impure: true}})
	build := func(dropped ...verdict.Verdict) aggregator.Summary {
		f := aggregator.New(aggregator.Options{Joins: []verdict.Join{join}, Whole: true})
		f.AddKnown("a", "b")
		f.Expect("a", "b")
		f.Add(decided("a", claim))
		for _, v := range dropped {
			f.Add(v)
			f.Drop(v.Unit)
			f.Drop(v.Unit)
		}
		f.Add(decided("b", nil))
		return f.Summary(nil)
	}
	want := build()
	if want.OK != 2 {
		t.Fatalf("%d ok without a dropped verdict, want 2", want.OK)
	}
	for name, dropped := range map[string]verdict.Verdict{
		"a failed one": failed, "one with a claim": decided("b", claim),
	} {
		if diff := cmp.Diff(want, build(dropped)); diff != "" {
			t.Errorf("%s was dropped (-never added +dropped):\n%s", name, diff)
		}
	}
}
