package tasks_test

import (
	"testing"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/tasks"
)

// TestTheIDOfATaskTellsItsUnit, be its name a path or not.
func TestTheIDOfATaskTellsItsUnit(t *testing.T) {
	t.Parallel()
	for _, unit := range []id.Unit{"pay", "clusters/eu/apps/pay", "rules/a b/1", "3", `caf\xe9`} {
		task := tasks.Task{Run: "r-1", Unit: unit, Attempt: 7}
		if run, got := tasks.ParseID(task.ID()); run != "r-1" || got != unit {
			t.Errorf("%q is the task of %q in run %q, want %q", task.ID(), got, run, unit)
		}
	}
	for _, text := range []string{"", "r", "r/pay"} {
		if run, unit := tasks.ParseID(text); run != "" || unit != "" {
			t.Errorf("%q is the task of %q in run %q", text, unit, run)
		}
	}
}
