//go:build linux

package faults

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/test/genrepo"
	"github.com/seed306eabeb/muster/test/trouble"
)

// fleet is what the units are that a row has.
type fleet string

const (
	plain    fleet = "trouble"  // folders of one kind, with one check that makes trouble
	declared fleet = "muster"   // three kinds that a muster.yaml governs, checked by its verbs around trouble
	cached   fleet = "cache"    // those of plain, for every second of which the cache has a verdict
	offered  fleet = "commands" // folders whose one check is a command that workers offer, a program that makes trouble
)

// fleets are all of them, the one of all rows first.
var fleets = []fleet{plain, declared, offered, cached}

// over is what a row proves over a fleet.
func (fl fleet) over(prove func(*testing.T, *figures, fleet)) func(*testing.T, *figures) {
	return func(t *testing.T, f *figures) { prove(t, f, fl) }
}

// many is how many units a large repository has.
const many = 10_000

// sizes are how many units a row has: n, and over a fleet that a muster.yaml governs as many as a
// large repository, too, where time is taken for it.
func (fl fleet) sizes(n int) []int {
	if fl == declared && (*whole || *only > 0) && *repeat == 0 {
		return []int{n, many}
	}
	return []int{n}
}

// sized is what a figure is called that was measured with n units.
func sized(n int, what string) string {
	if n == many {
		return "of 10,000: " + what
	}
	return what
}

// eachSize runs what a row does with each of its sizes in turn.
func (fl fleet) eachSize(t *testing.T, n int, run func(t *testing.T, n int)) {
	for _, n := range fl.sizes(n) {
		t.Run(fmt.Sprint(n), func(t *testing.T) { run(t, n) })
	}
}

// repositories are those that were generated, by their folders.
var repositories = struct {
	sync.Mutex
	expected map[string]genrepo.Expected
}{expected: map[string]genrepo.Expected{}}

// generate makes the world's repository one that a muster.yaml governs, with n units, a mistake for
// every eighth, and the same steps in each. The tests have it in common: it must not be
// written to.
func (w *world) generate(n int, steps []string) {
	w.t.Helper()
	comments := make([]string, len(steps))
	for i, step := range steps {
		comments[i] = strings.TrimPrefix(trouble.Step, "# ") + step
	}
	w.repo = filepath.Join(programs, fmt.Sprintf("repo-%d-%s", n, strings.ReplaceAll(strings.Join(steps, "-"), " ", "-")))
	repositories.Lock()
	defer repositories.Unlock()
	expected, made := repositories.expected[w.repo]
	if !made {
		var err error
		if expected, err = genrepo.Write(w.repo, genrepo.Options{Units: n, Bad: 0.125, Seed: 1, Comments: comments}); err != nil {
			w.t.Fatal(err)
		}
		repositories.expected[w.repo] = expected
	}
	w.expected = &expected
	for _, u := range expected.Units {
		w.units[u] = strings.Join(steps, "\n")
	}
	for _, u := range expected.Invalid {
		w.units[u] += "\n" + bad
	}
}

// findings holds a report to what is found of each unit, and where.
func (w *world) findings(o outcome) {
	w.t.Helper()
	got := map[genrepo.Finding]int{}
	for _, r := range append(o.OKs, o.Errs...) {
		for _, f := range append(r.Findings, r.Warnings...) {
			f.Unit = r.Service
			got[f]++
		}
	}
	want := map[genrepo.Finding]int{}
	for _, f := range w.expected.Findings {
		want[f]++
	}
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("findings (-want +got):\n%s", diff)
	}
}
