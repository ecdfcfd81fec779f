package cli

import "testing"

func TestBounds(t *testing.T) {
	t.Parallel()
	const floor = 80 << 20
	for _, tt := range []struct {
		live    uint64
		percent int
		limit   int64
	}{
		{0, 1900, 96 << 20}, {4 << 20, 1900, 96 << 20}, {16 << 20, 400, 96 << 20}, {40 << 20, 100, 96 << 20},
		{80 << 20, 20, 108 << 20}, {800 << 20, 20, 1080 << 20},
	} {
		if percent, limit := bounds(floor, tt.live); percent != tt.percent || limit != tt.limit {
			t.Errorf("with %d bytes live the heap may grow by %d%% and all to %d bytes, want %d%% and %d", tt.live, percent, limit, tt.percent, tt.limit)
		}
	}
}
