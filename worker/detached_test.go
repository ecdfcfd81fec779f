package worker

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed306eabeb/muster/id"
)

// TestARunIsLeftAloneWhileItsLeaseIsHeld by another worker, and for no longer.
func TestARunIsLeftAloneWhileItsLeaseIsHeld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &detachedRuns{tended: map[id.Run]bool{}, held: map[id.Run]time.Time{}}
		if !d.take("r") || d.take("r") {
			t.Error("a run is looked after twice, or not at all")
		}
		d.wait("r", 3*time.Second)
		d.drop("r")
		time.Sleep(2 * time.Second)
		if d.forgetHeld(); d.take("r") {
			t.Error("a run is taken whose lease is held")
		}
		time.Sleep(2 * time.Second)
		if d.forgetHeld(); len(d.held) != 0 || !d.take("r") {
			t.Errorf("a lapsed lease is remembered: %v", d.held)
		}
	})
}
