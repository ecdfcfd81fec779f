package cli

import "testing"

func TestGrowth(t *testing.T) {
	t.Parallel()
	const floor = 64 << 20
	for _, tt := range []struct {
		live uint64
		want int
	}{{0, 1500}, {4 << 20, 1500}, {16 << 20, 300}, {32 << 20, 100}, {50 << 20, 100}, {1 << 40, 100}} {
		if got := growth(floor, tt.live); got != tt.want {
			t.Errorf("with %d bytes live the heap may grow by %d%%, want %d%%", tt.live, got, tt.want)
		}
	}
}
