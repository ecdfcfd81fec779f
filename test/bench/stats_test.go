//go:build linux

package main

import (
	"math"
	"slices"
	"testing"
)

func TestMedian(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		samples []float64
		want    float64
	}{
		{[]float64{7}, 7},
		{[]float64{3, 1}, 2},
		{[]float64{9, 1, 2}, 2},
		{[]float64{4, 1, 3, 2}, 2.5},
	} {
		given := slices.Clone(tt.samples)
		if got := median(tt.samples); got != tt.want {
			t.Errorf("median(%v) = %v, want %v", tt.samples, got, tt.want)
		}
		if !slices.Equal(given, tt.samples) {
			t.Errorf("median has sorted its argument: %v", tt.samples)
		}
	}
	if got := median(nil); !math.IsNaN(got) {
		t.Errorf("the median of nothing is %v", got)
	}
}

func TestQuantile(t *testing.T) {
	t.Parallel()
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(100 - i)
	}
	for _, tt := range []struct {
		samples []float64
		q, want float64
	}{
		{hundred, 0.5, 50}, {hundred, 0.99, 99}, {hundred, 1, 100}, {hundred, 0, 1},
		{[]float64{5}, 0.99, 5}, {[]float64{1, 2}, 0.5, 1}, {[]float64{1, 2}, 0.51, 2},
	} {
		if got := quantile(tt.samples, tt.q); got != tt.want {
			t.Errorf("quantile(%d samples, %v) = %v, want %v", len(tt.samples), tt.q, got, tt.want)
		}
	}
}

func TestPairwise(t *testing.T) {
	t.Parallel()
	if got := pairwise([]float64{6, 9, 1}, []float64{2, 3}, ratio); !slices.Equal(got, []float64{3, 3}) {
		t.Errorf("ratios %v", got)
	}
	if got := pairwise([]float64{6}, []float64{2}, difference); !slices.Equal(got, []float64{4}) {
		t.Errorf("differences %v", got)
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{
		0: "0.000", 0.01234: "0.012", 1.005: "1.00", 12.34: "12.3", 456.7: "457", 1234.5: "1,235", 1234567: "1,234,567", -5432.1: "-5,432",
	} {
		if got := number(v); got != want {
			t.Errorf("number(%v) = %q, want %q", v, got, want)
		}
	}
	if got := number(math.NaN()); got != "–" {
		t.Errorf("number(NaN) = %q", got)
	}
}

func TestGoals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		figure *figure
		want   string
	}{
		{&figure{samples: []float64{1}}, ""},
		{(&figure{samples: []float64{1, 2, 9}}).atMost(2), "holds"},
		{(&figure{samples: []float64{1, 2.1, 9}}).atMost(2), "misses"},
		{(&figure{samples: []float64{1, 2, 9}}).atLeast(2), "holds"},
		{(&figure{samples: []float64{1, 1.9, 9}}).atLeast(2), "misses"},
		{(&figure{}).atMost(2), "misses"},
	} {
		if got := tt.figure.result(); got != tt.want {
			t.Errorf("%v with goal %q: %q, want %q", tt.figure.samples, tt.figure.target(), got, tt.want)
		}
	}
}
