package ledger_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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

// guarded is a step that needs the run as an owner knows it.
type guarded struct {
	name string
	take func(context.Context, books, *ledger.Owner) error
}

// ownersSteps are all that an owner may do.
var ownersSteps = []guarded{
	{"add expected", func(ctx context.Context, _ books, o *ledger.Owner) error { return o.AddExpected(ctx, []id.Unit{"d"}) }},
	{"add what is there", func(ctx context.Context, _ books, o *ledger.Owner) error { return o.AddExpected(ctx, []id.Unit{"a"}) }},
	{"add known", func(ctx context.Context, _ books, o *ledger.Owner) error { return o.AddKnown(ctx, []id.Unit{"d"}) }},
	{"expect", func(ctx context.Context, _ books, o *ledger.Owner) error {
		_, err := o.Expect(ctx, "b", "db", "")
		return err
	}},
	{"seal", func(ctx context.Context, _ books, o *ledger.Owner) error { return o.Seal(ctx, 3) }},
	{"seal what is empty", func(ctx context.Context, _ books, o *ledger.Owner) error { return o.Seal(ctx, 0) }},
	{"mark alive", func(ctx context.Context, _ books, o *ledger.Owner) error { return o.MarkAlive(ctx) }},
	{"mark all pushed", func(ctx context.Context, _ books, o *ledger.Owner) error {
		return o.MarkAlive(ctx, ledger.AllPushed, ledger.Detached)
	}},
	{"leave", func(ctx context.Context, _ books, o *ledger.Owner) error { return o.Leave(ctx) }},
	{"end", func(ctx context.Context, _ books, o *ledger.Owner) error { return o.End(ctx, ledger.Final{OK: 3}) }},
}

// witnessesSteps are what anyone may do who has seen the run.
var witnessesSteps = []guarded{
	{"restore", func(ctx context.Context, b books, o *ledger.Owner) error {
		return b.Restore(ctx, o.Header, "a", "da", "")
	}},
	{"reseal", func(ctx context.Context, b books, o *ledger.Owner) error { return b.Reseal(ctx, o.Header, 3) }},
	{"reseal what is empty", func(ctx context.Context, b books, o *ledger.Owner) error { return b.Reseal(ctx, o.Header, 0) }},
	{"complete", func(ctx context.Context, b books, o *ledger.Owner) error {
		_, err := b.Complete(ctx, o.Header, ledger.Final{OK: 3, Complete: true})
		return err
	}},
}

func TestOpen(t *testing.T) {
	t.Parallel()
	// heard sets the time back at which the owner was heard.
	heard := func(ago time.Duration, prepare func(*testing.T, books) *ledger.Owner) func(*testing.T, books) *ledger.Owner {
		return func(t *testing.T, b books) *ledger.Owner {
			o := prepare(t, b)
			b.before(t, "owned", ago)
			return o
		}
	}
	cancelled := func(t *testing.T, b books) *ledger.Owner {
		o := decided(t, b)
		must(t, b.Cancel(t.Context(), "r", ledger.Cancellation{Reason: "enough", By: "somebody", SupersededBy: "newer"}))
		return o
	}
	complete := func(t *testing.T, b books) *ledger.Owner {
		o := allDecided(t, b)
		_, err := b.Complete(t.Context(), o.Header, ledger.Final{OK: 3, Complete: true})
		must(t, err)
		return o
	}
	leftBy := func(prepare func(*testing.T, books) *ledger.Owner) func(*testing.T, books) *ledger.Owner {
		return func(t *testing.T, b books) *ledger.Owner {
			o := prepare(t, b)
			must(t, o.Leave(t.Context()))
			return o
		}
	}
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		for _, tt := range []struct {
			name    string
			prepare func(*testing.T, books) *ledger.Owner
			opening ledger.Opening
			want    string
		}{
			{"not there", nothing, second, "opened"},
			{"not there, and must be", nothing, existing, "gone"},
			{"alive", decided, second, "owned"},
			{"alive, and must be there", decided, existing, "owned"},
			{"heard five seconds ago", heard(5*time.Second, decided), second, "owned"},
			{"heard eleven seconds ago", heard(11*time.Second, decided), second, "continued"},
			{"silent, and must be there", heard(11*time.Second, decided), existing, "continued"},
			{"left", leftBy(decided), second, "continued"},
			{"left before anything was listed", leftBy(func(t *testing.T, b books) *ledger.Owner { return b.opened(t, "r") }), second, "continued"},
			{"ended, and its owner is alive", closed, second, "owned"},
			{"ended, and its owner is silent", heard(11*time.Second, closed), second, "continued"},
			{"ended and left", left, second, "continued"},
			{"cancelled, and its owner has not heard of it", cancelled, second, "owned"},
			{"cancelled and left", leftBy(cancelled), second, "continued"},
			{"complete, and its owner is alive", complete, second, "owned"},
			{"complete and left", leftBy(complete), existing, "continued"},
			{"nobody follows it", leftBy(deserted), second, "continued"},
			{"a unit has killed", leftBy(suspected), second, "continued"},
		} {
			must(t, b.client.FlushDB(t.Context()).Err())
			earlier := tt.prepare(t, b)
			before := b.dump(t)
			o, err := b.Open(t.Context(), "r", tt.opening)
			got := "opened"
			if err == nil && o.Continued {
				got = "continued"
			}
			if got = word(err, got); got != tt.want {
				t.Errorf("%s: Open says %q, %v; want %q", tt.name, got, err, tt.want)
				continue
			}
			if got == "continued" {
				checkContinued(t, tt.name, b, earlier, o)
			}
			if after := b.dump(t); err != nil && after != before {
				t.Errorf("%s: the state (-before +after):\n%s", tt.name, cmp.Diff(before, after))
			}
		}
	})
}

// checkContinued looks whether a run has begun anew, whatever it was before.
func checkContinued(t *testing.T, name string, b books, earlier, o *ledger.Owner) {
	t.Helper()
	want := ledger.Header{ID: "r", Generation: o.Header.Generation, Plan: plan, State: ledger.Open, Total: -1, Kinds: map[verdict.Kind]int{},
		Epoch: 2, Base: 1_000_000, Earlier: ledger.Earlier{EarlierPlan: plan, EarlierStarted: earlier.Header.Started}}
	now := b.header(t)
	for _, h := range []ledger.Header{o.Header, now} {
		if h.Started.Before(earlier.Header.Started) || !h.Owned.Equal(h.Started) || !h.Followed.Equal(h.Started) {
			t.Errorf("%s: begun at %s, owned %s, followed %s; want all at once and after %s", name, h.Started, h.Owned, h.Followed, earlier.Header.Started)
		}
		h.Times = ledger.Times{EndedAt: h.EndedAt}
		if diff := cmp.Diff(want, h); diff != "" {
			t.Errorf("%s: the continued run (-want +got):\n%s", name, diff)
		}
	}
	if o.Header.Generation == earlier.Header.Generation || o.Header.FirstAttempt() != 1_000_001 {
		t.Errorf("%s: generation %s after %s, first attempt %d", name, o.Header.Generation, earlier.Header.Generation, o.Header.FirstAttempt())
	}
	if h := b.history(t); h != "opened "+o.Header.Generation+"\n" {
		t.Errorf("%s: history %q, want the new generation alone", name, h)
	}
	keys := b.client.Keys(t.Context(), "muster:{r}:*").Val()
	keys = slices.DeleteFunc(keys, func(k string) bool { return k == "muster:{r}:earlier" })
	slices.Sort(keys)
	if diff := cmp.Diff([]string{"muster:{r}:events", "muster:{r}:run"}, keys); diff != "" {
		t.Errorf("%s: keys of the new epoch (-want +got):\n%s", name, diff)
	}
	runs, err := b.Runs(t.Context())
	must(t, err)
	if len(runs) != 1 || runs[0].Generation != o.Header.Generation {
		t.Errorf("%s: runs %+v, want the continued one", name, runs)
	}
}

func TestTheOwnedErrorTellsWhenTheOwnerWasHeard(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		b.started(t, "r")
		b.before(t, "owned", time.Hour)
		patient := ledger.NewTimed(b.client, b.client, ledger.Timing{OwnerSilence: 24 * time.Hour})
		var owned *ledger.OwnedError
		if _, err := patient.Open(t.Context(), "r", second); !errors.As(err, &owned) {
			t.Fatalf("Open = %v, want an OwnedError", err)
		}
		if owned.Run != "r" || owned.Heard < time.Hour || owned.Heard > 2*time.Hour {
			t.Errorf("run %s was heard %s ago, want r an hour ago", owned.Run, owned.Heard)
		}
		for _, part := range []string{"run r ", "1h0m", "enqueue collect r"} {
			if !strings.Contains(owned.Error(), part) {
				t.Errorf("%q does not say %q", owned, part)
			}
		}
		b.continued(t) // who is less patient
	})
}

// TestAReplacedOwnerChangesNothing: it may have been paused, and knows of nothing.
func TestAReplacedOwnerChangesNothing(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		for _, step := range slices.Concat(ownersSteps, witnessesSteps) {
			must(t, b.client.FlushDB(t.Context()).Err())
			o := replaced(t, b)
			before, owned := b.dump(t), b.header(t).Owned
			if err := step.take(t.Context(), b, o); !errors.Is(err, ledger.ErrReplaced) {
				t.Errorf("%s: %v, want %v", step.name, err, ledger.ErrReplaced)
			}
			if diff := cmp.Diff(before, b.dump(t)); diff != "" || !b.header(t).Owned.Equal(owned) {
				t.Errorf("%s: the state (-before +after):\n%s", step.name, diff)
			}
		}
	})
}

// TestAnOwnerOfALostRunChangesNothing: Redis has lost the run, and another process has made
// it anew.
func TestAnOwnerOfALostRunChangesNothing(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		for _, step := range slices.Concat(ownersSteps, witnessesSteps) {
			must(t, b.client.FlushDB(t.Context()).Err())
			o := b.started(t, "r")
			must(t, b.client.FlushDB(t.Context()).Err())
			b.opened(t, "r")
			before := b.dump(t)
			if err := step.take(t.Context(), b, o); !errors.Is(err, ledger.ErrReplaced) {
				t.Errorf("%s: %v, want %v", step.name, err, ledger.ErrReplaced)
			}
			if diff := cmp.Diff(before, b.dump(t)); diff != "" {
				t.Errorf("%s: the state (-before +after):\n%s", step.name, diff)
			}
		}
	})
}

// TestTheOwnerMayDoAllThat which one that was replaced may not.
func TestTheOwnerMayDoAllThat(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		replaced(t, b)
		b.before(t, "owned", time.Hour)
		third := b.continued(t)
		if third.Header.Epoch != 3 || third.Header.FirstAttempt() != 2_000_001 {
			t.Errorf("epoch %d from attempt %d, want 3 from 2000001", third.Header.Epoch, third.Header.FirstAttempt())
		}
		must(t, third.AddExpected(t.Context(), []id.Unit{"a", "b"}))
		for _, step := range ownersSteps {
			if err := step.take(t.Context(), b, third); err != nil && step.name != "seal what is empty" {
				t.Errorf("%s: %v", step.name, err)
			}
		}
		if h := b.header(t); h.Total != 3 || h.State != ledger.Closed || h.Final.OK != 3 || !h.Owned.IsZero() || !h.AllPushed || !h.Detached {
			t.Errorf("header %+v; want a sealed run that was ended and left", h)
		}
	})
}

// TestTasksOfAnEarlierEpochAreStale: the queue may still hold them.
func TestTasksOfAnEarlierEpochAreStale(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		replaced(t, b)
		b.before(t, "owned", time.Hour)
		o := b.continued(t)
		must(t, o.AddExpected(t.Context(), []id.Unit{"a"}))
		first := o.Header.FirstAttempt()
		if e, err := o.Expect(t.Context(), "a", "da", ""); err != nil || e.Answer != ledger.Expected || e.Attempt != first {
			t.Fatalf("Expect = %+v, %v; want attempt %d", e, err, first)
		}
		for _, attempt := range []int{1, 1_000_001, 2_000_000} {
			if got := b.begin(t, "a", "da", attempt, "w#1"); got != ledger.Stale {
				t.Errorf("Begin of attempt %d = %s, want %s", attempt, got, ledger.Stale)
			}
			e := entry("a", "ok", "w#1")
			e.Attempt = attempt
			if got := b.record(t, "r", e); got != ledger.Stale {
				t.Errorf("Record of attempt %d = %s, want %s", attempt, got, ledger.Stale)
			}
			if got, want := b.reissue(t, "a", attempt, true), fmt.Sprintf("taken %d", first); got != want {
				t.Errorf("Reissue of attempt %d = %s, want %s", attempt, got, want)
			}
		}
		if h := b.header(t); h.Decided != 0 || h.Stale != 3 || len(b.attempts(t)) != 0 || len(b.inProgress(t)) != 0 {
			t.Errorf("%d decided, %d stale, attempts %v, in progress %v; want 3 stale verdicts and nothing else", h.Decided, h.Stale, b.attempts(t), b.inProgress(t))
		}
		begun(t, b, "a", first, "w#1")
		if got, want := b.reissue(t, "a", first, true), fmt.Sprintf("alone %d", first+1); got != want {
			t.Errorf("Reissue = %s, want %s", got, want)
		}
		begun(t, b, "a", first+1, "w#2")
		e := entry("a", "ok", "w#2")
		e.Attempt = first + 1
		if got := b.record(t, "r", e); got != ledger.Recorded {
			t.Errorf("Record of attempt %d = %s, want %s", e.Attempt, got, ledger.Recorded)
		}
	})
}

// earlier is what a continued run was, a line each.
func earlier(t *testing.T, o *ledger.Owner) (lines []string) {
	t.Helper()
	must(t, o.Earlier(t.Context(), func(e ledger.Event) {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s", e.Kind, e.Unit, e.Body)))
	}))
	return lines
}

func TestEarlierVerdictsCanBeRead(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		o := sealed(t, b)
		if got := earlier(t, o); len(got) > 0 {
			t.Errorf("a new run was %q before", got)
		}
		want := []string{"sealed"}
		for i := range 300 { // more than one page
			must(t, b.BundleMissing(t.Context(), "r", "c", i))
			want = append(want, fmt.Sprintf("lacking c %d", i))
		}
		_, err := b.RecordAll(t.Context(), "r", []ledger.Entry{entry("a", "ok", "w#1"), entry("b", "invalid", "w#2")})
		must(t, err)
		must(t, o.Leave(t.Context()))
		next := b.continued(t)
		must(t, next.AddExpected(t.Context(), []id.Unit{"c"}))
		want = append(want, "verdict a verdict of a: ok", "verdict b verdict of b: invalid")
		for name, by := range map[string]*ledger.Owner{"the owner": next, "the one before": o} {
			if diff := cmp.Diff(want, earlier(t, by)); diff != "" {
				t.Errorf("%s reads (-want +got):\n%s", name, diff)
			}
		}
	})
}

// TestAFollowerHearsThatItsRunIsContinued wherever it was in the history, and whatever the
// clock of Redis does.
func TestAFollowerHearsThatItsRunIsContinued(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		o := decided(t, b)
		ahead := fmt.Sprintf("%d-7", time.Now().Add(time.Hour).UnixMilli())
		must(t, b.client.XAdd(t.Context(), &redis.XAddArgs{Stream: "muster:{r}:events", ID: ahead, Values: []any{"e", "lacking", "s", "b", "b", "1"}}).Err())
		h, err := b.Read(t.Context(), "r", ledger.Start, -1)
		must(t, err)
		must(t, o.Leave(t.Context()))
		next := b.continued(t)
		must(t, b.BundleMissing(t.Context(), "r", "a", next.Header.FirstAttempt()))
		h, err = b.Read(t.Context(), "r", h.Next, -1)
		must(t, err)
		if len(h.Events) != 2 || h.Events[0].Kind != ledger.RunOpened || string(h.Events[0].Unit) != next.Header.Generation {
			t.Errorf("the follower hears %+v, want that generation %s is opened and what comes then", h.Events, next.Header.Generation)
		}
	})
}

func TestASealedRunTakesNoNames(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		for name, then := range map[string]func(*ledger.Owner) error{
			"sealed":    func(*ledger.Owner) error { return nil },
			"cancelled": func(*ledger.Owner) error { return b.Cancel(t.Context(), "r", ledger.Cancellation{}) },
			"ended":     func(o *ledger.Owner) error { return o.End(t.Context(), ledger.Final{}) },
		} {
			must(t, b.client.FlushDB(t.Context()).Err())
			o := sealed(t, b)
			must(t, then(o))
			before := b.dump(t)
			for _, names := range [][]id.Unit{{"d"}, {"a", "d", "e"}} {
				if err := o.AddExpected(t.Context(), names); !errors.Is(err, ledger.ErrSealed) || !strings.Contains(err.Error(), `"d"`) {
					t.Errorf("%s: AddExpected(%s) = %v, want %v, and which one", name, names, err, ledger.ErrSealed)
				}
			}
			must(t, o.AddExpected(t.Context(), []id.Unit{"c", "a"}))
			if diff := cmp.Diff(before, b.dump(t)); diff != "" {
				t.Errorf("%s: the state (-before +after):\n%s", name, diff)
			}
			must(t, o.AddKnown(t.Context(), []id.Unit{"d"})) // which the run does not expect
		}
	})
}

// TestWhatRedisForgetsIsRestored by anyone who has seen it.
func TestWhatRedisForgetsIsRestored(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		o := forgetful(t, b)
		for range 2 {
			must(t, b.Restore(t.Context(), o.Header, "a", "da", ""))
			must(t, b.Restore(t.Context(), o.Header, "b", "db", ""))
			must(t, b.Reseal(t.Context(), o.Header, 3))
		}
		if d, _, err := b.Digest(t.Context(), "r", "a"); err != nil || d != "da" {
			t.Errorf("Digest = %q, %v; want the restored one", d, err)
		}
		if h := b.header(t); h.State != ledger.Sealed || h.Total != 3 {
			t.Errorf("the run is %s with total %d, want it sealed with 3", h.State, h.Total)
		}
		var changed *ledger.ChangedError
		if err := b.Restore(t.Context(), o.Header, "a", "new", ""); !errors.As(err, &changed) || changed.Was != "da" || changed.Is != "new" {
			t.Errorf("other bytes: %v, want a ChangedError from da to new", err)
		}
		if err := b.Reseal(t.Context(), o.Header, 2); !errors.Is(err, ledger.ErrOtherTotal) {
			t.Errorf("another total: %v, want %v", err, ledger.ErrOtherTotal)
		}
		if err := b.Restore(t.Context(), o.Header, "unlisted", "d", ""); !errors.Is(err, ledger.ErrGone) {
			t.Errorf("a name that is lost: %v, want %v", err, ledger.ErrGone)
		}
		must(t, b.client.HDel(t.Context(), "muster:{r}:run", "total").Err())
		must(t, b.client.HDel(t.Context(), "muster:{r}:expect", "c").Err())
		if err := b.Reseal(t.Context(), o.Header, 3); !errors.Is(err, ledger.ErrGone) {
			t.Errorf("with a name lost: %v, want %v", err, ledger.ErrGone)
		}
	})
}

// format1 is a run as a version without epochs has left it, with a verdict of a.
func format1(t *testing.T, b books, state ledger.State) {
	t.Helper()
	p, err := json.Marshal(plan)
	must(t, err)
	at := time.Now().Add(-time.Hour).UnixMilli()
	must(t, b.client.HSet(t.Context(), "muster:{r}:run", "format", 1, "generation", "0123456789abcdef", "state", string(state), "plan", p, "shared", "shared1",
		"started", at, "owned", at, "followed", time.Now().UnixMilli(), "handed", at, "total", 2, "kind:ok", 1, "dropped", 2).Err())
	must(t, b.client.HSet(t.Context(), "muster:{r}:expect", "a", "da", "b", "db").Err())
	must(t, b.client.HSet(t.Context(), "muster:{r}:decided", "a", "f kind:ok w#1").Err())
	for _, event := range [][]any{{"e", "sealed"}, {"e", "dropped", "s", "a"}, {"e", "reopened"}, {"e", "verdict", "s", "a", "b", "fine"}} {
		must(t, b.client.XAdd(t.Context(), &redis.XAddArgs{Stream: "muster:{r}:events", Values: event}).Err())
	}
	must(t, b.client.ZAdd(t.Context(), "muster:runs", redis.Z{Score: float64(at), Member: "r"}).Err())
}

// TestARunOfAnOlderVersion can be read, worked on and continued.
func TestARunOfAnOlderVersion(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		format1(t, b, ledger.Sealed)
		h := b.header(t)
		if h.Epoch != 0 || h.Base != 0 || h.FirstAttempt() != 1 || h.State != ledger.Sealed || h.Total != 2 || h.Decided != 1 || h.Kinds["ok"] != 1 ||
			!h.AllPushed || !h.EarlierStarted.IsZero() || h.Ending != (ledger.Ending{}) {
			t.Errorf("header %+v", h)
		}
		begun(t, b, "b", 1, "w#2")
		if got := b.reissue(t, "b", 1, false); got != "again 2" {
			t.Errorf("Reissue = %s, want again 2", got)
		}
		late := entry("b", "ok", "w#2")
		late.Attempt = 1
		if got := b.record(t, "r", late); got != ledger.Recorded {
			t.Errorf("Record = %s, want %s", got, ledger.Recorded)
		}
		if noted, err := b.Complete(t.Context(), h, ledger.Final{OK: 2, Complete: true}); err != nil || !noted {
			t.Errorf("Complete = %v, %v; want it noted", noted, err)
		}
		o := b.continued(t)
		if got := o.Header; got.Epoch != 2 || got.FirstAttempt() != 1_000_001 || got.State != ledger.Open || got.Total != -1 || !got.EarlierStarted.Equal(h.Started) {
			t.Errorf("continued as %+v; want epoch 2 of a run that begins anew", got)
		}
		want := []string{"sealed", "dropped a", "reopened", "verdict a fine", "verdict b verdict of b: ok", "closed"}
		if diff := cmp.Diff(want, earlier(t, o)); diff != "" {
			t.Errorf("earlier events (-want +got):\n%s", diff)
		}
		if format := b.client.HGet(t.Context(), "muster:{r}:run", "format").Val(); format != "2" {
			t.Errorf("continued in format %s, want 2", format)
		}
	})
}

// TestAnOwnerOfAnOlderVersion is heard as well.
func TestAnOwnerOfAnOlderVersion(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		format1(t, b, ledger.Open)
		must(t, b.client.HSet(t.Context(), "muster:{r}:run", "owned", time.Now().UnixMilli()).Err())
		var owned *ledger.OwnedError
		if _, err := b.Open(t.Context(), "r", second); !errors.As(err, &owned) {
			t.Errorf("Open = %v, want an OwnedError", err)
		}
	})
}

// interloper does something once, just before a header is read.
type interloper struct{ act func() }

func (i *interloper) DialHook(next redis.DialHook) redis.DialHook { return next }

func (i *interloper) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (i *interloper) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if act := i.act; act != nil && slices.ContainsFunc(cmds, func(c redis.Cmder) bool { return c.Name() == "hgetall" }) {
			i.act = nil
			act()
		}
		return next(ctx, cmds)
	}
}

// TestOneThatIsPausedWhileItOpensIsNoOwner if another process has continued the run until it
// goes on.
func TestOneThatIsPausedWhileItOpensIsNoOwner(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b, paused := open(t, url), open(t, url)
		i := &interloper{act: func() {
			b.before(t, "owned", time.Hour)
			b.continued(t)
		}}
		paused.client.AddHook(i)
		l := ledger.New(paused.client, paused.client)
		if o, err := l.Open(t.Context(), "r", second); !errors.Is(err, ledger.ErrReplaced) || i.act != nil {
			t.Errorf("Open = %+v, %v; want %v", o, err, ledger.ErrReplaced)
		}
	})
}

// TestRetryEndsWithWhatStays: a step is not repeated in vain.
func TestRetryEndsWithWhatStays(t *testing.T) {
	t.Parallel()
	for _, want := range []error{ledger.ErrGone, ledger.ErrFormat, ledger.ErrOtherTotal, ledger.ErrReplaced, ledger.ErrSealed,
		&ledger.ChangedError{Run: "r"}, &ledger.OwnedError{Run: "r"}} {
		ctx, cancel := context.WithCancel(t.Context())
		got := ledger.Retry(ctx, func(context.Context) error { return fmt.Errorf("a step: %w", want) }, func(error) { cancel() })
		cancel()
		if !errors.Is(got, want) {
			t.Errorf("after %v: %v, want no other try", want, got)
		}
	}
}
