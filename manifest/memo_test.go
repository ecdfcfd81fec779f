package manifest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

func TestMemoIsBounded(t *testing.T) {
	t.Parallel()
	m := memo[int]{bound: 1 << 12}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range 2000 {
				text := fmt.Sprintf("%d", i%700)
				if got := m.of(text, func() int { return i % 700 }); got != i%700 {
					t.Errorf("%s is %d", text, got)
				}
			}
		})
	}
	all.Wait()
	if n := len(m.known); n == 0 || n*entryCost > m.bound {
		t.Errorf("%d texts are held under a bound of %d bytes", n, m.bound)
	}
	long, asked := strings.Repeat("x", m.bound/16+1), 0
	for range 2 {
		m.of(long, func() int { asked++; return 0 })
	}
	if asked != 2 {
		t.Error("a long text is held")
	}
}
