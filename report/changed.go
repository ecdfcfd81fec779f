package report

import "fmt"

// What of a fleet a report shows.
const (
	SelectedChanged = "changed"
	SelectedAll     = "everything"
)

// Changed says that a report shows what a change concerns, of a fleet that was verified as a whole.
type Changed struct {
	// Selection is SelectedChanged, or SelectedAll where there is nothing to compare with.
	Selection string `json:"selection"`
	Base      string `json:"base,omitempty"` // the commit that was compared with
	Why       string `json:"why"`            // why that one, or why there is none
	// Verified is "fleet", or "changed" where the other units were not looked at.
	Verified string `json:"verified"`
	Units    int    `json:"units"`             // that differ, with those that were removed
	Removed  int    `json:"removed,omitempty"` // of these
	Fleet    int    `json:"fleet"`             // units that there are
	// Concerned are units that have not changed and are shown, as fleet rules found something of them that the
	// change may have brought about.
	Concerned int `json:"concerned,omitempty"`
	// Others are errs that are not shown.
	Others int `json:"others,omitempty"`
}

// The values of Changed.Verified.
const (
	VerifiedFleet   = "fleet"
	VerifiedChanged = "changed"
)

// valid is what programs get.
func (c *Changed) valid() *Changed {
	if c == nil {
		return nil
	}
	v := *c
	v.Why = valid(v.Why)
	return &v
}

// notes say of how many units those are that are shown.
func (c *Changed) notes(noun Noun) []string {
	if c == nil {
		return nil
	}
	if c.Selection == SelectedAll {
		return []string{"everything is shown, and not only what has changed: " + printable(c.Why)}
	}
	note := fmt.Sprintf("changed since %s (%s): %s of %s", short(c.Base), printable(c.Why), grouped(c.Units), noun.Number(c.Fleet))
	if c.Removed > 0 {
		note += fmt.Sprintf(", of which %s removed", grouped(c.Removed))
	}
	notes := []string{note}
	if c.Concerned > 0 {
		notes = append(notes, "not changed, and shown for what fleet rules found of them: "+noun.Number(c.Concerned))
	}
	if c.Others > 0 {
		notes = append(notes, "errs that have not changed, and are neither shown nor counted: "+noun.Number(c.Others))
	}
	if c.Verified == VerifiedChanged {
		notes = append(notes, "only what has changed was verified: what it does to other "+noun.Plural()+" was not looked at")
	}
	return notes
}
