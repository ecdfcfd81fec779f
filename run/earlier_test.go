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
	impure, failed := by("e1"), by("e1")
	impure.Impure, failed.Failure = true, "vault is away"
	for name, c := range map[string]struct {
		v      verdict.Verdict
		stands bool
	}{
		"the same":          {about.Of(by("e1")), true},
		"other bytes":       {verdict.Subject{Unit: "a", Digest: "d2", Shared: "s"}.Of(by("e1")), false},
		"other shared ones": {verdict.Subject{Unit: "a", Digest: "d", Shared: "s2"}.Of(by("e1")), false},
		"another unit":      {verdict.Subject{Unit: "b", Digest: "d", Shared: "s"}.Of(by("e1")), false},
		"other rules":       {about.Of(by("e2")), false},
		"more rules":        {about.Of(by("e1"), verdict.Part{Check: "chart", Engine: "c1"}), false},
		"undecided":         {about.Of(failed), false},
		"impure":            {about.Of(impure), false},
	} {
		for _, version := range []int{1, 2} {
			body, err := c.v.Encode(version)
			if err != nil || version == 1 && name == "impure" {
				continue // version 1 cannot say it
			}
			e := earlierVerdicts{engines: []string{"e1"}, shared: "s", bodies: map[id.Unit][]byte{"a": body}}
			if v, stands := e.about("a", "d"); stands != c.stands || stands && v.V != 0 {
				t.Errorf("%s, in version %d: it stands: %v, and travels in version %d", name, version, stands, v.V)
			}
		}
	}
}
