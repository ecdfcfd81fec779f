package policy

import (
	"slices"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// Since has the findings that stood before a change, by the policy of that time: as many of a kind as stood
// there are old. What its limits say of hiding is not asked of them, for nobody hides them.
type Since struct {
	Rev     string // that the change is compared with
	Commit  string // at which it has left that, "" where there is none
	Entries []Entry
	// Unknown says in a line each what is not known of that time. Nothing of it is old.
	Unknown []string
}

// Comparison is how findings compare with those before a change.
type Comparison struct {
	Rev    string
	Commit string // "" where there is none
	New    int    // findings of units that stand
	Old    int    // that stood before, and would stand
	// Fixed are those that stood before, and that nothing was found for: of units that were decided, or
	// that are gone, where that is known; of rules across units where the whole fleet was decided.
	Fixed   []Entry
	Unknown []string
}

// matching is nil without anything to compare with.
func (s *Since) matching(p Policy) *matching {
	if s == nil {
		return nil
	}
	return p.matching(Baseline{Entries: s.Entries}, verdict.Old)
}

// Standing are the findings of decided units that stand, in the order of a baseline.
func (s Summary) Standing() (entries []Entry) {
	for _, side := range [][]aggregator.Unit{s.OKs, s.Errs} {
		for _, u := range side {
			if !settled(u.Kind) {
				continue
			}
			for _, f := range u.Findings {
				entries = append(entries, entryOf(f, u.Name))
			}
		}
	}
	SortEntries(entries)
	return entries
}

// count counts of units what is new and what is old.
func (c *Comparison) count(sides ...[]aggregator.Unit) {
	c.New, c.Old = 0, 0
	for _, side := range sides {
		for _, u := range side {
			c.New += len(u.Findings)
			for _, h := range u.Hidden {
				if h.Why == verdict.Old {
					c.Old++
				}
			}
		}
	}
}

// settled says whether all was found of a unit that there is to find.
func settled(k verdict.Kind) bool { return k == verdict.OK || k == verdict.Invalid }

// compared says what is fixed, and what is not known.
func (a *application) compared(found aggregator.Summary) *Comparison {
	if a.since == nil {
		return nil
	}
	of := a.policy.Since
	c := &Comparison{Rev: of.Rev, Commit: of.Commit, Unknown: of.Unknown}
	listed := found.FleetRules == aggregator.Whole && !found.Unlisted
	whole := listed && found.Complete && found.Failed == 0
	kinds := map[id.Unit]verdict.Kind{}
	for _, side := range [][]aggregator.Unit{found.OKs, found.Errs} {
		for _, u := range side {
			kinds[u.Name] = u.Kind
		}
	}
	for i, e := range a.since.Entries {
		kind, there := kinds[id.Unit(e.Unit)]
		known := there && settled(kind) || !there && listed
		if known && !a.since.used[i] && (whole || !slices.Contains(a.policy.Joined, e.Rule)) {
			c.Fixed = append(c.Fixed, e)
		}
	}
	return c
}
