package tasks

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/verdict"
)

// notes is a Ledger that holds bundles and writes down what it is told.
type notes struct {
	mu      sync.Mutex
	bundles map[string][]byte
	noLeave bool  // no leave for anybody
	away    error // what every call returns
	fetched []string
	said    []string
	verdict verdict.Verdict
}

func (n *notes) say(words ...string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.said = append(n.said, strings.Join(words, " "))
	return n.away
}

func (n *notes) Begin(_ context.Context, v Task, _ string, want ...string) (bool, [][]byte, error) {
	if err := n.say("begin", v.Unit); err != nil || n.noLeave {
		return false, nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	var got [][]byte
	for _, d := range want {
		n.fetched = append(n.fetched, d)
		got = append(got, n.bundles[d])
	}
	return true, got, nil
}

func (n *notes) Record(ctx context.Context, _ Task, _ string, v verdict.Verdict) error {
	n.mu.Lock()
	n.verdict = v
	n.mu.Unlock()
	return errors.Join(n.say("record", string(v.Kind)), ctx.Err())
}

func (n *notes) Refuse(_ context.Context, run, service, _ string, v verdict.Verdict) error {
	n.verdict = v
	return n.say("refuse", run, service)
}

func (n *notes) Release(ctx context.Context, v Task, _ string) error {
	return errors.Join(n.say("release", v.Unit), ctx.Err())
}

func (n *notes) Lacking(_ context.Context, _ Task, digest string) error {
	return n.say("lacking", digest)
}

// probe is a checker that does what the test wants.
type probe struct {
	opened *int
	check  func(context.Context) (verdict.Decision, error)
}

func (probe) Name() string                          { return "probe" }
func (probe) Engine() string                        { return "probe-1" }
func (probe) Layout() verdict.Layout                { return verdict.Layout{} }
func (probe) Joins() []verdict.Join                 { return nil }
func (probe) Findings() []verdict.Finding           { return nil }
func (probe) Regions() []string                     { return nil }
func (probe) Region(name string) (string, bool)     { return name, true }
func (p probe) Open(fs.FS) (verdict.Session, error) { *p.opened++; return p, nil }
func (p probe) Check(ctx context.Context, _ verdict.Unit, _ []string) (verdict.Decision, error) {
	return p.check(ctx)
}

type bench struct {
	notes
	*Handler
	task   Task
	opened int
}

// newBench is a handler whose ledger holds what its task needs.
func newBench(t *testing.T, check func(context.Context) (verdict.Decision, error)) *bench {
	t.Helper()
	unit, shared := pack(t, "manifest.yml"), pack(t, "shipcat.conf")
	b := &bench{notes: notes{bundles: map[string][]byte{
		string(unit.Digest()): unit.Pack(), string(shared.Digest()): shared.Pack(),
	}}}
	b.Handler = NewHandler(&b.notes, []verdict.Checker{probe{&b.opened, check}}, "w", 2, 1<<20, slog.New(slog.DiscardHandler))
	b.task = Task{Run: "r", Unit: "billing", Digest: string(unit.Digest()), Shared: string(shared.Digest()),
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
	payload, err := b.task.Encode()
	if err != nil {
		t.Fatal(err)
	}
	before := len(b.slots.taken)
	defer func() {
		if after := len(b.slots.taken); after != before {
			t.Errorf("%d slots are taken after the task, %d before", after, before)
		}
	}()
	return b.ProcessTask(ctx, asynq.NewTask(TypeVerify, payload))
}

// push puts the task into the queue.
func (b *bench) push(t *testing.T, c *Client) {
	t.Helper()
	if err := c.Push(t.Context(), QueueCI, b.task); err != nil {
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

func TestAnInvalidServiceIsASuccess(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(context.Context) (verdict.Decision, error) {
		return verdict.Decision{Findings: []verdict.Finding{{Rule: "X1", Severity: verdict.Error}}}, nil
	})
	if err := b.process(t, t.Context()); err != nil {
		t.Errorf("the handler returned %v for an invalid service", err)
	}
	b.expect(t, "begin billing", "record invalid")
	if v := b.verdict; v.Digest != b.task.Digest || v.Shared != b.task.Shared || v.Engine != "probe-1" || v.Worker != "w" {
		t.Errorf("the verdict does not say what it is about: %+v", v)
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
	want := []string{b.task.Digest, b.task.Shared, b.task.Digest, b.task.Digest}
	if !slices.Equal(b.fetched, want) || b.opened != 1 {
		t.Errorf("fetched %q and opened %d times, want %q and once", b.fetched, b.opened, want)
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
		b.expect(t, "begin billing", "release billing", "lacking "+digest)
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

func TestARedisThatIsAwayIsNoVerdict(t *testing.T) {
	t.Parallel()
	b := newBench(t, fine)
	b.away = errors.New("redis is away")
	if err := b.process(t, t.Context()); !errors.Is(err, b.away) {
		t.Errorf("the handler returned %v, want %v", err, b.away)
	}
	b.expect(t, "begin billing")
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
	if err := b.record(ctx, b.task, "w#1", verdict.Verdict{Kind: verdict.OK}); err != nil {
		t.Errorf("record under an ended context: %v", err)
	}
	b.expect(t, "record ok")
}

func TestAPayloadOfAnotherVersionFailsItsService(t *testing.T) {
	t.Parallel()
	b := newBench(t, fine)
	err := b.ProcessTask(t.Context(), asynq.NewTask(TypeVerify, []byte(`{"v":7,"run":"r","service":"billing"}`)))
	if err != nil {
		t.Errorf("the handler returned %v", err)
	}
	b.expect(t, "refuse r billing")
	if b.verdict.Kind != verdict.Failed || !strings.Contains(b.verdict.Cause, "unknown payload version 7") {
		t.Errorf("the verdict is %s: %s", b.verdict.Kind, b.verdict.Cause)
	}
	if err := b.ProcessTask(t.Context(), asynq.NewTask(TypeVerify, []byte("\x00"))); !errors.Is(err, asynq.SkipRetry) {
		t.Errorf("a payload that names nothing: %v, want %v", err, asynq.SkipRetry)
	}
}

func TestAnUnknownCheckerIsNotGuessed(t *testing.T) {
	t.Parallel()
	b := newBench(t, fine)
	b.task.Checker = "terraform"
	if err := b.process(t, t.Context()); err == nil || !strings.Contains(err.Error(), `no checker "terraform"`) {
		t.Errorf("error %v, want one that names the checker", err)
	}
}

func TestSessionsKeepTheMostRecentlyUsed(t *testing.T) {
	t.Parallel()
	opened := 0
	s := sessions{checkers: map[string]verdict.Checker{"probe": probe{opened: &opened}}}
	var digests []string
	for i := range keptSessions + 1 {
		b := pack(t, strings.Repeat("x", i+1))
		digests = append(digests, string(b.Digest()))
		if _, err := s.open("probe", digests[i], b.Pack()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.open("probe", digests[0], nil); err != nil {
			t.Fatalf("the one that is used all the time was dropped after %d others: %v", i, err)
		}
	}
	if s.has("probe", digests[1]) || !s.has("probe", digests[2]) || opened != keptSessions+1 {
		t.Errorf("kept the second %v and the third %v, opened %d; want false, true, %d", s.has("probe", digests[1]), s.has("probe", digests[2]), opened, keptSessions+1)
	}
	lacking := errMissing{}
	if _, err := s.open("probe", digests[1], nil); !errors.As(err, &lacking) {
		t.Errorf("opening a dropped one without bytes: %v", err)
	}
}
