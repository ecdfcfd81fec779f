package ledger_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/test/redistest"
)

// planOfLanes has a kind of quick units and two of units that commands are given.
var planOfLanes = ledger.Plan{Queue: "muster-ci", Whole: true, Units: ".", Kinds: []ledger.KindPlan{
	{Kind: "port", Checks: []string{"declared"}, Shared: "shared1"},
	{Kind: "chart", Checks: []string{"command/helm-lint", "declared"}, Shared: "shared2"},
	{Kind: "policy", Checks: []string{"command/conftest", "command/helm-lint"}, Shared: "shared3"},
}}

const (
	quickLane = "muster-ci"
	helmLane  = "muster-ci+helm-lint"
	bothLane  = "muster-ci+conftest+helm-lint"
)

// TestUnitsAreCountedByLane: from the listing on, each once, whatever is said again.
func TestUnitsAreCountedByLane(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		o, err := b.Open(t.Context(), "r", ledger.Opening{Plan: planOfLanes, Owner: "first"})
		must(t, err)
		list := func() {
			for kind, names := range map[string][]id.Unit{"port": {"p1", "p2"}, "chart": {"c1", "c2", "c3"}, "policy": {"o1"}, "": {"?"}} {
				must(t, o.AddExpectedOf(t.Context(), kind, names))
			}
		}
		expect := func(u id.Unit, kind string) func() {
			return func() { _, err := o.Expect(t.Context(), u, digestOf(u), kind); must(t, err) }
		}
		verdictOf := func(u id.Unit, shared, digest id.Digest) func() {
			e := entry(u, "ok", "w#1")
			e.Shared, e.Digest = shared, digest
			return func() { b.record(t, "r", e) }
		}
		for _, step := range []struct {
			name              string
			do                func()
			quick, helm, both ledger.LaneUnits
		}{
			{"before the listing", func() {}, ledger.LaneUnits{}, ledger.LaneUnits{}, ledger.LaneUnits{}},
			{"listed", list, ledger.LaneUnits{Expected: 3}, ledger.LaneUnits{Expected: 3}, ledger.LaneUnits{Expected: 1}},
			{"listed again", list, ledger.LaneUnits{Expected: 3}, ledger.LaneUnits{Expected: 3}, ledger.LaneUnits{Expected: 1}},
			{"packed", expect("c1", "chart"), ledger.LaneUnits{Expected: 3}, ledger.LaneUnits{Expected: 3}, ledger.LaneUnits{Expected: 1}},
			{"packed, and of another kind than its name promised", expect("c2", "policy"), ledger.LaneUnits{Expected: 3}, ledger.LaneUnits{Expected: 2}, ledger.LaneUnits{Expected: 2}},
			{"packed, where the name promised nothing", expect("?", "chart"), ledger.LaneUnits{Expected: 2}, ledger.LaneUnits{Expected: 3}, ledger.LaneUnits{Expected: 2}},
			{"decided", verdictOf("c1", "shared2", "dc1"), ledger.LaneUnits{Expected: 2}, ledger.LaneUnits{Expected: 3, Decided: 1}, ledger.LaneUnits{Expected: 2}},
			{"decided again", verdictOf("c1", "shared2", "dc1"), ledger.LaneUnits{Expected: 2}, ledger.LaneUnits{Expected: 3, Decided: 1}, ledger.LaneUnits{Expected: 2}},
			{"stale", verdictOf("c2", "shared2", "dc2"), ledger.LaneUnits{Expected: 2}, ledger.LaneUnits{Expected: 3, Decided: 1}, ledger.LaneUnits{Expected: 2}},
			{"decided without bytes", verdictOf("o1", "", ledger.AnyDigest), ledger.LaneUnits{Expected: 2}, ledger.LaneUnits{Expected: 3, Decided: 1}, ledger.LaneUnits{Expected: 2, Decided: 1}},
			{"a quick one", verdictOf("p1", "", ledger.AnyDigest), ledger.LaneUnits{Expected: 2, Decided: 1}, ledger.LaneUnits{Expected: 3, Decided: 1}, ledger.LaneUnits{Expected: 2, Decided: 1}},
			{"restored", func() { must(t, b.Restore(t.Context(), o.Header, "c3", digestOf("c3"), "chart")) }, ledger.LaneUnits{Expected: 2, Decided: 1}, ledger.LaneUnits{Expected: 3, Decided: 1}, ledger.LaneUnits{Expected: 2, Decided: 1}},
		} {
			step.do()
			h, err := b.Header(t.Context(), "r")
			must(t, err)
			want := map[string]ledger.LaneUnits{quickLane: step.quick, helmLane: step.helm, bothLane: step.both}
			if diff := cmp.Diff(want, h.ByLane()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", step.name, diff)
			}
		}
		b.keysExpire(t, 1)
	})
}

// TestUnitsOfARunWithoutCounts are those of the queue's own lane: its programs know no commands.
func TestUnitsOfARunWithoutCounts(t *testing.T) {
	t.Parallel()
	commanded := plan
	commanded.Checker = "command/helm-lint"
	for name, tt := range map[string]struct {
		header ledger.Header
		want   map[string]ledger.LaneUnits
	}{
		"no kinds":            {ledger.Header{Plan: plan, Listed: 9, Decided: 4}, map[string]ledger.LaneUnits{quickLane: {Expected: 9, Decided: 4}}},
		"no kinds, a command": {ledger.Header{Plan: commanded, Listed: 9, Decided: 4}, map[string]ledger.LaneUnits{helmLane: {Expected: 9, Decided: 4}}},
		"an older enqueuer":   {ledger.Header{Plan: planOfKinds, Listed: 9, Decided: 4}, map[string]ledger.LaneUnits{quickLane: {Expected: 9, Decided: 4}}},
		"an older worker": {ledger.Header{Plan: planOfLanes, Listed: 9, Decided: 4, ExpectedOf: map[string]int{"port": 7, "chart": 2}, DecidedOf: map[string]int{"chart": 1}},
			map[string]ledger.LaneUnits{quickLane: {Expected: 7, Decided: 3}, helmLane: {Expected: 2, Decided: 1}, bothLane: {}}},
	} {
		if diff := cmp.Diff(tt.want, tt.header.ByLane()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestOpenRuns: those that have ended cost nothing, until they are continued.
func TestOpenRuns(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		runs := b.OpenRuns()
		read := func() map[id.Run]ledger.Care {
			t.Helper()
			all, err := runs.Read(t.Context())
			must(t, err)
			cares := map[id.Run]ledger.Care{}
			for _, r := range all {
				cares[r.ID] = r.Care
			}
			return cares
		}
		expect := func(when string, want map[id.Run]ledger.Care) {
			t.Helper()
			if diff := cmp.Diff(want, read()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", when, diff)
			}
		}
		expect("an empty Redis", map[id.Run]ledger.Care{})
		b.opened(t, "r")
		ended := b.opened(t, "ended")
		must(t, ended.End(t.Context(), ledger.Final{Reason: "told so"}))
		must(t, ended.Leave(t.Context()))
		expect("one of two has ended", map[id.Run]ledger.Care{"r": ledger.CaredFor})
		must(t, b.client.HSet(t.Context(), "muster:{ended}:run", "state", "open").Err())
		expect("what has ended is not looked at", map[id.Run]ledger.Care{"r": ledger.CaredFor})
		for now := ended.Header.Started; !now.After(ended.Header.Started.Add(time.Millisecond)); { // starts are told apart by milliseconds
			var err error
			now, err = b.client.Time(t.Context()).Result()
			must(t, err)
		}
		_, err := b.Open(t.Context(), "ended", ledger.Opening{Plan: plan, Owner: "second"})
		must(t, err)
		expect("it is continued", map[id.Run]ledger.Care{"r": ledger.CaredFor, "ended": ledger.CaredFor})

		long := fmt.Sprint(time.Now().Add(-time.Hour).UnixMilli())
		for run, fields := range map[id.Run][]any{
			"abandoned": {"owned", long}, "unfollowed": {"handed", long, "followed", long},
			"overdue": {"handed", long, "detached", long, "deadline", long}, "detached": {"handed", long, "detached", long, "followed", long},
		} {
			b.opened(t, run)
			must(t, b.client.HSet(t.Context(), "muster:{"+string(run)+"}:run", fields...).Err())
		}
		must(t, b.client.Del(t.Context(), "muster:{r}:run").Err())
		expect("nobody cares for some", map[id.Run]ledger.Care{"ended": ledger.CaredFor, "abandoned": ledger.CareAbandoned,
			"unfollowed": ledger.CareUnfollowed, "overdue": ledger.CareOverdue, "detached": ledger.CaredFor})
	})
}
