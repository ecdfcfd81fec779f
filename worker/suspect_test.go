package worker

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/isolate"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/verdict"
)

// suspicious is a handler whose task is a suspect, which a child would decide as apart
// does.
func suspicious(t *testing.T, apart Isolate) *bench {
	t.Helper()
	b := newBench(t, func(context.Context) (verdict.Decision, error) {
		t.Error("a suspect is checked in the worker's own process")
		return verdict.Decision{}, nil
	})
	b.task.Suspect = true
	b.Isolate = apart
	return b
}

func TestASuspectIsDecidedApart(t *testing.T) {
	t.Parallel()
	var b *bench
	b = suspicious(t, func(_ context.Context, task tasks.Task, unit, shared []byte) (verdict.Verdict, error) {
		if string(unit) != string(b.bundles[task.Digest]) || string(shared) != string(b.bundles[task.Shared]) {
			t.Error("the child is asked about other bytes than those of the task")
		}
		if len(b.slots.taken) != 1 {
			t.Errorf("%d slots are taken by one suspect", len(b.slots.taken))
		}
		return verdict.Subject{Unit: task.Unit, Digest: task.Digest}.Of(verdict.Part{}), nil
	})
	for range 2 { // the second time, the shared files would be known
		if err := b.process(t, t.Context()); err != nil {
			t.Errorf("the handler returned %v", err)
		}
	}
	b.expect(t, "begin billing", "record ok", "begin billing", "record ok")
	if b.verdict.Worker != "w" || b.verdict.Attempt != 1 || b.opened.Load() != 0 {
		t.Errorf("the verdict is %+v, and the shared files were opened %d times here", b.verdict, b.opened.Load())
	}
}

// TestHowASuspectEnds without a verdict of its check.
func TestHowASuspectEnds(t *testing.T) {
	t.Parallel()
	died := &isolate.DeathError{Deaths: []string{"signal: killed", "signal: killed"}}
	for name, c := range map[string]struct {
		err  error
		want string // of what the handler returns; "" for nothing
		said []string
	}{
		"two deaths":      {died, "", []string{"begin billing", "record failed"}},
		"it is undecided": {errors.New("vault is away"), "vault is away", []string{"begin billing"}},
	} {
		b := suspicious(t, func(context.Context, tasks.Task, []byte, []byte) (verdict.Verdict, error) {
			return verdict.Verdict{}, c.err
		})
		err := b.process(t, t.Context())
		if (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the handler returned %v, want %q", name, err, c.want)
		}
		b.expect(t, c.said...)
		if v := b.verdict; v.Kind == verdict.Failed && v.Cause != died.Error() {
			t.Errorf("%s: the cause is %q", name, v.Cause)
		}
	}
}

func TestASuspectThatIsBrokenOffGoesBack(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	b := suspicious(t, func(ctx context.Context, _ tasks.Task, _, _ []byte) (verdict.Verdict, error) {
		cancel()
		return verdict.Verdict{}, context.Cause(ctx)
	})
	if err := b.process(t, ctx); err == nil {
		t.Error("the handler returned no error for a service that it has not decided")
	}
	b.expect(t, "begin billing", "release billing")
}

func TestABundleThatASuspectLacksIsReported(t *testing.T) {
	t.Parallel()
	for _, missing := range []string{"unit", "shared"} {
		b := suspicious(t, nil)
		b.Isolate = func(context.Context, tasks.Task, []byte, []byte) (verdict.Verdict, error) {
			t.Errorf("a child is asked without the %s bundle", missing)
			return verdict.Verdict{}, nil
		}
		digest := map[string]id.Digest{"unit": b.task.Digest, "shared": b.task.Shared}[missing]
		delete(b.bundles, digest)
		if err := b.process(t, t.Context()); err != nil {
			t.Errorf("%s: the handler returned %v", missing, err)
		}
		b.expect(t, "begin billing", "release billing", "missing billing")
	}
}

// TestSuspectsHaveCompany: they run beside each other and beside other tasks, one for
// each slot.
func TestSuspectsHaveCompany(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		goOn := make(chan struct{})
		b := newBench(t, func(context.Context) (verdict.Decision, error) { <-goOn; return verdict.Decision{}, nil })
		b.Isolate = func(_ context.Context, task tasks.Task, _, _ []byte) (verdict.Verdict, error) {
			<-goOn
			return verdict.Subject{Unit: task.Unit, Digest: task.Digest}.Of(verdict.Part{}), nil
		}
		b.slots = newSlots(4, time.Hour)
		var all sync.WaitGroup
		for i := range 6 {
			task := b.task
			task.Unit, task.Suspect = id.Unit("unit-"+strconv.Itoa(i)), i%2 == 0
			all.Go(func() {
				if err := b.ProcessTask(t.Context(), payload(t, task)); err != nil {
					t.Errorf("the handler returned %v", err)
				}
			})
		}
		synctest.Wait()
		if n := len(b.slots.taken); n != 4 {
			t.Errorf("%d of 4 slots are taken by 6 tasks", n)
		}
		close(goOn)
		all.Wait()
		if n := b.heard("record ok"); n != 6 {
			t.Errorf("%d of 6 tasks are decided", n)
		}
	})
}

// TestTheLaneOfTheVersionBefore: each of its tasks is a suspect, and they do not wait for
// each other.
func TestTheLaneOfTheVersionBefore(t *testing.T) {
	t.Parallel()
	conn := redistest.Dial(t, redistest.Server(t))
	both, reached := make(chan struct{}), make(chan struct{}, 2)
	b := suspicious(t, func(ctx context.Context, task tasks.Task, _, _ []byte) (verdict.Verdict, error) {
		reached <- struct{}{}
		select {
		case <-both:
		case <-ctx.Done():
		}
		return verdict.Subject{Unit: task.Unit, Digest: task.Digest}.Of(verdict.Part{}), ctx.Err()
	})
	b.task.Suspect = false
	client := tasks.NewClient(conn.Bulk(), conn.Plain())
	for i := range 2 {
		b.task.Unit = id.Unit("unit-" + strconv.Itoa(i))
		if err := client.Push(t.Context(), tasks.Quarantine(tasks.QueueCI), b.task); err != nil {
			t.Fatal(err)
		}
	}
	s := startTwo(t, b.Handler, conn)
	defer s.Shutdown()
	late, soon := time.After(20*time.Second), time.NewTicker(20*time.Millisecond)
	defer soon.Stop()
	for range 2 {
		select {
		case <-reached:
		case <-late:
			t.Fatal("the two suspects are not decided at once")
		}
	}
	close(both)
	for b.heard("record ok") < 2 {
		select {
		case <-soon.C:
		case <-late:
			t.Fatalf("%d of 2 suspects are decided", b.heard("record ok"))
		}
	}
}

// crowding is a ledger that grants an attempt only when the handler has opened so many
// other shared trees that it has forgotten the first one.
type crowding struct {
	*notes
	crowd func()
}

func (c crowding) Begin(ctx context.Context, r ledger.BeginRequest) (ledger.Grant, error) {
	c.crowd()
	return c.notes.Begin(ctx, r)
}

// TestASessionIsHeldWhileAnAttemptBegins: the shared bundle is not asked for, so it must
// not be called missing because other tasks needed other ones meanwhile.
func TestASessionIsHeldWhileAnAttemptBegins(t *testing.T) {
	t.Parallel()
	b := newBench(t, fine)
	if err := b.process(t, t.Context()); err != nil {
		t.Fatal(err)
	}
	b.Attempts = crowding{&b.notes, func() {
		for i := range 20 {
			other := pack(t, "other-"+strconv.Itoa(i))
			if _, err := b.checks.Load().sessions.Open([]string{"probe"}, other.Digest(), other.Pack()); err != nil {
				t.Error(err)
			}
		}
	}}
	if err := b.process(t, t.Context()); err != nil {
		t.Errorf("the handler returned %v", err)
	}
	b.expect(t, "begin billing", "record ok", "begin billing", "record ok")
}

// TestAWorkerThatCannotStartIsNotCounted.
func TestAWorkerThatCannotStartIsNotCounted(t *testing.T) {
	t.Parallel()
	conn := redistest.Dial(t, redistest.Server(t))
	l := ledger.New(conn.Bulk(), conn.Plain())
	log := slog.New(slog.DiscardHandler)
	_, err := Start(t.Context(), Options{Name: "w", Ledger: l, Concurrency: 2, Timing: quick, Log: log,
		Fetch: FetchOptions{Redis: conn.Bulk(), Queues: tasks.DefaultQueues(), Fetchers: 3, Log: log}})
	if err == nil {
		t.Fatal("a worker with more fetchers than slots has started")
	}
	if n, err := l.Slots(t.Context(), tasks.QueueCI, time.Minute); err != nil || n != 0 {
		t.Errorf("%d slots are counted, %v; want none", n, err)
	}
}
