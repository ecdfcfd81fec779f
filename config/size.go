package config

import (
	"math"
	"strconv"
	"strings"

	"github.com/seed306eabeb/muster/yamldoc"
)

// units of sizes, the longest suffix first.
var sizeUnits = []struct {
	suffix string
	bytes  int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"kB", 1000}, {"KB", 1000}, {"MB", 1000_000}, {"B", 1}, {"", 1}}

// sizeOf is a size in bytes.
func sizeOf(v *yamldoc.Value) (int64, bool) {
	if !v.IsText() {
		return v.Int(), true
	}
	for _, u := range sizeUnits {
		number, ok := strings.CutSuffix(v.Text(), u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
		return n * u.bytes, err == nil && n <= math.MaxInt64/u.bytes && n >= 0
	}
	return 0, false
}
