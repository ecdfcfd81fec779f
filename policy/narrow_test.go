package policy_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

func TestNarrow(t *testing.T) {
	t.Parallel()
	found := func(rule string, s verdict.Severity) verdict.Finding { return verdict.Finding{Rule: rule, Severity: s} }
	unit := func(name id.Unit, k verdict.Kind, fs ...verdict.Finding) aggregator.Unit {
		return aggregator.Unit{Name: name, Kind: k, Findings: fs}
	}
	s := policy.Summary{Summary: aggregator.Summary{
		Complete: true,
		Counts:   aggregator.Counts{OK: 3, Invalid: 4, Failed: 1, Expected: 8},
		OKs: []aggregator.Unit{unit("a", verdict.OK), unit("b", verdict.OK, found("own", verdict.Warning)),
			unit("c", verdict.OK, found("joined", verdict.Warning))},
		Errs: []aggregator.Unit{unit("d", verdict.Invalid, found("own", verdict.Error)),
			unit("e", verdict.Invalid, found("joined", verdict.Error), found("own", verdict.Error)),
			unit("f", verdict.Invalid, found("joined", verdict.Warning), found("own", verdict.Error)),
			unit("g", verdict.Failed), unit("h", verdict.Invalid, found("own", verdict.Error))},
	}}
	for _, c := range []struct {
		failOn verdict.Severity
		want   []string
	}{
		{verdict.Error, []string{"a ok 0", "c ok 1", "f ok 1", "e invalid 1", "g failed 0", "h invalid 1"}},
		{verdict.Warning, []string{"a ok 0", "c invalid 1", "e invalid 1", "f invalid 1", "g failed 0", "h invalid 1"}},
	} {
		n := policy.Policy{FailOn: c.failOn}.Narrow(s, func(u id.Unit) bool { return u == "a" || u == "h" }, func(f verdict.Finding) bool { return f.Rule == "joined" })
		var got []string
		for _, u := range slices.Concat(n.OKs, n.Errs) {
			got = append(got, fmt.Sprint(u.Name, " ", u.Kind, " ", len(u.Findings)))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("--fail-on %s: %q, want %q", c.failOn, got, c.want)
		}
		if n.Expected != len(got) || n.OK != len(n.OKs) || n.OK+n.Invalid+n.Failed+n.Missing != n.Expected || !n.Complete {
			t.Errorf("--fail-on %s counts %+v of %d units", c.failOn, n.Counts, len(got))
		}
	}
	if len(s.Errs[1].Findings) != 2 || s.Expected != 8 {
		t.Error("the whole summary was changed")
	}
}
