package ledger_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/verdict"
)

// before sets a time in the header of run r back, as if so much had passed since.
func (b books) before(t testing.TB, field string, passed time.Duration) {
	t.Helper()
	must(t, b.client.HIncrBy(t.Context(), "muster:{r}:run", field, -passed.Milliseconds()).Err())
}

// desert lets nobody have followed run r for a while.
func (b books) desert(t testing.TB, passed time.Duration) {
	t.Helper()
	b.before(t, "followed", passed)
	must(t, b.client.HSet(t.Context(), "muster:{r}:run", "lonely", 1).Err()) // noticed long ago
}

// deserted is a run whose unit a is in progress and which nobody follows.
func deserted(t *testing.T, b books) {
	inProgress(t, b)
	b.desert(t, 31*time.Second)
}

func (b books) header(t *testing.T) ledger.Header {
	t.Helper()
	h, err := b.Header(t.Context(), "r")
	must(t, err)
	return h
}

// history is the events of run r so far, a line each.
func (b books) history(t *testing.T) string {
	t.Helper()
	h, err := b.Read(t.Context(), "r", ledger.Start, -1)
	must(t, err)
	var s strings.Builder
	for _, e := range h.Events {
		s.WriteString(strings.TrimSpace(string(e.Kind)+" "+string(e.Unit)) + "\n")
	}
	return s.String()
}

func TestReplace(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		decided(t, b)
		must(t, b.Replace(t.Context(), "r", "a", "da"))
		if h := b.header(t); h.Decided != 1 || h.Dropped != 0 {
			t.Errorf("the same digest again: %d decided and %d dropped, want the verdict to stay", h.Decided, h.Dropped)
		}
		must(t, b.Replace(t.Context(), "r", "a", "new"))
		h := b.header(t)
		if h.Decided != 0 || h.Dropped != 1 || h.Kinds["ok"] != 0 {
			t.Errorf("decided %d, dropped %d, ok %d; want 0, 1, 0", h.Decided, h.Dropped, h.Kinds["ok"])
		}
		if d, err := b.Digest(t.Context(), "r", "a"); err != nil || d != "new" {
			t.Errorf("Digest = %q, %v; want the new one", d, err)
		}
		if got := b.record(t, "r", entry("a", "ok", "w#1")); got != ledger.Stale {
			t.Errorf("the old verdict again: %s, want %s", got, ledger.Stale)
		}
		if e, err := b.Expect(t.Context(), "r", "a", "new"); err != nil || e.Answer != ledger.Expected || e.Attempt != 2 {
			t.Errorf("Expect = %+v, %v; want a second attempt", e, err)
		}
		if diff := cmp.Diff("verdict a\ndropped a\n", b.history(t)); diff != "" {
			t.Errorf("history (-want +got):\n%s", diff)
		}
	})
}

func TestReplaceAcquitsAUnit(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		suspected(t, b)
		must(t, b.Replace(t.Context(), "r", "a", "new"))
		if got := b.reissue(t, "a", 4, true); got != "alone 5" {
			t.Errorf("the first death of the new bytes: %s, want alone 5", got)
		}
		if got := b.reissue(t, "a", 5, true); got != "alone 6" {
			t.Errorf("the first death alone of the new bytes: %s, want alone 6", got)
		}
	})
}

func TestReplaceIsRefused(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		closed(t, b)
		for name, err := range map[string]error{
			"a run that is not there": b.Replace(t.Context(), "nosuch", "a", "new"),
			"a closed run":            b.Replace(t.Context(), "r", "a", "new"),
		} {
			if err == nil {
				t.Errorf("%s: no error", name)
			}
		}
		must(t, b.Reopen(t.Context(), "r"))
		if err := b.Replace(t.Context(), "r", "unlisted", "new"); err == nil {
			t.Error("a unit that was not listed: no error")
		}
		if h := b.header(t); h.Decided != 1 || h.Listed != 3 {
			t.Errorf("%d decided of %d, want 1 of 3", h.Decided, h.Listed)
		}
	})
}

func TestDropKind(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		b.started(t, "r")
		b.record(t, "r", entry("a", "failed", "w#1"))
		b.record(t, "r", entry("b", "ok", "failed kind:failed#2")) // a worker may be called anything
		b.record(t, "r", ledger.Entry{Unit: "c", Digest: ledger.AnyDigest, Kind: "failed", Delivery: "w"})
		if n, err := b.DropKind(t.Context(), "r", "fail"); err != nil || n != 0 {
			t.Errorf("DropKind of a part of the word = %d, %v; want none", n, err)
		}
		for i, want := range []int{2, 0} {
			if n, err := b.DropKind(t.Context(), "r", "failed"); err != nil || n != want {
				t.Errorf("DropKind, time %d = %d, %v; want %d", i+1, n, err, want)
			}
		}
		h := b.header(t)
		if diff := cmp.Diff(map[verdict.Kind]int{"failed": 0, "ok": 1}, h.Kinds); diff != "" || h.Decided != 1 || h.Dropped != 2 {
			t.Errorf("decided %d, dropped %d, want 1 and 2; counts (-want +got):\n%s", h.Decided, h.Dropped, diff)
		}
		if diff := cmp.Diff(map[id.Unit]int{"a": 2, "c": 2}, b.attempts(t)); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
		if d, err := b.Digest(t.Context(), "r", "a"); err != nil || d != "da" {
			t.Errorf("Digest = %q, %v; want the one it had", d, err)
		}
		if got := b.record(t, "r", entry("a", "ok", "w#3")); got != ledger.Recorded {
			t.Errorf("the next verdict: %s, want %s", got, ledger.Recorded)
		}
	})
}

// interloper does something once, just before a script runs.
type interloper struct{ act func() }

func (i *interloper) DialHook(next redis.DialHook) redis.DialHook { return next }

func (i *interloper) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if act := i.act; act != nil && cmd.Name() == "evalsha" {
			i.act = nil
			act()
		}
		return next(ctx, cmd)
	}
}

func (i *interloper) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// TestDropKindDropsOnlyWhatItHasSeen: a better verdict may arrive while it works.
func TestDropKindDropsOnlyWhatItHasSeen(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b, dropper := open(t, url), open(t, url)
		b.started(t, "r")
		b.record(t, "r", entry("a", "failed", "w#1"))
		i := &interloper{act: func() {
			must(t, b.Replace(t.Context(), "r", "a", "new"))
			better := entry("a", "ok", "w#2")
			better.Digest = "new"
			b.record(t, "r", better)
		}}
		dropper.client.AddHook(i)
		l := ledger.New(dropper.client, dropper.client)
		if _, err := l.DropKind(t.Context(), "r", "failed"); err != nil {
			t.Error(err)
		}
		if h := b.header(t); i.act != nil || h.Kinds["ok"] != 1 || h.Decided != 1 {
			t.Errorf("%d decided, %d ok; want the verdict that came in between to stand", h.Decided, h.Kinds["ok"])
		}
	})
}

func TestCancel(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		decided(t, b)
		begun(t, b, "b", 1, "w#2")
		must(t, b.Cancel(t.Context(), "r", "superseded"))
		must(t, b.Cancel(t.Context(), "r", "another reason"))
		must(t, b.Seal(t.Context(), "r", 3)) // its enqueuer has not heard of it
		h := b.header(t)
		if h.State != ledger.Cancelled || h.Reason != "superseded" || !h.Ended() || h.EndedAt.IsZero() || h.Decided != 1 {
			t.Errorf("header %+v; want cancelled for the first reason with one verdict", h)
		}
		if got := b.begin(t, "c", "dc", 1, "w#3"); got != ledger.Ended {
			t.Errorf("Begin = %s, want %s", got, ledger.Ended)
		}
		if e, err := b.Expect(t.Context(), "r", "c", "dc"); err != nil || e.Answer != ledger.Ended {
			t.Errorf("Expect = %+v, %v; want %s", e, err, ledger.Ended)
		}
		if got := b.record(t, "r", entry("b", "ok", "w#2")); got != ledger.Ended {
			t.Errorf("Record = %s, want %s", got, ledger.Ended)
		}
		must(t, b.Close(t.Context(), "r", ledger.Final{OK: 1, Errs: 2}))
		must(t, b.Cancel(t.Context(), "r", "too late"))
		if h := b.header(t); h.State != ledger.Closed || h.Reason != "superseded" || h.Final.Errs != 2 {
			t.Errorf("header %+v; want a closed run that was cancelled before", h)
		}
		if diff := cmp.Diff("verdict a\ncancelled\nsealed\nclosed\n", b.history(t)); diff != "" {
			t.Errorf("history (-want +got):\n%s", diff)
		}
	})
}

func TestReopen(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		for name, end := range map[string]func(*testing.T, books){
			"closed":    func(t *testing.T, b books) { must(t, b.Close(t.Context(), "r", ledger.Final{OK: 9})) },
			"cancelled": func(t *testing.T, b books) { must(t, b.Cancel(t.Context(), "r", "why")) },
		} {
			b := open(t, url)
			must(t, b.client.FlushDB(t.Context()).Err())
			b.started(t, "r")
			must(t, b.Reopen(t.Context(), "r"))
			if got := b.history(t); got != "" {
				t.Errorf("reopening an open run is told: %q", got)
			}
			must(t, b.MarkAlive(t.Context(), "r", ledger.AllPushed, ledger.Detached))
			end(t, b)
			must(t, b.Reopen(t.Context(), "r"))
			if h := b.header(t); h.State != ledger.Open || h.Total != -1 {
				t.Errorf("%s before it was sealed: reopened as %s with total %d", name, h.State, h.Total)
			}
			must(t, b.Seal(t.Context(), "r", 3))
			end(t, b)
			must(t, b.Reopen(t.Context(), "r"))
			h := b.header(t)
			if h.State != ledger.Sealed || h.Total != 3 || h.Final != (ledger.Final{}) || h.Reason != "" || !h.EndedAt.IsZero() {
				t.Errorf("%s: reopened as %+v; want a sealed run without a trace of its end", name, h)
			}
			if h.AllPushed || h.Detached {
				t.Errorf("%s: all pushed %v, detached %v; the tasks of the new enqueuer are not pushed yet", name, h.AllPushed, h.Detached)
			}
			want := name + "\nreopened\nsealed\n" + name + "\nreopened\n"
			if diff := cmp.Diff(want, b.history(t)); diff != "" {
				t.Errorf("history (-want +got):\n%s", diff)
			}
		}
	})
}

func TestWhatIsNotThereCannotEnd(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		_, digestErr := b.Digest(t.Context(), "nosuch", "a")
		for name, err := range map[string]error{
			"cancel":     b.Cancel(t.Context(), "nosuch", ""),
			"reopen":     b.Reopen(t.Context(), "nosuch"),
			"mark alive": b.MarkAlive(t.Context(), "nosuch", ledger.Follower),
			"digest":     digestErr,
		} {
			if !errors.Is(err, ledger.ErrGone) {
				t.Errorf("%s: %v, want %v", name, err, ledger.ErrGone)
			}
		}
		must(t, b.BundleMissing(t.Context(), "nosuch", "a", 1))
		must(t, b.Touch(t.Context(), "nosuch"))
		if keys := b.client.Keys(t.Context(), "*").Val(); len(keys) > 0 {
			t.Errorf("the run that is not there has keys: %q", keys)
		}
	})
}

func TestAbandoned(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		b.started(t, "r")
		check := func(when string, want bool) {
			t.Helper()
			if h := b.header(t); h.Abandoned != want {
				t.Errorf("%s: abandoned %v, want %v (owned %s, now %s)", when, h.Abandoned, want, h.Owned, h.Now)
			}
		}
		check("at the beginning", false)
		b.before(t, "owned", 11*time.Second)
		check("eleven seconds later", true)
		must(t, b.MarkAlive(t.Context(), "r", ledger.Follower))
		check("with a follower, who is no owner", true)
		must(t, b.MarkAlive(t.Context(), "r", ledger.Owner))
		check("when its enqueuer is back", false)
		b.before(t, "owned", 11*time.Second)
		b.desert(t, time.Hour)
		must(t, b.Reopen(t.Context(), "r"))
		check("reopened by another enqueuer", false)
		if h := b.header(t); h.Now.Sub(h.Followed) > 10*time.Minute {
			t.Errorf("reopened, and last followed %s ago", h.Now.Sub(h.Followed))
		}
		b.before(t, "owned", 11*time.Second)
		must(t, b.MarkAlive(t.Context(), "r", ledger.AllPushed))
		check("with all tasks pushed", false)
		must(t, b.Reopen(t.Context(), "r"))
		b.before(t, "owned", 11*time.Second)
		check("when the enqueuer that resumed it is gone, too", true)
		must(t, b.Cancel(t.Context(), "r", ""))
		check("cancelled", false)
	})
}

// TestARunThatNobodyFollowsIsCancelled by the next worker that would begin in it.
func TestARunThatNobodyFollowsIsCancelled(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		for _, tt := range []struct {
			name   string
			lonely time.Duration
			then   []ledger.Presence
			want   ledger.Answer
		}{
			{"followed lately", 19 * time.Second, nil, ledger.Granted},
			{"not for a while", 21 * time.Second, nil, ledger.Ended},
			{"not for long, and then again", time.Hour, []ledger.Presence{ledger.Follower}, ledger.Granted},
			{"by its enqueuer's word only", time.Hour, []ledger.Presence{ledger.Owner, ledger.AllPushed}, ledger.Ended},
			{"nobody need", time.Hour, []ledger.Presence{ledger.Detached}, ledger.Granted},
		} {
			b := open(t, url)
			must(t, b.client.FlushDB(t.Context()).Err())
			b.started(t, "r")
			b.desert(t, tt.lonely)
			if tt.then != nil {
				must(t, b.MarkAlive(t.Context(), "r", tt.then...))
			}
			if got := b.begin(t, "a", "da", 1, "w#1"); got != tt.want {
				t.Errorf("%s: Begin = %s, want %s", tt.name, got, tt.want)
			}
			h := b.header(t)
			if cancelled := tt.want == ledger.Ended; h.Ended() != cancelled || (h.Reason != "") != cancelled || h.EndedAt.IsZero() == cancelled {
				t.Errorf("%s: the run is %s, reason %q, ended at %s", tt.name, h.State, h.Reason, h.EndedAt)
			}
			if want := map[bool]string{true: "cancelled\n"}[h.Ended()]; b.history(t) != want {
				t.Errorf("%s: history %q, want %q", tt.name, b.history(t), want)
			}
		}
	})
}

func TestDetachedAndAllPushed(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		b.started(t, "r")
		for _, step := range []struct {
			as                  ledger.Presence
			allPushed, detached bool
		}{
			{ledger.Follower, false, false}, {ledger.Owner, false, false}, {ledger.AllPushed, true, false}, {ledger.Detached, true, true},
		} {
			must(t, b.MarkAlive(t.Context(), "r", step.as))
			if h := b.header(t); h.AllPushed != step.allPushed || h.Detached != step.detached {
				t.Errorf("after %s: all pushed %v, detached %v; want %v, %v", step.as, h.AllPushed, h.Detached, step.allPushed, step.detached)
			}
		}
	})
}

func TestSupersede(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		for i, step := range []struct {
			key         string
			run, before id.Run
		}{
			{"branch", "r1", ""},
			{"branch", "r1", ""},
			{"branch", "r2", "r1"},
			{"branch", "r2", "r1"},
			{"other", "r3", ""},
			{"branch", "r1", "r2"},
		} {
			before, err := b.Supersede(t.Context(), step.key, step.run)
			if err != nil || before != step.before {
				t.Errorf("step %d: %s supersedes %q of %s, %v; want %q", i, step.run, before, step.key, err, step.before)
			}
		}
		if ttl := b.client.TTL(t.Context(), "muster:newest:branch").Val(); ttl < 23*time.Hour {
			t.Errorf("the newest run of a key is known for %s, want a day", ttl)
		}
	})
}

// TestRunsOfAnotherVersion are left out of the list, and left alone.
func TestRunsOfAnotherVersion(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		b.started(t, "r")
		b.started(t, "foreign")
		must(t, b.client.HSet(t.Context(), "muster:{foreign}:run", "format", 99).Err())
		check := func(want ...id.Run) {
			t.Helper()
			runs, err := b.Runs(t.Context())
			must(t, err)
			var got []id.Run
			for _, h := range runs {
				got = append(got, h.ID)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("runs (-want +got):\n%s", diff)
			}
			if err := b.client.ZScore(t.Context(), "muster:runs", "foreign").Err(); err != nil {
				t.Errorf("the other version's run is no longer in the index: %v", err)
			}
		}
		check("r")
		must(t, b.client.ZRem(t.Context(), "muster:runs", "r").Err())
		check()
		if _, err := b.Header(t.Context(), "foreign"); !errors.Is(err, ledger.ErrFormat) {
			t.Errorf("Header = %v, want %v", err, ledger.ErrFormat)
		}
		if _, _, err := b.Open(t.Context(), "foreign", plan); !errors.Is(err, ledger.ErrFormat) {
			t.Errorf("Open = %v, want %v", err, ledger.ErrFormat)
		}
	})
}

// TestALonelyRunIsGivenTime: after a Redis was away, a worker may be heard before the
// followers.
func TestALonelyRunIsGivenTime(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		b.started(t, "r")
		b.before(t, "followed", time.Hour)
		begin := func(want ledger.Answer) {
			t.Helper()
			if got := b.begin(t, "a", "da", 1, "w#1"); got != want {
				t.Errorf("Begin = %s, want %s", got, want)
			}
		}
		begin(ledger.Granted)
		begin(ledger.Granted)
		b.before(t, "lonely", 9*time.Second)
		begin(ledger.Granted)
		must(t, b.MarkAlive(t.Context(), "r", ledger.Follower))
		b.before(t, "followed", time.Hour)
		begin(ledger.Granted)
		b.before(t, "lonely", 11*time.Second)
		begin(ledger.Ended)
	})
}
