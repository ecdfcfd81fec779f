//go:build linux

package main

import (
	"math"
	"slices"
)

// median of an even number of samples is the mean of the two in the middle.
func median(samples []float64) float64 {
	sorted := slices.Sorted(slices.Values(samples))
	n := len(sorted)
	if n == 0 {
		return math.NaN()
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// quantile is the smallest sample that a fraction q of all do not exceed.
func quantile(samples []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(samples))
	if len(sorted) == 0 {
		return math.NaN()
	}
	rank := int(math.Ceil(q * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// pairwise combines the samples that were taken beside each other. What has no
// partner is left out.
func pairwise(a, b []float64, combine func(a, b float64) float64) []float64 {
	n := min(len(a), len(b))
	combined := make([]float64, n)
	for i := range n {
		combined[i] = combine(a[i], b[i])
	}
	return combined
}

func ratio(a, b float64) float64      { return a / b }
func difference(a, b float64) float64 { return a - b }
