package ledger_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/test/redistest"
)

// workers lists those that were heard within five seconds, without their silences, which
// must be between no time and that.
func (b books) workers(t *testing.T) []ledger.Worker {
	t.Helper()
	all, err := b.Workers(t.Context(), 5*time.Second)
	must(t, err)
	for i, w := range all {
		if w.Silence < 0 || w.Silence > 5*time.Second {
			t.Errorf("worker %s was silent for %s, want 5s at most", w.Name, w.Silence)
		}
		all[i].Silence = 0
	}
	return all
}

func TestWorkersAreThoseThatAreHeard(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		if all := b.workers(t); len(all) > 0 {
			t.Errorf("workers %+v, want none", all)
		}
		first := ledger.Capacity{Slots: 4, Queues: []string{"audit", "ci"}, Version: "v1", Engines: map[string]string{"manifest": "e1", "other": "o1"}}
		second := ledger.Capacity{Slots: 8, Queues: []string{"ci"}, Version: "v2", Engines: map[string]string{"manifest": "e2"}}
		must(t, b.Heartbeat(t.Context(), "w", first))
		must(t, b.Heartbeat(t.Context(), "a", second))
		must(t, b.Heartbeat(t.Context(), "silent", first))
		b.quieten(t, "silent", 6*time.Second)
		if diff := cmp.Diff([]ledger.Worker{{Name: "a", Capacity: second}, {Name: "w", Capacity: first}}, b.workers(t)); diff != "" {
			t.Errorf("workers (-want +got):\n%s", diff)
		}
		second.Slots = 0 // it stops
		must(t, b.Heartbeat(t.Context(), "a", second))
		must(t, b.Deregister(t.Context(), "w"))
		if diff := cmp.Diff([]ledger.Worker{{Name: "a", Capacity: second}}, b.workers(t)); diff != "" {
			t.Errorf("workers after one has stopped (-want +got):\n%s", diff)
		}
	})
}

func TestWorkersTellTheAgeOfTheirHeartbeat(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		must(t, b.Heartbeat(t.Context(), "w", ledger.Capacity{Slots: 1}))
		b.quieten(t, "w", 20*time.Minute)
		all, err := b.Workers(t.Context(), time.Hour)
		must(t, err)
		if len(all) != 1 || all[0].Silence < 20*time.Minute || all[0].Silence > 30*time.Minute {
			t.Errorf("workers %+v, want one that was silent for twenty minutes", all)
		}
	})
}

// TestWorkersOfOtherVersions: a field that a worker does not tell is empty, and one that
// is not known here is passed over.
func TestWorkersOfOtherVersions(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		for name, told := range map[string]string{
			"newer": `{"slots":2,"queues":["ci"],"version":"v9","engines":{"manifest":"e9"},"later":[1]}`,
			"older": `{"slots":2,"queues":["ci"]}`,
			"odd":   `{"slots":"two"}`,
		} {
			must(t, b.Heartbeat(t.Context(), name, ledger.Capacity{}))
			must(t, b.client.HSet(t.Context(), "muster:{muster}:capacity", name, told).Err())
		}
		want := []ledger.Worker{
			{Name: "newer", Capacity: ledger.Capacity{Slots: 2, Queues: []string{"ci"}, Version: "v9", Engines: map[string]string{"manifest": "e9"}}},
			{Name: "older", Capacity: ledger.Capacity{Slots: 2, Queues: []string{"ci"}}},
		}
		if diff := cmp.Diff(want, b.workers(t)); diff != "" {
			t.Errorf("workers (-want +got):\n%s", diff)
		}
		if n, err := b.Slots(t.Context(), "ci", 5*time.Second); err != nil || n != 4 {
			t.Errorf("%d slots, %v; want those of both", n, err)
		}
	})
}
