package ledger_test

import (
	"maps"
	"testing"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/test/redistest"
)

// TestSuspects: a death makes one, a late attempt does not, and nobody is told of units
// that were not asked about.
func TestSuspects(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		b.started(t, "r")
		b.reissue(t, "a", 1, true)
		b.reissue(t, "b", 1, false)
		for _, c := range []struct{ ask, want []id.Unit }{
			{[]id.Unit{"a", "b", "c"}, []id.Unit{"a"}},
			{[]id.Unit{"b"}, nil},
			{nil, nil},
		} {
			want := map[id.Unit]bool{}
			for _, u := range c.want {
				want[u] = true
			}
			if got, err := b.Suspects(t.Context(), "r", c.ask); err != nil || !maps.Equal(got, want) {
				t.Errorf("of %q, %v are suspects, %v; want %v", c.ask, got, err, want)
			}
		}
	})
}
