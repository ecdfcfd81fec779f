package ledger_test

import (
	"context"
	"crypto/sha256"
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

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/verdict"
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

// opened is a run that no process has opened before.
func (b books) opened(t *testing.T, run id.Run) *ledger.Owner {
	t.Helper()
	o, err := b.Open(t.Context(), run, ledger.Opening{Plan: plan, Owner: "first"})
	if err != nil || o.Continued {
		t.Fatalf("Open: %+v, %v; want a new run", o, err)
	}
	return o
}

// started is a run with the units a, b and c, of which a is expected with digest da,
// and so on.
func (b books) started(t *testing.T, run id.Run) *ledger.Owner {
	t.Helper()
	o := b.opened(t, run)
	units := []id.Unit{"a", "b", "c"}
	must(t, o.AddExpected(t.Context(), units))
	for _, u := range units {
		if e, err := o.Expect(t.Context(), u, digestOf(u), ""); err != nil || e.Answer != ledger.Expected || e.Attempt != 1 {
			t.Fatalf("Expect(%s) = %+v, %v", u, e, err)
		}
	}
	return o
}

// digestOf is the digest with which a unit is expected.
func digestOf(u id.Unit) id.Digest { return "d" + id.Digest(u) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func entry(u id.Unit, kind verdict.Kind, d id.Delivery) ledger.Entry {
	return ledger.Entry{Unit: u, Digest: digestOf(u), Shared: "shared1", Kind: kind, Delivery: d,
		Fingerprint: fingerprint(string(u) + string(kind)), Body: []byte("verdict of " + string(u) + ": " + string(kind))}
}

// fingerprint is that of a verdict that says what is given.
func fingerprint(said string) verdict.Fingerprint {
	sum := sha256.Sum256([]byte(said))
	return verdict.Fingerprint(sum[:len(verdict.Fingerprint{})])
}

func (b books) record(t *testing.T, run id.Run, e ledger.Entry) ledger.Answer {
	t.Helper()
	answer, err := b.Record(t.Context(), run, e)
	must(t, err)
	return answer
}

// begin asks for leave to work on a unit of run r, as a task about the digest does.
func (b books) begin(t *testing.T, u id.Unit, digest id.Digest, attempt int, d id.Delivery) ledger.Answer {
	t.Helper()
	g, err := b.Begin(t.Context(), request(u, digest, attempt, d))
	must(t, err)
	return g.Answer
}

func request(u id.Unit, digest id.Digest, attempt int, d id.Delivery) ledger.BeginRequest {
	return ledger.BeginRequest{Run: "r", Unit: u, Digest: digest, Attempt: attempt, Delivery: d}
}

func TestHeaderOfARunThatIsNotThere(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		o := b.started(t, "r")
		must(t, b.client.FlushDB(t.Context()).Err())
		if _, err := b.Header(t.Context(), "nosuch"); !errors.Is(err, ledger.ErrGone) {
			t.Errorf("header: %v, want %v", err, ledger.ErrGone)
		}
		if _, err := b.Open(t.Context(), "r", existing); !errors.Is(err, ledger.ErrGone) {
			t.Errorf("open what must be there: %v, want %v", err, ledger.ErrGone)
		}
		for _, step := range slices.Concat(ownersSteps, witnessesSteps) {
			if err := step.take(t.Context(), b, o); !errors.Is(err, ledger.ErrGone) {
				t.Errorf("%s: %v, want %v", step.name, err, ledger.ErrGone)
			}
		}
		begin := request("a", "d", 1, "w#1")
		begin.Run = "nosuch"
		if g, err := b.Begin(t.Context(), begin); err != nil || g.Answer != ledger.Gone {
			t.Errorf("Begin = %s, %v; want %s", g.Answer, err, ledger.Gone)
		}
		if got := b.record(t, "nosuch", entry("a", "ok", "w#1")); got != ledger.Gone {
			t.Errorf("Record = %s, want %s", got, ledger.Gone)
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
		o := b.started(t, "r")
		if e, err := o.Expect(t.Context(), "a", "da", ""); err != nil || e.Answer != ledger.Expected {
			t.Errorf("the same digest again: %s, %v; want %s", e.Answer, err, ledger.Expected)
		}
		var changed *ledger.ChangedError
		if _, err := o.Expect(t.Context(), "a", "other", ""); !errors.As(err, &changed) || changed.Was != "da" {
			t.Errorf("another digest: %v, want a ChangedError that was da", err)
		}
		if _, err := o.Expect(t.Context(), "unlisted", "d", ""); err == nil {
			t.Error("a unit that was not listed is expected")
		}
		b.record(t, "r", entry("a", "ok", "w#1"))
		if e, err := o.Expect(t.Context(), "a", "da", ""); err != nil || e.Answer != ledger.Decided {
			t.Errorf("after its verdict: %s, %v; want %s", e.Answer, err, ledger.Decided)
		}
	})
}

func TestBegin(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		o := b.started(t, "r")
		if sent, err := b.Upload(t.Context(), "da", func() []byte { return []byte("packed a") }); err != nil || !sent {
			t.Fatalf("Upload = %v, %v", sent, err)
		}
		begin := request("a", "da", 1, "w#1")
		begin.Want = []id.Digest{"da", "nosuch"}
		g, err := b.Begin(t.Context(), begin)
		if err != nil || g.Answer != ledger.Granted {
			t.Fatalf("Begin = %s, %v; want %s", g.Answer, err, ledger.Granted)
		}
		if diff := cmp.Diff([][]byte{[]byte("packed a"), nil}, g.Bundles); diff != "" {
			t.Errorf("bundles (-want +got):\n%s", diff)
		}
		check := func(when string, digest id.Digest, want ledger.Answer) {
			t.Helper()
			if got := b.begin(t, "a", digest, 1, "w#2"); got != want {
				t.Errorf("Begin %s = %s, want %s", when, got, want)
			}
		}
		check("by another delivery", "da", ledger.Granted)
		check("with another digest", "old", ledger.Stale)
		b.record(t, "r", entry("a", "ok", "w#1"))
		check("of a decided unit", "da", ledger.Decided)
		must(t, o.End(t.Context(), ledger.Final{}))
		check("of a closed run", "da", ledger.Ended)
	})
}

func TestReleaseTakesBackOnlyItsOwnDelivery(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		b.started(t, "r")
		begun(t, b, "a", 1, "w#1")
		begun(t, b, "a", 1, "x#11")
		count := func() int64 { return b.client.HLen(t.Context(), "muster:{r}:begun").Val() }
		for _, other := range []id.Delivery{"w#1", "#11", "1"} {
			must(t, b.Release(t.Context(), "r", "a", other))
			if count() != 1 {
				t.Errorf("Release by %q took back what x#11 has begun", other)
			}
		}
		must(t, b.Release(t.Context(), "r", "a", "x#11"))
		if count() != 0 {
			t.Error("Release by x#11 left its own begin")
		}
	})
}

func TestRecordCountsAVerdictOnce(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		o := b.started(t, "r")
		stale, unlisted := entry("b", "ok", "w#1"), entry("x", "ok", "w#1")
		stale.Digest = "old"
		otherShared := entry("b", "ok", "w#1")
		otherShared.Shared = "shared0"
		anyDigest := entry("c", "failed", "w#9")
		anyDigest.Digest, anyDigest.Shared = ledger.AnyDigest, ""
		for _, step := range []struct {
			name  string
			entry ledger.Entry
			want  ledger.Answer
		}{
			{"the first", entry("a", "ok", "w#1"), ledger.Recorded},
			{"the same call again, its reply was lost", entry("a", "ok", "w#1"), ledger.Recorded},
			{"another delivery of the same task", entry("a", "ok", "w#2"), ledger.Duplicate},
			{"another verdict", entry("a", "invalid", "w#3"), ledger.Contradiction},
			{"other bytes", stale, ledger.Stale},
			{"other shared files", otherShared, ledger.Stale},
			{"a unit that is not expected", unlisted, ledger.Stale},
			{"a task that nobody can read", anyDigest, ledger.Recorded},
		} {
			if got := b.record(t, "r", step.entry); got != step.want {
				t.Errorf("%s: %s, want %s", step.name, got, step.want)
			}
		}
		must(t, o.End(t.Context(), ledger.Final{}))
		if got := b.record(t, "r", entry("b", "ok", "w#1")); got != ledger.Ended {
			t.Errorf("after the end: %s, want %s", got, ledger.Ended)
		}
		h, err := b.Header(t.Context(), "r")
		must(t, err)
		if diff := cmp.Diff(map[verdict.Kind]int{"ok": 1, "failed": 1}, h.Kinds); diff != "" {
			t.Errorf("counts (-want +got):\n%s", diff)
		}
		if h.Decided != 2 || h.Duplicates != 1 || h.Contradictions != 1 || h.Stale != 3 || h.Late != 1 {
			t.Errorf("decided %d, duplicates %d, contradictions %d, stale %d, late %d; want 2, 1, 1, 3, 1",
				h.Decided, h.Duplicates, h.Contradictions, h.Stale, h.Late)
		}
	})
}

// TestAnImpureVerdictIsNoContradiction, whichever of two different ones is.
func TestAnImpureVerdictIsNoContradiction(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		b.started(t, "r")
		impure := func(unit id.Unit, kind verdict.Kind, by id.Delivery) ledger.Entry {
			e := entry(unit, kind, by)
			e.Impure = true
			return e
		}
		for _, step := range []struct {
			name  string
			entry ledger.Entry
			want  ledger.Answer
		}{
			{"the first", impure("a", "ok", "w#1"), ledger.Recorded},
			{"the same call again", impure("a", "ok", "w#1"), ledger.Recorded},
			{"the same verdict", impure("a", "ok", "w#2"), ledger.Duplicate},
			{"another impure one", impure("a", "invalid", "w#3"), ledger.Duplicate},
			{"another pure one", entry("a", "invalid", "w#4"), ledger.Duplicate},
			{"the first, pure", entry("b", "ok", "w#5"), ledger.Recorded},
			{"an impure one about the same", impure("b", "invalid", "w#6"), ledger.Duplicate},
			{"a pure one about the same", entry("b", "invalid", "w#7"), ledger.Contradiction},
		} {
			if got := b.record(t, "r", step.entry); got != step.want {
				t.Errorf("%s: %s, want %s", step.name, got, step.want)
			}
		}
		h, err := b.Header(t.Context(), "r")
		if must(t, err); h.Contradictions != 1 || h.Kinds["ok"] != 2 || h.Kinds["invalid"] != 0 {
			t.Errorf("%d contradictions, and kinds %v; want 1, and the first of each", h.Contradictions, h.Kinds)
		}
	})
}

func TestNewEntryTravelsInItsVersion(t *testing.T) {
	t.Parallel()
	v := verdict.Subject{Unit: "a", Path: "services/a", Digest: "d", Shared: "s"}.Of(verdict.Part{Check: "manifest", Decision: verdict.Decision{Impure: true}})
	for version, want := range map[int]int{0: verdict.Version, 1: 1, 2: 2} {
		v.V = version
		e, err := ledger.NewEntry("d", "w#1", v)
		must(t, err)
		got, err := verdict.Decode(e.Body)
		if must(t, err); got.V != want || e.Fingerprint != got.Fingerprint() || !e.Impure {
			t.Errorf("a verdict of version %d travels in %d with fingerprint %s (impure %v), want %d, %s", version, got.V, e.Fingerprint, e.Impure, want, got.Fingerprint())
		}
	}
}

func TestPathsOfAPlan(t *testing.T) {
	t.Parallel()
	for units, want := range map[string]string{"services": "services/a", "": "", ".": "a"} {
		if got := (ledger.Plan{Units: units}).Path("a"); got != want {
			t.Errorf("under %q it is %q, want %q", units, got, want)
		}
	}
}

func TestSeal(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		o := b.started(t, "r")
		if err := o.Seal(t.Context(), 4); !errors.Is(err, ledger.ErrGone) {
			t.Errorf("sealed with more units than Redis has: %v, want %v", err, ledger.ErrGone)
		}
		must(t, o.Seal(t.Context(), 3))
		must(t, o.Seal(t.Context(), 3))
		if err := o.Seal(t.Context(), 2); !errors.Is(err, ledger.ErrOtherTotal) {
			t.Errorf("sealed again with another total: %v, want %v", err, ledger.ErrOtherTotal)
		}
		h, err := b.Header(t.Context(), "r")
		must(t, err)
		if h.State != ledger.Sealed || h.Total != 3 || h.Listed != 3 {
			t.Errorf("state %s, total %d, listed %d; want sealed, 3, 3", h.State, h.Total, h.Listed)
		}
	})
}

func TestTheFirstToEndHasTheWord(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		o := b.started(t, "r")
		want := ledger.Final{OK: 2, Errs: 1, Reason: "interrupted"}
		must(t, o.End(t.Context(), want))
		must(t, o.End(t.Context(), ledger.Final{OK: 9}))
		h, err := b.Header(t.Context(), "r")
		must(t, err)
		if h.State != ledger.Closed || h.Final != want || h.EndedAt.Before(h.Started) {
			t.Errorf("state %s, final %+v, ended %s after %s; want closed with %+v", h.State, h.Final, h.EndedAt, h.Started, want)
		}
		if e, err := o.Expect(t.Context(), "b", "db", ""); err != nil || e.Answer != ledger.Ended {
			t.Errorf("Expect in a closed run = %+v, %v; want %s", e, err, ledger.Ended)
		}
	})
}

// readAll reads a run's events until it has seen the one that ends it.
func (b books) readAll(t *testing.T, run id.Run) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var seen []string
	for after := ledger.Start; ; {
		h, err := b.Read(ctx, run, after, time.Second)
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
		o := b.started(t, "r")
		// One reads along from the beginning, one comes when all is over.
		var along []string
		var wg sync.WaitGroup
		wg.Go(func() { along = b.readAll(t, "r") })
		b.record(t, "r", entry("b", "ok", "w#1"))
		must(t, o.Seal(t.Context(), 3))
		must(t, b.BundleMissing(t.Context(), "r", "c", 3))
		b.record(t, "r", entry("a", "invalid", "w#2"))
		must(t, o.End(t.Context(), ledger.Final{}))
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

func TestExpectedAndKnownUnits(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		o := b.opened(t, "r")
		var names []id.Unit
		for i := range 3000 {
			names = append(names, id.Unit(fmt.Sprintf("unit-%04d", i)))
		}
		must(t, o.AddExpected(t.Context(), names))
		must(t, o.AddKnown(t.Context(), names[5:2000]))
		if _, err := o.Expect(t.Context(), names[7], "d7", ""); err != nil {
			t.Fatal(err)
		}
		must(t, o.AddExpected(t.Context(), names[:10]))
		digests, known := map[id.Unit]id.Digest{}, map[id.Unit]bool{}
		must(t, b.EachExpected(t.Context(), "r", func(u id.Unit, d id.Digest) { digests[u] = d }))
		must(t, b.EachKnown(t.Context(), "r", func(u id.Unit) { known[u] = true }))
		if diff := cmp.Diff(names, slices.Sorted(maps.Keys(digests))); diff != "" || digests[names[7]] != "d7" || digests[names[8]] != "" {
			t.Errorf("expected units (-want +got):\n%s\ndigests %q and %q", diff, digests[names[7]], digests[names[8]])
		}
		if diff := cmp.Diff(names[5:2000], slices.Sorted(maps.Keys(known))); diff != "" {
			t.Errorf("known units (-want +got):\n%s", diff)
		}
	})
}

func TestRunsForgetsWhatIsGone(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		b.started(t, "first")
		b.started(t, "second")
		names := func() (names []id.Run) {
			runs, err := b.Runs(t.Context())
			must(t, err)
			for _, h := range runs {
				names = append(names, h.ID)
			}
			slices.Sort(names)
			return names
		}
		if diff := cmp.Diff([]id.Run{"first", "second"}, names()); diff != "" {
			t.Errorf("runs (-want +got):\n%s", diff)
		}
		must(t, b.client.Del(t.Context(), "muster:{first}:run").Err())
		if diff := cmp.Diff([]id.Run{"second"}, names()); diff != "" {
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
		o := b.started(t, "r")
		must(t, o.AddKnown(t.Context(), []id.Unit{"a", "b", "c"}))
		steps := []func(){
			func() { b.begin(t, "a", "da", 1, "w#1") },
			func() { b.record(t, "r", entry("a", "ok", "w#1")) },
			func() { b.begin(t, "b", "db", 1, "w#2") },
			func() { must(t, o.Seal(t.Context(), 3)) },
			func() { b.Upload(t.Context(), "da", func() []byte { return []byte("a") }) },
			func() { b.reissue(t, "b", 1, false) },
			func() { b.started(t, "other") },
			func() { must(t, b.BundleMissing(t.Context(), "other", "a", 2)) },
			func() { must(t, b.Cancel(t.Context(), "other", ledger.Cancellation{})) },
			func() { must(t, o.End(t.Context(), ledger.Final{})) },
			func() { must(t, o.Leave(t.Context())) },
			func() { o = b.continued(t) },
			func() { must(t, o.AddKnown(t.Context(), []id.Unit{"a"})) },
			func() { must(t, o.AddExpected(t.Context(), []id.Unit{"a"})) },
			func() { o.Expect(t.Context(), "a", "da", "") },
			func() { b.begin(t, "a", "da", o.Header.FirstAttempt(), "w#1") },
			func() { b.reissue(t, "a", o.Header.FirstAttempt(), false) },
			func() { b.record(t, "r", entry("a", "ok", "w#1")) },
			func() { must(t, o.Seal(t.Context(), 1)) },
			func() { b.Complete(t.Context(), o.Header, ledger.Final{Complete: true}) },
			func() { b.Supersede(t.Context(), "branch", "r", 0) },
			func() { must(t, b.Touch(t.Context(), "r")) },
		}
		for i, step := range steps {
			step()
			b.keysExpire(t, i)
		}
	})
}

// TestEveryKeyOfADetachedRunExpires: no worker may ever come.
func TestEveryKeyOfADetachedRunExpires(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		o, err := b.Open(t.Context(), "r", ledger.Opening{Plan: plan, Owner: "first", Limit: time.Hour})
		must(t, err)
		steps := []func(){
			func() { must(t, o.AddExpected(t.Context(), []id.Unit{"a", "b"})) },
			func() { o.Expect(t.Context(), "a", "da", "") },
			func() { must(t, o.HandOver(t.Context(), "a", "")) },
			func() {
				b.Claim(t.Context(), o.Header, ledger.Claim{Worker: "w", Lease: time.Hour, Windows: []int{1}, Most: 1})
			},
			func() { must(t, b.SeenTo(t.Context(), "r", []id.Unit{"a"})) },
			func() { must(t, o.Leave(t.Context())) },
		}
		for i, step := range steps {
			step()
			b.keysExpire(t, i)
		}
	})
}

func (b books) keysExpire(t *testing.T, step int) {
	t.Helper()
	for _, key := range b.client.Keys(t.Context(), "muster:*").Val() {
		if ttl := b.client.TTL(t.Context(), key).Val(); ttl < 23*time.Hour {
			t.Errorf("after step %d, %s lives for %s, want a day", step, key, ttl)
		}
	}
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
		got, err := b.Undecided(t.Context(), "r", []id.Unit{"c", "b", "a", "unheard-of"})
		if diff := cmp.Diff([]id.Unit{"c", "a", "unheard-of"}, got); diff != "" || err != nil {
			t.Errorf("undecided (-want +got):\n%s%v", diff, err)
		}
		if got, err := b.Undecided(t.Context(), "r", nil); len(got) != 0 || err != nil {
			t.Errorf("of no units %q, %v are undecided", got, err)
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

func TestExpectAnswersEachOfManyAtOnce(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		o := b.opened(t, "r")
		const n = 300
		var names []id.Unit
		for i := range n {
			names = append(names, id.Unit(fmt.Sprintf("s%03d", i)))
		}
		must(t, o.AddExpected(t.Context(), names))
		for _, u := range []id.Unit{"s001", "s002"} {
			if _, err := o.Expect(t.Context(), u, "old", ""); err != nil {
				t.Fatal(err)
			}
		}
		decided := entry("s002", "ok", "w#1")
		decided.Digest = "old"
		b.record(t, "r", decided)
		if got := b.reissue(t, "s003", 1, false); got != "again 2" {
			t.Fatalf("Reissue = %s, want again 2", got)
		}
		must(t, b.Put(t.Context(), "ds003", []byte("packed")))
		var wg sync.WaitGroup
		for i, u := range append(names, "nobody") {
			wg.Go(func() {
				digest := digestOf(u)
				if u == "s002" {
					digest = "old"
				}
				got, err := o.Expect(t.Context(), u, digest, "")
				var changed *ledger.ChangedError
				switch {
				case u == "nobody" && errors.Is(err, ledger.ErrGone):
				case u == "s001" && errors.As(err, &changed) && changed.Was == "old" && changed.Is == "ds001":
				case u == "s002" && got.Answer == ledger.Decided && err == nil:
				case u == "s003" && got == ledger.Expectation{Answer: ledger.Expected, Attempt: 2, Held: true} && err == nil:
				case (i == 0 || i > 3) && got == ledger.Expectation{Answer: ledger.Expected, Attempt: 1} && err == nil:
				default:
					t.Errorf("Expect(%s) = %+v, %v", u, got, err)
				}
			})
		}
		wg.Wait()
		for _, u := range []id.Unit{"s000", "s299"} {
			if d, _, err := b.Digest(t.Context(), "r", u); d != digestOf(u) || err != nil {
				t.Errorf("the digest of %s is %q, %v", u, d, err)
			}
		}
		must(t, b.Cancel(t.Context(), "r", ledger.Cancellation{Reason: "a test wants it"}))
		if got, err := o.Expect(t.Context(), "s299", "ds299", ""); got.Answer != ledger.Ended || err != nil {
			t.Errorf("after the end: %+v, %v", got, err)
		}
		must(t, b.client.Del(t.Context(), "muster:{r}:run").Err())
		if _, err := o.Expect(t.Context(), "s", "d", ""); !errors.Is(err, ledger.ErrGone) {
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
		must(t, b.Cancel(t.Context(), "over", ledger.Cancellation{Reason: "a test wants it"}))
		b.record(t, "r", entry("b", "ok", "w#0"))
		for _, d := range []id.Digest{"da", "shared1"} {
			must(t, b.Put(t.Context(), d, []byte("packed "+d)))
		}
		var wg sync.WaitGroup
		for i, tt := range []struct {
			run     id.Run
			unit    id.Unit
			digest  id.Digest
			want    []id.Digest
			answer  ledger.Answer
			bundles [][]byte
		}{
			{"r", "a", "da", []id.Digest{"da", "shared1"}, ledger.Granted, [][]byte{[]byte("packed da"), []byte("packed shared1")}},
			{"other", "a", "da", []id.Digest{"da"}, ledger.Granted, [][]byte{[]byte("packed da")}},
			{"other", "c", "dc", []id.Digest{"dc", "shared1"}, ledger.Granted, [][]byte{nil, []byte("packed shared1")}},
			{"r", "b", "db", []id.Digest{"da"}, ledger.Decided, nil},
			{"r", "c", "old", []id.Digest{"da"}, ledger.Stale, nil},
			{"over", "a", "da", []id.Digest{"da"}, ledger.Ended, nil},
			{"nosuch", "a", "da", []id.Digest{"da"}, ledger.Gone, nil},
			{"other", "b", "db", nil, ledger.Granted, [][]byte{}},
		} {
			wg.Go(func() {
				g, err := b.Begin(t.Context(), ledger.BeginRequest{Run: tt.run, Unit: tt.unit, Digest: tt.digest, Attempt: 1,
					Delivery: id.NewDelivery("w", int64(i)), Want: tt.want})
				if diff := cmp.Diff(tt.bundles, g.Bundles, cmpopts.EquateEmpty()); err != nil || g.Answer != tt.answer || diff != "" {
					t.Errorf("Begin %s in %s = %s, %v, want %s; bundles (-want +got):\n%s", tt.unit, tt.run, g.Answer, err, tt.answer, diff)
				}
			})
		}
		wg.Wait()
		all, err := b.InProgress(t.Context(), "other")
		if err != nil || len(all) != 3 {
			t.Errorf("in progress: %v, %v; want a, b and c", all, err)
		}
	})
}

// TestBeginReadsWhatLiesBeside the ledger, and begins whatever comes of that.
func TestBeginReadsWhatLiesBeside(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		b.started(t, "r")
		must(t, b.client.Set(t.Context(), "there", "x", 0).Err())
		must(t, b.client.HSet(t.Context(), "other", "f", "x").Err())
		g, err := b.Begin(t.Context(), ledger.BeginRequest{Run: "r", Unit: "a", Digest: "da", Attempt: 1, Delivery: "w#1", Beside: []string{"there", "not there", "there"}})
		if diff := cmp.Diff([][]byte{[]byte("x"), nil, []byte("x")}, g.Beside); err != nil || g.BesideErr != nil || g.Answer != ledger.Granted || diff != "" {
			t.Errorf("Begin = %s, %v, %v; beside (-want +got):\n%s", g.Answer, err, g.BesideErr, diff)
		}
		g, err = b.Begin(t.Context(), ledger.BeginRequest{Run: "r", Unit: "b", Digest: "db", Attempt: 1, Delivery: "w#2", Beside: []string{"other", "there"}})
		if diff := cmp.Diff([][]byte{nil, []byte("x")}, g.Beside); err != nil || g.BesideErr == nil || g.Answer != ledger.Granted || diff != "" {
			t.Errorf("with a key of another type: Begin = %s, %v, %v; beside (-want +got):\n%s", g.Answer, err, g.BesideErr, diff)
		}
	})
}

// TestAPlanOfSeveralChecksGivesThemTime: an attempt is not overdue while they are made one
// after the other.
func TestAPlanOfSeveralChecksGivesThemTime(t *testing.T) {
	t.Parallel()
	for want, p := range map[time.Duration]ledger.Plan{
		2 * time.Second: {TimeoutMS: 2000, Checker: "a"}, 6 * time.Second: {TimeoutMS: 2000, Checks: []string{"a", "b", "c"}},
	} {
		if got := p.Longest(); got != want {
			t.Errorf("checks %q may take %s, want %s", p.Names(), got, want)
		}
	}
}
