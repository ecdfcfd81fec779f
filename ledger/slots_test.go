package ledger_test

import (
	"testing"

	"github.com/seed306eabeb/muster/ledger"
)

// TestSlotsOfALane: those of a worker that serves its queue and offers all that it needs, as many as
// the scarcest of these has.
func TestSlotsOfALane(t *testing.T) {
	t.Parallel()
	c := ledger.Capacity{Slots: 8, Queues: []string{"muster-ci"}, CommandSlots: 4, Offers: []ledger.Offer{{Name: "conftest", Slots: 3}, {Name: "lint", Slots: 9}}}
	for lane, want := range map[string]int{
		"muster-ci": 8, "muster-audit": 0, "muster-ci+conftest": 3, "muster-ci+lint": 4, "muster-ci+conftest+lint": 3,
		"muster-ci+helm": 0, "muster-ci+conftest+helm": 0, "muster-audit+lint": 0,
	} {
		if got := c.SlotsOf(lane); got != want {
			t.Errorf("%s: %d slots, want %d", lane, got, want)
		}
	}
}
