//go:build linux

package faults

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// figures collects what one row has measured, over all its runs.
type figures struct {
	mu     sync.Mutex
	order  []string
	values map[string][]figure
}

type figure struct {
	value float64
	unit  string
}

// took notes a duration.
func (f *figures) took(what string, d time.Duration) { f.note(what, d.Seconds(), "s") }

// note notes a figure in a unit, "" for a plain count.
func (f *figures) note(what string, value float64, unit string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.values == nil {
		f.values = map[string][]figure{}
	}
	if _, known := f.values[what]; !known {
		f.order = append(f.order, what)
	}
	f.values[what] = append(f.values[what], figure{value, unit})
}

// String has one clause a measure: the value, or median and worst of several.
func (f *figures) String() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var clauses []string
	for _, what := range f.order {
		all := slices.SortedFunc(slices.Values(f.values[what]), func(a, b figure) int { return int(1e6 * (a.value - b.value)) })
		median, worst := all[(len(all)-1)/2], all[len(all)-1]
		switch {
		case len(all) == 1 || all[0] == worst:
			clauses = append(clauses, fmt.Sprintf("%s %s", what, worst))
		default:
			clauses = append(clauses, fmt.Sprintf("%s median %s, worst %s of %d", what, median, worst, len(all)))
		}
	}
	return strings.Join(clauses, "; ")
}

func (f figure) String() string {
	switch {
	case f.unit == "s":
		return fmt.Sprintf("%.1f s", f.value)
	case f.unit == "":
		return fmt.Sprintf("%.0f", f.value)
	}
	return fmt.Sprintf("%.0f %s", f.value, f.unit)
}
