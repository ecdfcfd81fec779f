package verdict

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func example() Verdict {
	v := Subject{Unit: "billing", Digest: "d", Shared: "s"}.Of(Part{Check: "manifest", Engine: "e", Decision: Decision{
		Regions:  []string{"south", "north"},
		Findings: []Finding{{Rule: "M2", Severity: Warning, Place: Place{"f", 9, 1, "b"}}, {Rule: "M1", Severity: Error, Place: Place{"f", 2, 3, "a"}, Help: "h"}},
		Claims: []Claim{
			{Joins: []string{"M7"}, Role: Needs, Key: "n", Regions: []string{"north", "south"}, Place: Place{File: "f", Line: 5}},
			{Joins: []string{"M6"}, Role: Unique, Key: "k", Regions: []string{"north"}, Place: Place{File: "f", Line: 4}},
			{Joins: []string{"M6"}, Role: Needs, Key: "n", Regions: []string{"north", "south"}, Place: Place{File: "f", Line: 5}},
		},
	}})
	v.Worker, v.Attempt, v.Micros = "w", 2, 250
	return v
}

func TestFindingsHaveATotalOrder(t *testing.T) {
	t.Parallel()
	want := []Finding{
		{Place: Place{File: "a", Line: 1}},
		{Place: Place{File: "a", Line: 2, Column: 1}, Severity: Error},
		{Place: Place{File: "a", Line: 2, Column: 1}, Severity: Warning},
		{Place: Place{File: "a", Line: 2, Column: 3}, Severity: Error, Rule: "M1"},
		{Place: Place{File: "a", Line: 2, Column: 3}, Severity: Error, Rule: "M2"},
		{Place: Place{File: "a", Line: 10}},
		{Place: Place{File: "a", Line: 11}},
		{Place: Place{File: "a", Line: 11}, Related: []Related{{Place{File: "b"}, "set here"}}},
		{Place: Place{File: "a", Line: 11}, Related: []Related{{Place{File: "b"}, "set there"}}},
		{Place: Place{File: "a", Line: 11}, Related: []Related{{Place{File: "b"}, "set there"}, {Place{File: "a"}, "also here"}}},
		{Place: Place{File: "b"}},
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	if diff := cmp.Diff(want, SortFindings(got)); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestPlace(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]Place{"f": {File: "f", Column: 3}, "f:2": {File: "f", Line: 2}, "f:2:3": {File: "f", Line: 2, Column: 3}} {
		if p.String() != want {
			t.Errorf("%#v is %q, want %q", p, p.String(), want)
		}
	}
}
