package tasks_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/test/redistest"
)

// TestEachTaskIsLookedForInItsQueue, its quarantine included, and one of another queue is not there.
func TestEachTaskIsLookedForInItsQueue(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		conn := redistest.Dial(t, url)
		c := tasks.NewClient(conn.Bulk(), conn.Plain())
		task := func(n int) tasks.Task {
			return tasks.Task{Run: "r", Unit: id.Unit(fmt.Sprint(n)), Digest: "d", Shared: "s", Checker: "c", Attempt: 1, TimeoutMS: 1000}
		}
		for n, queue := range []string{"ci", "ci+lint", "ci+lint", tasks.Quarantine("ci")} {
			if err := c.Push(t.Context(), queue, task(n)); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.Drop("ci+lint", task(2)); err != nil {
			t.Fatal(err)
		}
		got, err := c.States(t.Context(), []tasks.Placed{{Queue: "ci", Task: task(0)}, {Queue: "ci+lint", Task: task(1)}, {Queue: "ci+lint", Task: task(2)},
			{Queue: "ci", Task: task(3)}, {Queue: "ci", Task: task(1)}, {Queue: "ci+lint", Task: task(0)}})
		want := []tasks.State{tasks.Pending, tasks.Pending, tasks.Absent, tasks.Pending, tasks.Absent, tasks.Absent}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v; states (-want +got):\n%s", err, diff)
		}
		if err := conn.Plain().Set(t.Context(), "asynq:{ci+lint}:paused", 1, 0).Err(); err != nil {
			t.Fatal(err)
		}
		paused, err := c.Paused(t.Context(), "ci", "ci+lint")
		if diff := cmp.Diff([]bool{false, true}, paused); diff != "" || err != nil {
			t.Errorf("%v; paused (-want +got):\n%s", err, diff)
		}
	})
}
