//go:build linux

package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// figure is one quantity and what was measured of it, one sample a run.
type figure struct {
	name    string
	unit    string
	samples []float64
	goal    *goal
}

// goal is the bound that the median must keep.
type goal struct {
	bound  float64
	atMost bool
}

func (f *figure) add(sample float64) { f.samples = append(f.samples, sample) }

func (f *figure) atMost(bound float64) *figure {
	f.goal = &goal{bound, true}
	return f
}

func (f *figure) atLeast(bound float64) *figure {
	f.goal = &goal{bound, false}
	return f
}

// result is "holds" or "misses", or "" for a figure without a goal.
func (f *figure) result() string {
	switch m := median(f.samples); {
	case f.goal == nil:
		return ""
	case f.goal.atMost && m <= f.goal.bound, !f.goal.atMost && m >= f.goal.bound:
		return "holds"
	}
	return "misses"
}

func (f *figure) median() string { return number(median(f.samples)) + space(f.unit) }

// spread is the range of the samples.
func (f *figure) spread() string {
	if len(f.samples) == 0 {
		return ""
	}
	return number(slices.Min(f.samples)) + "–" + number(slices.Max(f.samples))
}

func (f *figure) target() string {
	if f.goal == nil {
		return ""
	}
	sign := "≥ "
	if f.goal.atMost {
		sign = "≤ "
	}
	return sign + strconv.FormatFloat(f.goal.bound, 'f', -1, 64) + space(f.unit)
}

func space(unit string) string {
	if unit == "" {
		return ""
	}
	return " " + unit
}

// number has three digits that mean something, and commas between thousands.
func number(v float64) string {
	switch size := math.Abs(v); {
	case math.IsNaN(v):
		return "–"
	case size >= 1000:
		return thousands(int64(math.Round(v)))
	case size >= 100:
		return fmt.Sprintf("%.0f", v)
	case size >= 10:
		return fmt.Sprintf("%.1f", v)
	case size >= 1:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3f", v)
}

func thousands(n int64) string {
	if n < 0 {
		return "-" + thousands(-n)
	}
	digits := strconv.FormatInt(n, 10)
	var groups []string
	for len(digits) > 3 {
		groups = append([]string{digits[len(digits)-3:]}, groups...)
		digits = digits[:len(digits)-3]
	}
	return strings.Join(append([]string{digits}, groups...), ",")
}
