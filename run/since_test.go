package run_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/test/redistest"
)

// TestSinceJudgesTheEnd: a run asks once for what stood before, when all is decided, is its owner's meanwhile, and leaves in
// Redis what it has come to.
func TestSinceJudgesTheEnd(t *testing.T) {
	t.Parallel()
	dir := texts(t, 20)
	s := scopeOf(t, dir, words{})
	before := validated(t, dir)
	w := newWorld(t, redistest.Server(t))
	w.work(2, words{})
	o := w.options(s)
	asked := 0
	o.Since = func(ctx context.Context) *policy.Since {
		asked++
		h, err := w.ledger.Header(ctx, o.ID)
		if err != nil || h.Decided != 20 || h.Ended() {
			t.Errorf("when it is asked for what stood before, the run has %d decided, ended %v (%v)", h.Decided, h.Ended(), err)
		}
		return &policy.Since{Rev: "main", Entries: before.Summary.Standing()}
	}
	o.ID = "compared"
	r := w.run(o)
	if asked != 1 || r.Summary.OK != 20 || r.Summary.Since.New != 0 || r.Summary.Since.Old == 0 {
		t.Errorf("asked %d times; %+v, %+v", asked, r.Summary.Counts, r.Summary.Since)
	}
	h, err := w.ledger.Header(t.Context(), "compared")
	if err != nil || h.Final.OK != 20 {
		t.Errorf("Redis knows of it %+v (%v)", h.Final, err)
	}
}

// TestInterruptedWhileItIsCompared: what the user ends then is ended, though everything was decided.
func TestInterruptedWhileItIsCompared(t *testing.T) {
	t.Parallel()
	dir := texts(t, 20)
	// interrupted is a context that ends when the run asks for what stood before.
	interrupted := func() (context.Context, func(context.Context) *policy.Since) {
		ctx, cancel := context.WithCancel(t.Context())
		return ctx, func(ctx context.Context) *policy.Since {
			cancel()
			<-ctx.Done()
			return &policy.Since{Rev: "main"}
		}
	}
	ctx, since := interrupted()
	r, err := run.Validate(ctx, run.ValidateOptions{Scope: scopeOf(t, dir, words{}), Jobs: 2, Since: since,
		Limits: run.Limits{Timeout: time.Minute, UnitTimeout: time.Minute}, Log: slog.New(slog.DiscardHandler)})
	if err != nil || r.ExitCode() != policy.ExitInterrupted {
		t.Errorf("exit code %d (%v)", r.ExitCode(), err)
	}
	w := newWorld(t, redistest.Server(t))
	w.work(2, words{})
	o := w.options(scopeOf(t, dir, words{}))
	ctx, o.Since = interrupted()
	if r, err := run.Run(ctx, o); err != nil || r.ExitCode() != policy.ExitInterrupted {
		t.Errorf("over Redis exit code %d (%v)", r.ExitCode(), err)
	}
}
