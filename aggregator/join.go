package aggregator

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// found holds what the joins found, by the index of the service.
type found map[uint32][]verdict.Finding

func (f found) add(service uint32, v verdict.Finding) { f[service] = append(f[service], v) }

// join judges the claims of the services that were decided in this run.
func (f *Fold) join() found {
	out := found{}
	for i, ds := range f.declarations() {
		j := f.joins[i]
		switch j.Kind {
		case verdict.JoinUnique:
			f.unique(j, ds, out)
		case verdict.JoinExists:
			if !f.unlisted {
				f.exists(j, ds, out)
			}
		case verdict.JoinProvided:
			f.provided(j, ds, out)
		case verdict.JoinAcyclic:
			f.acyclic(j, ds, out)
		}
	}
	return out
}

// declaration is a key claimed at one place: claims of a service that differ in
// their regions only are one declaration. Scopes are its regions; the empty name
// stands for the one scope that is no region.
type declaration struct {
	*claim
	rank   uint32 // of its key among all keys
	scopes []string
}

// declarations gives each join what it has to judge, ordered by key, service and
// place: the order of arrival ends here. Services that were not decided keep no
// claims.
func (f *Fold) declarations() [][]declaration {
	by := make([][]declaration, len(f.joins))
	for i, n := range f.claims.perJoin(len(f.joins)) {
		by[i] = make([]declaration, 0, n)
	}
	keys := ranks{}
	for i := range f.services {
		s := &f.services[i]
		if !s.expected {
			continue
		}
		for k := s.claims; k < s.claims+s.claimCount; k++ {
			c := f.claims.at(k)
			by[c.join] = append(by[c.join], declaration{c, keys.id(c.key), f.scopes(c)})
		}
	}
	rank := keys.byID()
	for i, ds := range by {
		for k := range ds {
			ds[k].rank = rank[ds[k].rank]
		}
		by[i] = f.merge(f.sorted(ds, len(rank)))
	}
	return by
}

// sorted puts declarations in order. Ranks are small numbers, so it counts where those of
// each key begin, and compares only those of one key.
func (f *Fold) sorted(ds []declaration, ranks int) []declaration {
	next := make([]int, ranks+1)
	for i := range ds {
		next[ds[i].rank+1]++
	}
	for r := range ranks {
		next[r+1] += next[r]
	}
	out := make([]declaration, len(ds))
	for _, d := range ds {
		out[next[d.rank]] = d
		next[d.rank]++
	}
	for start := 0; start < len(out); start = next[out[start].rank] {
		slices.SortFunc(out[start:next[out[start].rank]], f.compare)
	}
	return out
}

// ranks numbers texts as they come, and then tells their order: each is compared with
// few others once, and not with many of every join.
type ranks map[string]uint32

func (r ranks) id(text string) uint32 {
	id, ok := r[text]
	if !ok {
		id = uint32(len(r))
		r[text] = id
	}
	return id
}

// byID is the place of each text in the order of all, by its number.
func (r ranks) byID() []uint32 {
	rank := make([]uint32, len(r))
	for i, text := range slices.Sorted(maps.Keys(r)) {
		rank[r[text]] = uint32(i)
	}
	return rank
}

// merge makes neighbours that are one declaration one.
func (f *Fold) merge(ds []declaration) []declaration {
	merged := ds[:0]
	for _, d := range ds {
		if n := len(merged); n > 0 && f.compare(merged[n-1], d) == 0 {
			merged[n-1].scopes = sortedSet(slices.Concat(merged[n-1].scopes, d.scopes))
			continue
		}
		merged = append(merged, d)
	}
	return merged
}

// compare goes on only as far as it must: it is most of the work of a large fleet.
func (f *Fold) compare(a, b declaration) int {
	if a.rank != b.rank {
		return cmp.Compare(a.rank, b.rank)
	}
	if a.service != b.service {
		return f.compareNames(a.service, b.service)
	}
	return cmp.Or(f.place(a.claim).Compare(f.place(b.claim)), cmp.Compare(a.role, b.role))
}

func (f *Fold) compareNames(a, b uint32) int {
	return strings.Compare(f.services[a].name, f.services[b].name)
}

// name is the service that claims.
func (f *Fold) name(c *claim) string { return f.services[c.service].name }

func (f *Fold) scopes(c *claim) []string {
	if c.regions == 0 {
		return noRegion
	}
	return f.regions.at(c.regions)
}

var noRegion = []string{""}

// regionsOf turns sorted scopes back into regions.
func regionsOf(scopes []string) []string {
	if len(scopes) > 0 && scopes[0] == "" {
		return scopes[1:]
	}
	return scopes
}

// at makes the finding of a join at a declaration.
func (f *Fold) at(j verdict.Join, d declaration, scopes []string, message, help string) verdict.Finding {
	v := j.Rule.At(f.place(d.claim), message, help)
	if regions := regionsOf(scopes); len(regions) > 0 {
		v.Regions = regions
	}
	return v
}

// subject is the start of a message: what kind of thing, and its key.
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
