package policy_test

import (
	"fmt"
	"testing"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/codeowners"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// BenchmarkOwnersAndBaseline applies a policy to 100,000 units by 5,000 lines of CODEOWNERS, with
// 20,000 findings of which the baseline has all.
func BenchmarkOwnersAndBaseline(b *testing.B) {
	s := aggregator.Summary{Complete: true, FleetRules: aggregator.Whole}
	for i := range 100_000 {
		name := fmt.Sprintf("services/s%05d", i)
		u := aggregator.Unit{Name: id.Unit(name), Path: name, Kind: verdict.OK}
		if i%10 == 0 {
			u.Kind = verdict.Invalid
			for j := range 2 {
				u.Findings = append(u.Findings, verdict.Finding{Rule: "T1", Severity: verdict.Error, Message: "m", Place: verdict.Place{File: name + "/a.yml", Line: j + 1, Path: fmt.Sprintf("l[%d]", j)}})
			}
			s.Errs, s.Invalid = append(s.Errs, u), s.Invalid+1
		} else {
			s.OKs, s.OK = append(s.OKs, u), s.OK+1
		}
		s.Expected++
	}
	p := policy.Policy{Owners: policy.Owners{Dialect: codeowners.GitHub}}
	for i := range 5000 {
		p.Owners.Lines = append(p.Owners.Lines, codeowners.Rule{Pattern: fmt.Sprintf("/services/s%05d/", i*20), Owners: []string{"@a"}})
	}
	entries, _ := p.BaselineOf(p.Apply(s))
	p.Baseline = &policy.Baseline{Entries: entries}
	if got := p.Apply(s); got.Invalid != 0 || len(got.Fixed) > 0 {
		b.Fatalf("%d are invalid, %d fixed", got.Invalid, len(got.Fixed))
	}
	b.ResetTimer()
	for b.Loop() {
		p.Apply(s)
	}
}
