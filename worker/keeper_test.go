package worker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/blob"
	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/cache/cachetest"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
)

// fact is a check whose decisions can be known. It counts how often it decides.
type fact struct {
	name, engine string
	traits       check.Traits
	regions      []string
	decided      *atomic.Int64
	do           func(context.Context, check.Unit) (verdict.Decision, error)
}

func (f fact) Name() string                      { return f.name }
func (f fact) Engine() string                    { return f.engine }
func (fact) Rules() []verdict.Rule               { return nil }
func (fact) Joins() []verdict.Join               { return nil }
func (f fact) Traits() check.Traits              { return f.traits }
func (fact) Findings() []verdict.Finding         { return nil }
func (f fact) Open(fs.FS) (check.Session, error) { return f, nil }
func (f fact) Regions() []string                 { return f.regions }
func (f fact) Region(name string) (string, bool) { return name, slices.Contains(f.regions, name) }
func (f fact) Check(ctx context.Context, u check.Unit, regions []string) (verdict.Decision, error) {
	f.decided.Add(1)
	if f.do != nil {
		return f.do(ctx, u)
	}
	return verdict.Decision{Regions: slices.Clone(regions), Owner: "by " + f.name}, nil
}

// narrow is one that reads the chart alone.
type narrow struct{ fact }

func (n narrow) Open(fs.FS) (check.Session, error) { return n, nil }
func (narrow) Reads() func(string) bool {
	return func(file string) bool { return strings.HasPrefix(file, "chart/") }
}
func (narrow) Shared() id.Digest { return "of-narrow" }

// counted is an observer that counts what becomes of the cache.
type counted struct {
	unobserved
	mu  sync.Mutex
	all map[CacheResult]int
}

func (c *counted) CacheEnded(r CacheResult, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil {
		c.all = map[CacheResult]int{}
	}
	c.all[r] += n
}

func (c *counted) now() map[CacheResult]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.all)
}

// memory is a worker with a cache, whose ledger lies in the same Redis where beside is set.
type memory struct {
	notes
	cachetest.Memory
	counted
	handler *Handler
	task    tasks.Task
	files   bundle.Bundle
	kinds   check.Kinds
	store   cache.Store // nil for Memory
	beside  bool
}

// Begin reads what lies beside the ledger, too.
func (m *memory) Begin(ctx context.Context, r ledger.BeginRequest) (ledger.Grant, error) {
	g, err := m.notes.Begin(ctx, r)
	for _, name := range r.Beside {
		space, rest, _ := strings.Cut(name, ":")
		domain, key, _ := strings.Cut(rest, ":")
		values, err := m.Get(ctx, cache.Space(space), domain, []cache.Key{cache.Key([]byte(key))})
		if err != nil {
			return g, err
		}
		g.Beside = append(g.Beside, values...)
	}
	return g, err
}

// newMemory is a worker of the domain main, with a task of a run that trusts it.
func newMemory(t *testing.T, kinds check.Kinds, paths ...string) *memory {
	t.Helper()
	var entries []bundle.Entry
	for _, p := range paths {
		entries = append(entries, bundle.Entry{Path: p, Data: []byte(p)})
	}
	files, err := bundle.New(entries)
	if err != nil {
		t.Fatal(err)
	}
	shared := pack(t, "muster.yaml")
	m := &memory{kinds: kinds, files: files, notes: notes{bundles: map[id.Digest][]byte{files.Digest(): files.Pack(), shared.Digest(): shared.Pack()}}}
	m.task = tasks.Task{Run: "r", Unit: "billing", Path: "services/billing", Digest: files.Digest(), Shared: shared.Digest(), Checks: kinds.Names(),
		Regions: []string{"south", "north"}, Attempt: 1, TimeoutMS: 1000, Accept: verdict.Version,
		Cache: &tasks.Cache{Domains: []string{"pr", "main"}, Objects: "sha1", MaxBytes: 1 << 20, Read: true, Write: true}}
	return m
}

// process decides the task in a fresh process, and waits until what that keeps is written.
func (m *memory) process(t *testing.T) error {
	t.Helper()
	o := &CacheOptions{Store: m.store, Domain: "main"}
	if o.Store == nil {
		o.Store = &m.Memory
	}
	if m.beside {
		o.Key = func(s cache.Space, domain string, k cache.Key) string {
			return string(s) + ":" + domain + ":" + string(k[:])
		}
	}
	if m.handler == nil {
		m.handler = NewHandler(HandlerOptions{Name: "w", Attempts: m, Recorder: &m.notes, Kinds: m.kinds,
			Concurrency: 2, UnitLimit: 1 << 20, SlotWait: slotWait, Observer: &m.counted, Log: slog.New(slog.DiscardHandler)})
	}
	m.handler.keeper = startKeeper(t.Context(), o, "w", &m.counted, slog.New(slog.DiscardHandler))
	err := m.handler.ProcessTask(t.Context(), payload(t, m.task))
	m.handler.keeper.close(time.Second)
	return err
}

// asked is what an enqueuer learns of the unit, which asks by git's names.
func (m *memory) asked(t *testing.T, domains ...string) (cache.Question, cache.Hit) {
	t.Helper()
	all, err := check.OpenAll(m.kinds, pack(t, "muster.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := cache.NewLookup(t.Context(), &m.Memory, domains...)
	if err != nil {
		t.Fatal(err)
	}
	r := cache.NewRecipe(all.Facts(), m.task.Shared, []string{"south", "north"}, time.Second, 1<<20)
	named, err := blob.Of(m.files, blob.SHA1)
	if err != nil {
		t.Fatal(err)
	}
	digests, err := l.Contents(t.Context(), r.Names(named))
	if err != nil {
		t.Fatal(err)
	}
	q := cache.Question{Recipe: r, Unit: cache.Unit{Unit: m.task.Unit, Path: m.task.Path, File: cache.IsFile(m.task.Path, named)}}
	for _, d := range digests {
		q.Unit.Digests = append(q.Unit.Digests, id.Digest(d))
	}
	hits, err := l.Verdicts(t.Context(), []cache.Question{q})
	if err != nil {
		t.Fatal(err)
	}
	return q, hits[0]
}

// TestAnEnqueuerFindsWhatAWorkerKeeps, and another worker answers by it: for a folder and for a unit of one
// file, whichever Redis the cache is in.
func TestAnEnqueuerFindsWhatAWorkerKeeps(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		beside bool
		paths  []string
	}{
		"a folder, in the ledger's Redis": {true, []string{"chart/Chart.yaml", "values.yaml"}},
		"a folder, in another store":      {false, []string{"chart/Chart.yaml", "values.yaml"}},
		"a file, in the ledger's Redis":   {true, []string{"services/billing"}},
		"a file, in another store":        {false, []string{"services/billing"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			decided := [2]atomic.Int64{}
			m := newMemory(t, check.Kinds{
				fact{name: "all", engine: "all-1", regions: []string{"north", "south"}, decided: &decided[0]},
				narrow{fact{name: "chart", engine: "chart-1", decided: &decided[1]}},
			}, c.paths...)
			m.beside = c.beside
			if err := m.process(t); err != nil {
				t.Fatal(err)
			}
			q, hit := m.asked(t, "main")
			if !hit.Whole() {
				t.Fatalf("the enqueuer knows %v", hit.Parts())
			}
			first := m.verdict
			if diff := cmp.Diff(first.Parts, hit.Verdict(q).Parts); diff != "" {
				t.Errorf("it knows another verdict (-decided +known):\n%s", diff)
			}
			for range 2 { // the second time the checks are open when the attempt begins
				if err := m.process(t); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(first.Parts, m.verdict.Parts); diff != "" || m.verdict.Digest != first.Digest || m.verdict.Worker != "w" {
					t.Errorf("the next worker says (-first +next):\n%s", diff)
				}
			}
			if decided[0].Load() != 1 || decided[1].Load() != 1 {
				t.Errorf("the checks have decided %d and %d times, want once", decided[0].Load(), decided[1].Load())
			}
			want := map[CacheResult]int{CacheMiss: 2, CacheHit: 4, CacheWritten: 2 + 3*2}
			if diff := cmp.Diff(want, m.now()); diff != "" {
				t.Errorf("counted (-want +got):\n%s", diff)
			}
		})
	}
}

// TestACheckDecidesAgainWhatItReads, and what others know of the unit stands.
func TestACheckDecidesAgainWhatItReads(t *testing.T) {
	t.Parallel()
	decided := [2]atomic.Int64{}
	kinds := check.Kinds{fact{name: "all", engine: "all-1", decided: &decided[0]}, narrow{fact{name: "chart", engine: "chart-1", decided: &decided[1]}}}
	first := newMemory(t, kinds, "chart/Chart.yaml", "values.yaml")
	if err := first.process(t); err != nil {
		t.Fatal(err)
	}
	next := newMemory(t, kinds, "chart/Chart.yaml", "other-values.yaml")
	next.store = &first.Memory
	if err := next.process(t); err != nil {
		t.Fatal(err)
	}
	if decided[0].Load() != 2 || decided[1].Load() != 1 {
		t.Errorf("the check of all has decided %d times, and that of the chart %d times; want 2 and 1", decided[0].Load(), decided[1].Load())
	}
	if len(next.verdict.Parts) != 2 || next.verdict.Kind != verdict.OK {
		t.Errorf("the verdict is %+v", next.verdict)
	}
}

// broken is a store that is away.
type broken struct{ salt bool }

var errAway = errors.New("the cache is away")

func (broken) Get(context.Context, cache.Space, string, []cache.Key) ([][]byte, error) {
	return nil, errAway
}
func (broken) Put(context.Context, cache.Space, string, []cache.Item) error { return errAway }
func (b broken) Salt(context.Context, string) (string, error) {
	if b.salt {
		return "", nil
	}
	return "", errAway
}

// TestWhatAWorkerDoesNotKeep: and each time the unit gets its verdict.
func TestWhatAWorkerDoesNotKeep(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*memory)
		fact   fact
		fails  bool // its check does
		want   map[CacheResult]int
	}{
		"of a run that trusts other domains":                       {change: func(m *memory) { m.task.Cache.Domains = []string{"pr"} }, want: map[CacheResult]int{CacheRefused: 1}},
		"of a run that asks for nothing":                           {change: func(m *memory) { m.task.Cache = nil }},
		"of one that only reads":                                   {change: func(m *memory) { m.task.Cache.Write = false }, want: map[CacheResult]int{CacheMiss: 1}},
		"of a unit whose limit is not known":                       {change: func(m *memory) { m.task.Cache.MaxBytes = 0 }},
		"of a unit that is larger than it is said that one may be": {change: func(m *memory) { m.task.Cache.MaxBytes = 10 }},
		"what is impure":                                           {change: func(m *memory) { m.task.Cache.Objects = "" }, fact: fact{traits: check.Traits{Impure: true}}},
		"what turned out to be impure": {change: func(m *memory) { m.task.Cache.Objects = "" }, fact: fact{do: func(context.Context, check.Unit) (verdict.Decision, error) {
			return verdict.Decision{Regions: []string{}, Impure: true}, nil
		}}, want: map[CacheResult]int{CacheMiss: 1}},
		"what has failed": {fact: fact{do: func(context.Context, check.Unit) (verdict.Decision, error) {
			return verdict.Decision{}, errors.New("no")
		}}, fails: true, want: map[CacheResult]int{CacheMiss: 1}},
		"what took too long": {change: func(m *memory) { m.task.TimeoutMS = 1 }, fact: fact{do: func(ctx context.Context, _ check.Unit) (verdict.Decision, error) {
			<-ctx.Done()
			return verdict.Decision{}, ctx.Err()
		}}, fails: true, want: map[CacheResult]int{CacheMiss: 1}},
		"with a store that is away":         {change: func(m *memory) { m.store = broken{} }, want: map[CacheResult]int{CacheError: 1}},
		"with one that goes away meanwhile": {change: func(m *memory) { m.store = broken{salt: true} }, want: map[CacheResult]int{CacheError: 3, CacheMiss: 1, CacheDropped: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.fact.name, c.fact.engine, c.fact.decided = "all", "all-1", new(atomic.Int64)
			m := newMemory(t, check.Kinds{c.fact}, "values.yaml")
			if c.change != nil {
				c.change(m)
			}
			if err := m.process(t); (err != nil) != c.fails {
				t.Fatalf("the task ends with %v", err)
			}
			if !c.fails && m.heard("record ok") != 1 {
				t.Errorf("the ledger was told %q", m.said)
			}
			if n := m.Len(cache.Verdicts); n != 0 {
				t.Errorf("%d decisions are kept", n)
			}
			if diff := cmp.Diff(c.want, m.now()); diff != "" {
				t.Errorf("counted (-want +got):\n%s", diff)
			}
		})
	}
}

// TestAWorkerAnswersOnlyByWhatItCanTrust: its own domain's entries, as they were written, under the salt that is
// told now, for a run that wants them.
func TestAWorkerAnswersOnlyByWhatItCanTrust(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*testing.T, *memory)
		want   CacheResult
	}{
		"all is well": {func(*testing.T, *memory) {}, CacheHit},
		"disowned":    {func(_ *testing.T, m *memory) { m.Disown("main", "s2") }, CacheMiss},
		"of other bytes": {func(t *testing.T, m *memory) {
			m.garble(t, func(value []byte) []byte { value[len(value)-1] ^= 1; return value })
		}, CacheBad},
		"cut short": {func(t *testing.T, m *memory) { m.garble(t, func(value []byte) []byte { return value[:9] }) }, CacheBad},
		"of another version": {func(t *testing.T, m *memory) {
			m.garble(t, func(value []byte) []byte { value[0] = 1; return value })
		}, CacheMiss},
		"another's":                  {func(t *testing.T, m *memory) { m.task.Cache.Domains = []string{"pr"} }, CacheRefused},
		"of a run that decides anew": {func(t *testing.T, m *memory) { m.task.Cache.Read = false }, ""},
		"of another limit":           {func(t *testing.T, m *memory) { m.task.TimeoutMS++ }, CacheMiss},
		"of other regions":           {func(t *testing.T, m *memory) { m.task.Regions = []string{"south"} }, CacheMiss},
		"of another path":            {func(t *testing.T, m *memory) { m.task.Path = "apps/billing" }, CacheMiss},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var decided atomic.Int64
			m := newMemory(t, check.Kinds{fact{name: "all", engine: "all-1", regions: []string{"north", "south"}, decided: &decided}}, "values.yaml")
			if err := m.process(t); err != nil {
				t.Fatal(err)
			}
			c.change(t, m)
			m.counted.all = nil
			if err := m.process(t); err != nil {
				t.Fatal(err)
			}
			if hit := decided.Load() == 1; hit != (c.want == CacheHit) || c.want != "" && m.now()[c.want] != 1 {
				t.Errorf("the check has decided %d times, counted %v; want one %q", decided.Load(), m.now(), c.want)
			}
		})
	}
}

// garble changes the entry of the task's unit.
func (m *memory) garble(t *testing.T, change func([]byte) []byte) {
	t.Helper()
	q, _ := m.asked(t, "main")
	key := q.Components(q.Unit, cache.Domain{Name: "main"})[0].Key()
	values, err := m.Get(t.Context(), cache.Verdicts, "main", []cache.Key{key})
	if err == nil {
		err = m.Put(t.Context(), cache.Verdicts, "main", []cache.Item{{Key: key, Value: change(slices.Clone(values[0]))}})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestAWorkerRenewsWhatItAnswersBy once it is old.
func TestAWorkerRenewsWhatItAnswersBy(t *testing.T) {
	t.Parallel()
	var decided atomic.Int64
	m := newMemory(t, check.Kinds{fact{name: "all", engine: "all-1", decided: &decided}}, "values.yaml")
	if err := m.process(t); err != nil {
		t.Fatal(err)
	}
	before := time.Now().Add(-100 * time.Hour).Truncate(time.Minute)
	q, _ := m.asked(t, "main")
	key := q.Components(q.Unit, cache.Domain{Name: "main"})[0].Key()
	values, err := m.Get(t.Context(), cache.Verdicts, "main", []cache.Key{key})
	if err == nil {
		err = m.Put(t.Context(), cache.Verdicts, "main", []cache.Item{cache.Renew(cache.Item{Key: key, Value: values[0]}, before)})
	}
	if err == nil {
		err = m.process(t)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, hit := m.asked(t, "main"); !hit.Whole() || time.Since(hit.Entries[0].Written) > time.Hour || decided.Load() != 1 {
		t.Errorf("decided %d times; the entry is %+v", decided.Load(), hit.Entries[0])
	}
}

// TestAKnownCommandTakesNoSlotOfCommands, so that it waits for none.
func TestAKnownCommandTakesNoSlotOfCommands(t *testing.T) {
	t.Parallel()
	var decided atomic.Int64
	m := newMemory(t, check.Kinds{narrow{fact{name: id.CommandCheck("lint"), engine: "lint-1", decided: &decided}}}, "chart/Chart.yaml", "values.yaml")
	m.handler = NewHandler(HandlerOptions{Name: "w", Attempts: m, Recorder: &m.notes, Kinds: m.kinds, Concurrency: 1, CommandSlots: 1,
		UnitLimit: 1 << 20, SlotWait: slotWait, Observer: &m.counted, Log: slog.New(slog.DiscardHandler)})
	m.handler.commands.limit(map[string]int{"lint": 1})
	if err := m.process(t); err != nil {
		t.Fatal(err)
	}
	other := m.handler.commands.ask([]string{"lint"}) // has the only slot
	defer m.handler.commands.free(other)
	if err := m.process(t); err != nil {
		t.Fatal(err)
	}
	if taken, _ := m.handler.commands.now(); decided.Load() != 1 || taken != 1 || len(m.handler.slots.taken) != 0 {
		t.Errorf("decided %d times, %d slots of commands and %d quick ones are taken", decided.Load(), taken, len(m.handler.slots.taken))
	}
}

// TestAKnownSuspectNeedsNoProcessOfItsOwn, and what such a process decides is kept.
func TestAKnownSuspectNeedsNoProcessOfItsOwn(t *testing.T) {
	t.Parallel()
	m := newMemory(t, check.Kinds{fact{name: "all", engine: "all-1", decided: new(atomic.Int64)}}, "values.yaml")
	if err := m.process(t); err != nil { // the checks are open from now on
		t.Fatal(err)
	}
	apart := 0
	m.handler.Isolate = func(_ context.Context, task tasks.Task, _, _ []byte) (verdict.Verdict, error) {
		apart++
		part := verdict.Part{Check: "all", Engine: "all-1", Decision: verdict.Decision{Regions: []string{}}}
		return verdict.Subject{Unit: task.Unit, Path: task.Path, Digest: task.Digest, Shared: task.Shared}.Of(part), nil
	}
	m.task.Suspect = true
	for _, anew := range []bool{false, true, false} {
		if anew {
			m.Disown("main", "s2")
		}
		if err := m.process(t); err != nil {
			t.Fatal(err)
		}
	}
	if apart != 1 || m.heard("record ok") != 4 {
		t.Errorf("%d times in a process of its own, want once; the ledger was told %q", apart, m.said)
	}
}

// fullStore is a store that takes nothing more.
type fullStore struct{ *cachetest.Memory }

func (fullStore) Put(context.Context, cache.Space, string, []cache.Item) error {
	return fmt.Errorf("write: %w", cache.ErrFull)
}

// TestAStoreThatIsFullIsRead: what it has counts, and that it takes nothing is told once.
func TestAStoreThatIsFullIsRead(t *testing.T) {
	t.Parallel()
	var decided atomic.Int64
	m := newMemory(t, check.Kinds{fact{name: "all", engine: "all-1", decided: &decided}}, "values.yaml")
	if err := m.process(t); err != nil {
		t.Fatal(err)
	}
	var c counted
	var log strings.Builder
	k := startKeeper(t.Context(), &CacheOptions{Store: fullStore{&m.Memory}, Domain: "main"}, "w", &c, slog.New(slog.NewTextHandler(&log, nil)))
	q, _ := m.asked(t, "main")
	key := q.Components(q.Unit, cache.Domain{Name: "main"})[0].Key()
	for range 2 {
		k.put(t.Context(), cache.Verdicts, make([]cache.Item, 3))
		if k.domain.Load() == nil || k.get(t.Context(), []cache.Key{key})[0] == nil {
			t.Error("what the store has is not read")
		}
	}
	k.close(time.Second)
	if n := strings.Count(log.String(), "the cache is full"); n != 1 || c.now()[CacheDropped] != 6 || c.now()[CacheError] != 0 {
		t.Errorf("told %d times, counted %v", n, c.now())
	}
}

// TestAKeeperDropsWhatItHasNoRoomFor and keeps its memory bounded.
func TestAKeeperDropsWhatItHasNoRoomFor(t *testing.T) {
	t.Parallel()
	var c counted
	k := &keeper{observer: &c, waiting: make(chan kept, 2)}
	one := kept{verdicts: []cache.Item{{Value: make([]byte, 100)}}}
	for range 3 {
		k.keep(one)
	}
	if !k.isFull() || c.now()[CacheDropped] != 1 || k.bytes.Load() != 2*one.size() {
		t.Errorf("full: %v, counted %v, %d bytes wait", k.isFull(), c.now(), k.bytes.Load())
	}
	large := &keeper{observer: &c, waiting: make(chan kept, 2)}
	large.keep(kept{verdicts: []cache.Item{{Value: make([]byte, maxKeptBytes)}}})
	if len(large.waiting) != 0 || large.bytes.Load() != 0 || c.now()[CacheDropped] != 2 {
		t.Errorf("%d wait with %d bytes, counted %v", len(large.waiting), large.bytes.Load(), c.now())
	}
}

// counting counts the writes to a store.
type counting struct {
	cachetest.Memory
	puts atomic.Int64
}

func (c *counting) Put(ctx context.Context, s cache.Space, domain string, items []cache.Item) error {
	c.puts.Add(1)
	return c.Memory.Put(ctx, s, domain, items)
}

// TestEntriesShareAWrite: a lone one does not wait, and those of a busy worker do, for a moment, unless there are as many
// as one write holds.
func TestEntriesShareAWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var store counting
		k := startKeeper(t.Context(), &CacheOptions{Store: &store, Domain: "main"}, "w", nil, slog.New(slog.DiscardHandler))
		defer k.close(time.Second)
		n := byte(0)
		keep := func(many int) {
			for range many {
				k.keep(kept{verdicts: []cache.Item{{Key: cache.Key{n, byte(store.Len(cache.Verdicts))}}}})
				n++
			}
			synctest.Wait()
		}
		expect := func(when string, puts int64) {
			if got := store.puts.Load(); got != puts {
				t.Errorf("%s: %d writes, want %d", when, got, puts)
			}
		}
		keep(1)
		expect("a lone one", 1)
		for range 24 {
			time.Sleep(time.Millisecond)
			keep(1)
		}
		expect("a moment later", 1)
		time.Sleep(time.Millisecond)
		synctest.Wait()
		expect("after the pace", 2)
		time.Sleep(time.Second)
		keep(1)
		expect("another lone one", 3)
		keep(4 * keptAtOnce)
		time.Sleep(2 * keepPace)
		synctest.Wait()
		expect("more than one write holds", 7)
	})
}
