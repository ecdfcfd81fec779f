package run

import (
	"testing"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// TestWhichEarlierVerdictsStand: those about the same bytes, by the same rules, that depend on
// nothing else.
func TestWhichEarlierVerdictsStand(t *testing.T) {
	t.Parallel()
	about := verdict.Subject{Unit: "a", Digest: "d", Shared: "s"}
	by := func(engine string) verdict.Part { return verdict.Part{Check: "manifest", Engine: engine} }
	one, two := map[string]string{"manifest": "e1"}, map[string]string{"manifest": "e1", "chart": "e1"}
	impure, failed := by("e1"), by("e1")
	impure.Impure, failed.Failure = true, "vault is away"
	for name, c := range map[string]struct {
		v      verdict.Verdict
		checks map[string]string // and their engines
		stands bool
	}{
		"the same":          {about.Of(by("e1")), one, true},
		"other bytes":       {verdict.Subject{Unit: "a", Digest: "d2", Shared: "s"}.Of(by("e1")), one, false},
		"other shared ones": {verdict.Subject{Unit: "a", Digest: "d", Shared: "s2"}.Of(by("e1")), one, false},
		"another unit":      {verdict.Subject{Unit: "b", Digest: "d", Shared: "s"}.Of(by("e1")), one, false},
		"other rules":       {about.Of(by("e2")), one, false},
		"more rules":        {about.Of(by("e1"), verdict.Part{Check: "chart", Engine: "c1"}), one, false},
		"both checks":       {about.Of(by("e1"), verdict.Part{Check: "chart", Engine: "e1"}), two, true},
		"one of two checks": {about.Of(by("e1")), two, false},
		"another check":     {about.Of(verdict.Part{Check: "chart", Engine: "e1"}), one, false},
		"of no engine":      {about.Of(by("")), one, false},
		"undecided":         {about.Of(failed), one, false},
		"impure":            {about.Of(impure), one, false},
	} {
		for _, version := range []int{1, 2} {
			body, err := c.v.Encode(version)
			if version == 1 && err != nil {
				continue // version 1 cannot say it
			} else if err != nil {
				t.Fatal(err)
			}
			e := earlierVerdicts{engines: c.checks, impure: name == "impure" && version == 1, shared: "s", bodies: map[id.Unit][]byte{"a": body}}
			if v, stands := e.about("a", "d"); stands != c.stands || stands && v.V != 0 {
				t.Errorf("%s, in version %d: it stands: %v, and travels in version %d", name, version, stands, v.V)
			}
		}
	}
}
