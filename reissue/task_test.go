package reissue

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
)

// TestATaskSaysWhatThePlanSays: whoever pushes it, it is the same, and a plan of the version
// before makes a task of that version.
func TestATaskSaysWhatThePlanSays(t *testing.T) {
	t.Parallel()
	plan := ledger.Plan{Shared: "s", Regions: []string{"north"}, TimeoutMS: 9}
	want := tasks.Task{Run: "r", Unit: "a", Digest: "d", Shared: "s", Regions: plan.Regions, Attempt: 3, TimeoutMS: 9}
	for name, change := range map[string]func(*ledger.Plan, *tasks.Task){
		"of the version before": func(p *ledger.Plan, t *tasks.Task) { p.Checker, t.Checker = "manifest", "manifest" },
		"one check": func(p *ledger.Plan, t *tasks.Task) {
			p.Checker, p.Units, p.Accept = "manifest", "services", 2
			t.Checker, t.Path, t.Accept = "manifest", "services/a", 2
		},
		"several checks": func(p *ledger.Plan, t *tasks.Task) {
			p.Checks, p.Kind, p.Units, p.Accept = []string{"chart", "yamllint"}, "chart", ".", 2
			t.Checks, t.Kind, t.Path, t.Accept = []string{"chart", "yamllint"}, "chart", "a", 2
		},
	} {
		p, w := plan, want
		change(&p, &w)
		if diff := cmp.Diff(w, Task("r", p, Attempt{"a", 3}, "d")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
