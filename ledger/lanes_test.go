package ledger_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/test/redistest"
)

// threeLanes has units that need nothing, and others that need one command or two.
var threeLanes = ledger.Plan{Queue: "ci", Whole: true, Units: ".", Kinds: []ledger.KindPlan{
	{Kind: "chart", Checks: []string{"command/lint", "declared"}, Shared: "shared1"},
	{Kind: "note", Checks: []string{"declared"}, Shared: "shared2"},
	{Kind: "policy", Checks: []string{"command/lint", "command/test"}, Shared: "shared3"},
}}

func TestLanesOfAPlan(t *testing.T) {
	t.Parallel()
	want := []string{"ci", "ci+lint", "ci+lint+test"}
	if diff := cmp.Diff(want, threeLanes.Lanes()); diff != "" {
		t.Errorf("lanes (-want +got):\n%s", diff)
	}
	for kind, lane := range map[string]string{"chart": want[1], "note": want[0], "policy": want[2], "unknown": "ci"} {
		if got := threeLanes.Lane(kind); got != lane {
			t.Errorf("a %s waits in %s, want %s", kind, got, lane)
		}
	}
}

// TestLanesAreAnnounced for a while, and those that need nothing are not.
func TestLanesAreAnnounced(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		must(t, b.Announce(t.Context(), "ci"))
		if n := b.client.Exists(t.Context(), ledger.LanesKey).Val(); n != 0 {
			t.Error("a lane without needs is announced")
		}
		must(t, b.Announce(t.Context(), threeLanes.Lanes()...))
		must(t, b.client.ZIncrBy(t.Context(), ledger.LanesKey, -float64((3*time.Minute).Milliseconds()), "ci+lint").Err())
		lanes, err := b.Announced(t.Context())
		if diff := cmp.Diff([]string{"ci+lint+test"}, lanes); diff != "" || err != nil {
			t.Errorf("%v; announced (-want +got):\n%s", err, diff)
		}
	})
}

// TestARunThatNeedsCommandsHasAFormatOfItsOwn: a program of the version before would push its tasks to
// workers that cannot decide them.
func TestARunThatNeedsCommandsHasAFormatOfItsOwn(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		for run, c := range map[id.Run]struct {
			plan   ledger.Plan
			format string
		}{"plain": {plan, "2"}, "kinds": {planOfKinds, "3"}, "lanes": {threeLanes, "4"}} {
			_, err := b.Open(t.Context(), run, ledger.Opening{Plan: c.plan, Owner: "first"})
			must(t, err)
			if format := b.client.HGet(t.Context(), "muster:{"+string(run)+"}:run", "format").Val(); format != c.format {
				t.Errorf("%s: format %s, want %s", run, format, c.format)
			}
		}
	})
}

// TestListedUnitsHaveTheirKinds before they are packed, and keep them.
func TestListedUnitsHaveTheirKinds(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		o, err := b.Open(t.Context(), "r", ledger.Opening{Plan: threeLanes, Owner: "first"})
		must(t, err)
		must(t, o.AddExpectedOf(t.Context(), "chart", []id.Unit{"a", "b"}))
		must(t, o.AddExpectedOf(t.Context(), "note", []id.Unit{"b", "c"}))
		must(t, o.AddExpected(t.Context(), []id.Unit{"d"}))
		lanes, err := b.LanesOf(t.Context(), "r", threeLanes, []id.Unit{"a", "b", "c", "d"})
		if diff := cmp.Diff(map[id.Unit]string{"a": "ci+lint", "b": "ci+lint", "c": "ci", "d": "ci"}, lanes); diff != "" || err != nil {
			t.Errorf("%v; lanes (-want +got):\n%s", err, diff)
		}
		kinds := map[id.Unit]string{}
		must(t, b.EachKind(t.Context(), "r", func(u id.Unit, kind string) { kinds[u] = kind }))
		if diff := cmp.Diff(map[id.Unit]string{"a": "chart", "b": "chart", "c": "note"}, kinds); diff != "" {
			t.Errorf("kinds (-want +got):\n%s", diff)
		}
		b.keysExpire(t, 1)
	})
}

// lanesModel is a detached run in the plainest form: what waits in each lane, and what has a task.
type lanesModel struct{ waiting, claimed [3][]id.Unit }

// claim takes what is missing in the windows, the first lane first.
func (m *lanesModel) claim(windows []int, most int) (units []id.Unit, tasks []int) {
	for lane, size := range windows {
		n := min(max(size-len(m.claimed[lane]), 0), len(m.waiting[lane]), most-len(units))
		some := m.waiting[lane][:n]
		units, m.waiting[lane], m.claimed[lane] = append(units, some...), m.waiting[lane][n:], append(m.claimed[lane], some...)
		tasks = append(tasks, len(m.claimed[lane]))
	}
	return units, tasks
}

// TestClaimsGoLaneByLane: whatever is handed over, claimed, decided and lost, each lane keeps its order
// and its window, and none waits for another one.
func TestClaimsGoLaneByLane(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		for seed := range uint64(20) {
			claimLanes(t, open(t, url), id.Run(fmt.Sprintf("r%d", seed)), rand.New(rand.NewPCG(seed, 0)))
		}
	})
}

func claimLanes(t *testing.T, b books, run id.Run, chance *rand.Rand) {
	t.Helper()
	o, err := b.Open(t.Context(), run, ledger.Opening{Plan: threeLanes, Owner: "first", Limit: time.Hour})
	must(t, err)
	kinds := []string{"note", "chart", "policy"} // by lane
	var m lanesModel
	for step := range 60 {
		lane := chance.IntN(3)
		switch chance.IntN(4) {
		case 0, 1:
			u := id.Unit(fmt.Sprintf("u%d", step))
			must(t, o.AddExpectedOf(t.Context(), kinds[lane], []id.Unit{u}))
			_, err := o.Expect(t.Context(), u, digestOf(u), kinds[lane])
			must(t, err)
			must(t, o.HandOver(t.Context(), u, kinds[lane]))
			m.waiting[lane] = append(m.waiting[lane], u)
		case 2:
			windows, most := []int{chance.IntN(5), chance.IntN(5), chance.IntN(5)}, 1+chance.IntN(6)
			c, err := b.Claim(t.Context(), o.Header, ledger.Claim{Worker: "w", Lease: time.Minute, Windows: windows, Quiet: time.Hour, Most: most})
			must(t, err)
			var got []id.Unit
			for _, u := range c.Units {
				got = append(got, u.Unit)
			}
			units, tasks := m.claim(windows, most)
			if diff := cmp.Diff(units, got) + cmp.Diff(tasks, c.Tasks); diff != "" {
				t.Fatalf("step %d of %s: a claim of %v (-want +got):\n%s", step, run, windows, diff)
			}
		case 3:
			if len(m.claimed[lane]) == 0 {
				continue
			}
			u := m.claimed[lane][0]
			e := entry(u, "ok", "w#1")
			e.Shared = threeLanes.Kinds[slices.IndexFunc(threeLanes.Kinds, func(k ledger.KindPlan) bool { return k.Kind == kinds[lane] })].Shared
			if got := b.record(t, run, e); got != ledger.Recorded {
				t.Fatalf("step %d of %s: the verdict of %s is %s", step, run, u, got)
			}
			m.claimed[lane] = m.claimed[lane][1:]
		}
	}
	relisted(t, b, o, m)
}

// relisted loses both lists, and lists what is undecided again, each in its lane.
func relisted(t *testing.T, b books, o *ledger.Owner, m lanesModel) {
	t.Helper()
	prefix := "muster:{" + string(o.Header.ID) + "}:"
	must(t, b.client.Del(t.Context(), prefix+"waiting", prefix+"claimed").Err())
	must(t, b.Relist(t.Context(), o.Header))
	c, err := b.Claim(t.Context(), o.Header, ledger.Claim{Worker: "w", Lease: time.Minute, Windows: []int{99, 99, 99}, Quiet: time.Hour, Most: 99})
	must(t, err)
	for lane, n := range c.Tasks {
		if want := len(m.waiting[lane]) + len(m.claimed[lane]); n != want {
			t.Errorf("run %s: %d units are listed again in lane %d, want %d", o.Header.ID, n, lane, want)
		}
	}
}
