package run

import "testing"

// TestWhatWorkersAreToOffer: who is told to start a worker is told with which commands.
func TestWhatWorkersAreToOffer(t *testing.T) {
	t.Parallel()
	for want, lanes := range map[string][]string{
		"": {"muster-ci"},
		", with a --commands FILE that defines lint":           {"muster-ci", "muster-ci+lint"},
		", with a --commands FILE that defines conftest, lint": {"muster-ci", "muster-ci+conftest+lint", "muster-ci+lint"},
	} {
		c := &consumer{}
		c.lanes = lanes
		if got := c.needed(); got != want {
			t.Errorf("%q: %q, want %q", lanes, got, want)
		}
	}
}
