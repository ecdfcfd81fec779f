package aggregator

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// TestJoinsAgreeWithTheirDefinition compares the joins with their definitions
// taken literally: every claim against every other, region by region.
func TestJoinsAgreeWithTheirDefinition(t *testing.T) {
	t.Parallel()
	hits := map[string]int{}
	for seed := range uint64(500) {
		fleet := randomFleet(rand.New(rand.NewPCG(seed, 2)))
		s := folded(allJoins, fleet...).Summary(nil)
		want := model{fleet}.spots()
		if diff := cmp.Diff(want, spots(s)); diff != "" {
			t.Fatalf("seed %d (-definition +joins):\n%s", seed, diff)
		}
		if got, want := len(s.Unjudged) > 0, (model{fleet}).leavesOpen(); got != want {
			t.Fatalf("seed %d: left open: %v, want %v", seed, s.Unjudged, want)
		} else if got {
			hits["open"]++
		}
		for spot := range want {
			hits[spot.rule]++
		}
	}
	for _, j := range allJoins {
		if hits[j.Rule.Code] < 100 {
			t.Errorf("%s was found %d times only: the fleets are too tame", j.Rule.Name, hits[j.Rule.Code])
		}
	}
	if hits["open"] < 50 {
		t.Errorf("needs were left open in %d fleets only", hits["open"])
	}
}

// spot is a finding in one region. The line is 0 for cycles, where the place
// follows from which cycle is shown.
type spot struct {
	unit, rule, region string
	line               int
}

func spots(s Summary) map[spot]bool {
	all := map[spot]bool{}
	for _, u := range slices.Concat(s.OKs, s.Errs) {
		for _, f := range u.Findings {
			regions := f.Regions
			if len(regions) == 0 {
				regions = []string{""}
			}
			for _, region := range regions {
				line := f.Line
				if isCycle(f.Rule) {
					line = 0
				}
				if f.Rule != "M1" {
					all[spot{string(u.Name), f.Rule, region, line}] = true
				}
			}
		}
	}
	return told(all)
}

// told leaves out that a finding holds in no region too where it holds in some: a finding has no
// words for both.
func told(all map[spot]bool) map[spot]bool {
	for s := range all {
		if none := (spot{s.unit, s.rule, "", s.line}); s.region != "" {
			delete(all, none)
		}
	}
	return all
}

func isCycle(rule string) bool { return rule == loops.Rule.Code || rule == rings.Rule.Code }

type model struct{ fleet []verdict.Verdict }

func (m model) spots() map[spot]bool {
	all := map[spot]bool{}
	for _, v := range m.fleet {
		for _, c := range v.Claims() {
			for _, join := range c.Joins {
				m.spot(v.Unit, join, c, all)
			}
		}
	}
	return told(all)
}

// spot notes where a claim violates a join.
func (m model) spot(unit id.Unit, join string, c verdict.Claim, all map[spot]bool) {
	for _, region := range regionsOrNone(c) {
		if !m.broken(unit, join, c, region) {
			continue
		}
		line := c.Line
		if isCycle(join) {
			line = 0
		}
		all[spot{string(unit), join, region, line}] = true
	}
}

func regionsOrNone(c verdict.Claim) []string {
	if len(c.Regions) == 0 {
		return []string{""}
	}
	return c.Regions
}

func (m model) broken(unit id.Unit, join string, c verdict.Claim, region string) bool {
	switch {
	case join == streams.Rule.Code, join == routes.Rule.Code:
		return m.taken(join, c, region)
	case join == newIDs.Rule.Code, join == oldIDs.Rule.Code:
		return m.taken("rule id", c, region)
	case join == components.Rule.Code:
		return m.decided() && !m.isGiven(c.Key, components.Spaces)
	case join == rings.Rule.Code:
		return !m.givesAlone(unit, c.Key) && m.comesBack(unit, c.Key, region)
	case join == known.Rule.Code:
		return m.find(c.Key) == nil
	case join == deployed.Rule.Code && c.Role == verdict.Needs:
		v := m.find(c.Key)
		return v != nil && v.Kind != verdict.Failed && !m.provides(*v, region)
	case join == loops.Rule.Code:
		return m.reach(region, c.Key)[string(unit)]
	}
	return false
}

func (m model) find(name string) *verdict.Verdict {
	for i := range m.fleet {
		if string(m.fleet[i].Unit) == name {
			return &m.fleet[i]
		}
	}
	return nil
}

// taken says whether the key is claimed at another place too.
func (m model) taken(name string, c verdict.Claim, region string) bool {
	for _, v := range m.fleet {
		for _, o := range v.Claims() {
			if o.Role == verdict.Unique && slices.Contains(o.Joins, name) && o.Key == c.Key && o.Place != c.Place && slices.Contains(regionsOrNone(o), region) {
				return true
			}
		}
	}
	return false
}

// decided says whether all checks of all units have decided.
func (m model) decided() bool {
	return !slices.ContainsFunc(m.fleet, func(v verdict.Verdict) bool { return v.Kind == verdict.Failed })
}

// leavesOpen says whether a need is neither met nor judged.
func (m model) leavesOpen() bool {
	return !m.decided() && slices.ContainsFunc(m.fleet, func(v verdict.Verdict) bool {
		return slices.ContainsFunc(v.Claims(), func(c verdict.Claim) bool {
			return slices.Contains(c.Joins, components.Rule.Code) && !m.isGiven(c.Key, components.Spaces)
		})
	})
}

// isGiven says whether a key is given in one of some spaces.
func (m model) isGiven(key string, spaces []string) bool {
	for _, v := range m.fleet {
		for _, c := range v.Claims() {
			if isGift(c) && c.Key == key && slices.ContainsFunc(c.Joins, func(name string) bool { return slices.Contains(spaces, name) }) {
				return true
			}
		}
	}
	return false
}

// isGift says whether a claim gives its key.
func isGift(c verdict.Claim) bool { return c.Role != verdict.Needs }

// comesBack says whether the needs of a region lead from a key to a unit, over the units that
// give what is needed.
func (m model) comesBack(unit id.Unit, key, region string) bool {
	reached, todo := map[id.Unit]bool{}, []string{key}
	for len(todo) > 0 {
		key, todo = todo[0], todo[1:]
		for _, v := range m.fleet {
			if reached[v.Unit] || !slices.ContainsFunc(v.Claims(), func(c verdict.Claim) bool {
				return isGift(c) && c.Key == key && slices.Contains(c.Joins, "module") &&
					(region == "" || len(c.Regions) == 0 || slices.Contains(c.Regions, region))
			}) {
				continue
			}
			reached[v.Unit] = true
			for _, c := range v.Claims() {
				if slices.Contains(c.Joins, rings.Rule.Code) && slices.Contains(regionsOrNone(c), region) && !m.givesAlone(v.Unit, c.Key) {
					todo = append(todo, c.Key)
				}
			}
		}
	}
	return reached[unit]
}

// givesAlone says whether a unit gives a key that no other one gives: what it needs of itself leads
// nowhere.
func (m model) givesAlone(unit id.Unit, key string) bool {
	others := model{slices.DeleteFunc(slices.Clone(m.fleet), func(v verdict.Verdict) bool { return v.Unit == unit })}
	return m.isGiven(key, rings.Spaces) && !others.isGiven(key, rings.Spaces)
}

func (m model) provides(v verdict.Verdict, region string) bool {
	return slices.ContainsFunc(v.Claims(), func(c verdict.Claim) bool {
		return slices.Contains(c.Joins, deployed.Rule.Code) && c.Role == verdict.Provides && c.Key == string(v.Unit) &&
			slices.Contains(regionsOrNone(c), region)
	})
}

// reach returns every unit that can be reached from start, with start among them.
func (m model) reach(region, start string) map[string]bool {
	reached := map[string]bool{}
	todo := []string{start}
	for len(todo) > 0 {
		v := m.find(todo[0])
		todo = todo[1:]
		if v == nil || reached[string(v.Unit)] {
			continue
		}
		reached[string(v.Unit)] = true
		for _, c := range v.Claims() {
			if slices.Contains(c.Joins, loops.Rule.Code) && slices.Contains(regionsOrNone(c), region) {
				todo = append(todo, c.Key)
			}
		}
	}
	return reached
}

// TestEachComponentIsReportedOncePerService guards against a unit that gets a finding
// about its cycle at every edge.
func TestEachComponentIsReportedOncePerService(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		fleet := randomFleet(rand.New(rand.NewPCG(seed, 3)))
		s := folded([]verdict.Join{loops, rings}, fleet...).Summary(nil)
		seen := map[string]int{}
		for _, u := range slices.Concat(s.OKs, s.Errs) {
			for _, f := range u.Findings {
				for _, region := range append(f.Regions, "any") {
					if isCycle(f.Rule) && (region != "any" || len(f.Regions) == 0) {
						seen[fmt.Sprintf("%s by %s in %q", u.Name, f.Rule, region)]++
					}
				}
			}
		}
		if n := slices.Max(append(slices.Collect(maps.Values(seen)), 0)); n > 1 {
			t.Fatalf("seed %d: a service is told %d times of one cycle: %v", seed, n, seen)
		}
	}
}
