package aggregator

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/verdict"
)

// randomFleet is small and dense: keys, needs and regions meet often. Every other one has no
// failed unit.
func randomFleet(r *rand.Rand) []verdict.Verdict {
	var fleet []verdict.Verdict
	n := 2 + r.IntN(8)
	calm := r.IntN(2) == 0
	for i := range n {
		name := fmt.Sprintf("svc%d", i)
		switch r.IntN(8) {
		case 0:
			if !calm {
				fleet = append(fleet, broke(name, "no memory"))
				continue
			}
			fallthrough
		case 1:
			fleet = append(fleet, withFinding(name, verdict.Error))
		default:
			v := passed(name, randomClaims(r, n)...)
			if i%4 == 3 && !calm {
				v = brokeInPart(v, "no memory")
			}
			fleet = append(fleet, v)
		}
	}
	return fleet
}

func randomClaims(r *rand.Rand, n int) []verdict.Claim {
	roles := map[verdict.JoinKind][]verdict.Role{
		verdict.JoinUnique: {verdict.Unique}, verdict.JoinExists: {verdict.Needs},
		verdict.JoinProvided: {verdict.Needs, verdict.Provides}, verdict.JoinAcyclic: {verdict.Needs},
		verdict.JoinKnown: {verdict.Needs},
	}
	regions := []string{"", "eu", "us", "asia,eu", "asia,us", "asia,eu,us"}
	often := slices.Concat(allJoins, []verdict.Join{components, rings, rings})
	var claims []verdict.Claim
	for range r.IntN(12) {
		j := often[r.IntN(len(often))]
		role := roles[j.Kind][r.IntN(len(roles[j.Kind]))]
		key := fmt.Sprintf("svc%d", r.IntN(n+1)) // the last one does not exist
		c := claimed(j, role, key, 1+r.IntN(4), regions[r.IntN(len(regions))])
		switch {
		case len(j.Spaces) > 0 && role != verdict.Needs:
			c.Joins = append(c.Joins, j.Spaces...)
		case len(j.Spaces) > 0 && r.IntN(3) == 0:
			c.Role, c.Joins = []verdict.Role{verdict.Provides, verdict.Unique}[r.IntN(2)], j.Spaces[:1]
		}
		claims = append(claims, c)
	}
	return claims
}

// TestOrderLeavesNoTrace feeds the same names and verdicts in two orders, with
// repeats.
func TestOrderLeavesNoTrace(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		steps := steps(r, randomFleet(r))
		whole := r.IntN(2) == 0
		first := play(steps, whole)
		r.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
		if diff := cmp.Diff(first, play(steps, whole)); diff != "" {
			t.Fatalf("seed %d: the summary depends on the order:\n%s", seed, diff)
		}
	}
}

// steps are the calls on a fold: not every unit is expected, not every one has a verdict,
// and some come twice.
func steps(r *rand.Rand, fleet []verdict.Verdict) []func(*Fold) {
	var steps []func(*Fold)
	for _, v := range fleet {
		calls := []func(*Fold){func(f *Fold) { f.AddKnown(v.Unit) }}
		if r.IntN(8) > 0 {
			calls = append(calls, func(f *Fold) { f.Expect(v.Unit) })
		}
		if r.IntN(8) > 0 {
			calls = append(calls, func(f *Fold) { f.Add(v) })
		}
		for _, c := range calls {
			steps = append(steps, slices.Repeat([]func(*Fold){c}, 1+r.IntN(2))...)
		}
	}
	return steps
}

func play(steps []func(*Fold), whole bool) Summary {
	f := New(Options{Joins: allJoins, Whole: whole})
	for _, step := range steps {
		step(f)
	}
	return f.Summary(nil)
}
