package id_test

import (
	"slices"
	"testing"

	"github.com/seed306eabeb/muster/id"
)

// TestALaneTellsItsNeeds, whatever the order of the checks that have them.
func TestALaneTellsItsNeeds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		checks []string
		lane   string
	}{
		{[]string{"declared"}, "muster-ci"},
		{[]string{"declared", id.CommandCheck("helm-lint")}, "muster-ci+helm-lint"},
		{[]string{id.CommandCheck("yamllint"), "declared", id.CommandCheck("conftest"), id.CommandCheck("yamllint")}, "muster-ci+conftest+yamllint"},
	} {
		needs := id.Needs(c.checks)
		lane := id.Lane("muster-ci", needs)
		queue, parsed := id.ParseLane(lane)
		if lane != c.lane || queue != "muster-ci" || !slices.Equal(parsed, needs) || id.IsLane(lane) != (len(needs) > 0) {
			t.Errorf("%q: lane %q, of queue %q and needs %q; want %q", c.checks, lane, queue, parsed, c.lane)
		}
	}
}

func TestNamesOfCommands(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"helm-lint": true, "a": true, "tf2": true, "": false, "Helm": false, "a+b": false, "a/b": false, "-a": false, "2a": false, "a b": false, "ä": false} {
		if id.IsCommand(name) != want {
			t.Errorf("%q names a command: %v, want %v", name, !want, want)
		}
	}
	if got, ok := id.CommandOf(id.CommandCheck("helm-lint")); got != "helm-lint" || !ok {
		t.Errorf("the command is %q, %v", got, ok)
	}
	if _, ok := id.CommandOf("declared"); ok {
		t.Error("a check of its own runs a command")
	}
}
