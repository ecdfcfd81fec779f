package run_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/verdict"
)

// summary is what the services alone decide.
func summary(r run.Result) policy.Summary {
	s := r.Summary
	s.Engines = nil
	return s
}

func same(t *testing.T, what string, want, got run.Result) {
	t.Helper()
	if diff := cmp.Diff(summary(want), summary(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// validated is what the words check says without a queue.
func validated(t *testing.T, dir string, units ...id.Unit) run.Result {
	t.Helper()
	r, err := run.Validate(t.Context(), run.ValidateOptions{Scope: scopeOf(t, dir, words{}, units...), Jobs: 2,
		Limits: run.Limits{Timeout: time.Minute, UnitTimeout: time.Minute}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestValidate(t *testing.T) {
	t.Parallel()
	r := validated(t, texts(t, 25))
	var errs []string
	for _, s := range r.Summary.Errs {
		errs = append(errs, string(s.Name)+" "+s.Findings[0].Rule)
	}
	want := []string{"unit-00000 W1", "unit-00010 W1", "unit-00020 W1", "unit-00023 W2", "unit-00024 W2"}
	if diff := cmp.Diff(want, errs); diff != "" {
		t.Errorf("errs (-want +got):\n%s", diff)
	}
	if !r.Summary.Complete || len(r.Summary.OKs) != 20 || r.ExitCode() != 1 {
		t.Errorf("complete %v, %d oks, exit %d; want true, 20, 1", r.Summary.Complete, len(r.Summary.OKs), r.ExitCode())
	}
}

func TestRunFindsWhatValidateFinds(t *testing.T) {
	t.Parallel()
	dir := texts(t, 120)
	want := validated(t, dir)
	redistest.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		w.work(4, words{})
		r := w.run(w.options(scopeOf(t, dir, words{})))
		same(t, "run and validate differ", want, r)
		again, err := run.Collect(t.Context(), r.ID, w.follow(words{}))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "collect and run differ", r, again)
		h, err := w.ledger.Header(t.Context(), r.ID)
		if err != nil || !h.Final.Complete || h.Final.OK != len(r.Summary.OKs) || h.Final.Errs != len(r.Summary.Errs) {
			t.Errorf("the ledger's end is %+v, %v", h.Final, err)
		}
	})
}

// TestEverythingStreams: no step waits for the one before it to end.
func TestEverythingStreams(t *testing.T) {
	t.Parallel()
	dir := largeFleet(t)
	w := newWorld(t, redistest.Server(t))
	w.work(4, words{})
	var n, firstPush, listingEnd, firstVerdict, lastPush int
	o := w.options(scopeOf(t, dir, words{}))
	o.Observe = func(e run.Event) {
		n++
		switch {
		case e.Kind == run.Pushed && firstPush == 0:
			firstPush = n
		case e.Kind == run.ListingEnded:
			listingEnd = n
		case e.Kind == run.Decided && firstVerdict == 0:
			firstVerdict = n
		}
		if e.Kind == run.Pushed {
			lastPush = n
		}
	}
	r := w.run(o)
	if r.Summary.Expected != largeSize || !r.Summary.Complete {
		t.Fatalf("expected %d services, complete %v", r.Summary.Expected, r.Summary.Complete)
	}
	if firstPush == 0 || firstPush > listingEnd {
		t.Errorf("the first task was pushed at step %d, the listing ended at %d", firstPush, listingEnd)
	}
	if firstVerdict == 0 || firstVerdict > lastPush {
		t.Errorf("the first verdict came at step %d, the last task was pushed at %d", firstVerdict, lastPush)
	}
}

// TestSmallRunEndsBesideALargeOne: the window of the large run leaves room.
func TestSmallRunEndsBesideALargeOne(t *testing.T) {
	t.Parallel()
	large, small := largeFleet(t), texts(t, 3)
	url := redistest.Server(t)
	w := newWorld(t, url)
	w.work(2, words{})
	var decided atomic.Int64
	underWay := make(chan struct{})
	o := w.options(scopeOf(t, large, words{}))
	o.Observe = func(e run.Event) {
		if e.Kind == run.Decided && decided.Add(1) == 100 {
			close(underWay)
		}
	}
	var wg sync.WaitGroup
	wg.Go(func() { w.run(o) })
	<-underWay
	other := newWorld(t, url)
	r := other.run(other.options(scopeOf(t, small, words{})))
	at := decided.Load()
	wg.Wait()
	if !r.Summary.Complete || r.Summary.Expected != 3 {
		t.Errorf("the small run saw %d services, complete %v", r.Summary.Expected, r.Summary.Complete)
	}
	if at > largeSize/2 {
		t.Errorf("the large run had decided %d of %d when the small one ended", at, largeSize)
	}
}

func TestDetachedRunIsCollected(t *testing.T) {
	t.Parallel()
	dir := texts(t, 300)
	redistest.Each(t, func(t *testing.T, url string) {
		enqueuer := newWorld(t, url)
		o := enqueuer.options(scopeOf(t, dir, words{}))
		o.Detach = true
		r := enqueuer.run(o)
		if !r.Detached || r.ExitCode() != 0 {
			t.Errorf("detached %v, exit %d; want true, 0", r.Detached, r.ExitCode())
		}
		w := newWorld(t, url)
		w.work(4, words{})
		var wg sync.WaitGroup
		got := make([]run.Result, 2)
		for i := range got {
			wg.Go(func() {
				var err error
				if got[i], err = run.Collect(t.Context(), r.ID, w.follow(words{})); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		want := validated(t, dir)
		for _, r := range got {
			same(t, "collect and validate differ", want, r)
		}
	})
}

func TestChosenServicesSeePartOfTheFleet(t *testing.T) {
	t.Parallel()
	dir := texts(t, 30)
	redistest.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		w.work(2, words{})
		r := w.run(w.options(scopeOf(t, dir, words{}, unit(29), unit(10), unit(29))))
		if r.Summary.FleetRules != aggregator.Partial || r.Summary.Fleet != 30 || r.Summary.Expected != 2 {
			t.Errorf("fleet rules %s, %d of %d services; want partial, 2 of 30", r.Summary.FleetRules, r.Summary.Expected, r.Summary.Fleet)
		}
		same(t, "run and validate differ", validated(t, dir, unit(10), unit(29)), r)
		again, err := run.Collect(t.Context(), r.ID, w.follow(words{}))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "collect and run differ", r, again)
	})
}

func TestWithoutAWorker(t *testing.T) {
	t.Parallel()
	dir := texts(t, 500)
	for _, c := range []struct {
		choice   run.OnUndecided
		exit     int
		here     int
		complete bool
	}{
		{run.Fail, 3, 0, false},
		{run.DecideLocal, 1, 500, true},
	} {
		t.Run(string(c.choice), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, redistest.Server(t))
			o := w.options(scopeOf(t, dir, words{}))
			o.OnUndecided = c.choice
			r := w.run(o)
			if r.ExitCode() != c.exit || len(r.DecidedHere) != c.here || r.Summary.Complete != c.complete {
				t.Errorf("exit %d, %d decided here, complete %v; want %d, %d, %v", r.ExitCode(), len(r.DecidedHere), r.Summary.Complete, c.exit, c.here, c.complete)
			}
			if c.complete {
				same(t, "local decisions and validate differ", validated(t, dir), r)
				again, err := run.Collect(t.Context(), r.ID, w.follow(words{}))
				if err != nil {
					t.Fatal(err)
				}
				same(t, "collect does not see the local decisions", r, again)
			}
			for _, s := range r.Summary.Errs {
				if !c.complete && (s.Kind != verdict.Missing || s.Cause != "no worker") {
					t.Fatalf("%s is %s (%s), want missing (no worker)", s.Name, s.Kind, s.Cause)
				}
			}
			if n := len(w.conn.Plain().Keys(t.Context(), "asynq:*:t:*").Val()); n > 0 {
				t.Errorf("%d tasks of the ended run still wait in Redis", n)
			}
		})
	}
}

// TestLocalCompletionAtTheDeadline: workers that never end are left alone.
func TestLocalCompletionAtTheDeadline(t *testing.T) {
	t.Parallel()
	dir := texts(t, 20)
	w := newWorld(t, redistest.Server(t))
	release := make(chan struct{})
	defer close(release)
	w.work(2, words{before: func(ctx context.Context, _ id.Unit) error {
		select {
		case <-release:
		case <-ctx.Done():
		}
		return ctx.Err()
	}})
	o := w.options(scopeOf(t, dir, words{}))
	o.OnUndecided, o.Timeout = run.DecideLocal, 300*time.Millisecond
	r := w.run(o)
	same(t, "local decisions and validate differ", validated(t, dir), r)
}

func TestABundleThatIsGoneIsUploadedAgain(t *testing.T) {
	t.Parallel()
	dir := texts(t, 12)
	redistest.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		o := w.options(scopeOf(t, dir, words{}))
		ready := pushed(&o, 12)
		var wg sync.WaitGroup
		var r run.Result
		wg.Go(func() { r = w.run(o) })
		<-ready
		c := w.conn.Plain()
		for _, key := range c.Keys(t.Context(), "muster:bundle:*").Val() {
			if err := c.Del(t.Context(), key).Err(); err != nil {
				t.Error(err)
			}
		}
		newWorld(t, url).work(2, words{})
		wg.Wait()
		same(t, "run and validate differ", validated(t, dir), r)
	})
}

func TestFailFast(t *testing.T) {
	t.Parallel()
	dir := texts(t, 2000)
	w := newWorld(t, redistest.Server(t))
	w.work(2, words{})
	o := w.options(scopeOf(t, dir, words{}))
	o.MaxErrs = 1
	r := w.run(o)
	if r.ExitCode() != 1 || r.Summary.Complete || r.Summary.Missing == 0 {
		t.Errorf("exit %d, complete %v, %d missing; want 1, false, some", r.ExitCode(), r.Summary.Complete, r.Summary.Missing)
	}
	for _, u := range r.Summary.Errs {
		if want := "texts/" + string(u.Name); u.Path != want {
			t.Errorf("%s, which is %s, lies in %q, want %q", u.Name, u.Kind, u.Path, want)
		}
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	dir := texts(t, 2000)
	w := newWorld(t, redistest.Server(t))
	w.work(2, words{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := w.options(scopeOf(t, dir, words{}))
	o.Observe = func(e run.Event) {
		if e.Kind == run.Decided {
			cancel()
		}
	}
	r, err := run.Run(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	if r.ExitCode() != 130 || r.Summary.Complete || len(r.Summary.OKs)+len(r.Summary.Errs) != r.Summary.Expected {
		t.Errorf("exit %d, complete %v; want 130 and a partial report", r.ExitCode(), r.Summary.Complete)
	}
}

func TestUndecidableServicesFail(t *testing.T) {
	t.Parallel()
	dir := texts(t, 10)
	for _, c := range []struct {
		name, want string
		before     func(context.Context, id.Unit) error
	}{
		{"an error", "no such registry", func(context.Context, id.Unit) error { return errors.New("no such registry") }},
		{"a panic", "the checker panicked: oh no", func(context.Context, id.Unit) error { panic("oh no") }},
		{"a hang", "longer than 50ms", func(ctx context.Context, _ id.Unit) error { <-ctx.Done(); return ctx.Err() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, redistest.Server(t))
			w.work(2, words{before: func(ctx context.Context, name id.Unit) error {
				if name != unit(5) {
					return nil
				}
				return c.before(ctx, name)
			}})
			o := w.options(scopeOf(t, dir, words{}))
			o.UnitTimeout = 50 * time.Millisecond
			r := w.run(o)
			if r.ExitCode() != 3 || r.Summary.Failed != 1 || !r.Summary.Complete {
				t.Fatalf("exit %d, %d failed, complete %v; want 3, 1, true", r.ExitCode(), r.Summary.Failed, r.Summary.Complete)
			}
			for _, s := range r.Summary.Errs {
				if s.Kind == verdict.Failed && (s.Name != unit(5) || !strings.Contains(s.Cause, c.want)) {
					t.Errorf("%s failed because %q, want %s because %q", s.Name, s.Cause, unit(5), c.want)
				}
			}
		})
	}
}

// TestUnreadablePayloadsFailTheirServices: of one the version is unknown, the other
// is no JSON and is known by its task's ID alone.
func TestUnreadablePayloadsFailTheirServices(t *testing.T) {
	t.Parallel()
	dir := texts(t, 5)
	w := newWorld(t, redistest.Server(t))
	w.queued(dir, "r")
	for i, other := range map[int]string{3: `{"v":9,`, 4: `{"v"+1,`} {
		key := "asynq:{" + tasks.QueueCI + "}:t:" + taskID(i)
		msg := w.conn.Plain().HGet(t.Context(), key, "msg").Val()
		if !strings.Contains(msg, `{"v":1,`) {
			t.Fatalf("the task in Redis is %q", msg)
		}
		if err := w.conn.Plain().HSet(t.Context(), key, "msg", strings.Replace(msg, `{"v":1,`, other, 1)).Err(); err != nil {
			t.Fatal(err)
		}
	}
	w.work(2, words{})
	r, err := run.Collect(t.Context(), "r", w.follow(words{}))
	if err != nil {
		t.Fatal(err)
	}
	if r.Summary.Failed != 2 || !r.Summary.Complete {
		t.Errorf("%d failed, complete %v; want 2, true", r.Summary.Failed, r.Summary.Complete)
	}
}

func TestUnreadableFolders(t *testing.T) {
	t.Parallel()
	dir := texts(t, 4)
	write(t, filepath.Join(dir, "texts", folder(2), "big.txt"), strings.Repeat("x", 2<<20))
	want := validated(t, dir)
	w := newWorld(t, redistest.Server(t))
	w.work(2, words{})
	r := w.run(w.options(scopeOf(t, dir, words{})))
	same(t, "run and validate differ", want, r)
	if r.Summary.Invalid != 2 || r.ExitCode() != 1 {
		t.Errorf("%d invalid, exit %d; want unit 2 invalid beside unit 0, 1", r.Summary.Invalid, r.ExitCode())
	}
}

func TestNothingIsCheckedWithABrokenConfiguration(t *testing.T) {
	t.Parallel()
	dir := texts(t, 3)
	write(t, filepath.Join(dir, "words.conf"), "")
	w := newWorld(t, redistest.Server(t))
	r := w.run(w.options(scopeOf(t, dir, words{})))
	if r.ExitCode() != 2 || len(r.Summary.Config) != 1 || r.Summary.Complete {
		t.Errorf("exit %d, config %v, complete %v; want 2, one finding, false", r.ExitCode(), r.Summary.Config, r.Summary.Complete)
	}
	if keys := w.conn.Plain().Keys(t.Context(), "*").Val(); len(keys) > 0 {
		t.Errorf("something was enqueued: %q", keys)
	}
}

func TestUsageErrors(t *testing.T) {
	t.Parallel()
	dir, empty := texts(t, 3), texts(t, 0)
	if err := os.MkdirAll(filepath.Join(empty, "texts"), 0o755); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, redistest.Server(t))
	for _, c := range []struct {
		name   string
		change func(*run.Options)
		want   string
	}{
		{"an unknown region", func(o *run.Options) { o.Regions = []string{"east"} }, `unknown region "east"`},
		{"an unknown service", func(o *run.Options) { o.Selection = scope.Only("unit-0000") }, "unit-0000"},
		{"no services", func(o *run.Options) { o.Scope = scopeOf(t, empty, words{}) }, "--allow-empty"},
	} {
		o := w.options(scopeOf(t, dir, words{}))
		c.change(&o)
		var usage *scope.UsageError
		if _, err := run.Run(t.Context(), o); !errors.As(err, &usage) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want a usage error with %q", c.name, err, c.want)
		}
	}
	o := w.options(scopeOf(t, empty, words{}))
	o.AllowEmpty = true
	if r := w.run(o); r.ExitCode() != 0 || !r.Summary.Complete {
		t.Errorf("an empty run that is allowed: exit %d, complete %v", r.ExitCode(), r.Summary.Complete)
	}
	if _, err := run.Collect(t.Context(), "nosuch", w.follow(words{})); err == nil || !strings.Contains(err.Error(), "enqueue runs") {
		t.Errorf("collecting an unknown run: %v", err)
	}
}
