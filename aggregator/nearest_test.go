package aggregator

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/agnivade/levenshtein"
)

// TestDistanceIsLevenshteins up to the limit, and above it where that is.
func TestDistanceIsLevenshteins(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 5))
	text := func(letters string) string {
		var b strings.Builder
		for range r.IntN(9) {
			all := []rune(letters)
			b.WriteRune(all[r.IntN(len(all))])
		}
		return b.String()
	}
	hits, apart := [maxEdits + 2]int{}, 0
	for range 200_000 {
		letters := []string{"ab", "abc", "aé"}[r.IntN(3)]
		a, b, limit := text(letters), text(letters), r.IntN(maxEdits+1)
		if off := len(b) - len(a); off > limit || -off > limit {
			continue // as bytes count, which is a guess
		}
		want := levenshtein.ComputeDistance(a, b)
		got := distance(a, b, limit)
		if want <= limit && got != want || want > limit && got <= limit {
			t.Fatalf("%q and %q are %d apart, want %d, with a limit of %d", a, b, got, want, limit)
		}
		shape, other := shapeOf(a), shapeOf(b)
		if far := shape.isFar(&other, limit); far && want <= limit {
			t.Fatalf("%q and %q have shapes that are further apart than %d, and are %d apart", a, b, limit, want)
		} else if far {
			apart++
		}
		hits[min(got, maxEdits+1)]++
	}
	for d, n := range hits {
		if n < 1000 {
			t.Errorf("%d pairs are %d apart: the texts are too tame", n, d)
		}
	}
	if apart < 1000 {
		t.Errorf("%d pairs are told apart by their shapes", apart)
	}
}

// BenchmarkNearestOfUUIDs: many keys of one length, none of which is near.
func BenchmarkNearestOfUUIDs(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 6))
	uuid := func() string {
		const hex = "0123456789abcdef"
		var all strings.Builder
		for i := range 36 {
			if i == 8 || i == 13 || i == 18 || i == 23 {
				all.WriteByte('-')
			} else {
				all.WriteByte(hex[r.IntN(16)])
			}
		}
		return all.String()
	}
	names := make([]string, 4000)
	for i := range names {
		names[i] = uuid()
	}
	for b.Loop() {
		near := newNearest(names)
		for range 1000 {
			if got := near.to(uuid()); got != "" {
				b.Fatal(got)
			}
		}
	}
}
