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

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/verdict"
)

// program is a command that does what a test wants.
type program struct {
	name, engine string
	slots        int
	run          func(ctx context.Context, unit id.Unit) (verdict.Decision, error)
}

func (p program) Name() string                      { return id.CommandCheck(p.name) }
func (p program) Engine() string                    { return p.engine }
func (program) Rules() []verdict.Rule               { return nil }
func (program) Joins() []verdict.Join               { return nil }
func (program) Traits() check.Traits                { return check.Traits{Impure: true} }
func (program) Findings() []verdict.Finding         { return nil }
func (p program) Open(fs.FS) (check.Session, error) { return p, nil }
func (p program) Check(ctx context.Context, u check.Unit, _ []string) (verdict.Decision, error) {
	return p.run(ctx, u.Name)
}

// offered are the commands of a test's worker.
type offered struct {
	mu      sync.Mutex
	all     []program
	changed bool
}

// set is what the next look finds.
func (o *offered) set(all ...program) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all, o.changed = all, true
}

func (o *offered) Look(context.Context) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer func() { o.changed = false }()
	return o.changed
}

func (o *offered) Kinds() (all check.Kinds) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, p := range o.all {
		all = append(all, p)
	}
	return all
}

func (o *offered) Told() (all []ledger.Offer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, p := range o.all {
		all = append(all, ledger.Offer{Name: p.name, Engine: p.engine, Slots: p.slots})
	}
	return all
}

// goneError is a check's error that says that its program is gone.
type goneError struct{}

func (goneError) Error() string { return "the program is gone" }
func (goneError) Lost() string  { return "wait" }

// floor is a Redis with a run whose units need commands.
type floor struct {
	conn   *redisconn.Conn
	ledger *ledger.Ledger
	client *tasks.Client
	owner  *ledger.Owner
}

func newFloor(t *testing.T, checks ...string) *floor {
	t.Helper()
	conn := redistest.Dial(t, redistest.Server(t))
	f := &floor{conn: conn, ledger: ledger.New(conn.Bulk(), conn.Plain()), client: tasks.NewClient(conn.Bulk(), conn.Plain())}
	shared, files := pack(t, "shipcat.conf"), pack(t, "manifest.yml")
	f.must(t, f.ledger.Put(t.Context(), shared.Digest(), shared.Pack()))
	f.must(t, f.ledger.Put(t.Context(), files.Digest(), files.Pack()))
	owner, err := f.ledger.Open(t.Context(), "r", ledger.Opening{Plan: ledger.Plan{Queue: tasks.QueueCI, Checks: checks, Shared: shared.Digest(), TimeoutMS: 60000, Accept: verdict.Version}, Owner: "e"})
	f.must(t, err)
	f.owner = owner
	return f
}

func (f *floor) must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// push pushes units that get checks into the lane of what these need, and announces it.
func (f *floor) push(t *testing.T, first, n int, checks ...string) {
	t.Helper()
	lane := id.Lane(tasks.QueueCI, id.Needs(checks))
	f.must(t, f.ledger.Announce(t.Context(), lane))
	shared, files := pack(t, "shipcat.conf"), pack(t, "manifest.yml")
	var names []id.Unit
	for i := range n {
		names = append(names, id.Unit(fmt.Sprintf("unit-%d", first+i)))
	}
	f.must(t, f.owner.AddExpected(t.Context(), names))
	for _, name := range names {
		_, err := f.owner.Expect(t.Context(), name, files.Digest(), "")
		f.must(t, err)
		f.must(t, f.client.Push(t.Context(), lane, tasks.Task{Run: "r", Unit: name, Digest: files.Digest(), Shared: shared.Digest(),
			Checks: checks, Attempt: 1, TimeoutMS: 60000, Accept: verdict.Version}))
	}
}

// start starts a worker with offers. It stops at the end of the test if not before.
func (f *floor) start(t *testing.T, name string, slots int, o *offered, change ...func(*Options)) (w *Worker, stop func()) {
	t.Helper()
	options := Options{Name: name, Ledger: f.ledger, Kinds: check.Kinds{probe{new(atomic.Int64), fine}}, Offers: o, Concurrency: 2, CommandSlots: slots,
		UnitLimit: 1 << 20, Timing: brisk, Log: slog.New(slog.DiscardHandler),
		Fetch: FetchOptions{Redis: f.conn.Bulk(), Queues: map[string]int{tasks.QueueCI: 1}, Fetchers: 1, ShutdownTimeout: 20 * time.Second, Log: slog.New(slog.DiscardHandler)}}
	for _, c := range change {
		c(&options)
	}
	w, err := Start(t.Context(), options)
	f.must(t, err)
	stop = sync.OnceFunc(w.Shutdown)
	t.Cleanup(stop)
	return w, stop
}

// brisk is the timing of these workers.
var brisk = func() Timing {
	t := quick
	t.Heartbeat = 50 * time.Millisecond
	return t
}()

// decided waits until so many units of the run are decided.
func (f *floor) decided(t *testing.T, n int) ledger.Header {
	t.Helper()
	var h ledger.Header
	settles(t, func() (err error) {
		if h, err = f.ledger.Header(t.Context(), "r"); err == nil && h.Decided < n {
			err = fmt.Errorf("%d of %d units are decided", h.Decided, n)
		}
		return err
	})
	return h
}

// settles waits until nothing is wrong.
func settles(t *testing.T, wrong func() error) {
	t.Helper()
	soon := time.NewTicker(5 * time.Millisecond)
	defer soon.Stop()
	for late := time.After(30 * time.Second); ; {
		err := wrong()
		if err == nil {
			return
		}
		select {
		case <-late:
			t.Fatal(err)
		case <-soon.C:
		}
	}
}

// told waits for what heartbeats say of a worker.
func (f *floor) told(t *testing.T, worker string, wrong func(ledger.Worker) string) {
	t.Helper()
	settles(t, func() error {
		all, err := f.ledger.Workers(t.Context(), time.Hour)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(w ledger.Worker) bool { return w.Name == worker })
		if i < 0 {
			return errors.New("the worker is not heard")
		}
		if what := wrong(all[i]); what != "" {
			return errors.New(what)
		}
		return nil
	})
}

func lanesAre(want ...string) func(ledger.Worker) string {
	return func(w ledger.Worker) string {
		if slices.Equal(w.Lanes, want) {
			return ""
		}
		return fmt.Sprintf("the worker serves the lanes %q, want %q", w.Lanes, want)
	}
}

func ok(context.Context, id.Unit) (verdict.Decision, error) { return verdict.Decision{}, nil }

// TestLanesAreServedThatAreAnnouncedAndCanBeMet.
func TestLanesAreServedThatAreAnnouncedAndCanBeMet(t *testing.T) {
	t.Parallel()
	f := newFloor(t, "command/a", "probe")
	o := &offered{}
	o.set(program{"a", "1", 0, ok}, program{"b", "1", 1, ok})
	w, _ := f.start(t, "w", 3, o)
	f.told(t, "w", func(w ledger.Worker) string {
		if w.CommandSlots != 3 || len(w.Offers) != 2 || w.Offers[0].Slots != 3 || w.Offers[1].Slots != 1 || w.Engines["command/a"] != "1" || w.Engines["probe"] != "probe-1" {
			return fmt.Sprintf("the worker says %+v", w.Capacity)
		}
		return ""
	})
	f.must(t, f.ledger.Announce(t.Context(), "muster-ci+a+b", "muster-ci+c", "muster-ci+a+c", "elsewhere+a", "muster-ci+b+a", "muster-ci+a+a"))
	f.told(t, "w", lanesAre("muster-ci+a+b"))
	f.push(t, 0, 3, "command/a", "probe")
	f.decided(t, 3)
	f.told(t, "w", lanesAre("muster-ci+a", "muster-ci+a+b"))
	if s := w.Stats(); s.CommandSlots != 3 || s.Commands["b"].Slots != 1 || s.CommandsTaken != 0 || len(s.Lanes) != 2 {
		t.Errorf("the worker's stats are %+v", s)
	}
}

// TestALostCommandGoesToAnotherWorker: the worker that loses it gives the task back, which costs
// no try, and tells at once that it offers it no more.
func TestALostCommandGoesToAnotherWorker(t *testing.T) {
	t.Parallel()
	f := newFloor(t, "command/wait", "probe")
	one, other := &offered{}, &offered{}
	var lost atomic.Int64
	one.set(program{"wait", "1", 1, func(context.Context, id.Unit) (verdict.Decision, error) {
		lost.Add(1)
		one.set()
		return verdict.Decision{}, goneError{}
	}})
	f.start(t, "one", 1, one)
	f.push(t, 0, 5, "command/wait", "probe")
	f.told(t, "one", func(w ledger.Worker) string {
		if lost.Load() > 0 && len(w.Offers) == 0 && w.Engines["command/wait"] == "" && len(w.Lanes) == 0 {
			return ""
		}
		return fmt.Sprintf("the worker says %+v after %d losses", w.Capacity, lost.Load())
	})
	other.set(program{"wait", "2", 1, ok})
	f.start(t, "two", 1, other)
	h := f.decided(t, 5)
	if h.Kinds[verdict.OK] != 5 {
		t.Errorf("the verdicts are %v, want 5 that are ok", h.Kinds)
	}
	if n := lost.Load(); n != 1 {
		t.Errorf("%d tasks met the lost command, want 1", n)
	}
}

// TestANewVersionMeetsNoOldSession: what was opened by another engine decides nothing any more.
func TestANewVersionMeetsNoOldSession(t *testing.T) {
	t.Parallel()
	f := newFloor(t, "command/wait", "probe")
	o := &offered{}
	found := func(text string) func(context.Context, id.Unit) (verdict.Decision, error) {
		return func(context.Context, id.Unit) (verdict.Decision, error) {
			return verdict.Decision{Findings: []verdict.Finding{{Rule: "X", Severity: verdict.Error, Message: text}}}, nil
		}
	}
	o.set(program{"wait", "old", 1, found("old")})
	f.start(t, "w", 1, o)
	f.push(t, 0, 1, "command/wait", "probe")
	f.decided(t, 1)
	o.set(program{"wait", "new", 1, found("new")})
	f.told(t, "w", func(w ledger.Worker) string {
		if w.Engines["command/wait"] == "new" && w.Offers[0].Engine == "new" {
			return ""
		}
		return "the worker tells the old engine"
	})
	f.push(t, 1, 1, "command/wait", "probe")
	f.decided(t, 2)
	for i, want := range []string{"old", "new"} {
		v := f.verdict(t, id.Unit(fmt.Sprintf("unit-%d", i)))
		if p := v.Parts[0]; p.Engine != want || p.Findings[0].Message != want {
			t.Errorf("unit %d is decided by engine %q, which says %q; want %q", i, p.Engine, p.Findings[0].Message, want)
		}
	}
}

// verdict reads the verdict about a unit.
func (f *floor) verdict(t *testing.T, unit id.Unit) verdict.Verdict {
	t.Helper()
	history, err := f.ledger.Read(t.Context(), "r", ledger.Start, -1)
	f.must(t, err)
	for _, e := range history.Events {
		if v, err := verdict.Decode(e.Body); err == nil && v.Unit == unit {
			return v
		}
	}
	t.Fatalf("there is no verdict about %s", unit)
	return verdict.Verdict{}
}

// TestCommandsHaveSlotsOfTheirOwn: of all, of each, and none of those of quick checks.
func TestCommandsHaveSlotsOfTheirOwn(t *testing.T) {
	t.Parallel()
	f := newFloor(t, "command/a", "command/b", "probe")
	var mu sync.Mutex
	now, most := map[string]int{}, map[string]int{}
	goOn := make(chan struct{})
	counting := func(name string) func(context.Context, id.Unit) (verdict.Decision, error) {
		return func(ctx context.Context, _ id.Unit) (verdict.Decision, error) {
			for _, of := range []string{name, "all"} {
				mu.Lock()
				now[of]++
				most[of] = max(most[of], now[of])
				mu.Unlock()
				defer func() { mu.Lock(); now[of]--; mu.Unlock() }()
			}
			select {
			case <-goOn:
			case <-ctx.Done():
			}
			return verdict.Decision{}, ctx.Err()
		}
	}
	o := &offered{}
	o.set(program{"a", "1", 1, counting("a")}, program{"b", "1", 0, counting("b")})
	w, _ := f.start(t, "w", 2, o)
	f.push(t, 0, 6, "command/a", "probe")
	f.push(t, 6, 6, "command/b", "probe")
	settles(t, func() error {
		if s := w.Stats(); s.CommandsTaken != 2 || s.Commands["a"].Taken > 1 || s.Taken != 0 {
			return fmt.Errorf("the slots are %+v", s)
		}
		return nil
	})
	f.push(t, 12, 4, "probe")
	f.decided(t, 4) // the quick ones, while all commands wait
	if n := pending(t, f, "muster-ci+a") + pending(t, f, "muster-ci+b"); n != 10 {
		t.Errorf("%d tasks wait in the lanes, want the 10 that have no slot", n)
	}
	close(goOn)
	f.decided(t, 16)
	if most["a"] != 1 || most["all"] != 2 {
		t.Errorf("at once ran %v, want 1 of a and 2 of all", most)
	}
}

func pending(t *testing.T, f *floor, queue string) int {
	t.Helper()
	n, err := f.conn.Plain().LLen(t.Context(), tasks.PendingKey(queue)).Result()
	f.must(t, err)
	return int(n)
}

// TestAStopEndsCommands: what does not end in time is ended and given back, and nothing of it is
// left when the worker has stopped.
func TestAStopEndsCommands(t *testing.T) {
	t.Parallel()
	f := newFloor(t, "command/wait", "probe")
	begun, ended := make(chan struct{}, 9), new(atomic.Bool)
	o := &offered{}
	o.set(program{"wait", "1", 1, func(ctx context.Context, _ id.Unit) (verdict.Decision, error) {
		begun <- struct{}{}
		<-ctx.Done()
		time.Sleep(50 * time.Millisecond) // as long as it takes to end processes
		ended.Store(true)
		return verdict.Decision{}, ctx.Err()
	}})
	_, stop := f.start(t, "w", 1, o, func(o *Options) { o.Fetch.ShutdownTimeout = 10 * time.Millisecond })
	f.push(t, 0, 1, "command/wait", "probe")
	<-begun
	stop()
	if !ended.Load() {
		t.Error("the worker has stopped before the command")
	}
	if n := pending(t, f, "muster-ci+wait"); n != 1 {
		t.Errorf("%d tasks are in the lane, want the one that was given back", n)
	}
	attempts, err := f.ledger.InProgress(t.Context(), "r")
	if err != nil || len(attempts) != 0 {
		t.Errorf("the attempts %v are in progress, with %v", attempts, err)
	}
}

// Ending makes each program one that is waited for.
func (program) Ending() time.Duration { return 5 * time.Second }

// noted is an observer that writes down what it is told.
type noted struct {
	mu   sync.Mutex
	said map[string]int
}

func (n *noted) say(words ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.said == nil {
		n.said = map[string]int{}
	}
	n.said[strings.Join(words, " ")]++
}

func (n *noted) TaskEnded(kind string, r Result)             { n.say("task", kind+":", string(r)) }
func (n *noted) CheckEnded(check string, took time.Duration) { n.say("check", check) }
func (n *noted) CommandEnded(command string, o Outcome)      { n.say("command", command, string(o)) }
func (n *noted) CacheEnded(r CacheResult, _ int)             { n.say("cache", string(r)) }

// TestAnObserverHearsOfEachTask.
func TestAnObserverHearsOfEachTask(t *testing.T) {
	t.Parallel()
	f := newFloor(t, "command/wait", "probe")
	o, heard := &offered{}, &noted{}
	var first sync.Once
	o.set(program{"wait", "1", 1, func(_ context.Context, unit id.Unit) (d verdict.Decision, err error) {
		switch unit {
		case "unit-1":
			d.Findings = []verdict.Finding{{Rule: "X", Severity: verdict.Error}}
		case "unit-2":
			err = errors.New("no answer")
		case "unit-3":
			first.Do(func() { err = goneError{} })
		}
		return d, err
	}})
	f.start(t, "w", 1, o, func(o *Options) { o.Observer = heard })
	f.push(t, 0, 3, "command/wait", "probe")
	f.decided(t, 3)
	f.push(t, 3, 1, "command/wait", "probe") // alone: whoever waits behind it for the lost command would go back, too
	f.decided(t, 4)
	want := map[string]int{"task : ok": 2, "task : invalid": 1, "task : failed": 1, "task : retried": 2, "task : released": 1,
		"check command/wait": 7, "check probe": 7, "command wait ok": 2, "command wait invalid": 1, "command wait failed": 3, "command wait lost": 1}
	heard.mu.Lock()
	defer heard.mu.Unlock()
	for what, n := range want {
		if heard.said[what] != n {
			t.Errorf("the observer heard %q %d times, want %d", what, heard.said[what], n)
		}
	}
	if len(heard.said) != len(want) {
		t.Errorf("the observer heard %v", heard.said)
	}
}
