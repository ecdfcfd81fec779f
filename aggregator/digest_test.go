package aggregator

import (
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/id"
)

// TestDigestsComeBack in whatever form they were, and differ where these do.
func TestDigestsComeBack(t *testing.T) {
	t.Parallel()
	f := New(Options{})
	half := strings.Repeat("0a", 16)
	seen := map[digest]id.Digest{}
	for _, text := range []string{"", "d-a", "A", half, half + half, half + strings.ToUpper(half), half + strings.Repeat("0g", 16), half + half + "00", strings.Repeat("0", 64)} {
		d := f.digest(id.Digest(text))
		if got := f.digestText(&unitState{digest: d}); string(got) != text || d.isNone() != (text == "") {
			t.Errorf("%q comes back as %q; it is none: %v", text, got, d.isNone())
		}
		if other, twice := seen[d]; twice {
			t.Errorf("%q is kept as %q is", text, other)
		}
		seen[d] = id.Digest(text)
	}
}
