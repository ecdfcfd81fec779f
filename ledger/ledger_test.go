package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/ledger"
)

// books are a ledger on a fresh Redis, with a client to look behind it.
type books struct {
	*ledger.Ledger
	client redis.UniversalClient
}

func open(t *testing.T, url string) books {
	t.Helper()
	target, err := redisconn.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	conn := target.Dial(redisconn.Options{})
	t.Cleanup(func() { conn.Close() })
	return books{ledger.New(conn.Bulk(), conn.Plain()), conn.Plain()}
}

var plan = ledger.Plan{Queue: "muster-ci", Checker: "manifest", Shared: "shared1", Regions: []string{"dev-uk"}, Whole: true}

// started is a run with the services a, b and c, of which a is expected with
// digest da, and so on.
func (b books) started(t *testing.T, id string) ledger.Header {
	t.Helper()
	h, created, err := b.Open(t.Context(), id, plan)
	if err != nil || !created {
		t.Fatalf("Open: created %v, %v", created, err)
	}
	must(t, b.AddExpected(t.Context(), id, []string{"a", "b", "c"}))
	for _, s := range []string{"a", "b", "c"} {
		if e, err := b.Expect(t.Context(), id, s, "d"+s); err != nil || e.Standing != ledger.Expected || e.Attempt != 1 {
			t.Fatalf("Expect(%s) = %+v, %v", s, e, err)
		}
	}
	return h
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func entry(service, kind, delivery string) ledger.Entry {
	return ledger.Entry{Unit: service, Digest: "d" + service, Shared: "shared1", Kind: kind, Delivery: delivery,
		Canonical: []byte(service + kind), Body: []byte("verdict of " + service + ": " + kind)}
}

func (b books) record(t *testing.T, id string, e ledger.Entry) ledger.Outcome {
	t.Helper()
	outcome, err := b.Record(t.Context(), id, e)
	must(t, err)
	return outcome
}

func TestOpenTwiceFindsTheSameRun(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		first, created, err := b.Open(t.Context(), "r1", plan)
		if err != nil || !created {
			t.Fatalf("first Open: created %v, %v", created, err)
		}
		other := plan
		other.Shared = "shared2"
		second, created, err := b.Open(t.Context(), "r1", other)
		if err != nil || created {
			t.Fatalf("second Open: created %v, %v; want the run that is there", created, err)
		}
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("the second Open sees another run (-first +second):\n%s", diff)
		}
	})
}

func TestRunIDs(t *testing.T) {
	t.Parallel()
	for id, ok := range map[string]bool{
		"20260102-030405-abcdef": true, "pr-17.2_x": true, "7": true,
		"": false, "-x": false, "a b": false, "a{b}": false, "a/b": false, "é": false,
	} {
		if err := ledger.CheckRunID(id); (err == nil) != ok {
			t.Errorf("CheckRunID(%q) = %v, want ok %v", id, err, ok)
		}
	}
}

func TestHeaderOfARunThatIsNotThere(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		steps := map[string]func() error{
			"header": func() error { _, err := b.Header(t.Context(), "nosuch"); return err },
			"names":  func() error { return b.AddExpected(t.Context(), "nosuch", []string{"a"}) },
			"expect": func() error { _, err := b.Expect(t.Context(), "nosuch", "a", "d"); return err },
			"seal":   func() error { return b.Seal(t.Context(), "nosuch", 1) },
			"close":  func() error { return b.Close(t.Context(), "nosuch", ledger.Final{}) },
		}
		for name, step := range steps {
			if err := step(); !errors.Is(err, ledger.ErrGone) {
				t.Errorf("%s: %v, want %v", name, err, ledger.ErrGone)
			}
		}
		if leave, _, err := b.Begin(t.Context(), "nosuch", "a", "d", 1, "w#1"); err != nil || leave != ledger.NoSuchRun {
			t.Errorf("Begin = %s, %v", leave, err)
		}
		if outcome := b.record(t, "nosuch", entry("a", "ok", "w#1")); outcome != ledger.Nowhere {
			t.Errorf("Record = %s, want %s", outcome, ledger.Nowhere)
		}
		if keys := b.client.Keys(t.Context(), "*").Val(); len(keys) > 0 {
			t.Errorf("the run that is not there has keys: %q", keys)
		}
	})
}

func TestExpect(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		b.started(t, "r")
		if e, err := b.Expect(t.Context(), "r", "a", "da"); err != nil || e.Standing != ledger.Expected {
			t.Errorf("the same digest again: %s, %v; want %s", e.Standing, err, ledger.Expected)
		}
		var changed *ledger.ChangedError
		if _, err := b.Expect(t.Context(), "r", "a", "other"); !errors.As(err, &changed) || changed.Was != "da" {
			t.Errorf("another digest: %v, want a ChangedError that was da", err)
		}
		if _, err := b.Expect(t.Context(), "r", "unlisted", "d"); err == nil {
			t.Error("a service that was not listed is expected")
		}
		b.record(t, "r", entry("a", "ok", "w#1"))
		if e, err := b.Expect(t.Context(), "r", "a", "da"); err != nil || e.Standing != ledger.Decided {
			t.Errorf("after its verdict: %s, %v; want %s", e.Standing, err, ledger.Decided)
		}
	})
}

func TestBegin(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		b.started(t, "r")
		if sent, err := b.Upload(t.Context(), "da", func() []byte { return []byte("packed a") }); err != nil || !sent {
			t.Fatalf("Upload = %v, %v", sent, err)
		}
		leave, bundles, err := b.Begin(t.Context(), "r", "a", "da", 1, "w#1", "da", "nosuch")
		if err != nil || leave != ledger.Go {
			t.Fatalf("Begin = %s, %v", leave, err)
		}
		if diff := cmp.Diff([][]byte{[]byte("packed a"), nil}, bundles); diff != "" {
			t.Errorf("bundles (-want +got):\n%s", diff)
		}
		check := func(when string, digest string, want ledger.Leave) {
			t.Helper()
			if leave, _, err := b.Begin(t.Context(), "r", "a", digest, 1, "w#2"); err != nil || leave != want {
				t.Errorf("Begin %s = %s, %v; want %s", when, leave, err, want)
			}
		}
		check("by another delivery", "da", ledger.Go)
		check("with another digest", "old", ledger.Stale)
		b.record(t, "r", entry("a", "ok", "w#1"))
		check("of a decided service", "da", ledger.Already)
		must(t, b.Close(t.Context(), "r", ledger.Final{}))
		check("of a closed run", "da", ledger.Stopped)
	})
}

func TestReleaseTakesBackOnlyItsOwnDelivery(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		b.started(t, "r")
		for _, delivery := range []string{"w#1", "x#11"} {
			if _, _, err := b.Begin(t.Context(), "r", "a", "da", 1, delivery); err != nil {
				t.Fatal(err)
			}
		}
		begun := func() int64 { return b.client.HLen(t.Context(), "muster:{r}:begun").Val() }
		for _, other := range []string{"w#1", "#11", "1"} {
			must(t, b.Release(t.Context(), "r", "a", other))
			if begun() != 1 {
				t.Errorf("Release by %q took back what x#11 has begun", other)
			}
		}
		must(t, b.Release(t.Context(), "r", "a", "x#11"))
		if begun() != 0 {
			t.Error("Release by x#11 left its own begin")
		}
	})
}

func TestRecordCountsAVerdictOnce(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		b.started(t, "r")
		stale, unlisted := entry("b", "ok", "w#1"), entry("x", "ok", "w#1")
		stale.Digest = "old"
		otherShared := entry("b", "ok", "w#1")
		otherShared.Shared = "shared0"
		anyDigest := entry("c", "failed", "w#9")
		anyDigest.Digest, anyDigest.Shared = ledger.AnyDigest, ""
		for _, step := range []struct {
			name  string
			entry ledger.Entry
			want  ledger.Outcome
		}{
			{"the first", entry("a", "ok", "w#1"), ledger.Recorded},
			{"the same call again, its reply was lost", entry("a", "ok", "w#1"), ledger.Recorded},
			{"another delivery of the same task", entry("a", "ok", "w#2"), ledger.Duplicate},
			{"another verdict", entry("a", "invalid", "w#3"), ledger.Contradiction},
			{"other bytes", stale, ledger.Outdated},
			{"other shared files", otherShared, ledger.Outdated},
			{"a service that is not expected", unlisted, ledger.Outdated},
			{"a task that nobody can read", anyDigest, ledger.Recorded},
		} {
			if got := b.record(t, "r", step.entry); got != step.want {
				t.Errorf("%s: %s, want %s", step.name, got, step.want)
			}
		}
		must(t, b.Close(t.Context(), "r", ledger.Final{}))
		if got := b.record(t, "r", entry("b", "ok", "w#1")); got != ledger.Late {
			t.Errorf("after the end: %s, want %s", got, ledger.Late)
		}
		h, err := b.Header(t.Context(), "r")
		must(t, err)
		if diff := cmp.Diff(map[string]int{"ok": 1, "failed": 1}, h.Kinds); diff != "" {
			t.Errorf("counts (-want +got):\n%s", diff)
		}
		if h.Decided != 2 || h.Duplicates != 1 || h.Contradictions != 1 || h.Stale != 3 || h.Late != 1 {
			t.Errorf("decided %d, duplicates %d, contradictions %d, stale %d, late %d; want 2, 1, 1, 3, 1",
				h.Decided, h.Duplicates, h.Contradictions, h.Stale, h.Late)
		}
	})
}

func TestSeal(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		b.started(t, "r")
		if err := b.Seal(t.Context(), "r", 4); !errors.Is(err, ledger.ErrGone) {
			t.Errorf("sealed with more services than Redis has: %v, want %v", err, ledger.ErrGone)
		}
		must(t, b.Seal(t.Context(), "r", 3))
		must(t, b.Seal(t.Context(), "r", 3))
		if err := b.Seal(t.Context(), "r", 2); !errors.Is(err, ledger.ErrOtherTotal) {
			t.Errorf("sealed again with another total: %v, want %v", err, ledger.ErrOtherTotal)
		}
		h, err := b.Header(t.Context(), "r")
		must(t, err)
		if h.State != ledger.Sealed || h.Total != 3 || h.Listed != 3 {
			t.Errorf("state %s, total %d, listed %d; want sealed, 3, 3", h.State, h.Total, h.Listed)
		}
	})
}

func TestTheFirstToCloseHasTheWord(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		b.started(t, "r")
		want := ledger.Final{OK: 2, Errs: 1, Complete: true}
		must(t, b.Close(t.Context(), "r", want))
		must(t, b.Close(t.Context(), "r", ledger.Final{OK: 9}))
		h, err := b.Header(t.Context(), "r")
		must(t, err)
		if h.State != ledger.Closed || h.Final != want || h.EndedAt.Before(h.Started) {
			t.Errorf("state %s, final %+v, ended %s after %s; want closed with %+v", h.State, h.Final, h.EndedAt, h.Started, want)
		}
		if e, err := b.Expect(t.Context(), "r", "b", "db"); err != nil || e.Standing != ledger.Ended {
			t.Errorf("Expect in a closed run = %+v, %v; want %s", e, err, ledger.Ended)
		}
	})
}

// readAll reads a run's events until it has seen the one that ends it.
func (b books) readAll(t *testing.T, id string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var seen []string
	for after := ledger.Start; ; {
		h, err := b.Read(ctx, id, after, time.Second)
		if err != nil {
			t.Errorf("Read after %s: %v", after, err)
			return seen
		}
		after = h.Next
		for _, e := range h.Events {
			seen = append(seen, fmt.Sprintf("%s %s %s", e.Kind, e.Unit, e.Body))
			if e.Kind == ledger.RunClosed {
				return seen
			}
		}
	}
}

func TestFollowersSeeEverythingInOrder(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		b.started(t, "r")
		// One reads along from the beginning, one comes when all is over.
		var along []string
		var wg sync.WaitGroup
		wg.Go(func() { along = b.readAll(t, "r") })
		b.record(t, "r", entry("b", "ok", "w#1"))
		must(t, b.Seal(t.Context(), "r", 3))
		must(t, b.BundleMissing(t.Context(), "r", "c", 3))
		b.record(t, "r", entry("a", "invalid", "w#2"))
		must(t, b.Close(t.Context(), "r", ledger.Final{}))
		wg.Wait()
		want := []string{"verdict b verdict of b: ok", "sealed  ", "lacking c 3", "verdict a verdict of a: invalid", "closed  "}
		if diff := cmp.Diff(want, along); diff != "" {
			t.Errorf("the follower that read along (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want, b.readAll(t, "r")); diff != "" {
			t.Errorf("the follower that came late (-want +got):\n%s", diff)
		}
	})
}

func TestServicesAndFolders(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		if _, _, err := b.Open(t.Context(), "r", plan); err != nil {
			t.Fatal(err)
		}
		var names []string
		for i := range 3000 {
			names = append(names, fmt.Sprintf("service-%04d", i))
		}
		must(t, b.AddExpected(t.Context(), "r", names))
		must(t, b.AddKnown(t.Context(), "r", names[5:2000]))
		if _, err := b.Expect(t.Context(), "r", names[7], "d7"); err != nil {
			t.Fatal(err)
		}
		must(t, b.AddExpected(t.Context(), "r", names[:10]))
		digests, folders := map[string]string{}, map[string]bool{}
		must(t, b.EachExpected(t.Context(), "r", func(s, d string) { digests[s] = d }))
		must(t, b.EachKnown(t.Context(), "r", func(n string) { folders[n] = true }))
		if diff := cmp.Diff(names, slices.Sorted(maps.Keys(digests))); diff != "" || digests[names[7]] != "d7" || digests[names[8]] != "" {
			t.Errorf("services (-want +got):\n%s\ndigests %q and %q", diff, digests[names[7]], digests[names[8]])
		}
		if diff := cmp.Diff(names[5:2000], slices.Sorted(maps.Keys(folders))); diff != "" {
			t.Errorf("folders (-want +got):\n%s", diff)
		}
	})
}

func TestRunsForgetsWhatIsGone(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		b.started(t, "first")
		b.started(t, "second")
		ids := func() (ids []string) {
			runs, err := b.Runs(t.Context())
			must(t, err)
			for _, h := range runs {
				ids = append(ids, h.ID)
			}
			slices.Sort(ids)
			return ids
		}
		if diff := cmp.Diff([]string{"first", "second"}, ids()); diff != "" {
			t.Errorf("runs (-want +got):\n%s", diff)
		}
		must(t, b.client.Del(t.Context(), "muster:{first}:run").Err())
		if diff := cmp.Diff([]string{"second"}, ids()); diff != "" {
			t.Errorf("runs after one has expired (-want +got):\n%s", diff)
		}
		if n := b.client.ZCard(t.Context(), "muster:runs").Val(); n != 1 {
			t.Errorf("the index has %d runs, want 1", n)
		}
	})
}

// TestEveryKeyExpires: whatever the order of calls, nothing stays for ever.
func TestEveryKeyExpires(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		b.started(t, "r")
		must(t, b.AddKnown(t.Context(), "r", []string{"a", "b", "c"}))
		steps := []func(){
			func() { b.Begin(t.Context(), "r", "a", "da", 1, "w#1") },
			func() { b.record(t, "r", entry("a", "ok", "w#1")) },
			func() { b.Begin(t.Context(), "r", "b", "db", 1, "w#2") },
			func() { must(t, b.Seal(t.Context(), "r", 3)) },
			func() { b.Upload(t.Context(), "da", func() []byte { return []byte("a") }) },
			func() { b.reissue(t, "b", 1, false) },
			func() { b.started(t, "other") },
			func() { must(t, b.Replace(t.Context(), "other", "a", "new")) },
			func() { must(t, b.BundleMissing(t.Context(), "other", "a", 2)) },
			func() { must(t, b.Close(t.Context(), "r", ledger.Final{})) },
			func() { must(t, b.Touch(t.Context(), "r")) },
		}
		for i, step := range steps {
			step()
			for _, key := range b.client.Keys(t.Context(), "muster:*").Val() {
				if ttl := b.client.TTL(t.Context(), key).Val(); ttl < 23*time.Hour {
					t.Errorf("after step %d, %s lives for %s, want a day", i, key, ttl)
				}
			}
		}
	})
}

func TestUploadSendsABundleOnce(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		packed := 0
		pack := func() []byte { packed++; return []byte("bytes") }
		for i, want := range []bool{true, false} {
			if sent, err := b.Upload(t.Context(), "d", pack); err != nil || sent != want {
				t.Errorf("upload %d: sent %v, %v; want %v", i, sent, err, want)
			}
		}
		if packed != 1 {
			t.Errorf("packed %d times, want 1", packed)
		}
		got, err := b.Bundle(t.Context(), "d")
		if err != nil || string(got) != "bytes" {
			t.Errorf("Bundle = %q, %v", got, err)
		}
		if got, err := b.Bundle(t.Context(), "nosuch"); err != nil || got != nil {
			t.Errorf("Bundle of nothing = %q, %v", got, err)
		}
	})
}

func TestUndecidedNamesWhatHasNoVerdict(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		b.started(t, "r")
		b.record(t, "r", entry("b", "ok", "w#1"))
		got, err := b.Undecided(t.Context(), "r", []string{"c", "b", "a", "unheard-of"})
		if diff := cmp.Diff([]string{"c", "a", "unheard-of"}, got); diff != "" || err != nil {
			t.Errorf("undecided (-want +got):\n%s%v", diff, err)
		}
		if got, err := b.Undecided(t.Context(), "r", nil); len(got) != 0 || err != nil {
			t.Errorf("of no services %q, %v are undecided", got, err)
		}
	})
}

func TestServerTellsOneRedisFromAnother(t *testing.T) {
	t.Parallel()
	one, other := open(t, redistest.Server(t)), open(t, redistest.Server(t))
	name := func(b books) string {
		s, err := b.Server(t.Context())
		must(t, err)
		return s
	}
	if a := name(one); a == "" || a != name(one) || a == name(other) {
		t.Errorf("names %q, %q and %q of another; want one twice and another one", a, name(one), name(other))
	}
	// One that does not say is no error.
	if s := name(open(t, redistest.Mini(t))); s != "" {
		t.Errorf("miniredis is called %q", s)
	}
}

func TestAnExpecterAnswersEachOfManyAtOnce(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		if _, _, err := b.Open(t.Context(), "r", plan); err != nil {
			t.Fatal(err)
		}
		const n = 300
		var names []string
		for i := range n {
			names = append(names, fmt.Sprintf("s%03d", i))
		}
		must(t, b.AddExpected(t.Context(), "r", names))
		for _, s := range []string{"s001", "s002"} {
			if _, err := b.Expect(t.Context(), "r", s, "old"); err != nil {
				t.Fatal(err)
			}
		}
		decided := entry("s002", "ok", "w#1")
		decided.Digest = "old"
		b.record(t, "r", decided)
		if next, attempt, err := b.Reissue(t.Context(), "r", "s003", 1, false); err != nil || next != ledger.Again || attempt != 2 {
			t.Fatalf("Reissue = %s, %d, %v", next, attempt, err)
		}
		must(t, b.Put(t.Context(), "ds003", []byte("packed")))
		e := b.Expecter("r")
		var wg sync.WaitGroup
		for i, s := range append(names, "nobody") {
			wg.Go(func() {
				digest := "d" + s
				if s == "s002" {
					digest = "old"
				}
				got, err := e.Expect(t.Context(), s, digest)
				var changed *ledger.ChangedError
				switch {
				case s == "nobody" && errors.Is(err, ledger.ErrGone):
				case s == "s001" && errors.As(err, &changed) && changed.Was == "old" && changed.Is == "ds001":
				case s == "s002" && got.Standing == ledger.Decided && err == nil:
				case s == "s003" && got == ledger.Expectation{Standing: ledger.Expected, Attempt: 2, Held: true} && err == nil:
				case (i == 0 || i > 3) && got == ledger.Expectation{Standing: ledger.Expected, Attempt: 1} && err == nil:
				default:
					t.Errorf("Expect(%s) = %+v, %v", s, got, err)
				}
			})
		}
		wg.Wait()
		for _, s := range []string{"s000", "s299"} {
			if d, err := b.Digest(t.Context(), "r", s); d != "d"+s || err != nil {
				t.Errorf("the digest of %s is %q, %v", s, d, err)
			}
		}
		must(t, b.Cancel(t.Context(), "r", "a test wants it"))
		if got, err := e.Expect(t.Context(), "s299", "ds299"); got.Standing != ledger.Ended || err != nil {
			t.Errorf("after the end: %+v, %v", got, err)
		}
		if _, err := b.Expecter("nosuch").Expect(t.Context(), "s", "d"); !errors.Is(err, ledger.ErrGone) {
			t.Errorf("in a run that is not there: %v", err)
		}
	})
}

// TestBeginsShareARoundTrip: whatever the others in it are about, each gets its own
// answer and its own bundles.
func TestBeginsShareARoundTrip(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		b.started(t, "r")
		b.started(t, "other")
		b.started(t, "over")
		must(t, b.Cancel(t.Context(), "over", "a test wants it"))
		b.record(t, "r", entry("b", "ok", "w#0"))
		for _, d := range []string{"da", "shared1"} {
			must(t, b.Put(t.Context(), d, []byte("packed "+d)))
		}
		var wg sync.WaitGroup
		for i, tt := range []struct {
			run, service, digest string
			want                 []string
			leave                ledger.Leave
			bundles              [][]byte
		}{
			{"r", "a", "da", []string{"da", "shared1"}, ledger.Go, [][]byte{[]byte("packed da"), []byte("packed shared1")}},
			{"other", "a", "da", []string{"da"}, ledger.Go, [][]byte{[]byte("packed da")}},
			{"other", "c", "dc", []string{"dc", "shared1"}, ledger.Go, [][]byte{nil, []byte("packed shared1")}},
			{"r", "b", "db", []string{"da"}, ledger.Already, nil},
			{"r", "c", "old", []string{"da"}, ledger.Stale, nil},
			{"over", "a", "da", []string{"da"}, ledger.Stopped, nil},
			{"nosuch", "a", "da", []string{"da"}, ledger.NoSuchRun, nil},
			{"other", "b", "db", nil, ledger.Go, [][]byte{}},
		} {
			wg.Go(func() {
				leave, bundles, err := b.Begin(t.Context(), tt.run, tt.service, tt.digest, 1, fmt.Sprintf("w#%d", i), tt.want...)
				if diff := cmp.Diff(tt.bundles, bundles, cmpopts.EquateEmpty()); err != nil || leave != tt.leave || diff != "" {
					t.Errorf("Begin %s in %s = %s, %v, want %s; bundles (-want +got):\n%s", tt.service, tt.run, leave, err, tt.leave, diff)
				}
			})
		}
		wg.Wait()
		under, err := b.InProgress(t.Context(), "other")
		if err != nil || len(under) != 3 {
			t.Errorf("under way: %v, %v; want a, b and c", under, err)
		}
	})
}
