package policy_test

import (
	"testing"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

func TestExitCode(t *testing.T) {
	t.Parallel()
	bad := []verdict.Finding{{Rule: "C1", Severity: verdict.Error}}
	odd := []verdict.Finding{{Rule: "C2", Severity: verdict.Warning}}
	summary := func(complete bool, n aggregator.Counts, config ...verdict.Finding) policy.Summary {
		return policy.Summary{Summary: aggregator.Summary{Complete: complete, Counts: n, Config: config}}
	}
	for _, tt := range []struct {
		name string
		o    policy.Outcome
		want int
	}{
		{"all ok", policy.Outcome{Summary: summary(true, aggregator.Counts{OK: 1})}, 0},
		{"warnings only", policy.Outcome{Summary: summary(true, aggregator.Counts{OK: 1}, odd...)}, 0},
		{"nothing selected", policy.Outcome{Summary: summary(true, aggregator.Counts{})}, 0},
		{"invalid", policy.Outcome{Summary: summary(true, aggregator.Counts{OK: 1, Invalid: 1})}, 1},
		{"failed", policy.Outcome{Summary: summary(true, aggregator.Counts{OK: 1, Failed: 1})}, 3},
		{"missing", policy.Outcome{Summary: summary(false, aggregator.Counts{OK: 1, Missing: 1})}, 3},
		{"incomplete with nothing missing", policy.Outcome{Summary: summary(false, aggregator.Counts{OK: 1})}, 3},
		{"failed outranks invalid", policy.Outcome{Summary: summary(true, aggregator.Counts{Invalid: 1, Failed: 1})}, 3},
		{"missing outranks invalid", policy.Outcome{Summary: summary(false, aggregator.Counts{Invalid: 1, Missing: 1})}, 3},
		{"configuration outranks all", policy.Outcome{Summary: summary(false, aggregator.Counts{Failed: 1, Missing: 1}, bad...)}, 2},
		{"stopped at the errs asked for", policy.Outcome{Summary: summary(false, aggregator.Counts{Invalid: 1, Missing: 9}), Enough: true}, 1},
		{"stopped at errs that failed", policy.Outcome{Summary: summary(false, aggregator.Counts{Failed: 1, Missing: 9}), Enough: true}, 3},
		{"the cache is wrong in an audit", policy.Outcome{Summary: summary(true, aggregator.Counts{OK: 1, Invalid: 1}), Doubted: true}, 3},
		{"configuration outranks a wrong cache", policy.Outcome{Summary: summary(true, aggregator.Counts{}, bad...), Doubted: true}, 2},
		{"detached", policy.Outcome{Summary: summary(false, aggregator.Counts{Missing: 9}), Detached: true}, 0},
		{"interrupted", policy.Outcome{Summary: summary(true, aggregator.Counts{OK: 1}), Interrupted: true}, 130},
		{"interrupted outranks all", policy.Outcome{Summary: summary(false, aggregator.Counts{}, bad...), Interrupted: true, Detached: true}, 130},
	} {
		if got := tt.o.ExitCode(); got != tt.want {
			t.Errorf("%s: exit code %d, want %d", tt.name, got, tt.want)
		}
	}
}
