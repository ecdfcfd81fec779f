package aggregator

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/seed306eabeb/muster/verdict"
)

// joinFindings holds what the joins found, by the index of the unit.
type joinFindings map[uint32][]joinFinding

// joinFinding is the finding of a join in short.
type joinFinding struct {
	claim
	join          int
	scopes        []string
	message, help string
	related       []verdict.Related
}

// join judges the claims of the units of this run. It unpacks them for one join at a time, and
// keeps only those that may lead to a finding.
//
// What a unit claims is so, whether or not all of its checks have decided; what it does not
// claim is not so only if all of them have. A unit with a failed check is therefore judged by
// what is known of it, and nobody is judged by what it lacks:
//
//   - unique: its claims clash with others, and others with them.
//   - exists: its needs are looked up among the names of the units, and a unit is there
//     whatever its checks say.
//   - provided: its needs must be met; what it does not provide is held against nobody.
//   - known: what it gives is known, and it may give more. So its claims are judged as those
//     of others, but a need that nobody is known to meet is left open while any unit is not
//     decided, not selected or not listed, for that one may meet it. Who left what open is
//     returned.
//   - acyclic: its needs are edges, and so is what it gives. A cycle of edges that are known
//     is one.
//
// No join depends on another one: they are judged at once, and beside the ordering of the expected units,
// which are returned by name.
func (f *Fold) join() (units []uint32, out joinFindings, unjudged []Unjudged) {
	found, open := make([]joinFindings, len(f.joins)), make([]int, len(f.joins))
	var wg sync.WaitGroup
	var next atomic.Int64
	for range min(len(f.joins), judges) {
		wg.Go(func() {
			apart := f.apart()
			for i := int(next.Add(1)) - 1; i < len(f.joins); i = int(next.Add(1)) - 1 {
				found[i], open[i] = apart.judge(i)
			}
		})
	}
	units = f.ordered()
	wg.Wait()
	for i, n := range open {
		if n > 0 {
			unjudged = append(unjudged, Unjudged{f.joins[i].Rule.Code, n})
		}
	}
	return units, together(found), unjudged
}

// judges is how many joins are judged at once: each takes room for some numbers of every unit.
const judges = 2

// apart returns the fold for a goroutine that judges joins while others do so: what that adds
// to a table is in one of its own.
func (f *Fold) apart() *Fold {
	apart := *f
	apart.regions = f.regions.apart()
	return &apart
}

// together has the findings of all joins, in the order of these.
func together(found []joinFindings) joinFindings {
	all := joinFindings{}
	for _, some := range found {
		for unit, findings := range some {
			all[unit] = append(all[unit], findings...)
		}
	}
	return all
}

// judge judges one join, and returns how many needs it leaves open.
func (f *Fold) judge(join int) (out joinFindings, open int) {
	out = joinFindings{}
	switch f.joins[join].Kind {
	case verdict.JoinUnique:
		f.unique(join, out)
	case verdict.JoinExists:
		if !f.listingIncomplete {
			f.exists(join, out)
		}
	case verdict.JoinProvided:
		f.provided(join, out)
	case verdict.JoinKnown:
		open = f.knownKeys(join, out)
	case verdict.JoinAcyclic:
		f.acyclic(join, out)
	}
	return out, open
}

// each calls visit for each expected unit with the claims that a join reads, if there are
// any. The slice is good for one visit.
func (f *Fold) each(join int, visit func([]claim)) {
	var claims []claim
	for i := range f.units.count {
		s := f.units.at(i)
		if !s.expected {
			continue
		}
		if claims = f.appendRead(claims[:0], s.claims, join, i); len(claims) > 0 {
			visit(claims)
		}
	}
}

// declarations returns the claims of a join that keep accepts: unit by unit, and within a
// unit by key and place. Claims that differ in their regions only are one, which holds in
// all of these regions.
func (f *Fold) declarations(join int, keep func(*claim) bool) []claim {
	var all []claim
	f.each(join, func(claims []claim) {
		start := len(all)
		for i := range claims {
			if keep(&claims[i]) {
				all = append(all, claims[i])
			}
		}
		slices.SortFunc(all[start:], f.compare)
		all = append(all[:start], f.merge(all[start:])...)
	})
	return all
}

// sorted returns declarations by key, unit and place, so that the order in which units
// come has no effect any more.
func (f *Fold) sorted(join int, keep func(*claim) bool) []claim {
	ds := f.declarations(join, keep)
	slices.SortFunc(ds, f.compare)
	return ds
}

// merge makes one declaration of neighbours that differ in their regions only.
func (f *Fold) merge(ds []claim) []claim {
	merged := ds[:0]
	for _, d := range ds {
		if n := len(merged); n > 0 && f.compare(merged[n-1], d) == 0 {
			last := &merged[n-1]
			last.regions, last.own = f.union(last.regions, d.regions), f.unionIfAny(last.own, d.own)
			continue
		}
		merged = append(merged, d)
	}
	return merged
}

// unionIfAny is 1 + the union of two sets of scopes that are given as 1 + their number, each
// with 0 for none.
func (f *Fold) unionIfAny(a, b uint32) uint32 {
	if a == 0 || b == 0 {
		return a + b
	}
	return 1 + f.union(a-1, b-1)
}

// compare orders claims by key, unit, place and role. It stops as early as it can,
// because it is most of the work of a large fleet.
func (f *Fold) compare(a, b claim) int {
	if a.key != b.key {
		return strings.Compare(f.key(&a), f.key(&b))
	}
	if a.unit != b.unit {
		return strings.Compare(f.name(a.unit), f.name(b.unit))
	}
	return cmp.Or(f.place(&a).Compare(f.place(&b)), cmp.Compare(a.role, b.role))
}

// key returns what is claimed.
func (f *Fold) key(c *claim) string { return f.names.at(c.key) }

// place returns where a claim stands.
func (f *Fold) place(c *claim) verdict.Place {
	return verdict.Place{File: f.files.path(c.file, f.name(c.unit)), Line: int(c.line), Column: int(c.column), Path: f.words.at(c.path)}
}

// scopes returns the regions in which a claim holds. The empty name stands for the one
// scope that is no region.
func (f *Fold) scopes(regions uint32) []string {
	if regions == 0 {
		return noRegion
	}
	return f.regions.at(regions)
}

// union returns the number of the scopes that are in a or b.
func (f *Fold) union(a, b uint32) uint32 {
	if a == b {
		return a
	}
	return f.regions.id(sortedSet(slices.Concat(f.scopes(a), f.scopes(b))))
}

var noRegion = []string{""}

// regionsOf turns sorted scopes back into regions.
func regionsOf(scopes []string) []string {
	if len(scopes) > 0 && scopes[0] == "" {
		return scopes[1:]
	}
	return scopes
}

// addFinding records what a join found at a claim in some scopes.
func (f *Fold) addFinding(out joinFindings, found joinFinding, scopes []string) {
	found.scopes = f.regions.at(f.regions.id(scopes))
	out[found.unit] = append(out[found.unit], found)
}

// finding returns the finding of a join in full.
func (f *Fold) finding(r *joinFinding) verdict.Finding {
	v := f.joins[r.join].Rule.At(f.place(&r.claim), r.message, r.help)
	v.Related, v.Identity = r.related, f.key(&r.claim)
	if regions := regionsOf(r.scopes); len(regions) > 0 {
		v.Regions = regions
	}
	return v
}

// subject returns the start of a message: what kind of thing, and its key.
func subject(j verdict.Join, key string) string {
	if j.Noun == "" {
		return quote(key)
	}
	return j.Noun + " " + quote(key)
}

// within names the scopes in a message, with a space before.
func within(scopes []string) string {
	regions := regionsOf(scopes)
	if len(regions) == 0 {
		return ""
	}
	return " in " + some(regions, len(regions))
}

// shown is how many names of a list stand in a message.
const shown = 3

// some enumerates the first names of a list that has n in all.
func some(names []string, n int) string {
	if len(names) > shown {
		names = names[:shown]
	}
	if n > len(names) {
		return fmt.Sprintf("%s and %d more", strings.Join(names, ", "), n-len(names))
	}
	if n == 1 {
		return names[0]
	}
	return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
}

func quote(s string) string { return strconv.Quote(s) }
