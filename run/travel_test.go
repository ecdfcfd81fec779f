package run_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/verdict"
)

// lenient is a policy that hides what is found in one unit, and asks for more than it may.
func lenient(reason string) policy.Policy {
	at := func(line int) verdict.Place { return verdict.Place{File: "muster.yaml", Line: line, Column: 5} }
	return policy.Policy{Ignores: []policy.Ignore{
		{Rules: []string{"*"}, Units: []string{"*10"}, Reason: reason, Until: "2999-12-31", At: at(3)},
		{Rules: []string{"*"}, Units: []string{"*1"}, Reason: "long ago", Until: "2020-01-01", At: at(4)}}}
}

// TestAPolicyTravels: whoever collects a run judges by the policy of who has started it, and
// is as strict as he says himself; who continues the run brings his own.
func TestAPolicyTravels(t *testing.T) {
	t.Parallel()
	dir := texts(t, 20)
	w := newWorld(t, redistest.Server(t))
	w.work(2, mild{})
	o := w.options(scopeOf(t, dir, mild{}))
	o.Policy = lenient("so be it")
	r := w.run(o)
	reasons := func(s policy.Summary) (all []string) {
		for _, side := range [][]aggregator.Unit{s.OKs, s.Errs} {
			for _, u := range side {
				for _, h := range u.Hidden {
					all = append(all, h.Reason)
				}
			}
		}
		return all
	}
	if got := reasons(r.Summary); len(got) == 0 || len(r.Summary.Remarks) != 1 || r.Summary.Remarks[0].Rule != "P102" {
		t.Fatalf("hidden for %q, remarks %v", got, r.Summary.Remarks)
	}
	collect := func(p policy.Policy) run.Result {
		t.Helper()
		c := w.follow(mild{})
		c.Policy = p
		collected, err := run.Collect(t.Context(), r.ID, c)
		if err != nil {
			t.Fatal(err)
		}
		return collected
	}
	same(t, "run and collect differ", collect(policy.Policy{}), r)
	validated, err := run.Validate(t.Context(), run.ValidateOptions{Scope: scopeOf(t, dir, mild{}), Policy: lenient("so be it"), Jobs: 2,
		Limits: run.Limits{Timeout: time.Minute, UnitTimeout: time.Minute}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "run and validate differ", validated, r)
	if strict := collect(policy.Policy{FailOn: verdict.Warning}); strict.Summary.Invalid <= r.Summary.Invalid || len(reasons(strict.Summary)) != len(reasons(r.Summary)) {
		t.Errorf("a strict collector has %+v and hides %q", strict.Summary.Counts, reasons(strict.Summary))
	}
	o.ID, o.Policy = r.ID, lenient("otherwise")
	r = w.run(o)
	same(t, "the continued run and collect differ", collect(policy.Policy{}), r)
	if got := reasons(r.Summary); len(got) == 0 || got[0] != "otherwise" {
		t.Errorf("continued, hidden for %q", got)
	}
}

// TestALostPolicyIsTold: without its policy no report is made, for it would be another one's.
func TestALostPolicyIsTold(t *testing.T) {
	t.Parallel()
	server := redistest.Server(t)
	w := newWorld(t, server)
	w.work(2, mild{})
	o := w.options(scopeOf(t, texts(t, 3), mild{}))
	o.Policy = lenient("so be it")
	r := w.run(o)
	h, err := w.ledger.Header(t.Context(), r.ID)
	if err != nil || h.Plan.Policy == "" {
		t.Fatalf("%+v, %v", h.Plan, err)
	}
	if err := w.conn.Plain().Del(t.Context(), "muster:bundle:"+string(h.Plan.Policy)).Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := run.Collect(t.Context(), r.ID, w.follow(mild{})); err == nil || !strings.Contains(err.Error(), "policy is no longer in Redis") {
		t.Errorf("collected with %v", err)
	}
}

// TestATooLargePolicyIsRefused before there is a run.
func TestATooLargePolicyIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, redistest.Server(t))
	o := w.options(scopeOf(t, texts(t, 3), mild{}))
	o.Policy = lenient(strings.Repeat("x", policy.MostBytes))
	if _, err := run.Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Errorf("run with %v", err)
	}
	if runs, err := w.ledger.Runs(t.Context()); err != nil || len(runs) > 0 {
		t.Errorf("there are runs: %v, %v", runs, err)
	}
}
