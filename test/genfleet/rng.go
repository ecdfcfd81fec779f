package genfleet

import "math/rand/v2"

// rng is a stream of random numbers. Go promises the PCG sequence for a seed, so
// a fleet does not change with the toolchain. Each service has a stream of its
// own; the order of draws from it is part of the output.
type rng struct{ *rand.Rand }

func newRng(seed, stream uint64) rng {
	return rng{rand.New(rand.NewPCG(seed*0x9e3779b97f4a7c15+0x1234567, stream*0xbf58476d1ce4e5b9+1))}
}

func (r rng) chance(p float64) bool { return r.Float64() < p }

// between includes both ends.
func (r rng) between(lo, hi int) int { return lo + r.IntN(hi-lo+1) }

func (r rng) hex(digits int) string {
	const alphabet = "0123456789abcdef"
	b := make([]byte, digits)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

func pick[T any](r rng, from []T) T { return from[r.IntN(len(from))] }

// some returns k distinct elements, or all when there are fewer, in their
// original order.
func some[T any](r rng, from []T, k int) []T {
	k = min(k, len(from))
	chosen := make([]bool, len(from))
	for _, i := range r.Perm(len(from))[:k] {
		chosen[i] = true
	}
	out := make([]T, 0, k)
	for i, c := range chosen {
		if c {
			out = append(out, from[i])
		}
	}
	return out
}
