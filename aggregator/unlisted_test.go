package aggregator_test

import (
	"testing"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/verdict"
)

// TestUnlisted: a unit counts as unknown only if all names were listed.
func TestUnlisted(t *testing.T) {
	t.Parallel()
	join := verdict.Join{Kind: verdict.JoinExists, Noun: "service", Rule: verdict.Rule{Code: "T1", Name: "unknown", Severity: verdict.Error}}
	for _, incomplete := range []bool{false, true} {
		f := aggregator.New(aggregator.Options{Joins: []verdict.Join{join}})
		f.AddKnown("a")
		f.Expect("a")
		f.Add(verdict.Subject{Unit: "a"}.Of(verdict.Part{Decision: verdict.Decision{
			Claims: []verdict.Claim{{Joins: []string{"T1"}, Role: verdict.Needs, Key: "b", Place: verdict.Place{File: "f"}}}}}))
		if incomplete {
			f.ListingIncomplete()
		}
		if s := f.Summary(nil); (s.OK == 1) != incomplete {
			t.Errorf("unlisted %v: %d ok, %d invalid", incomplete, s.OK, s.Invalid)
		}
	}
}
