package policy

import (
	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/verdict"
)

// Summary is what a run found as its policy has it: the units are parted and counted by the
// policy, their findings are those that it lets stand, with the severities that it gives
// and with fingerprints, and Owners and Hidden are set. Its slices must not be changed.
type Summary struct {
	aggregator.Summary
	// Remarks are about the policy itself: what it asks for that hides nothing, holds no
	// longer or may not be asked for, and is not about one unit alone. Sorted; one of
	// severity error makes a run invalid.
	Remarks []verdict.Finding
	// Fixed are the entries of the baseline that nothing was found for, in its order. They are
	// known of a whole run alone.
	Fixed []Entry
	// Since says how the findings compare with those before the change, nil where nothing was compared.
	Since *Comparison
	// Proposed says in a line each what the change under review would switch off, and what
	// is not applied because the policy was taken from before it.
	Proposed []string
}

// Entry is a finding that was there when the baseline was made. The fingerprint is what it is
// found by again; the rest is for people.
type Entry struct {
	Fingerprint string `json:"fingerprint"`
	Rule        string `json:"rule"`
	Unit        string `json:"unit"`
	File        string `json:"file"`
	Path        string `json:"path,omitempty"`
	Message     string `json:"message"`
}
