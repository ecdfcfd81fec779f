package report

import (
	"cmp"
	"fmt"

	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// State is how a finding compares with those before the change.
type State string

// What a finding may be.
const (
	NewFinding State = "new"
	OldFinding State = "old"
)

// stateOf is that of a finding of a unit, "" where nothing was compared. hidden is nil for one that stands.
func stateOf(c *policy.Comparison, hidden *verdict.Hidden) State {
	switch {
	case c == nil:
		return ""
	case hidden != nil && hidden.Old:
		return OldFinding
	}
	return NewFinding
}

// sinceNotes say how findings compare with those before the change, and what of that is not known.
func sinceNotes(c *policy.Comparison) (notes []string) {
	if c == nil {
		return nil
	}
	base := printable(c.Rev)
	if c.Commit != "" {
		base = short(c.Commit) + " (" + base + ")"
	}
	notes = []string{fmt.Sprintf("%s new, %s old, %s fixed since %s", grouped(c.New), grouped(c.Old), grouped(len(c.Fixed)), base)}
	for _, why := range c.Unknown {
		notes = append(notes, "not known of "+cmp.Or(short(c.Commit), base)+", so that it makes nothing old: "+printable(why))
	}
	return notes
}

// fixedSince is what is fixed since the change.
func fixedSince(c *policy.Comparison) []policy.Entry {
	if c == nil {
		return nil
	}
	return c.Fixed
}

// sinceFixedNotes name what is fixed since the change, with verbose.
func sinceFixedNotes(c *policy.Comparison, verbose bool) []string {
	if !verbose {
		return nil
	}
	return namesOfFixed(fixedSince(c))
}

// comparisonJSON is how findings compare with those before the change.
type comparisonJSON struct {
	Rev     string      `json:"rev"`
	Commit  string      `json:"commit,omitempty"`
	New     int         `json:"new"`
	Old     int         `json:"old"`
	Fixed   []entryJSON `json:"fixed"`
	Unknown []string    `json:"unknown"`
}

func newComparison(c *policy.Comparison) *comparisonJSON {
	if c == nil {
		return nil
	}
	fixed := fixedJSON(c.Fixed)
	if fixed == nil {
		fixed = []entryJSON{}
	}
	return &comparisonJSON{valid(c.Rev), valid(c.Commit), c.New, c.Old, fixed, texts(c.Unknown)}
}
