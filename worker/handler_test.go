package worker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hibiken/asynq"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/isolate"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
)

// notes stands for the ledger: it holds bundles and writes down what it is told.
type notes struct {
	mu      sync.Mutex
	bundles map[id.Digest][]byte
	noLeave bool  // Begin grants nothing
	away    error // what every call returns
	fetched []id.Digest
	said    []string
	entry   ledger.Entry
	verdict verdict.Verdict
}

func (n *notes) say(words ...string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.said = append(n.said, strings.Join(words, " "))
	return n.away
}

func (n *notes) Begin(_ context.Context, r ledger.BeginRequest) (ledger.Grant, error) {
	if err := n.say("begin", string(r.Unit)); err != nil || n.noLeave {
		return ledger.Grant{Answer: ledger.Decided}, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	g := ledger.Grant{Answer: ledger.Granted}
	for _, d := range r.Want {
		n.fetched = append(n.fetched, d)
		g.Bundles = append(g.Bundles, n.bundles[d])
	}
	return g, nil
}

func (n *notes) Record(ctx context.Context, run id.Run, e ledger.Entry) error {
	v, err := verdict.Decode(e.Body)
	n.mu.Lock()
	n.entry, n.verdict = e, v
	n.mu.Unlock()
	if e.Digest == ledger.AnyDigest {
		return errors.Join(n.say("refuse", string(run), string(e.Unit)), err)
	}
	return errors.Join(n.say("record", string(e.Kind)), ctx.Err(), err)
}

func (n *notes) Release(ctx context.Context, _ id.Run, unit id.Unit, _ id.Delivery) error {
	return errors.Join(n.say("release", string(unit)), ctx.Err())
}

func (n *notes) BundleMissing(_ context.Context, _ id.Run, unit id.Unit, _ int) error {
	return n.say("missing", string(unit))
}

// probe is a kind of check that does what the test wants.
type probe struct {
	opened *atomic.Int64 // tasks of different checks open it at once
	check  func(context.Context) (verdict.Decision, error)
}

func (probe) Name() string                        { return "probe" }
func (probe) Engine() string                      { return "probe-1" }
func (probe) Rules() []verdict.Rule               { return nil }
func (probe) Joins() []verdict.Join               { return nil }
func (probe) Traits() check.Traits                { return check.Traits{} }
func (probe) Findings() []verdict.Finding         { return nil }
func (probe) Regions() []string                   { return nil }
func (probe) Region(name string) (string, bool)   { return name, true }
func (p probe) Open(fs.FS) (check.Session, error) { p.opened.Add(1); return p, nil }
func (p probe) Check(ctx context.Context, _ check.Unit, _ []string) (verdict.Decision, error) {
	return p.check(ctx)
}

type bench struct {
	notes
	*Handler
	task   tasks.Task
	opened atomic.Int64
}

// newBench is a handler whose ledger holds what its task needs.
func newBench(t *testing.T, do func(context.Context) (verdict.Decision, error)) *bench {
	t.Helper()
	unit, shared := pack(t, "manifest.yml"), pack(t, "shipcat.conf")
	b := &bench{notes: notes{bundles: map[id.Digest][]byte{unit.Digest(): unit.Pack(), shared.Digest(): shared.Pack()}}}
	b.Handler = NewHandler(HandlerOptions{Name: "w", Attempts: &b.notes, Recorder: &b.notes, Kinds: check.Kinds{probe{&b.opened, do}},
		Concurrency: 2, UnitLimit: 1 << 20, SlotWait: slotWait, Log: slog.New(slog.DiscardHandler)})
	b.task = tasks.Task{Run: "r", Unit: "billing", Digest: unit.Digest(), Shared: shared.Digest(),
		Checker: "probe", Attempt: 1, TimeoutMS: 10000}
	return b
}

func pack(t *testing.T, name string) bundle.Bundle {
	t.Helper()
	b, err := bundle.New([]bundle.Entry{{Path: name, Data: []byte(name)}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) process(t *testing.T, ctx context.Context) error {
	t.Helper()
	before := len(b.slots.taken)
	defer func() {
		if after := len(b.slots.taken); after != before {
			t.Errorf("%d slots are taken after the task, %d before", after, before)
		}
	}()
	return b.ProcessTask(ctx, payload(t, b.task))
}

func payload(t *testing.T, task tasks.Task) *asynq.Task {
	t.Helper()
	b, err := task.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return asynq.NewTask(tasks.TypeVerify, b)
}

// push puts the task into the queue.
func (b *bench) push(t *testing.T, c *tasks.Client) {
	t.Helper()
	if err := c.Push(t.Context(), tasks.QueueCI, b.task); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) expect(t *testing.T, said ...string) {
	t.Helper()
	if !slices.Equal(b.said, said) {
		t.Errorf("the ledger was told %q, want %q", b.said, said)
	}
}

// heard says how often the ledger was told something.
func (n *notes) heard(what string) (times int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, said := range n.said {
		if said == what {
			times++
		}
	}
	return times
}

func fine(context.Context) (verdict.Decision, error) {
	return verdict.Decision{Regions: []string{"b", "a"}}, nil
}

// overriding finds something that only version 2 has words for.
func overriding(context.Context) (verdict.Decision, error) {
	return verdict.Decision{Findings: []verdict.Finding{{Rule: "X1", Severity: verdict.Error, Related: []verdict.Related{{Text: "overrides"}}}}}, nil
}

func TestAnInvalidServiceIsASuccess(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(context.Context) (verdict.Decision, error) {
		return verdict.Decision{Findings: []verdict.Finding{{Rule: "X1", Severity: verdict.Error}}}, nil
	})
	if err := b.process(t, t.Context()); err != nil {
		t.Errorf("the handler returned %v for an invalid service", err)
	}
	b.expect(t, "begin billing", "record invalid")
	if v := b.verdict; v.Digest != b.task.Digest || v.Shared != b.task.Shared || v.Parts[0].Engine != "probe-1" || v.Worker != "w" {
		t.Errorf("the verdict does not say what it is about: %+v", v)
	}
}

// TestAWorkerAnswersInTheVersionThatIsAccepted: programs of the version before say none.
func TestAWorkerAnswersInTheVersionThatIsAccepted(t *testing.T) {
	t.Parallel()
	for accept, want := range map[int]int{0: 1, 1: 1, 2: 2, 3: verdict.Version} {
		b := newBench(t, overriding)
		b.task.Accept, b.task.Path = accept, "services/billing"
		if err := b.process(t, t.Context()); err != nil {
			t.Fatal(err)
		}
		path := map[int]string{2: "services/billing"}[want] // version 1 has no room for it
		if v := b.verdict; v.V != want || v.Path != path || v.Parts[0].Check != "probe" || len(v.Findings()[0].Related) != want-1 {
			t.Errorf("who accepts %d gets version %d about %q of %q, want %d about %q", accept, v.V, v.Path, v.Parts[0].Check, want, path)
		}
	}
}

// TestWhatOthersHaveDecidedIsRecordedOfAServiceThatFails.
func TestWhatOthersHaveDecidedIsRecordedOfAServiceThatFails(t *testing.T) {
	t.Parallel()
	found := verdict.Part{Check: "probe", Decision: verdict.Decision{Findings: []verdict.Finding{{Rule: "X1", Severity: verdict.Error}}}}
	half := verdict.Subject{Unit: "billing"}.Of(found, verdict.Part{Check: "chart", Failure: "no chart"})
	for name, c := range map[string]struct {
		undecided verdict.Verdict
		want      []verdict.Part
	}{
		"nothing":         {verdict.Verdict{}, []verdict.Part{{Check: "probe", Engine: "probe-1", Failure: "it died"}}},
		"no failed one":   {verdict.Subject{Unit: "billing"}.Of(found), []verdict.Part{{Check: "probe", Engine: "probe-1", Failure: "it died"}}},
		"what others say": {half, half.Parts},
	} {
		b := newBench(t, fine)
		b.task.Suspect, b.task.Accept = true, verdict.Version
		b.Isolate = func(context.Context, tasks.Task, []byte, []byte) (verdict.Verdict, error) {
			return c.undecided, fmt.Errorf("it died%w", &isolate.DeathError{})
		}
		if err := b.process(t, t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for i := range c.want {
			if !strings.HasPrefix(b.verdict.Parts[i].Failure, c.want[i].Failure) {
				t.Errorf("%s: it failed for %q, want %q", name, b.verdict.Parts[i].Failure, c.want[i].Failure)
			}
			b.verdict.Parts[i].Failure = c.want[i].Failure
		}
		if diff := cmp.Diff(c.want, b.verdict.Parts); diff != "" || b.verdict.Kind != verdict.Failed {
			t.Errorf("%s: recorded as %s (-want +got):\n%s", name, b.verdict.Kind, diff)
		}
	}
}

func TestSharedFilesAreFetchedOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, fine)
	for range 3 {
		if err := b.process(t, t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	want := []id.Digest{b.task.Digest, b.task.Shared, b.task.Digest, b.task.Digest}
	if !slices.Equal(b.fetched, want) || b.opened.Load() != 1 {
		t.Errorf("fetched %q and opened %d times, want %q and once", b.fetched, b.opened.Load(), want)
	}
}

func TestWithoutLeaveThereIsNoWork(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(context.Context) (verdict.Decision, error) {
		t.Error("checked without leave")
		return verdict.Decision{}, nil
	})
	b.noLeave = true
	if err := b.process(t, t.Context()); err != nil {
		t.Errorf("the handler returned %v", err)
	}
	b.expect(t, "begin billing")
}

func TestAMissingBundleIsReported(t *testing.T) {
	t.Parallel()
	for _, missing := range []string{"unit", "shared"} {
		b := newBench(t, fine)
		digest := b.task.Digest
		if missing == "shared" {
			digest = b.task.Shared
		}
		delete(b.bundles, digest)
		if err := b.process(t, t.Context()); err != nil {
			t.Errorf("%s: the handler returned %v", missing, err)
		}
		b.expect(t, "begin billing", "release billing", "missing billing")
	}
}

func TestForgedBytesAreNotChecked(t *testing.T) {
	t.Parallel()
	for name, forge := range map[string]func(*bench){
		"other bytes of the unit":         func(b *bench) { b.bundles[b.task.Digest] = b.bundles[b.task.Shared] },
		"other bytes of the shared files": func(b *bench) { b.bundles[b.task.Shared] = b.bundles[b.task.Digest] },
		"not compressed":                  func(b *bench) { b.bundles[b.task.Digest] = []byte("zip") },
	} {
		b := newBench(t, func(context.Context) (verdict.Decision, error) {
			t.Errorf("%s: checked", name)
			return verdict.Decision{}, nil
		})
		forge(b)
		if err := b.process(t, t.Context()); err == nil {
			t.Errorf("%s: no error", name)
		}
		b.expect(t, "begin billing")
	}
}

func TestWhatIsUndecidedIsHandedOutAgain(t *testing.T) {
	t.Parallel()
	hang := func(ctx context.Context) (verdict.Decision, error) {
		<-ctx.Done()
		return verdict.Decision{}, ctx.Err()
	}
	for name, c := range map[string]struct {
		check func(context.Context) (verdict.Decision, error)
		want  string
	}{
		"an error": {func(context.Context) (verdict.Decision, error) {
			return verdict.Decision{}, errors.New("vault is away")
		}, "vault is away"},
		"a panic": {func(context.Context) (verdict.Decision, error) { panic("oh no") }, "the checker panicked: oh no"},
		"a hang":  {hang, "longer than 20ms"},
	} {
		b := newBench(t, c.check)
		b.task.TimeoutMS = 20
		if err := b.process(t, t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
		b.expect(t, "begin billing")
	}
}

// TestARedisThatIsAwayIsNoVerdict: nor does it use up one of the service's tries, as what a
// check says does.
func TestARedisThatIsAwayIsNoVerdict(t *testing.T) {
	t.Parallel()
	isFailure := config(t.Context(), FetchOptions{}, 1, time.Second).IsFailure
	b := newBench(t, fine)
	b.away = errors.New("redis is away")
	if err := b.process(t, t.Context()); !errors.Is(err, b.away) || isFailure(err) {
		t.Errorf("the handler returned %v, want %v, which counts as no try", err, b.away)
	}
	b.expect(t, "begin billing")
	b = newBench(t, func(context.Context) (verdict.Decision, error) {
		return verdict.Decision{}, errors.New("vault is away")
	})
	if err := b.process(t, t.Context()); err == nil || !isFailure(err) {
		t.Errorf("the handler returned %v, want one that counts as a try", err)
	}
}

// TestAStoppingWorkerGivesTheAttemptBack: asynq cancels the context when it has
// put the task back into its queue.
func TestAStoppingWorkerGivesTheAttemptBack(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	b := newBench(t, func(ctx context.Context) (verdict.Decision, error) {
		cancel()
		<-ctx.Done()
		return verdict.Decision{}, ctx.Err()
	})
	if err := b.process(t, ctx); err == nil {
		t.Error("the handler returned no error for a service that it has not decided")
	}
	b.expect(t, "begin billing", "release billing")
	if b.slots.areShort() {
		t.Error("a check that was broken off counts as a quick one")
	}
}

func TestADecisionIsRecordedThoughTheTimeIsOver(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	b := newBench(t, func(context.Context) (verdict.Decision, error) {
		return verdict.Decision{}, nil
	})
	cancel()
	// The context has ended before the check: nothing is decided. After it, the
	// verdict counts.
	if err := b.record(ctx, delivery{Task: b.task, id: "w#1"}, b.task.Digest, verdict.Subject{Unit: "billing"}.Of(verdict.Part{})); err != nil {
		t.Errorf("record under an ended context: %v", err)
	}
	b.expect(t, "record ok")
}

func TestAPayloadOfAnotherVersionFailsItsService(t *testing.T) {
	t.Parallel()
	b := newBench(t, fine)
	err := b.ProcessTask(t.Context(), asynq.NewTask(tasks.TypeVerify, []byte(`{"v":7,"run":"r","service":"billing"}`)))
	if err != nil {
		t.Errorf("the handler returned %v", err)
	}
	b.expect(t, "refuse r billing")
	if b.verdict.V != 1 {
		t.Errorf("who says nothing gets version %d, want 1", b.verdict.V)
	}
	if b.verdict.Kind != verdict.Failed || !strings.Contains(b.verdict.Cause, "unknown payload version 7") {
		t.Errorf("the verdict is %s: %s", b.verdict.Kind, b.verdict.Cause)
	}
	if err := b.ProcessTask(t.Context(), asynq.NewTask(tasks.TypeVerify, []byte("\x00"))); !errors.Is(err, asynq.SkipRetry) {
		t.Errorf("a payload that names nothing: %v, want %v", err, asynq.SkipRetry)
	}
}

// TestATaskOfAnotherTypeIsRefused: it says nothing about a service, even if it could be
// read as a task of ours.
func TestATaskOfAnotherTypeIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t, fine)
	payload, err := b.task.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range [][]byte{payload, []byte(`{"v":7,"run":"r","service":"billing"}`), nil} {
		err := b.ProcessTask(t.Context(), asynq.NewTask("email:send", text))
		if !errors.Is(err, asynq.SkipRetry) || !strings.Contains(err.Error(), `"email:send"`) {
			t.Errorf("%q: %v, want a refusal for good that names the type", text, err)
		}
	}
	b.expect(t)
}

func TestAnUnknownCheckIsNotGuessed(t *testing.T) {
	t.Parallel()
	b := newBench(t, fine)
	b.task.Checker = "terraform"
	if err := b.process(t, t.Context()); err == nil || !strings.Contains(err.Error(), `no check "terraform"`) {
		t.Errorf("error %v, want one that names the check", err)
	}
	b.task.Checker, b.task.Checks = "", []string{"probe", "terraform"}
	if err := b.process(t, t.Context()); err == nil || !strings.Contains(err.Error(), `no check "terraform"`) {
		t.Errorf("error %v, want one that names the check", err)
	}
}

// TestAUnitIsReadBeforeItHasASlotOfACommand: the time that this takes is none in which a command could run.
func TestAUnitIsReadBeforeItHasASlotOfACommand(t *testing.T) {
	t.Parallel()
	b := newBench(t, fine)
	b.task.Checker, b.task.Checks = "", []string{"command/a"}
	none := newCommandSlots(0)
	d := delivery{Task: b.task, seat: &commandSeat{slots: none, claim: none.ask([]string{"a"}), longest: time.Nanosecond}}
	if _, err := b.check(t.Context(), d, check.All{}, []byte("no bundle")); !errors.Is(err, bundle.ErrMalformed) {
		t.Errorf("a unit that cannot be read, whose task finds no slot: %v", err)
	}
}
