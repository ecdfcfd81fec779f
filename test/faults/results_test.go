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
	fleet   fleet
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
func (s *resultSet) of(t *testing.T, r *row, fl fleet) {
	res := &result{row: r, fleet: fl, runs: 1}
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
	ok := t.Run("run", func(t *testing.T) { res.row.over(res.fleet)(t, &res.figures) })
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
				res.row.over(res.fleet)(t, &res.figures)
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

// sorted lists the results over a fleet by the rows' numbers.
func (s *resultSet) sorted(fl fleet) []*result {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := slices.SortedFunc(slices.Values(s.all), func(a, b *result) int { return a.row.number - b.row.number })
	return slices.DeleteFunc(all, func(r *result) bool { return r.fleet != fl })
}

// table is for the terminal.
func (s *resultSet) table() string {
	var b strings.Builder
	for _, fl := range fleets {
		for _, res := range s.sorted(fl) {
			fmt.Fprintf(&b, "%2d  %-8s%-18s  %s\n    %s\n", res.row.number, fl, strings.ReplaceAll(res.verdict(), "*", ""), res.row.fault, res.figures.String())
		}
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

const introDeclared = `
## Over a repository that a muster.yaml governs

Measured by ` + "`make faults FLEET=muster`" + ` on %s: %s; %s; %s.

The rows above have units of one kind, with one check that makes trouble. These have what ` + "`test/genrepo`" + ` generates: services, which are
folders, queues and modules, which are files at any depth, with schemas, rules, references and regions, each kind with a shared bundle of its
own, and a mistake for every eighth unit. Beside what a row promises, what is found of each unit and its line and column must be what was
put there. One row alone: ` + "`make faults ROW=7 FLEET=muster`" + `.

| # | fault | what must hold | result | measured |
| --- | --- | --- | --- | --- |
`

const introOffered = `
## Over units that need a command

Measured by ` + "`make faults FLEET=commands`" + ` on %s: %s; %s; %s.

Each unit is a folder that a muster.yaml gives one check, a command that each worker offers, with all walls that can be had there. The command is a program that takes the
unit's steps: most of them wait for 2 s. Beside what a row promises, no process of a command outlives its worker by more than 5 s. One row alone: ` + "`make faults ROW=31 FLEET=commands`" + `.

| # | fault | what must hold | result | measured |
| --- | --- | --- | --- | --- |
`

const introCached = `
## With a cache

Measured by ` + "`make faults FLEET=cache`" + ` on %s: %s; %s; %s.

These are the units of the first table, of which every second one has a verdict in the cache when the run begins, and workers keep what they decide. The cache lies in the Redis of the runs, but
in row 32. One row alone: ` + "`make faults ROW=7 FLEET=cache`" + `.

| # | fault | what must hold | result | measured |
| --- | --- | --- | --- | --- |
`

// page is the tables as a document.
func (s *resultSet) page() string {
	var b strings.Builder
	about := []any{time.Now().UTC().Format(time.DateOnly), machine.Platform(), machine.Redis(), runtime.Version()}
	fmt.Fprintf(&b, intro, about...)
	for _, res := range s.sorted(plain) {
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s | %s |\n", res.row.number, res.row.fault, res.row.holds, res.verdict(), res.figures.String(), res.row.asynq)
	}
	fmt.Fprintf(&b, introDeclared, about...)
	for _, res := range s.sorted(declared) {
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s |\n", res.row.number, res.row.fault, res.row.holds, res.verdict(), res.figures.String())
	}
	fmt.Fprintf(&b, introOffered, about...)
	for _, res := range s.sorted(offered) {
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s |\n", res.row.number, res.row.fault, res.row.holds, res.verdict(), res.figures.String())
	}
	fmt.Fprintf(&b, introCached, about...)
	for _, res := range s.sorted(cached) {
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s |\n", res.row.number, res.row.fault, res.row.holds, res.verdict(), res.figures.String())
	}
	return b.String()
}
