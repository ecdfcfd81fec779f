package genhistory

import "math/rand/v2"

// rng is a stream of random numbers. Go promises the PCG sequence for a seed; the order of draws
// is part of the output.
type rng struct{ *rand.Rand }

func newRng(seed uint64) rng { return rng{rand.New(rand.NewPCG(seed, 0xd1b54a32d192ed03))} }

// half is true every other time.
func (r rng) half() bool { return r.IntN(2) == 0 }

// pick is one of some, and false if there are none.
func pick[T any](r rng, from []T) (one T, ok bool) {
	if len(from) == 0 {
		return one, false
	}
	return from[r.IntN(len(from))], true
}
