package impact

import (
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/seed306eabeb/muster/blob"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/scope"
)

// irregular is the type of a file of which only the path is known.
const irregular = fs.ModeIrregular

// ofKinds is what differs between two kinds of units by their indexes in the layouts.
func (c *comparison) ofKinds(was, is int) []Reason {
	c.mu.Lock()
	defer c.mu.Unlock()
	pair := [2]int{was, is}
	all, known := c.kinds[pair]
	if !known {
		all = c.compareKinds(was, is)
		c.kinds[pair] = slices.Clip(all)
	}
	return all
}

func (c *comparison) compareKinds(was, is int) (all []Reason) {
	before, now := c.was.layoutKind(was), c.is.layoutKind(is)
	if before.Name != now.Name {
		all = append(all, Reason{Input: Kind, Name: "kind", Was: before.Name, Is: now.Name})
	}
	if w, i := before.MaxBytes(), now.MaxBytes(); w != i {
		all = append(all, Reason{Input: Limit, Name: "bytes", Was: strconv.Itoa(w), Is: strconv.Itoa(i)})
	}
	wasKind, isKind := c.was.Of(was), c.is.Of(is)
	others := map[string]bool{} // checks that depend on other shared files
	for _, pair := range pairs(wasKind.Session.Facts(), isKind.Session.Facts()) {
		all = append(all, c.compareChecks(pair)...)
		if pair.was != nil && pair.is != nil && pair.was.Shared != pair.is.Shared {
			others[pair.is.Check] = true
		}
	}
	if len(others) == 0 {
		return all
	}
	return append(all, c.shared(wasKind, isKind, now, others)...)
}

func (s side) layoutKind(kind int) (k fleet.Kind) {
	if kinds := s.Fleet.Layout().Kinds; kind < len(kinds) {
		return kinds[kind]
	}
	return k
}

// pair is a check on both sides, nil where it is not.
type pair struct{ was, is *check.Facts }

// pairs pairs checks by their names, both sorted.
func pairs(was, is []check.Facts) (all []pair) {
	for i, j := 0, 0; i < len(was) || j < len(is); {
		switch {
		case j == len(is) || i < len(was) && was[i].Check < is[j].Check:
			all = append(all, pair{&was[i], nil})
			i++
		case i == len(was) || is[j].Check < was[i].Check:
			all = append(all, pair{nil, &is[j]})
			j++
		default:
			all = append(all, pair{&was[i], &is[j]})
			i++
			j++
		}
	}
	return all
}

// compareChecks is what differs of a check but for the shared files.
func (c *comparison) compareChecks(p pair) (all []Reason) {
	switch {
	case p.was == nil:
		return []Reason{{Input: Check, Name: p.is.Check, Is: "asked for"}}
	case p.is == nil:
		return []Reason{{Input: Check, Name: p.was.Check, Was: "asked for"}}
	}
	only := []string{p.is.Check}
	if p.was.Engine != p.is.Engine {
		all = append(all, Reason{Input: Engine, Name: p.is.Check, Was: p.was.Engine, Is: p.is.Engine, Checks: only})
	}
	was, is := strings.Join(p.was.Selected(c.was.Regions), ", "), strings.Join(p.is.Selected(c.is.Regions), ", ")
	if was != is {
		all = append(all, Reason{Input: Regions, Name: p.is.Check, Was: was, Is: is, Checks: only})
	}
	return all
}

// shared is what differs of the files that the units of two kinds share, for the checks that depend on
// some that do.
func (c *comparison) shared(was, is scope.Kind, of fleet.Kind, others map[string]bool) (all []Reason) {
	var checks []string
	facts := is.Session.Facts()
	for _, f := range facts {
		if others[f.Check] {
			checks = append(checks, f.Check)
		}
	}
	if len(checks) == len(facts) {
		checks = nil
	}
	before, err := blob.Of(was.Shared, c.format)
	now, other := blob.Of(is.Shared, c.format)
	if err == nil && other == nil {
		differing(before, now, func(file, was, is string) {
			input := Shared
			if _, given := of.Given[file]; given {
				input = Declaration
			}
			all = append(all, Reason{Input: input, Name: file, Was: was, Is: is, Checks: checks})
		})
	}
	if len(all) == 0 { // it depends on something of them that has no name of its own
		all = append(all, Reason{Input: Shared, Name: "what units share", Was: string(was.Shared.Digest()), Is: string(is.Shared.Digest()), Checks: checks})
	}
	return all
}
