package aggregator_test

import (
	"testing"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// TestStrict: warnings count only under Strict.
func TestStrict(t *testing.T) {
	t.Parallel()
	for _, strict := range []bool{false, true} {
		f := aggregator.New(aggregator.Options{Strict: strict})
		f.Expect("clean", "warned")
		for name, findings := range map[string][]verdict.Finding{"clean": nil, "warned": {{Rule: "T1", Severity: verdict.Warning}}} {
			v := verdict.Subject{Unit: id.Unit(name)}.Of(verdict.Part{Decision: verdict.Decision{Findings: findings}})
			f.Add(v)
		}
		s := f.Summary(nil)
		if got := s.Invalid == 1; got != strict || s.OK+s.Invalid != 2 {
			t.Errorf("strict %v: %d ok, %d invalid", strict, s.OK, s.Invalid)
		}
	}
}
