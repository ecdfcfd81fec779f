//go:build linux

package faults

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/test/machine"
)

// result is how a row went.
type result struct {
	row     *row
	runs    int
	broken  int
	figures figures
}

// resultSet collects the results of the rows that were run.
type resultSet struct {
	mu  sync.Mutex
	all []*result
}

var results resultSet

// of runs a row as often as the flags and the row itself say.
func (s *resultSet) of(t *testing.T, r *row) {
	res := &result{row: r, runs: 1}
	s.mu.Lock()
	s.all = append(s.all, res)
	s.mu.Unlock()
	switch {
	case *repeat > 0:
		res.runs = *repeat
		res.repeat(t)
		return
	case *whole || *only > 0:
		res.runs = r.runs
	}
	for range res.runs {
		res.once(t)
	}
}

func (res *result) once(t *testing.T) bool {
	ok := t.Run("run", func(t *testing.T) { res.row.prove(t, &res.figures) })
	if !ok {
		res.broken++
	}
	return ok
}

// repeat runs a row many times, as many beside each other as -parallel allows.
func (res *result) repeat(t *testing.T) {
	var mu sync.Mutex
	t.Run("repeat", func(t *testing.T) {
		for i := range res.runs {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				t.Cleanup(func() {
					if t.Failed() {
						mu.Lock()
						defer mu.Unlock()
						res.broken++
					}
				})
				res.row.prove(t, &res.figures)
			})
		}
	})
	t.Logf("%d of %d runs of row %d broke what must hold", res.broken, res.runs, res.row.number)
}

func (res *result) verdict() string {
	if res.broken > 0 {
		return fmt.Sprintf("**FAILED** %d of %d", res.broken, res.runs)
	}
	if res.runs == 1 {
		return "holds"
	}
	return fmt.Sprintf("holds, %d runs", res.runs)
}

// sorted lists the results by the rows' numbers.
func (s *resultSet) sorted() []*result {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(slices.Values(s.all), func(a, b *result) int { return a.row.number - b.row.number })
}

// table is for the terminal.
func (s *resultSet) table() string {
	var b strings.Builder
	for _, res := range s.sorted() {
		fmt.Fprintf(&b, "%2d  %-18s  %s\n    %s\n", res.row.number, strings.ReplaceAll(res.verdict(), "*", ""), res.row.fault, res.figures.String())
	}
	return b.String()
}

const intro = `# What a run survives

Measured by ` + "`make faults`" + ` on %s: %s; %s; %s.

Every row starts real ` + "`enqueue`" + ` and ` + "`worker`" + ` processes and a redis-server of its own, and does to them what it says. After
each run it is checked, beside what the row promises, that the run has ended, that every folder stands in the report exactly
once, as an ok or as an err, and that the exit code is 0 only if all are ok. One row alone: ` + "`make faults ROW=7`" + `, and
` + "`make faults ROW=7 REPEAT=200`" + ` counts how often it breaks.

| # | fault | what must hold | result | measured | asynq by itself |
| --- | --- | --- | --- | --- | --- |
`

// page is the table as a document.
func (s *resultSet) page() string {
	var b strings.Builder
	fmt.Fprintf(&b, intro, time.Now().UTC().Format(time.DateOnly), machine.Platform(), machine.Redis(), runtime.Version())
	for _, res := range s.sorted() {
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s | %s |\n", res.row.number, res.row.fault, res.row.holds, res.verdict(), res.figures.String(), res.row.asynq)
	}
	return b.String()
}
