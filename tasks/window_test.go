package tasks

import "testing"

func TestWindow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		slots, quick int
		want         int
	}{
		{"nobody works yet", 0, 0, MinWindow},
		{"few slots", 4, 0, MinWindow},
		{"a few tasks a slot", 64, 0, 256},
		{"slow checks do not widen it", 64, 8, 256},
		{"quick checks do", 8, 500, 500},
		{"up to a bound", 8, 100_000, maxQuick},
		{"slots beyond the bound count", 1000, 100_000, 4000},
	} {
		if got := Window(c.slots, c.quick); got != c.want {
			t.Errorf("%s: Window(%d, %d) = %d, want %d", c.name, c.slots, c.quick, got, c.want)
		}
	}
}

// TestWindowOfALane: a worker that comes later finds something to do.
func TestWindowOfALane(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, queue        string
		slots, quick, want int
	}{
		{"no lane", "ci", 4, 0, MinWindow},
		{"nobody works yet", "ci+lint", 0, 0, minLaneWindow},
		{"one that runs and one that waits", "ci+lint", 8, 0, 16},
		{"quick commands", "ci+lint", 8, 100, 100},
	} {
		if got := WindowOf(c.queue, c.slots, c.quick); got != c.want {
			t.Errorf("%s: WindowOf(%s, %d, %d) = %d, want %d", c.name, c.queue, c.slots, c.quick, got, c.want)
		}
	}
}
