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
		"of the version before": func(p *ledger.Plan, t *tasks.Task) { p.Checker, t.Checks = "manifest", []string{"manifest"} },
		"one check": func(p *ledger.Plan, t *tasks.Task) {
			p.Checker, p.Units, p.Accept = "manifest", "services", 2
			t.Checks, t.Path, t.Accept = []string{"manifest"}, "services/a", 2
		},
		"several checks": func(p *ledger.Plan, t *tasks.Task) {
			p.Checks, p.Units, p.Accept = []string{"chart", "yamllint"}, ".", 2
			t.Checks, t.Path, t.Accept = []string{"chart", "yamllint"}, "a", 2
		},
		"one of several kinds": func(p *ledger.Plan, t *tasks.Task) {
			p.Shared, p.Kinds = "", []ledger.KindPlan{{Kind: "rule", Checks: []string{"lint"}, Shared: "r"}, {Kind: "chart", Checks: []string{"chart", "lint"}, Shared: "c"}}
			p.Units, p.Accept = ".", 2
			t.Checks, t.Kind, t.Shared, t.Path, t.Accept = []string{"chart", "lint"}, "chart", "c", "a", 2
		},
		"one that may be known": func(p *ledger.Plan, t *tasks.Task) {
			p.Checker, p.MaxBytes = "manifest", 7
			p.Cache = &ledger.CachePlan{Domains: []string{"main"}, Objects: "sha1", Read: true, Write: true}
			t.Checks, t.Cache = []string{"manifest"}, &tasks.Cache{Domains: []string{"main"}, Objects: "sha1", MaxBytes: 7, Read: true, Write: true}
		},
		"one whose kind has several limits": func(p *ledger.Plan, t *tasks.Task) {
			p.Kinds = []ledger.KindPlan{{Kind: "chart", Checks: []string{"chart"}, Shared: "c", MaxBytes: 7}, {Kind: "rule", Checks: []string{"lint"}, Shared: "r"}}
			p.Cache = &ledger.CachePlan{Domains: []string{"main"}, Read: true}
			t.Checks, t.Kind, t.Shared = []string{"lint"}, "rule", "r"
		},
	} {
		p, w := plan, want
		change(&p, &w)
		if diff := cmp.Diff(w, Task("r", p, Attempt{"a", 3}, "d", w.Kind)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
