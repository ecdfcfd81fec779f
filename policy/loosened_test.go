package policy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/policy"
)

func TestLoosened(t *testing.T) {
	t.Parallel()
	level := func(rules, level string, paths ...string) policy.Override {
		return policy.Override{Rules: strings.Fields(rules), Level: level, Paths: paths}
	}
	before := policy.Policy{
		Severities: []policy.Override{level("T1", "error"), level("T2", "warning", "a/**")},
		Ignores:    []policy.Ignore{{Rules: []string{"T1"}, Units: []string{"shop"}, Reason: "old"}},
		Limits:     map[string]policy.Limit{"T1": {Never: true}, "T2": {MostDays: 30}},
		Baseline:   &policy.Baseline{Entries: []policy.Entry{{Fingerprint: "1", Rule: "T1"}, {Fingerprint: "2", Rule: "T1"}}},
		Owners:     policy.Owners{Required: true, File: "CODEOWNERS"},
	}
	for _, tt := range []struct {
		name   string
		change func(*policy.Policy)
		want   []string
	}{
		{"nothing", func(*policy.Policy) {}, nil},
		{"stricter", func(p *policy.Policy) {
			p.Severities = append(p.Severities, level("T3", "error"))
			p.Ignores = nil
			p.Limits = map[string]policy.Limit{"T1": {Never: true}, "T2": {MostDays: 20}, "T3": {Never: true}}
			p.Baseline = &policy.Baseline{Entries: p.Baseline.Entries[1:]}
		}, nil},
		{"severities", func(p *policy.Policy) {
			p.Severities = []policy.Override{p.Severities[1], level("T3 T4", "off", "b/*")}
		},
			[]string{"switches T3, T4 off in b/*", "takes back the severity error of T1"}},
		{"their order", func(p *policy.Policy) { p.Severities = []policy.Override{p.Severities[1], p.Severities[0]} },
			[]string{"changes the order of severities, of which the last holds"}},
		{"an ignore", func(p *policy.Policy) {
			p.Ignores = append(slices.Clone(p.Ignores), policy.Ignore{Rules: []string{"T*"}, Units: []string{"a", "b"}, Paths: []string{"c"}, Until: "2026-12-31", Reason: "mine"})
		}, []string{"adds an ignore of T* for a, b in c until 2026-12-31: mine"}},
		{"the reason of an ignore", func(p *policy.Policy) {
			p.Ignores = []policy.Ignore{{Rules: []string{"T1"}, Units: []string{"shop"}, Reason: "older"}}
		}, nil},
		{"limits", func(p *policy.Policy) { p.Limits = map[string]policy.Limit{"T2": {MostDays: 31}} },
			[]string{"lets T1 be suppressed", "lets T2 be suppressed for longer than 30 days"}},
		{"the baseline", func(p *policy.Policy) {
			p.Baseline = &policy.Baseline{Entries: append(slices.Clone(p.Baseline.Entries), policy.Entry{Fingerprint: "3", Rule: "T1"}, policy.Entry{Fingerprint: "4", Rule: "T0"}, policy.Entry{Fingerprint: "5", Rule: "T1"})}
		}, []string{"adds 3 entries to the baseline (T1 2, T0 1)"}},
		{"owners", func(p *policy.Policy) { p.Owners = policy.Owners{} }, []string{"lets units be nobody's", "changes whose units are"}},
	} {
		after := before
		tt.change(&after)
		if got := policy.Loosened(before, after); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := policy.Loosened(policy.Policy{}, policy.Policy{Baseline: &policy.Baseline{Entries: []policy.Entry{{Fingerprint: "1", Rule: "T1"}}}}); !slices.Equal(got, []string{"adds 1 entry to the baseline (T1 1)"}) {
		t.Errorf("a new baseline: %q", got)
	}
}
