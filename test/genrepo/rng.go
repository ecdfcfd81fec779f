package genrepo

import "math/rand/v2"

// rng is a stream of random numbers. Go promises the PCG sequence for a seed; the order of
// draws is part of the output.
type rng struct{ *rand.Rand }

func newRng(seed uint64) rng { return rng{rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))} }

func pick[T any](r rng, from []T) T { return from[r.IntN(len(from))] }
