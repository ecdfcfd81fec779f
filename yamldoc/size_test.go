package yamldoc_test

import (
	"testing"

	"github.com/seed306eabeb/muster/yamldoc"
)

func TestSizeText(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{1: "1B", 1000: "1000B", 1 << 10: "1KiB", 1536: "1536B", 3 << 19: "1536KiB", 16 << 20: "16MiB", 1 << 30: "1GiB", 3 << 29: "1536MiB"} {
		if got := yamldoc.SizeText(n); got != want {
			t.Errorf("%d bytes are %s, want %s", n, got, want)
		}
	}
}
