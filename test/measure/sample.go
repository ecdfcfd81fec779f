package main

import (
	"cmp"
	"slices"
)

// sample is the measure of one thing, and where that thing is.
type sample struct {
	value int
	name  string // empty for a whole file
	place string
}

// label shows where, for a table.
func (s sample) label() string {
	if s.name == "" {
		return s.place
	}
	return s.place + " " + s.name
}

// quantile is the smallest value that at least percent of all samples do not
// exceed, zero where there are none. The 50th is the median.
func quantile(samples []sample, percent int) int {
	if len(samples) == 0 {
		return 0
	}
	values := make([]int, len(samples))
	for i, s := range samples {
		values[i] = s.value
	}
	slices.Sort(values)
	rank := (percent*len(values) + 99) / 100 // rounded up
	return values[max(rank, 1)-1]
}

// greatest are the n samples with the highest values, the highest first. Of equals
// the one that was measured first leads, so that two runs print the same.
func greatest(samples []sample, n int) []sample {
	sorted := slices.Clone(samples)
	slices.SortStableFunc(sorted, func(a, b sample) int { return cmp.Compare(b.value, a.value) })
	return sorted[:min(n, len(sorted))]
}
