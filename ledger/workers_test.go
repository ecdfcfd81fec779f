package ledger_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/test/redistest"
)

// reissue asks for the attempt after one of run r, and says what it is told.
func (b books) reissue(t *testing.T, u id.Unit, attempt int, died bool) string {
	t.Helper()
	next, err := b.Reissue(t.Context(), "r", u, attempt, died)
	must(t, err)
	return fmt.Sprintf("%s %d", next.Answer, next.Number)
}

// inProgress lists the attempts in progress in run r, by the length of their workers'
// names.
func (b books) inProgress(t *testing.T) []ledger.Attempt {
	t.Helper()
	all, err := b.InProgress(t.Context(), "r")
	must(t, err)
	slices.SortFunc(all, func(x, y ledger.Attempt) int { return len(x.Worker) - len(y.Worker) })
	return all
}

func (b books) attempts(t *testing.T) map[id.Unit]int {
	t.Helper()
	all, err := b.Attempts(t.Context(), "r")
	must(t, err)
	return all
}

// quieten makes a worker's last heartbeat older than it is.
func (b books) quieten(t testing.TB, worker string, by time.Duration) {
	t.Helper()
	must(t, b.client.ZIncrBy(t.Context(), "muster:{muster}:workers", -float64(by.Milliseconds()), worker).Err())
}

func TestInProgressTellsWhoWorksAndWhenTheyWereHeard(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		b.started(t, "r")
		begun(t, b, "a", 1, "w#1")
		begun(t, b, "b", 1, "host#2:ww#2") // a name may hold the separator
		begun(t, b, "c", 1, "never heard of#3")
		must(t, b.Heartbeat(t.Context(), "w", ledger.Capacity{}))
		must(t, b.Heartbeat(t.Context(), "host#2:ww", ledger.Capacity{}))
		b.quieten(t, "host#2:ww", 20*time.Minute)

		all := b.inProgress(t)
		if len(all) != 3 {
			t.Fatalf("%d attempts in progress, want 3: %+v", len(all), all)
		}
		for i, want := range []struct {
			unit        id.Unit
			worker      string
			least, most time.Duration
		}{
			{"a", "w", 0, 10 * time.Minute},
			{"b", "host#2:ww", 20 * time.Minute, 30 * time.Minute},
			{"c", "never heard of", ledger.NeverSeen, ledger.NeverSeen},
		} {
			got := all[i]
			if got.Unit != want.unit || got.Worker != want.worker || got.Number != 1 {
				t.Errorf("attempt %d is %+v, want unit %s by %s", i, got, want.unit, want.worker)
			}
			if got.Silence < want.least || got.Silence > want.most || got.Age < 0 || got.Age > 10*time.Minute {
				t.Errorf("%s: silence %s and age %s, want a silence between %s and %s and no age", got.Unit, got.Silence, got.Age, want.least, want.most)
			}
		}
	})
}

func TestInProgressEndsWithTheVerdictOrTheRun(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		for name, end := range map[string]func(*testing.T, books, *ledger.Owner){
			"verdict": func(t *testing.T, b books, _ *ledger.Owner) { b.record(t, "r", entry("a", "ok", "w#1")) },
			"release": func(t *testing.T, b books, _ *ledger.Owner) { must(t, b.Release(t.Context(), "r", "a", "w#1")) },
			"reissue": func(t *testing.T, b books, _ *ledger.Owner) { b.reissue(t, "a", 1, false) },
			"cancel": func(t *testing.T, b books, _ *ledger.Owner) {
				must(t, b.Cancel(t.Context(), "r", ledger.Cancellation{}))
			},
			"end": func(t *testing.T, _ books, o *ledger.Owner) { must(t, o.End(t.Context(), ledger.Final{})) },
			"complete": func(t *testing.T, b books, o *ledger.Owner) {
				must(t, o.Seal(t.Context(), 3))
				for _, u := range []id.Unit{"a", "b", "c"} {
					b.record(t, "r", entry(u, "ok", "w#1"))
				}
				must(t, b.client.HSet(t.Context(), "muster:{r}:begun", "a", "1 1 w#1").Err()) // that of a slow worker
				if noted, err := b.Complete(t.Context(), o.Header, ledger.Final{Complete: true}); err != nil || !noted {
					t.Errorf("Complete = %v, %v", noted, err)
				}
			},
			"continue": func(t *testing.T, b books, o *ledger.Owner) {
				must(t, o.Leave(t.Context()))
				b.continued(t)
			},
			"nobody follows": func(t *testing.T, b books, _ *ledger.Owner) {
				b.desert(t, 31*time.Second)
				if got := b.begin(t, "b", "db", 1, "w#2"); got != ledger.Ended {
					t.Errorf("Begin = %s, want %s", got, ledger.Ended)
				}
			},
		} {
			b := open(t, url)
			must(t, b.client.FlushDB(t.Context()).Err())
			end(t, b, inProgress(t, b))
			if all := b.inProgress(t); len(all) > 0 {
				t.Errorf("after %s: still in progress: %+v", name, all)
			}
		}
	})
}

func TestAWorkerThatDeregistersIsNeverSeen(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		inProgress(t, b)
		must(t, b.Heartbeat(t.Context(), "w", ledger.Capacity{}))
		must(t, b.Heartbeat(t.Context(), "other", ledger.Capacity{}))
		must(t, b.Deregister(t.Context(), "w"))
		if all := b.inProgress(t); len(all) != 1 || all[0].Silence != ledger.NeverSeen {
			t.Errorf("in progress: %+v, want one whose worker was never seen", all)
		}
		if left := b.client.ZRange(t.Context(), "muster:{muster}:workers", 0, -1).Val(); !slices.Equal(left, []string{"other"}) {
			t.Errorf("workers left: %q, want the other one", left)
		}
	})
}

func TestWorkersOfAnHourAgoAreForgotten(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		for worker, silence := range map[string]time.Duration{"dead": 61 * time.Minute, "silent": 50 * time.Minute} {
			must(t, b.Heartbeat(t.Context(), worker, ledger.Capacity{}))
			b.quieten(t, worker, silence)
		}
		must(t, b.Heartbeat(t.Context(), "alive", ledger.Capacity{}))
		if got := b.client.ZRange(t.Context(), "muster:{muster}:workers", 0, -1).Val(); !slices.Equal(got, []string{"silent", "alive"}) {
			t.Errorf("workers %q, want the silent and the one that is alive", got)
		}
		if ttl := b.client.TTL(t.Context(), "muster:{muster}:workers").Val(); ttl < 23*time.Hour {
			t.Errorf("the workers live for %s, want a day", ttl)
		}
	})
}

// ask is one question of Reissue and the answer it must get.
type ask struct {
	attempt int
	died    bool
	want    string
}

func TestReissue(t *testing.T) {
	t.Parallel()
	for name, asks := range map[string][]ask{
		"late twice, and nobody died": {
			{1, false, "again 2"}, {2, false, "again 3"},
		},
		"two ask for the same": {
			{1, false, "again 2"}, {1, false, "taken 2"}, {1, true, "taken 2"}, {2, false, "again 3"},
		},
		"an attempt that was never made": {
			{7, false, "taken 1"}, {1, false, "again 2"},
		},
		"a death in company proves nothing": {
			{1, true, "alone 2"}, {2, false, "alone 3"}, {3, true, "alone 4"}, {4, true, "condemned 2"},
		},
		"late alone stays alone": {
			{1, false, "again 2"}, {2, true, "alone 3"}, {3, false, "alone 4"}, {4, false, "alone 5"},
		},
		"poisoned for ever": {
			{1, true, "alone 2"}, {2, true, "alone 3"}, {3, true, "condemned 2"}, {4, false, "condemned 2"},
		},
		"taken does not count deaths": {
			{1, true, "alone 2"}, {2, true, "alone 3"}, {2, true, "taken 3"}, {1, true, "taken 3"}, {3, false, "alone 4"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			redistest.Each(t, func(t *testing.T, url string) {
				b := open(t, url)
				b.started(t, "r")
				for i, a := range asks {
					if got := b.reissue(t, "a", a.attempt, a.died); got != a.want {
						t.Errorf("question %d, attempt %d, died %v: %s, want %s", i, a.attempt, a.died, got, a.want)
					}
				}
			})
		})
	}
}

func TestReissueOfWhatNeedsNone(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		o := decided(t, b)
		if got := b.reissue(t, "a", 1, true); got != "decided 0" {
			t.Errorf("a decided unit: %s, want decided", got)
		}
		must(t, b.Cancel(t.Context(), "r", ledger.Cancellation{}))
		if got := b.reissue(t, "b", 1, true); got != "ended 0" {
			t.Errorf("in a cancelled run: %s, want ended", got)
		}
		must(t, o.End(t.Context(), ledger.Final{}))
		if got := b.reissue(t, "b", 1, true); got != "ended 0" {
			t.Errorf("in a closed run: %s, want ended", got)
		}
		if got := b.attempts(t); len(got) > 0 {
			t.Errorf("attempts %v, want none beyond the first", got)
		}
		if _, err := b.Reissue(t.Context(), "nosuch", "a", 1, false); !errors.Is(err, ledger.ErrGone) {
			t.Errorf("in a run that is not there: %v, want %v", err, ledger.ErrGone)
		}
	})
}

// TestOneOfManyGetsAnAttempt: all followers of a run see the same attempt lost at
// the same moment.
func TestOneOfManyGetsAnAttempt(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		inProgress(t, b)
		answers := make([]ledger.Answer, 16)
		var wg sync.WaitGroup
		for i := range answers {
			wg.Go(func() {
				next, _ := b.Reissue(t.Context(), "r", "a", 1, true)
				answers[i] = next.Answer
			})
		}
		wg.Wait()
		slices.Sort(answers)
		want := append([]ledger.Answer{ledger.Alone}, slices.Repeat([]ledger.Answer{ledger.Taken}, len(answers)-1)...)
		if diff := cmp.Diff(want, answers); diff != "" {
			t.Errorf("answers (-want +got):\n%s", diff)
		}
	})
}

func TestAttempts(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		o := b.started(t, "r")
		if got := b.attempts(t); len(got) > 0 {
			t.Errorf("attempts of a fresh run: %v, want none beyond the first", got)
		}
		b.reissue(t, "a", 1, false)
		b.reissue(t, "a", 2, true)
		b.reissue(t, "c", 1, false)
		if diff := cmp.Diff(map[id.Unit]int{"a": 3, "c": 2}, b.attempts(t)); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
		if e, err := o.Expect(t.Context(), "a", "da", ""); err != nil || e.Answer != ledger.Expected || e.Attempt != 3 {
			t.Errorf("Expect = %+v, %v; want the third attempt", e, err)
		}
	})
}

// TestAnOlderAttemptIsNotBegun: the queue may hand out a task again whose next
// attempt is on its way. Its worker would hide the one of the next attempt, and
// what kills workers would run in company again.
func TestAnOlderAttemptIsNotBegun(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		inProgress(t, b)
		b.reissue(t, "a", 1, true)
		begun(t, b, "a", 2, "x#1")
		if got := b.begin(t, "a", "da", 1, "y#1"); got != ledger.Stale {
			t.Errorf("Begin of attempt 1 after 2 = %s, want %s", got, ledger.Stale)
		}
		if all := b.inProgress(t); len(all) != 1 || all[0].Number != 2 || all[0].Worker != "x" {
			t.Errorf("in progress: %+v, want attempt 2 of worker x", all)
		}
		if got := b.record(t, "r", entry("a", "ok", "w#1")); got != ledger.Recorded {
			t.Errorf("the verdict of attempt 1: %s, want it to count", got)
		}
	})
}

func TestInProgressPassesOverWhatItCannotRead(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		inProgress(t, b)
		must(t, b.client.HSet(t.Context(), "muster:{r}:begun", "x", "", "y", "1 2", "z", "1 one w#1", "v", "1 1 w").Err())
		if all := b.inProgress(t); len(all) != 1 || all[0].Unit != "a" {
			t.Errorf("in progress: %+v, want a alone", all)
		}
	})
}

func TestSlotsCountsThoseWhoAreHeardAndServeTheQueue(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		slots := func(queue string) int {
			t.Helper()
			n, err := b.Slots(t.Context(), queue, 5*time.Second)
			must(t, err)
			return n
		}
		if n := slots("ci"); n != 0 {
			t.Errorf("%d slots without a worker", n)
		}
		both, audit := ledger.Capacity{Slots: 4, Queues: []string{"audit", "ci"}}, ledger.Capacity{Slots: 8, Queues: []string{"audit"}}
		must(t, b.Heartbeat(t.Context(), "w", both))
		must(t, b.Heartbeat(t.Context(), "other", both))
		must(t, b.Heartbeat(t.Context(), "nightly", audit))
		if ci, night := slots("ci"), slots("audit"); ci != 8 || night != 16 {
			t.Errorf("%d slots for ci and %d for audit, want 8 and 16", ci, night)
		}
		b.quieten(t, "other", 6*time.Second)
		must(t, b.Heartbeat(t.Context(), "nightly", ledger.Capacity{Queues: audit.Queues})) // it stops
		if ci, night := slots("ci"), slots("audit"); ci != 4 || night != 4 {
			t.Errorf("%d slots for ci and %d for audit, want 4 each", ci, night)
		}
		must(t, b.Deregister(t.Context(), "w"))
		if n := slots("ci"); n != 0 {
			t.Errorf("%d slots after the last worker has gone", n)
		}
		// What an hour ago was a worker is forgotten with all that was known of it.
		b.quieten(t, "other", 2*time.Hour)
		must(t, b.Heartbeat(t.Context(), "nightly", audit))
		if all := b.client.HGetAll(t.Context(), "muster:{muster}:capacity").Val(); len(all) != 1 {
			t.Errorf("capacities %v are kept, want that of nightly alone", all)
		}
	})
}

// TestWorkersOfTheVersionBeforeCount: their heartbeats are under keys of another name, and
// enqueuers of that version look for all workers there.
func TestWorkersOfTheVersionBeforeCount(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		b.started(t, "r")
		now := float64(b.client.Time(t.Context()).Val().UnixMilli())
		for worker, at := range map[string]float64{"old": now, "old and dead": now - 6000} {
			must(t, b.client.ZAdd(t.Context(), "muster:workers", redis.Z{Score: at, Member: worker}).Err())
			must(t, b.client.HSet(t.Context(), "muster:capacity", worker, `{"slots":3,"queues":["ci"]}`).Err())
		}
		must(t, b.Heartbeat(t.Context(), "new", ledger.Capacity{Slots: 4, Queues: []string{"ci"}}))
		if n, err := b.Slots(t.Context(), "ci", 5*time.Second); n != 7 || err != nil {
			t.Errorf("%d slots, %v; want 3 of the old worker and 4 of the new one", n, err)
		}
		if seen := b.client.ZRange(t.Context(), "muster:workers", 0, -1).Val(); !slices.Contains(seen, "new") {
			t.Errorf("a program of the version before sees the workers %q, want the new one, too", seen)
		}
		must(t, b.Deregister(t.Context(), "new"))
		if seen := b.client.ZRange(t.Context(), "muster:workers", 0, -1).Val(); slices.Contains(seen, "new") {
			t.Errorf("a program of the version before sees the workers %q, want not the one that has left", seen)
		}
		must(t, b.Heartbeat(t.Context(), "new", ledger.Capacity{Slots: 4, Queues: []string{"ci"}}))
		begun(t, b, "a", 1, "old#1")
		begun(t, b, "b", 1, "new#1")
		for _, a := range b.inProgress(t) {
			if a.Silence > time.Minute {
				t.Errorf("worker %s was last heard %s ago, want just now", a.Worker, a.Silence)
			}
		}
	})
}
