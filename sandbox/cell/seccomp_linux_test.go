//go:build amd64 || arm64

package cell

import (
	"slices"
	"testing"
)

// TestAFilterIsThatOfItsOrder, whichever orders came before.
func TestAFilterIsThatOfItsOrder(t *testing.T) {
	t.Parallel()
	for range 2 {
		var all []program
		for _, o := range []Order{{}, {User: 1}, {Stage: "/stage"}, {Network: true}, {User: 1, Network: true}, {Stage: "/stage", User: 1, Network: true}} {
			p := filter(o)
			if slices.ContainsFunc(all, func(other program) bool { return slices.Equal(p, other) }) {
				t.Errorf("the filter of %+v is that of another order", o)
			}
			all = append(all, p)
		}
	}
}
