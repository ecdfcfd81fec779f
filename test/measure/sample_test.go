package main

import (
	"slices"
	"strconv"
	"testing"
)

func samples(values ...int) []sample {
	var all []sample
	for _, v := range values {
		all = append(all, sample{value: v})
	}
	return all
}

func TestQuantile(t *testing.T) {
	t.Parallel()
	var hundred []int
	for i := range 100 {
		hundred = append(hundred, 100-i)
	}
	for _, tt := range []struct {
		values        []int
		percent, want int
	}{
		{nil, 50, 0},
		{[]int{7}, 50, 7}, {[]int{7}, 99, 7},
		{[]int{9, 1, 5}, 50, 5}, {[]int{3, 1}, 50, 1}, {[]int{3, 1}, 90, 3},
		{hundred, 50, 50}, {hundred, 90, 90}, {hundred, 99, 99},
	} {
		given := samples(tt.values...)
		if got := quantile(given, tt.percent); got != tt.want {
			t.Errorf("quantile(%d values, %d) = %d, want %d", len(tt.values), tt.percent, got, tt.want)
		}
		if !slices.Equal(given, samples(tt.values...)) {
			t.Errorf("quantile has sorted its argument: %v", given)
		}
	}
}

func TestGreatest(t *testing.T) {
	t.Parallel()
	given := []sample{{2, "a", ""}, {3, "b", ""}, {2, "c", ""}, {3, "d", ""}}
	want := []sample{given[1], given[3], given[0]}
	if got := greatest(given, 3); !slices.Equal(got, want) {
		t.Errorf("the greatest are %v, want %v", got, want)
	}
	if got := greatest(given, 9); len(got) != len(given) {
		t.Errorf("the greatest nine of %d are %d", len(given), len(got))
	}
	if given[0].name != "a" {
		t.Errorf("greatest has sorted its argument: %v", given)
	}
}

func TestGreatestKeepsTheOrderOfEquals(t *testing.T) {
	t.Parallel()
	var given []sample
	for i := range 100 {
		given = append(given, sample{value: i % 2, place: strconv.Itoa(i)})
	}
	for i, s := range greatest(given, 50) {
		if want := strconv.Itoa(2*i + 1); s.place != want {
			t.Fatalf("number %d of equals is the one at %s, want %s", i, s.place, want)
		}
	}
}
