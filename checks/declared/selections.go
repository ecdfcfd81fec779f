package declared

import (
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// Selections are the checks that are asked of what they select. One that is optional may select
// nothing in any unit.
func (s *session) Selections() (all []verdict.Selection) {
	if s.deployed != nil && len(s.section.Regions) > 0 {
		all = append(all, verdict.Selection{Rule: s.deployment().ID, Selects: s.section.Deployed})
	}
	for i := range s.checks {
		if c := &s.checks[i]; c.selective() && !c.Optional {
			all = append(all, verdict.Selection{Rule: c.ID, Selects: c.selection()})
		}
	}
	return all
}

// selective says whether a check is asked of what it selects.
func (c Check) selective() bool { return c.selection() != "" }

// selection is what a check is asked of, as it is written; "" for whole documents.
func (c Check) selection() string {
	switch {
	case c.Text != "":
		return c.Text
	case c.Each != "":
		return c.Each
	}
	return strings.Join(c.Keys, ", ")
}

// selects notes that a check has selected something, or that it cannot be said that it has not.
func (r *reading) selects(c Check) {
	if !c.Optional && (c.selective() || c.Verb == deployedVerb) && !slices.Contains(r.selected, c.ID) {
		r.selected = append(r.selected, c.ID)
	}
}

// unread notes that a check may not know all that it is asked of.
func (r *reading) unread(c *compiled) {
	r.selects(c.Check)
	if c.role == verdict.Unique || c.role == verdict.Provides {
		r.unclear = append(r.unclear, c.claims...)
	}
}

// claimSelected says which checks have selected something in the unit, and which spaces it may put more
// keys into.
func (r *reading) claimSelected() {
	for _, about := range []struct {
		role  verdict.Role
		names []string
	}{{verdict.Selects, r.selected}, {verdict.Unclear, r.unclear}} {
		if len(about.names) > 0 {
			slices.Sort(about.names)
			r.out.Claims = append(r.out.Claims, verdict.Claim{Joins: slices.Compact(about.names), Role: about.role, Place: verdict.Place{File: r.unit.Path}, Regions: r.regions})
		}
	}
}
