package run_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/isolate"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/reissue"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/verdict"
)

// detached hands over a run of the units in dir and returns its ID.
func (w *world) detached(dir string, name id.Run) {
	w.t.Helper()
	o := w.options(scopeOf(w.t, dir, words{}))
	o.ID, o.Detach = name, true
	w.run(o)
}

// queued hands over such a run whose tasks are all in the queue.
func (w *world) queued(dir string, name id.Run) {
	w.t.Helper()
	w.detached(dir, name)
	w.pushAll(name)
}

// pushAll pushes the tasks of a detached run as a worker does that has gone since.
func (w *world) pushAll(name id.Run) {
	w.t.Helper()
	ctx := w.t.Context()
	h, err := w.ledger.Header(ctx, name)
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := w.ledger.Claim(ctx, h, ledger.Claim{Worker: "gone", Lease: time.Millisecond, Windows: []int{1000}, Quiet: time.Minute, Most: 1000})
	if err != nil || c.Answer != ledger.Granted {
		w.t.Fatalf("Claim = %+v, %v", c, err)
	}
	for _, u := range c.Units {
		task := reissue.Task(name, h.Plan, reissue.Attempt{Unit: u.Unit, Number: u.Attempt}, u.Digest, u.Kind)
		if err := w.client.Push(ctx, h.Plan.Queue, task); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) collect(name id.Run) run.Result {
	w.t.Helper()
	r, err := run.Collect(w.t.Context(), name, w.follow(words{}))
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func causes(r run.Result) map[id.Unit]string {
	all := map[id.Unit]string{}
	for _, s := range r.Summary.Errs {
		if s.Cause != "" {
			all[s.Name] = s.Cause
		}
	}
	return all
}

// TestAVanishedTaskIsPushedAgain: nothing waits, nothing is under way, and a
// service has no verdict. asynq alone would never know.
func TestAVanishedTaskIsPushedAgain(t *testing.T) {
	t.Parallel()
	dir := texts(t, 10)
	w := newWorld(t, redistest.Server(t))
	w.queued(dir, "r")
	c := w.conn.Plain()
	if n := c.LRem(t.Context(), "asynq:{muster-ci}:pending", 0, taskID(3)).Val(); n != 1 {
		t.Fatalf("%d tasks of %s were pending, want 1", n, unit(3))
	}
	w.work(2, words{})
	same(t, "collect and validate differ", validated(t, dir), w.collect("r"))
}

// dies lets a worker that is dead have begun an attempt at a unit, and takes the unit's
// first task out of the queue.
func (w *world) dies(worker string, i, attempt int) {
	w.t.Helper()
	w.conn.Plain().LRem(w.t.Context(), "asynq:{muster-ci}:pending", 0, taskID(i))
	digest, _, err := w.ledger.Digest(w.t.Context(), "r", unit(i))
	if err != nil {
		w.t.Fatal(err)
	}
	g, err := w.ledger.Begin(w.t.Context(), ledger.BeginRequest{Run: "r", Unit: unit(i), Digest: digest, Attempt: attempt, Delivery: id.Delivery(worker + "#1")})
	if err != nil || g.Answer != ledger.Granted {
		w.t.Fatalf("Begin = %s, %v", g.Answer, err)
	}
}

// suspected makes a unit a suspect whose attempt is the one given.
func (w *world) suspected(i, attempt int) {
	w.t.Helper()
	for number := 1; number < attempt; number++ {
		next, err := w.ledger.Reissue(w.t.Context(), "r", unit(i), number, true)
		if err != nil || next != (ledger.Next{Answer: ledger.Alone, Number: number + 1}) {
			w.t.Fatalf("Reissue(%d) = %+v, %v", number, next, err)
		}
	}
}

// TestTheTaskOfADeadWorkerIsASuspect: a worker that is gone had begun a service.
func TestTheTaskOfADeadWorkerIsASuspect(t *testing.T) {
	t.Parallel()
	dir := texts(t, 10)
	w := newWorld(t, redistest.Server(t))
	w.queued(dir, "r")
	w.dies("dead-worker", 4, 1)
	var mu sync.Mutex
	var apart []id.Unit
	w.workApart(2, func(ctx context.Context, task tasks.Task, unit, shared []byte) (verdict.Verdict, error) {
		mu.Lock()
		defer mu.Unlock()
		apart = append(apart, task.Unit)
		return isolate.DecideTask(ctx, check.Kinds{words{}}, task, unit, shared, 1<<20)
	}, words{})
	same(t, "collect and validate differ", validated(t, dir), w.collect("r"))
	if attempts, err := w.ledger.Attempts(t.Context(), "r"); err != nil || attempts[unit(4)] != 2 {
		t.Errorf("attempts %v, %v; want the second of %s", attempts, err, unit(4))
	}
	mu.Lock()
	defer mu.Unlock()
	if !slices.Equal(apart, []id.Unit{unit(4)}) {
		t.Errorf("%q were decided apart, want %s alone", apart, unit(4))
	}
}

// TestAServiceThatKillsIsCondemned: two workers died while they decided it apart.
func TestAServiceThatKillsIsCondemned(t *testing.T) {
	t.Parallel()
	dir := texts(t, 3)
	w := newWorld(t, redistest.Server(t))
	w.queued(dir, "r")
	// Two deaths have been seen: in company, and apart. The third attempt is under way
	// with a worker that is dead.
	w.suspected(1, 3)
	w.dies("dead-worker", 1, 3)
	w.work(2, words{})
	r := w.collect("r")
	if cause := causes(r)[unit(1)]; !strings.Contains(cause, "2 workers died") || r.ExitCode() != 3 || r.Summary.Failed != 1 {
		t.Errorf("exit %d, %d failed, %s failed because %q", r.ExitCode(), r.Summary.Failed, unit(1), cause)
	}
}

// TestADeathIsNotASuspectsFault if the worker had begun a service in its own process, too.
func TestADeathIsNotASuspectsFault(t *testing.T) {
	t.Parallel()
	dir := texts(t, 3)
	w := newWorld(t, redistest.Server(t))
	w.queued(dir, "r")
	w.suspected(1, 3)
	w.dies("dead-worker", 1, 3)
	w.dies("dead-worker", 2, 1)
	w.work(2, words{})
	same(t, "collect and validate differ", validated(t, dir), w.collect("r"))
}

// TestSuspicionDoesNotQueue: all suspects are decided at once, by one worker.
func TestSuspicionDoesNotQueue(t *testing.T) {
	t.Parallel()
	const suspects = 3
	dir := texts(t, 40)
	w := newWorld(t, redistest.Server(t))
	w.queued(dir, "r")
	for i := range suspects {
		w.dies("dead-worker", 5+i, 1)
	}
	all := make(chan struct{})
	var inside atomic.Int64
	w.workApart(4, func(ctx context.Context, task tasks.Task, unit, shared []byte) (verdict.Verdict, error) {
		if inside.Add(1) == suspects {
			close(all)
		}
		select {
		case <-all:
		case <-ctx.Done():
			return verdict.Verdict{}, ctx.Err()
		}
		return isolate.DecideTask(ctx, check.Kinds{words{}}, task, unit, shared, 1<<20)
	}, words{})
	same(t, "collect and validate differ", validated(t, dir), w.collect("r"))
	if inside.Load() != suspects {
		t.Errorf("%d services were decided apart, want %d", inside.Load(), suspects)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	dir := texts(t, 500)
	url := redistest.Server(t)
	w := newWorld(t, url)
	w.queued(dir, "r")
	var wg sync.WaitGroup
	var r run.Result
	wg.Go(func() { r = newWorld(t, url).collect("r") })
	if err := run.Cancel(t.Context(), w.connection(), "r", ledger.Cancellation{Reason: "a test wants it", By: "somebody"}); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	if r.ExitCode() != 3 || r.Summary.Missing != 500 || causes(r)[unit(9)] != "the run was cancelled: a test wants it" {
		t.Errorf("exit %d, %d missing, because %q", r.ExitCode(), r.Summary.Missing, causes(r)[unit(9)])
	}
	if n := w.conn.Plain().LLen(t.Context(), "asynq:{muster-ci}:pending").Val(); n != 0 {
		t.Errorf("%d tasks still wait", n)
	}
	var usage *scope.UsageError
	if err := run.Cancel(t.Context(), w.connection(), "r", ledger.Cancellation{Reason: "again"}); !errors.As(err, &usage) {
		t.Errorf("cancelling again: %v, want a usage error", err)
	}
}

// TestAnAbandonedRun: its enqueuer is gone before it had pushed everything.
func TestAnAbandonedRun(t *testing.T) {
	t.Parallel()
	dir := texts(t, 10)
	w := newWorld(t, redistest.Server(t))
	owner, err := w.ledger.Open(t.Context(), "r", ledger.Opening{Plan: ledger.Plan{Queue: tasks.QueueCI, Checker: "words", Regions: []string{"north", "south"}, Whole: true,
		Shared: sharedDigest(t, w, dir), TimeoutMS: 10000}})
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.AddExpected(t.Context(), []id.Unit{unit(0), unit(1)}); err != nil {
		t.Fatal(err)
	}
	long := owner.Header.Started.Add(-time.Minute).UnixMilli()
	if err := w.conn.Plain().HSet(t.Context(), "muster:{r}:run", "owned", long).Err(); err != nil {
		t.Fatal(err)
	}
	r := w.collect("r")
	if r.ExitCode() != 3 || !strings.Contains(r.Stopped, "enqueue run --resume r") || r.Summary.Missing != 2 {
		t.Errorf("exit %d, %d missing, stopped because %q", r.ExitCode(), r.Summary.Missing, r.Stopped)
	}
	w.work(2, words{})
	o := w.options(scopeOf(t, dir, words{}))
	o.ID, o.Resume = "r", true
	same(t, "the resumed run and validate differ", validated(t, dir), w.run(o))
}

// sharedDigest is the digest of the shared files in dir, which are uploaded.
func sharedDigest(t *testing.T, w *world, dir string) id.Digest {
	t.Helper()
	b, err := scopeOf(t, dir, words{}).Fleet.Shared(t.Context(), scopeOf(t, dir, words{}).Fleet.Layout().Kinds...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.ledger.Upload(t.Context(), b.Digest(), b.Pack); err != nil {
		t.Fatal(err)
	}
	return b.Digest()
}

// TestLostRunsFailLoudly: a Redis that has forgotten is never "no errs".
func TestLostRunsFailLoudly(t *testing.T) {
	t.Parallel()
	dir := texts(t, 50)
	for _, c := range []struct {
		name, why string
		forget    func(context.Context, *world) error
	}{
		{"everything", "Redis has lost the run", func(ctx context.Context, w *world) error { return w.conn.Plain().FlushAll(ctx).Err() }},
		{"some names", "Redis has lost the run", func(ctx context.Context, w *world) error {
			return w.conn.Plain().HDel(ctx, "muster:{r}:expect", string(unit(1))).Err()
		}},
		{"the run, which is another one now", "another enqueuer has continued the run", func(ctx context.Context, w *world) error {
			return w.conn.Plain().HSet(ctx, "muster:{r}:run", "generation", "other").Err()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, redistest.Server(t))
			o := w.options(scopeOf(t, dir, words{}))
			o.ID = "r"
			sealed := make(chan struct{})
			n := 0
			o.Observe = func(e run.Event) {
				// The watcher has seen the run as it was.
				if e.Kind == run.Waiting && e.Progress.Pushed >= 32 {
					if n++; n == 2 {
						close(sealed)
					}
				}
			}
			var wg sync.WaitGroup
			var r run.Result
			wg.Go(func() { r = w.run(o) })
			<-sealed
			if err := c.forget(t.Context(), w); err != nil {
				t.Fatal(err)
			}
			wg.Wait()
			if r.ExitCode() != 3 || r.Summary.Complete || !strings.Contains(r.Stopped, c.why) {
				t.Errorf("exit %d, complete %v, stopped because %q", r.ExitCode(), r.Summary.Complete, r.Stopped)
			}
		})
	}
}

func TestMaxErrs(t *testing.T) {
	t.Parallel()
	r, err := run.Validate(t.Context(), run.ValidateOptions{Scope: scopeOf(t, texts(t, 100), words{}), Jobs: 1,
		Limits: run.Limits{MaxErrs: 3, Timeout: time.Minute, UnitTimeout: time.Minute}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Summary.Invalid < 3 || r.Summary.Complete || r.ExitCode() != 1 || r.Stopped != "stopped after 3 errs" {
		t.Errorf("%d invalid, complete %v, exit %d, stopped because %q", r.Summary.Invalid, r.Summary.Complete, r.ExitCode(), r.Stopped)
	}
	for service, cause := range causes(r) {
		if cause != "stopped after 3 errs" {
			t.Fatalf("%s is missing because %q", service, cause)
		}
	}
}

// TestSuspectsAreDecidedApart: what has killed a worker does not get to kill the
// enqueuer. What was found of it in spite of the failure is told.
func TestSuspectsAreDecidedApart(t *testing.T) {
	t.Parallel()
	found := verdict.Finding{Rule: "W9", Message: "another check has found this"}
	for name, says := range map[string]func(tasks.Task) verdict.Verdict{
		"nothing is decided": func(tasks.Task) verdict.Verdict { return verdict.Verdict{} },
		"one check decides": func(t tasks.Task) verdict.Verdict {
			return verdict.Subject{Unit: t.Unit, Digest: t.Digest, Shared: t.Shared}.Of(verdict.Part{Check: "words", Failure: "signal: killed",
				Decision: verdict.Decision{Findings: []verdict.Finding{found}}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := decidedApart(t, says)
			if want := len(says(tasks.Task{}).Findings()); !strings.Contains(got.Cause, "signal: killed") || len(got.Findings) != want {
				t.Errorf("the suspect is %+v, want %d findings", got, want)
			}
		})
	}
}

// decidedApart is what a run says of the one unit with which a worker has died, where a
// process of its own cannot decide it, either.
func decidedApart(t *testing.T, says func(tasks.Task) verdict.Verdict) (suspect aggregator.Unit) {
	dir := texts(t, 3)
	w := newWorld(t, redistest.Server(t))
	o := w.options(scopeOf(t, dir, words{}))
	o.ID, o.OnUndecided, o.Timeout = "r", run.DecideLocal, 4*time.Second
	var apart atomic.Int64
	o.Isolate = func(_ context.Context, task tasks.Task, _, _ []byte) (verdict.Verdict, error) {
		apart.Add(1)
		return says(task), errors.New("signal: killed")
	}
	ready := pushed(&o, 3)
	var wg sync.WaitGroup
	var r run.Result
	wg.Go(func() { r = w.run(o) })
	<-ready
	// One worker is alive, so that the run waits; another has begun a service and
	// died.
	if n := w.conn.Plain().LRem(t.Context(), "asynq:{muster-ci}:pending", 0, taskID(1)).Val(); n != 1 {
		t.Errorf("%d tasks of %s were pending, want 1", n, unit(1))
	}
	w.work(1, words{before: func(ctx context.Context, _ id.Unit) error { <-ctx.Done(); return ctx.Err() }})
	digest, _, err := w.ledger.Digest(t.Context(), "r", unit(1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.ledger.Begin(t.Context(), ledger.BeginRequest{Run: "r", Unit: unit(1), Digest: digest, Attempt: 1, Delivery: "dead-worker#1"}); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	i := slices.IndexFunc(r.Summary.Errs, func(u aggregator.Unit) bool { return u.Name == unit(1) })
	if apart.Load() != 1 || i < 0 {
		t.Fatalf("%d services decided apart, want 1, and %s failed: %+v", apart.Load(), unit(1), r.Summary.Errs)
	}
	return r.Summary.Errs[i]
}

// TestAStoppedRunAccountsForAllServices: also for those that were not listed yet.
func TestAStoppedRunAccountsForAllServices(t *testing.T) {
	t.Parallel()
	o := run.ValidateOptions{Scope: scopeOf(t, largeFleet(t), words{}), Jobs: 2,
		Limits: run.Limits{MaxErrs: 1, Timeout: time.Minute, UnitTimeout: time.Minute}}
	r, err := run.Validate(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(r.Summary.OKs) + len(r.Summary.Errs); n != largeSize || r.Summary.Expected != largeSize || r.Summary.Fleet != largeSize {
		t.Errorf("%d services in the report, %d expected, a fleet of %d; want %d each", n, r.Summary.Expected, r.Summary.Fleet, largeSize)
	}
}

// TestAnExpectationThatIsLostIsMadeAgain: Redis was restarted without its last
// writes. The enqueuer has the folder and says again what it expects.
func TestAnExpectationThatIsLostIsMadeAgain(t *testing.T) {
	t.Parallel()
	// More than the window holds, and all of the window is lost.
	const all, window = 50, 32
	dir := texts(t, all)
	url := redistest.Server(t)
	w := newWorld(t, url)
	o := w.options(scopeOf(t, dir, words{}))
	o.ID = "r"
	ready := pushed(&o, window)
	var wg sync.WaitGroup
	var r run.Result
	wg.Go(func() { r = w.run(o) })
	<-ready
	c := w.conn.Plain()
	tasks := c.LRange(t.Context(), "asynq:{muster-ci}:pending", 0, -1).Val()
	if len(tasks) != window {
		t.Errorf("%d tasks were pending, want %d", len(tasks), window)
	}
	for _, id := range tasks {
		if err := c.HSet(t.Context(), "muster:{r}:expect", strings.Split(id, "/")[1], "").Err(); err != nil {
			t.Error(err)
		}
	}
	if err := c.Del(t.Context(), "asynq:{muster-ci}:pending").Err(); err != nil {
		t.Error(err)
	}
	newWorld(t, url).work(2, words{})
	wg.Wait()
	same(t, "run and validate differ", validated(t, dir), r)
}

// TestAnAttemptThatIsForgottenIsMadeAgain: the task of the second attempt has
// vanished, and a restarted Redis knows of the first one only.
func TestAnAttemptThatIsForgottenIsMadeAgain(t *testing.T) {
	t.Parallel()
	dir := texts(t, 3)
	url := redistest.Server(t)
	w := newWorld(t, url)
	o := w.options(scopeOf(t, dir, words{}))
	o.ID = "r"
	ready := pushed(&o, 3)
	var wg sync.WaitGroup
	var r run.Result
	wg.Go(func() { r = w.run(o) })
	<-ready
	c := w.conn.Plain()
	vanish := func() {
		for _, key := range []string{"asynq:{muster-ci}:pending", "muster:{r}:attempts"} {
			if err := c.Del(t.Context(), key).Err(); err != nil {
				t.Error(err)
			}
		}
	}
	vanish()
	for deadline := time.Now().Add(20 * time.Second); c.LLen(t.Context(), "asynq:{muster-ci}:pending").Val() < 3; {
		if time.Now().After(deadline) {
			t.Fatal("the tasks that vanished were not made again")
		}
	}
	vanish()
	newWorld(t, url).work(2, words{})
	wg.Wait()
	same(t, "run and validate differ", validated(t, dir), r)
}
