package run

import "testing"

func TestWindowSize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		slots     int
		perSecond float64
		want      int
	}{
		{"nobody works yet", 0, 0, minWindow},
		{"few slots", 4, 0, minWindow},
		{"a few tasks a slot", 64, 0, 256},
		{"slow checks do not widen it", 64, 80, 256},
		{"quick checks do", 8, 5000, 500},
		{"up to a bound", 8, 1e6, maxRateWindow},
		{"slots beyond the bound count", 1000, 1e6, 4000},
	} {
		if got := windowSize(c.slots, c.perSecond); got != c.want {
			t.Errorf("%s: windowSize(%d, %v) = %d, want %d", c.name, c.slots, c.perSecond, got, c.want)
		}
	}
}
