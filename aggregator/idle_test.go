package aggregator

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// TestIdle: a rule that has selected nothing in any unit is told of, where every unit of the fleet
// has said so.
func TestIdle(t *testing.T) {
	t.Parallel()
	needs, each := verdict.Selection{Rule: "app/needs", Selects: "needs[*]"}, verdict.Selection{Rule: "app/each", Selects: "ports[*]"}
	of := func(shared id.Digest) []verdict.Selection {
		if shared == "apps" {
			return []verdict.Selection{needs, each}
		}
		return nil
	}
	said := func(unit id.Unit, shared id.Digest, rules ...string) verdict.Verdict {
		var d verdict.Decision
		if len(rules) > 0 {
			d.Claims = []verdict.Claim{{Joins: rules, Role: verdict.Selects}}
		}
		return verdict.Subject{Unit: unit, Shared: shared}.Of(verdict.Part{Check: "c", Decision: d})
	}
	for name, c := range map[string]struct {
		part     bool
		unlisted bool
		verdicts []verdict.Verdict
		want     []verdict.Selection
	}{
		"nothing by anybody":         {verdicts: []verdict.Verdict{said("a", "apps"), said("b", "apps")}, want: []verdict.Selection{each, needs}},
		"something by one":           {verdicts: []verdict.Verdict{said("a", "apps"), said("b", "apps", "app/needs")}, want: []verdict.Selection{each}},
		"something by each":          {verdicts: []verdict.Verdict{said("a", "apps", "app/each"), said("b", "apps", "app/needs")}},
		"units of another kind":      {verdicts: []verdict.Verdict{said("a", "queues"), said("b", "queues")}},
		"two kinds":                  {verdicts: []verdict.Verdict{said("a", "queues"), said("b", "apps", "app/each")}, want: []verdict.Selection{needs}},
		"a part of the fleet":        {part: true, verdicts: []verdict.Verdict{said("a", "apps"), said("b", "apps")}},
		"one is missing":             {verdicts: []verdict.Verdict{said("a", "apps")}},
		"one has failed":             {verdicts: []verdict.Verdict{said("a", "apps"), verdict.Subject{Unit: "b", Shared: "apps"}.Undecided("why", "c")}},
		"the listing was not whole":  {unlisted: true, verdicts: []verdict.Verdict{said("a", "apps"), said("b", "apps")}},
		"one who is not of the run":  {verdicts: []verdict.Verdict{said("a", "apps"), said("b", "apps"), said("z", "apps", "app/needs", "app/each")}, want: []verdict.Selection{each, needs}},
		"a verdict that is replaced": {verdicts: []verdict.Verdict{said("a", "apps"), said("b", "apps"), said("c", "apps", "app/needs", "app/each")}, want: []verdict.Selection{each, needs}},
	} {
		f := New(Options{Selections: of, Whole: !c.part})
		f.Expect("a", "b")
		for _, v := range c.verdicts {
			if v.Unit == "c" { // it was about other bytes of b
				f.Drop("b")
				v.Unit = "b"
				f.Add(v)
				f.Drop("b")
				v = said("b", "apps")
			}
			f.Add(v)
		}
		if c.unlisted {
			f.ListingIncomplete()
		}
		if diff := cmp.Diff(c.want, f.Summary(nil).Idle, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
