package run_test

import (
	"cmp"
	"context"
	"io/fs"
	"log/slog"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/verdict"
)

// mild is the words check that only warns of words. What two units share is an error.
type mild struct{ words }

func (m mild) Open(shared fs.FS) (check.Session, error) {
	s, err := m.words.Open(shared)
	return mildSession{s}, err
}

type mildSession struct{ check.Session }

func (m mildSession) Check(ctx context.Context, u check.Unit, regions []string) (verdict.Decision, error) {
	d, err := m.Session.Check(ctx, u, regions)
	for i := range d.Findings {
		d.Findings[i].Severity = verdict.Warning
	}
	return d, err
}

// policies are each with what it makes of 20 units of which two are warned of and two are
// invalid.
var policies = map[verdict.Severity]aggregator.Counts{
	"":              {OK: 18, Invalid: 2, Expected: 20},
	verdict.Warning: {OK: 16, Invalid: 4, Expected: 20},
}

// TestAPolicyJudgesTheEnd: what warnings are to a policy shows in the result and in Redis,
// and does not end a run at its first err.
func TestAPolicyJudgesTheEnd(t *testing.T) {
	t.Parallel()
	dir := texts(t, 20)
	for on, want := range policies {
		p := policy.Policy{FailOn: on}
		t.Run("fail on "+cmp.Or(string(on), "nothing said"), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, redistest.Server(t))
			w.work(2, mild{})
			o := w.options(scopeOf(t, dir, mild{}))
			o.Policy, o.MaxErrs, o.Observe = p, 1, noErrs(t)
			r := w.run(o)
			w.checkJudged(r, want)
			collected := w.collectDetached(dir, p)
			w.checkJudged(collected, want)
			validated, err := run.Validate(t.Context(), run.ValidateOptions{Scope: scopeOf(t, dir, mild{}), Policy: p, Jobs: 2, Observe: noErrs(t),
				Limits: run.Limits{Timeout: time.Minute, UnitTimeout: time.Minute, MaxErrs: 1}, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			same(t, "run and validate differ", validated, r)
			same(t, "run and collect differ", collected, r)
		})
	}
}

// collectDetached leaves a run to the workers, and judges what they find by p.
func (w *world) collectDetached(dir string, p policy.Policy) run.Result {
	w.t.Helper()
	o := w.options(scopeOf(w.t, dir, mild{}))
	o.Detach = true
	c := w.follow(mild{})
	c.Policy, c.MaxErrs, c.Observe = p, 1, noErrs(w.t)
	r, err := run.Collect(w.t.Context(), w.run(o).ID, c)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// noErrs is an observer that no err may be told: none has shown before the end.
func noErrs(t *testing.T) func(run.Event) {
	return func(e run.Event) {
		if e.Progress.Errs > 0 {
			t.Errorf("%d errs are told before the end", e.Progress.Errs)
		}
	}
}

// checkJudged checks the counts of a run that is complete, here and in Redis.
func (w *world) checkJudged(r run.Result, want aggregator.Counts) {
	w.t.Helper()
	if r.Summary.Counts != want || !r.Summary.Complete || r.ExitCode() != policy.ExitInvalid {
		w.t.Errorf("the counts are %+v, complete %v, exit %d; want %+v, true, %d", r.Summary.Counts, r.Summary.Complete, r.ExitCode(), want, policy.ExitInvalid)
	}
	final := ledger.Final{OK: want.OK, Errs: want.Invalid, Complete: true}
	if h, err := w.ledger.Header(w.t.Context(), r.ID); err != nil || h.Final != final {
		w.t.Errorf("the ledger's end is %+v, %v; want %+v", h.Final, err, final)
	}
}
