package run_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/test/redistest"
)

// gate lets checks wait until it is opened.
type gate chan struct{}

func (g gate) kind() words {
	return words{before: func(ctx context.Context, _ id.Unit) error { await(ctx, g); return ctx.Err() }}
}

// TestALookAtARunThatIsListedEndsNothing: a collector that gives up before the listing has
// ended says that it does not know everything, and the run goes on.
func TestALookAtARunThatIsListedEndsNothing(t *testing.T) {
	t.Parallel()
	url := redistest.Server(t)
	w := newWorld(t, url)
	g := make(gate)
	w.work(2, g.kind())
	o := w.options(scopeOf(t, largeFleet(t), words{}))
	o.ID = "r"
	ready := pushed(&o, 1)
	var wg sync.WaitGroup
	var r run.Result
	wg.Go(func() { r = w.run(o) })
	<-ready
	for name, look := range map[string]func(context.Context, *run.CollectOptions) context.Context{
		"timeout": func(ctx context.Context, c *run.CollectOptions) context.Context {
			c.Timeout = 100 * time.Millisecond
			return ctx
		},
		"Ctrl-C": func(ctx context.Context, _ *run.CollectOptions) context.Context {
			ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
			t.Cleanup(cancel)
			return ctx
		},
	} {
		other := newWorld(t, url)
		c := other.follow(words{})
		got, err := run.Collect(look(t.Context(), &c), "r", c)
		if err != nil {
			t.Fatal(err)
		}
		if got.Summary.Complete || !got.Summary.Unlisted || got.ExitCode() == 0 || got.Summary.Expected == 0 {
			t.Errorf("%s: complete %v, unlisted %v, exit %d, at least %d services", name, got.Summary.Complete, got.Summary.Unlisted, got.ExitCode(), got.Summary.Expected)
		}
	}
	if h, err := w.ledger.Header(t.Context(), "r"); err != nil || h.Ended() {
		t.Errorf("the run is %s, %v", h.State, err)
	}
	close(g)
	wg.Wait()
	if !r.Summary.Complete || r.Summary.Expected != largeSize || r.ExitCode() != 1 {
		t.Errorf("the run: complete %v, %d expected, exit %d", r.Summary.Complete, r.Summary.Expected, r.ExitCode())
	}
}

// TestARunThatHasAnOwnerIsRefused: a second enqueuer of the same run ID does nothing.
func TestARunThatHasAnOwnerIsRefused(t *testing.T) {
	t.Parallel()
	dir, more := texts(t, 40), texts(t, 41)
	url := redistest.Server(t)
	w := newWorld(t, url)
	g := make(gate)
	w.work(2, g.kind())
	o := w.options(scopeOf(t, dir, words{}))
	o.ID = "r"
	ready := pushed(&o, 32)
	var wg sync.WaitGroup
	var r run.Result
	wg.Go(func() { r = w.run(o) })
	<-ready
	for name, change := range map[string]func(*run.Options){
		"the same":         func(*run.Options) {},
		"more services":    func(o *run.Options) { o.Scope = scopeOf(t, more, words{}) },
		"a short patience": func(o *run.Options) { o.Timeout = time.Millisecond },
		"fail fast":        func(o *run.Options) { o.MaxErrs = 1 },
		"resumed":          func(o *run.Options) { o.Resume = true },
	} {
		other := newWorld(t, url).options(scopeOf(t, dir, words{}))
		other.ID = "r"
		change(&other)
		var usage *scope.UsageError
		if _, err := run.Run(t.Context(), other); !errors.As(err, &usage) || !strings.Contains(err.Error(), "enqueue collect r") {
			t.Errorf("%s: %v, want a usage error that says how to follow the run", name, err)
		}
	}
	close(g)
	wg.Wait()
	same(t, "the run and validate differ", validated(t, dir), r)
}

// TestARunIsContinued: the same run ID again, after every end that a run can have. The
// report is about the checkout as it is.
func TestARunIsContinued(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		first  func(t *testing.T, w *world, o run.Options)
		change func(t *testing.T, dir string)
		stood  int // of 20
	}{
		{"after success", completed, nil, 20},
		{"after success, of a folder that changed", completed, func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "texts", folder(1), "a.txt"), "so bad")
		}, 19},
		{"after success, of a folder that is gone and one that is new", completed, func(t *testing.T, dir string) {
			if err := os.RemoveAll(filepath.Join(dir, "texts", folder(1))); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "texts", "new", "a.txt"), "bad")
		}, 19},
		{"after success, with other shared files", completed, func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "words.conf"), "good")
		}, 0},
		{"after a timeout without a worker", func(t *testing.T, w *world, o run.Options) {
			o.Timeout = 50 * time.Millisecond
			w.run(o)
		}, nil, 0},
		{"after an interrupt", func(t *testing.T, w *world, o run.Options) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			o.Observe = func(e run.Event) {
				if e.Kind == run.Pushed {
					cancel()
				}
			}
			if r, err := run.Run(ctx, o); err != nil || r.ExitCode() != 130 {
				t.Errorf("the first run: exit %d, %v", r.ExitCode(), err)
			}
		}, nil, 0},
		{"after a cancellation", func(t *testing.T, w *world, o run.Options) {
			o.Detach = true
			w.run(o)
			if err := run.Cancel(t.Context(), w.connection(), o.ID, ledger.Cancellation{Reason: "no"}); err != nil {
				t.Fatal(err)
			}
		}, nil, 0},
		{"while it is detached", func(t *testing.T, w *world, o run.Options) {
			o.Detach = true
			w.run(o)
		}, nil, 0},
		{"after its enqueuer was killed", func(t *testing.T, w *world, o run.Options) {
			o.Detach = true
			w.run(o)
			long := time.Now().Add(-time.Minute).UnixMilli()
			c := w.conn.Plain()
			c.HDel(t.Context(), "muster:{r}:run", "handed", "detached")
			c.HSet(t.Context(), "muster:{r}:run", "owned", long)
		}, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := texts(t, 20)
			w := newWorld(t, redistest.Server(t))
			o := w.options(scopeOf(t, dir, words{}))
			o.ID = "r"
			c.first(t, w, o)
			if c.change != nil {
				c.change(t, dir)
			}
			w.work(2, words{})
			r := w.run(w.again(dir))
			same(t, "the run and validate differ", validated(t, dir), r)
			if r.Stood != c.stood || (c.stood > 0) == r.StoodFrom.IsZero() {
				t.Errorf("%d verdicts stood, from %s; want %d", r.Stood, r.StoodFrom, c.stood)
			}
			same(t, "collect sees another end", r, w.collect("r"))
		})
	}
}

// completed is a first run that ends with every verdict.
func completed(t *testing.T, w *world, o run.Options) {
	t.Helper()
	worker := newWorld(t, w.url)
	worker.work(2, words{})
	if r := w.run(o); !r.Summary.Complete {
		t.Fatalf("the first run is not complete: %s", r.Stopped)
	}
}

// again are the options of a run of the same ID, of the checkout as it is now.
func (w *world) again(dir string) run.Options {
	o := w.options(scopeOf(w.t, dir, words{}))
	o.ID = "r"
	return o
}

// TestOnlyTheFailedIsDecidedAgain, with another selection and other regions beside it.
func TestOnlyTheFailedIsDecidedAgain(t *testing.T) {
	t.Parallel()
	dir := texts(t, 30)
	w := newWorld(t, redistest.Server(t))
	var broken, checks atomic.Int64
	broken.Store(1)
	w.work(2, words{before: func(_ context.Context, name id.Unit) error {
		checks.Add(1)
		if name == unit(5) && broken.Load() == 1 {
			return errors.New("vault is away")
		}
		return nil
	}})
	if r := w.run(w.again(dir)); r.Summary.Failed != 1 || r.ExitCode() != 3 {
		t.Fatalf("%d failed, exit %d; want 1, 3", r.Summary.Failed, r.ExitCode())
	}
	broken.Store(0)
	checks.Store(0)
	o := w.again(dir)
	o.Resume = true
	r := w.run(o)
	same(t, "the continued run and validate differ", validated(t, dir), r)
	if checks.Load() != 1 || r.Stood != 29 {
		t.Errorf("%d services were checked again and %d stood, want the one that failed and 29", checks.Load(), r.Stood)
	}
	o = w.again(dir)
	o.Selection = scope.Only(unit(5), unit(6))
	if r := w.run(o); r.Summary.Expected != 2 || r.Stood != 2 {
		t.Errorf("with another selection: %d expected, %d stood; want 2, 2", r.Summary.Expected, r.Stood)
	}
	o = w.again(dir)
	o.Regions = []string{"north"}
	if r := w.run(o); !r.Summary.Complete || r.Stood != 0 {
		t.Errorf("with other regions: complete %v, %d stood; want true, 0", r.Summary.Complete, r.Stood)
	}
}

func TestResumeInsistsThatTheRunIsThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, redistest.Server(t))
	o := w.again(texts(t, 3))
	o.Resume = true
	var usage *scope.UsageError
	if _, err := run.Run(t.Context(), o); !errors.As(err, &usage) || !strings.Contains(err.Error(), "not in Redis") {
		t.Errorf("%v, want a usage error", err)
	}
}

// TestAReplacedOwnerDoesNoHarm: an enqueuer is frozen for longer than an owner may be, and
// wakes up beside the one that has continued its run from another checkout.
func TestAReplacedOwnerDoesNoHarm(t *testing.T) {
	t.Parallel()
	first, second := texts(t, 60), texts(t, 50)
	url := redistest.Server(t)
	w := newWorld(t, url)
	frozen := make(gate)
	o := w.options(scopeOf(t, first, words{}))
	o.ID = "r"
	var once sync.Once
	ready := make(chan struct{})
	o.Observe = func(e run.Event) {
		if e.Kind == run.Pushed && e.Progress.Pushed > 20 {
			once.Do(func() { close(ready); <-frozen }) // the one consumer: nothing goes on
		}
	}
	var wg sync.WaitGroup
	var old run.Result
	wg.Go(func() { old = w.run(o) })
	<-ready
	// Its watcher goes on; to Redis it shall seem dead.
	other := newWorld(t, url)
	impatient := ledger.NewTimed(other.conn.Bulk(), other.conn.Plain(), ledger.Timing{OrphanAfter: time.Hour, OrphanGrace: time.Hour, OwnerSilence: -time.Second})
	next := other.options(scopeOf(t, second, words{}))
	next.ID, next.Ledger = "r", impatient
	other.work(2, words{})
	r := other.run(next)
	close(frozen)
	wg.Wait()
	same(t, "the newer run and validate differ", validated(t, second), r)
	if old.ExitCode() != 3 || old.Summary.Complete || !strings.Contains(old.Stopped, "another enqueuer has continued the run") {
		t.Errorf("the replaced run: exit %d, complete %v, stopped because %q", old.ExitCode(), old.Summary.Complete, old.Stopped)
	}
	h, err := other.ledger.Header(t.Context(), "r")
	if err != nil || !h.Final.Complete || h.Listed != 50 || h.Epoch != 2 {
		t.Errorf("Redis has the run with %d names in epoch %d, complete %v, %v", h.Listed, h.Epoch, h.Final.Complete, err)
	}
}

func TestSupersede(t *testing.T) {
	t.Parallel()
	dir := texts(t, 20)
	url := redistest.Server(t)
	older := newWorld(t, url)
	o := older.options(scopeOf(t, dir, words{}))
	o.ID, o.Supersede = "older", "branch"
	ready := pushed(&o, 1)
	var wg sync.WaitGroup
	var first run.Result
	wg.Go(func() { first = older.run(o) })
	<-ready
	newer := newWorld(t, url)
	other := newer.options(scopeOf(t, dir, words{}))
	other.Supersede, other.ID = "branch", "newer"
	var second run.Result
	ready = pushed(&other, 1)
	var both sync.WaitGroup
	both.Go(func() { second = newer.run(other) })
	<-ready
	wg.Wait() // the older run ends without any worker; the newer one needs one
	if first.ExitCode() != 4 || !strings.Contains(first.Stopped, "superseded by run newer") {
		t.Errorf("the older run: exit %d, stopped because %q", first.ExitCode(), first.Stopped)
	}
	// Its job is run again.
	o.Observe = nil
	if again := newWorld(t, url).run(o); again.ExitCode() != 4 || !again.Superseded {
		t.Errorf("the older run again: exit %d, stopped because %q", again.ExitCode(), again.Stopped)
	}
	newer.work(2, words{})
	both.Wait()
	same(t, "the newer run and validate differ", validated(t, dir), second)
}

// TestSupersedeBySequence: a pipeline's number says which run is newer, whatever started
// first.
func TestSupersedeBySequence(t *testing.T) {
	t.Parallel()
	dir := texts(t, 5)
	w := newWorld(t, redistest.Server(t))
	w.work(2, words{})
	for _, c := range []struct {
		id       id.Run
		sequence int64
		exit     int
	}{{"p7", 7, 1}, {"p6", 6, 4}, {"p8", 8, 1}, {"p7", 7, 4}, {"p8", 8, 1}} {
		o := w.options(scopeOf(t, dir, words{}))
		o.ID, o.Supersede, o.Sequence = c.id, "branch", c.sequence
		if r := w.run(o); r.ExitCode() != c.exit {
			t.Errorf("run %s: exit %d, want %d", c.id, r.ExitCode(), c.exit)
		}
	}
}

// TestFollowersOfAContinuedRunSaySo: they have seen another run than the one that goes on.
func TestFollowersOfAContinuedRunSaySo(t *testing.T) {
	t.Parallel()
	dir := texts(t, 10)
	url := redistest.Server(t)
	w := newWorld(t, url)
	w.queued(dir, "r")
	var wg sync.WaitGroup
	var r run.Result
	follower := newWorld(t, url)
	c := follower.follow(words{})
	seen := make(chan struct{})
	var once sync.Once
	c.Observe = func(e run.Event) {
		if e.Kind == run.Waiting {
			once.Do(func() { close(seen) })
		}
	}
	wg.Go(func() {
		var err error
		if r, err = run.Collect(t.Context(), "r", c); err != nil {
			t.Error(err)
		}
	})
	<-seen
	o := w.again(dir)
	o.Detach = true
	w.run(o)
	w.pushAll("r")
	wg.Wait()
	if r.ExitCode() != 3 || !strings.Contains(r.Stopped, "enqueue collect r") {
		t.Errorf("exit %d, stopped because %q", r.ExitCode(), r.Stopped)
	}
	if n := w.conn.Plain().LLen(t.Context(), "asynq:{"+tasks.QueueCI+"}:pending").Val(); n != 20 {
		t.Errorf("%d tasks wait, want ten of each epoch", n)
	}
}

// atNames does something once, just before the names of a run are read.
type atNames struct {
	act  func()
	once sync.Once
	done atomic.Bool
}

func (a *atNames) DialHook(next redis.DialHook) redis.DialHook { return next }

func (a *atNames) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (a *atNames) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if cmd.Name() == "hscan" {
			a.once.Do(func() { a.act(); a.done.Store(true) })
		}
		return next(ctx, cmd)
	}
}

// TestNamesOfAnotherEpochCompleteNothing: a follower that has read verdicts of one epoch, and
// the names of the next, knows nothing about the units of either.
func TestNamesOfAnotherEpochCompleteNothing(t *testing.T) {
	t.Parallel()
	dir := texts(t, 10)
	url := redistest.Server(t)
	w := newWorld(t, url)
	w.detached(dir, "r")
	w.work(2, words{})
	w.until("r", "all to be decided", decided(10))
	follower := newWorld(t, url)
	between := &atNames{act: func() {
		for i := range 10 {
			if i != 1 {
				os.RemoveAll(filepath.Join(dir, "texts", folder(i)))
			}
		}
		write(t, filepath.Join(dir, "texts", folder(1), "a.txt"), "bad now")
		o := w.again(dir)
		o.Detach = true
		w.run(o)
	}}
	follower.conn.Plain().AddHook(between)
	r := follower.collect("r")
	if !between.done.Load() {
		t.Fatal("the run was not continued while its names were read")
	}
	if r.Summary.Complete || r.ExitCode() != 3 || !strings.Contains(r.Stopped, "enqueue collect r") {
		t.Errorf("exit %d, complete %v, stopped because %q", r.ExitCode(), r.Summary.Complete, r.Stopped)
	}
}
