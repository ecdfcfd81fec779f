package ledger_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/test/redistest"
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
func deserted(t *testing.T, b books) *ledger.Owner {
	o := inProgress(t, b)
	b.desert(t, 31*time.Second)
	return o
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

func TestCancel(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		o := decided(t, b)
		begun(t, b, "b", 1, "w#2")
		first := ledger.Cancellation{Reason: "superseded", By: "run newer", SupersededBy: "newer"}
		must(t, b.Cancel(t.Context(), "r", first))
		must(t, b.Cancel(t.Context(), "r", ledger.Cancellation{Reason: "another reason", By: "somebody else", SupersededBy: "newest"}))
		must(t, o.Seal(t.Context(), 3)) // its enqueuer has not heard of it
		h := b.header(t)
		if h.State != ledger.Cancelled || h.Ending != ledger.Ending(first) || !h.Ended() || h.EndedAt.IsZero() || h.Decided != 1 {
			t.Errorf("header %+v; want cancelled for the first reason with one verdict", h)
		}
		if got := b.begin(t, "c", "dc", 1, "w#3"); got != ledger.Ended {
			t.Errorf("Begin = %s, want %s", got, ledger.Ended)
		}
		if e, err := o.Expect(t.Context(), "c", "dc", ""); err != nil || e.Answer != ledger.Ended {
			t.Errorf("Expect = %+v, %v; want %s", e, err, ledger.Ended)
		}
		if got := b.record(t, "r", entry("b", "ok", "w#2")); got != ledger.Ended {
			t.Errorf("Record = %s, want %s", got, ledger.Ended)
		}
		must(t, o.End(t.Context(), ledger.Final{OK: 1, Errs: 2}))
		must(t, b.Cancel(t.Context(), "r", ledger.Cancellation{Reason: "too late", By: "somebody"}))
		if h := b.header(t); h.State != ledger.Closed || h.Ending != ledger.Ending(first) || h.Final.Errs != 2 {
			t.Errorf("header %+v; want a closed run that was cancelled before", h)
		}
		if diff := cmp.Diff("verdict a\ncancelled\nsealed\nclosed\n", b.history(t)); diff != "" {
			t.Errorf("history (-want +got):\n%s", diff)
		}
	})
}

// TestCancelNamesNoRunUnlessOneSupersedes the run.
func TestCancelNamesNoRunUnlessOneSupersedes(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		b.started(t, "r")
		must(t, b.Cancel(t.Context(), "r", ledger.Cancellation{Reason: "enough", By: "ann@desk"}))
		if got, want := b.header(t).Ending, (ledger.Ending{Reason: "enough", By: "ann@desk"}); got != want {
			t.Errorf("cancelled as %+v, want %+v", got, want)
		}
	})
}

func TestComplete(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		final := ledger.Final{OK: 2, Errs: 1, Complete: true}
		unsealed := func(t *testing.T, b books) *ledger.Owner {
			o := running(t, b)
			for _, u := range []id.Unit{"a", "b", "c"} {
				b.record(t, "r", entry(u, "ok", "w#1"))
			}
			return o
		}
		undecided := func(t *testing.T, b books) *ledger.Owner {
			o := sealed(t, b)
			b.record(t, "r", entry("a", "ok", "w#1"))
			b.record(t, "r", entry("b", "ok", "w#1"))
			return o
		}
		for _, tt := range []struct {
			name    string
			prepare func(*testing.T, books) *ledger.Owner
			noted   bool
			err     error
			state   ledger.State
			final   ledger.Final
		}{
			{"all decided", allDecided, true, nil, ledger.Closed, final},
			{"not sealed", unsealed, false, nil, ledger.Open, ledger.Final{}},
			{"one verdict lacks", undecided, false, nil, ledger.Sealed, ledger.Final{}},
			{"nothing was ever listed", func(t *testing.T, b books) *ledger.Owner { return b.opened(t, "r") }, false, nil, ledger.Open, ledger.Final{}},
			{"a name is lost", func(t *testing.T, b books) *ledger.Owner {
				o := allDecided(t, b)
				must(t, b.client.HDel(t.Context(), "muster:{r}:expect", "a").Err())
				return o
			}, false, nil, ledger.Sealed, ledger.Final{}},
			{"cancelled", func(t *testing.T, b books) *ledger.Owner {
				o := allDecided(t, b)
				must(t, b.Cancel(t.Context(), "r", ledger.Cancellation{}))
				return o
			}, false, nil, ledger.Cancelled, ledger.Final{}},
			{"ended early", func(t *testing.T, b books) *ledger.Owner {
				o := allDecided(t, b)
				must(t, o.End(t.Context(), ledger.Final{Reason: "interrupted, \"complete\":true"}))
				return o
			}, false, nil, ledger.Closed, ledger.Final{Reason: "interrupted, \"complete\":true"}},
			{"noted by another", func(t *testing.T, b books) *ledger.Owner {
				o := allDecided(t, b)
				_, err := b.Complete(t.Context(), o.Header, ledger.Final{OK: 3, Complete: true})
				must(t, err)
				return o
			}, true, nil, ledger.Closed, ledger.Final{OK: 3, Complete: true}},
			{"continued since", func(t *testing.T, b books) *ledger.Owner {
				o := allDecided(t, b)
				b.before(t, "owned", time.Hour)
				b.continued(t)
				return o
			}, false, ledger.ErrReplaced, ledger.Open, ledger.Final{}},
			{"of no services", func(t *testing.T, b books) *ledger.Owner {
				o := b.opened(t, "r")
				must(t, o.Seal(t.Context(), 0))
				return o
			}, true, nil, ledger.Closed, final},
		} {
			b := open(t, url)
			must(t, b.client.FlushDB(t.Context()).Err())
			o := tt.prepare(t, b)
			for range 2 {
				noted, err := b.Complete(t.Context(), o.Header, final)
				if noted != tt.noted || !errors.Is(err, tt.err) {
					t.Errorf("%s: Complete = %v, %v; want %v, %v", tt.name, noted, err, tt.noted, tt.err)
				}
				if h := b.header(t); h.State != tt.state || h.Final != tt.final || h.Ended() == h.EndedAt.IsZero() {
					t.Errorf("%s: the run is %s with %+v since %s, want %s with %+v", tt.name, h.State, h.Final, h.EndedAt, tt.state, tt.final)
				}
			}
			if tells := strings.Count(b.history(t), "closed"); tells > 1 || (tt.state == ledger.Closed) != (tells == 1) {
				t.Errorf("%s: the followers hear of the end %d times", tt.name, tells)
			}
		}
	})
}

// TestOneOfManyCompletes: all followers of a run see its last verdict at the same moment.
func TestOneOfManyCompletes(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		o := allDecided(t, b)
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				if noted, err := b.Complete(t.Context(), o.Header, ledger.Final{OK: i, Complete: true}); err != nil || !noted {
					t.Errorf("Complete = %v, %v; want it noted, by whomever", noted, err)
				}
			})
		}
		wg.Wait()
		if n := strings.Count(b.history(t), "closed"); n != 1 {
			t.Errorf("the followers hear of the end %d times, want once", n)
		}
	})
}

func TestWhatIsNotThereCannotEnd(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		_, _, digestErr := b.Digest(t.Context(), "nosuch", "a")
		for name, err := range map[string]error{
			"cancel":        b.Cancel(t.Context(), "nosuch", ledger.Cancellation{}),
			"mark followed": b.MarkFollowed(t.Context(), "nosuch"),
			"digest":        digestErr,
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
		o := b.started(t, "r")
		check := func(when string, want bool) {
			t.Helper()
			if h := b.header(t); h.Abandoned != want {
				t.Errorf("%s: abandoned %v, want %v (owned %s, now %s)", when, h.Abandoned, want, h.Owned, h.Now)
			}
		}
		check("at the beginning", false)
		b.before(t, "owned", 11*time.Second)
		check("eleven seconds later", true)
		must(t, b.MarkFollowed(t.Context(), "r"))
		check("with a follower, who is no owner", true)
		must(t, o.MarkAlive(t.Context()))
		check("when its enqueuer is back", false)
		must(t, o.Leave(t.Context()))
		check("when its enqueuer has left", true)
		b.desert(t, time.Hour)
		o = b.continued(t)
		check("continued by another enqueuer", false)
		if h := b.header(t); h.Now.Sub(h.Followed) > 10*time.Minute {
			t.Errorf("continued, and last followed %s ago", h.Now.Sub(h.Followed))
		}
		must(t, o.MarkAlive(t.Context(), ledger.AllPushed))
		b.before(t, "owned", 11*time.Second)
		check("with all tasks pushed", false)
		b.continued(t)
		b.before(t, "owned", 11*time.Second)
		check("when the enqueuer that continued it is gone, too", true)
		must(t, b.Cancel(t.Context(), "r", ledger.Cancellation{}))
		check("cancelled", false)
	})
}

// TestARunThatNobodyFollowsIsCancelled by the next worker that would begin in it.
func TestARunThatNobodyFollowsIsCancelled(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		for _, tt := range []struct {
			name   string
			lonely time.Duration
			then   func(*ledger.Owner) error
			want   ledger.Answer
		}{
			{"followed lately", 19 * time.Second, nil, ledger.Granted},
			{"not for a while", 21 * time.Second, nil, ledger.Ended},
			{"not for long, and then again", time.Hour, func(*ledger.Owner) error { return b.MarkFollowed(t.Context(), "r") }, ledger.Granted},
			{"by its enqueuer's word only", time.Hour, func(o *ledger.Owner) error { return o.MarkAlive(t.Context(), ledger.AllPushed) }, ledger.Ended},
			{"nobody need", time.Hour, func(o *ledger.Owner) error { return o.MarkAlive(t.Context(), ledger.Detached) }, ledger.Granted},
		} {
			must(t, b.client.FlushDB(t.Context()).Err())
			o := b.started(t, "r")
			b.desert(t, tt.lonely)
			if tt.then != nil {
				must(t, tt.then(o))
			}
			if got := b.begin(t, "a", "da", 1, "host#2:w#1"); got != tt.want {
				t.Errorf("%s: Begin = %s, want %s", tt.name, got, tt.want)
			}
			h := b.header(t)
			if cancelled := tt.want == ledger.Ended; h.Ended() != cancelled || (h.Reason != "") != cancelled || h.EndedAt.IsZero() == cancelled {
				t.Errorf("%s: the run is %s, reason %q, ended at %s", tt.name, h.State, h.Reason, h.EndedAt)
			}
			if want := map[bool]string{true: "worker host#2:w"}[h.Ended()]; h.By != want || h.SupersededBy != "" {
				t.Errorf("%s: ended by %q, superseded by %q; want by %q and no run", tt.name, h.By, h.SupersededBy, want)
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
		o := b.started(t, "r")
		for _, step := range []struct {
			name                string
			mark                func() error
			allPushed, detached bool
		}{
			{"a follower", func() error { return b.MarkFollowed(t.Context(), "r") }, false, false},
			{"its owner", func() error { return o.MarkAlive(t.Context()) }, false, false},
			{"all pushed", func() error { return o.MarkAlive(t.Context(), ledger.AllPushed) }, true, false},
			{"detached", func() error { return o.MarkAlive(t.Context(), ledger.Detached) }, true, true},
		} {
			must(t, step.mark())
			if h := b.header(t); h.AllPushed != step.allPushed || h.Detached != step.detached {
				t.Errorf("after %s: all pushed %v, detached %v; want %v, %v", step.name, h.AllPushed, h.Detached, step.allPushed, step.detached)
			}
		}
	})
}

// TestSupersede: each row is the calls about one key, in their order.
func TestSupersede(t *testing.T) {
	t.Parallel()
	type call struct {
		run           id.Run
		order         int64
		before, newer id.Run
	}
	for name, calls := range map[string][]call{
		"by time": {{"r1", 0, "", ""}, {"r2", 0, "r1", ""}, {"r3", 0, "r2", ""}},
		"by time, the same call twice": {
			{"r1", 0, "", ""}, {"r1", 0, "", ""}, {"r2", 0, "r1", ""}, {"r2", 0, "r1", ""},
		},
		"by time, an older one again": {
			{"r1", 0, "", ""}, {"r2", 0, "r1", ""}, {"r1", 0, "", "r2"}, {"r2", 0, "r1", ""}, {"r3", 0, "r2", ""}, {"r1", 0, "", "r3"}, {"r2", 0, "", "r3"},
		},
		"by order": {{"p7", 7, "", ""}, {"p8", 8, "p7", ""}, {"p12", 12, "p8", ""}},
		"by order, an older one comes later": {
			{"p8", 8, "", ""}, {"p7", 7, "", "p8"}, {"p9", 9, "p8", ""}, {"p7", 7, "", "p9"}, {"p8", 8, "", "p9"},
		},
		"by order, the same call twice": {
			{"p7", 7, "", ""}, {"p7", 7, "", ""}, {"p8", 8, "p7", ""}, {"p8", 8, "p7", ""}, {"p7", 7, "", "p8"}, {"p7", 7, "", "p8"},
		},
		// A pipeline that is run again has the same number: the last to say so stays.
		"by order, a tie": {
			{"first", 7, "", ""}, {"again", 7, "first", ""}, {"first", 7, "again", ""}, {"p8", 8, "first", ""}, {"again", 7, "", "p8"},
		},
		"large orders": {{"big", 1 << 52, "", ""}, {"bigger", 1<<52 + 1, "big", ""}, {"big", 1 << 52, "", "bigger"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			redistest.Each(t, func(t *testing.T, url string) {
				b := open(t, url)
				_, _, err := b.Supersede(t.Context(), "other", "r9", 99)
				must(t, err)
				for i, c := range calls {
					if c.order == 0 {
						b.apart(t, "branch")
					}
					before, newer, err := b.Supersede(t.Context(), "branch", c.run, c.order)
					if err != nil || before != c.before || newer != c.newer {
						t.Errorf("call %d: %s is after %q and before %q, %v; want %q and %q", i, c.run, before, newer, err, c.before, c.newer)
					}
				}
			})
		})
	}
}

// apart lets a minute pass since the runs of a key were named.
func (b books) apart(t *testing.T, key string) {
	t.Helper()
	for _, run := range b.client.ZRange(t.Context(), "muster:supersede:"+key, 0, -1).Val() {
		must(t, b.client.ZIncrBy(t.Context(), "muster:supersede:"+key, -60000, run).Err())
	}
}

// TestAnOldRunKeepsItsPlace when all else of it has expired: named again, it ends nothing.
func TestAnOldRunKeepsItsPlace(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		for _, run := range []id.Run{"old", "new"} {
			b.opened(t, run)
			_, _, err := b.Supersede(t.Context(), "branch", run, 0)
			must(t, err)
			b.apart(t, "branch")
		}
		if ttl := b.client.TTL(t.Context(), "muster:supersede:branch").Val(); ttl <= 27*24*time.Hour || ttl > 28*24*time.Hour {
			t.Errorf("the order of the runs is known for %s, want 28 days", ttl)
		}
		must(t, b.client.Del(t.Context(), "muster:{old}:run", "muster:{old}:expect", "muster:runs").Err())
		b.opened(t, "old")
		if before, newer, err := b.Supersede(t.Context(), "branch", "old", 0); err != nil || before != "" || newer != "new" {
			t.Errorf("the old run named again is after %q and before %q, %v; want it before new", before, newer, err)
		}
	})
}

// TestTheOrderOfRunsIsBounded: the oldest of a thousand runs are forgotten.
func TestTheOrderOfRunsIsBounded(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		members := make([]redis.Z, 1000)
		for i := range members {
			members[i] = redis.Z{Score: float64(i + 1), Member: fmt.Sprintf("p%d", i+1)}
		}
		must(t, b.client.ZAdd(t.Context(), "muster:supersede:branch", members...).Err())
		if before, newer, err := b.Supersede(t.Context(), "branch", "p1001", 1001); err != nil || before != "p1000" || newer != "" {
			t.Errorf("p1001 is after %q and before %q, %v; want p1000", before, newer, err)
		}
		oldest := b.client.ZRange(t.Context(), "muster:supersede:branch", 0, 0).Val()
		if n := b.client.ZCard(t.Context(), "muster:supersede:branch").Val(); n != 1000 || oldest[0] != "p2" {
			t.Errorf("%d runs are known from %q on, want 1000 from p2 on", n, oldest)
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
		must(t, b.client.HDel(t.Context(), "muster:{foreign}:run", "owned").Err())
		before := b.dump(t)
		if _, err := b.Open(t.Context(), "foreign", second); !errors.Is(err, ledger.ErrFormat) {
			t.Errorf("Open = %v, want %v", err, ledger.ErrFormat)
		}
		if diff := cmp.Diff(before, b.dump(t)); diff != "" {
			t.Errorf("the other version's run is touched (-before +after):\n%s", diff)
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
		must(t, b.MarkFollowed(t.Context(), "r"))
		b.before(t, "followed", time.Hour)
		begin(ledger.Granted)
		b.before(t, "lonely", 11*time.Second)
		begin(ledger.Ended)
	})
}
