package scope

import (
	"context"
	"io/fs"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// Kind is what the units of one kind share: their checks, opened on their shared files.
type Kind struct {
	// Name is how tasks call it: "" for the only one of a configuration that names no checks.
	Name    string
	Session check.All
	Shared  bundle.Bundle
}

// Used are the checks that any kind of units gets, sorted by name.
func (s Scope) Used() (used check.Kinds) {
	layout := s.Fleet.Layout().Kinds
	for _, c := range s.Checks {
		if len(layout) == 0 || slices.ContainsFunc(layout, func(k fleet.Kind) bool { return k.Checks == nil || slices.Contains(k.Checks, c.Name()) }) {
			used = append(used, c)
		}
	}
	for _, k := range layout { // members of families are in no list
		for _, name := range k.Checks {
			if c := s.Checks.Named(name); c != nil && used.Named(name) == nil {
				used = append(used, c)
			}
		}
	}
	slices.SortFunc(used, func(a, b check.Kind) int { return strings.Compare(a.Name(), b.Name()) })
	return used
}

// open opens the checks of all kinds. Kinds that name no checks are one.
func (s Scope) open(ctx context.Context) (kinds []Kind, index []int, err error) {
	layout := s.Fleet.Layout().Kinds
	index = make([]int, len(layout))
	var unnamed []fleet.Kind
	for _, k := range layout {
		if k.Checks == nil {
			unnamed = append(unnamed, k)
		}
	}
	if len(unnamed) > 0 || len(layout) == 0 {
		only, err := s.openKind(ctx, "", s.Checks, unnamed)
		if err != nil {
			return nil, nil, err
		}
		kinds = append(kinds, only)
	}
	for i, k := range layout {
		if k.Checks == nil {
			continue
		}
		checks, err := s.Checks.All(k.Checks)
		if err != nil {
			return nil, nil, Usagef("units %q: %v", k.Name, err)
		}
		one, err := s.openKind(ctx, k.Name, checks, []fleet.Kind{k})
		if err != nil {
			return nil, nil, err
		}
		index[i] = len(kinds)
		kinds = append(kinds, one)
	}
	return kinds, index, nil
}

// openKind opens checks on the files that the units of some kinds share.
func (s Scope) openKind(ctx context.Context, name string, checks check.Kinds, of []fleet.Kind) (k Kind, err error) {
	k.Name = name
	if k.Shared, err = s.Fleet.Shared(ctx, of...); err != nil {
		return k, Usagef("read the shared files: %v", err)
	}
	if k.Session, err = check.OpenAll(checks, k.Shared); err != nil {
		return k, Usagef("read the shared files: %v", err)
	}
	return k, nil
}

// Unpack opens the checks of a kind on its packed shared files, which may have mistakes.
func Unpack(name string, checks check.Kinds, shared id.Digest, packed []byte) (k Kind, err error) {
	k.Name = name
	k.Session, k.Shared, err = check.Unpack(checks, shared, packed)
	return k, err
}

// Of is the kind of units whose index in the layout is given.
func (r Resolved) Of(kind int) Kind {
	if kind < len(r.index) {
		return r.Kinds[r.index[kind]]
	}
	return r.Kinds[0]
}

// MaxBytes is the most bytes that a unit of a kind may have, given how tasks call the kind; 0 where kinds
// that name no checks differ in it.
func (r Resolved) MaxBytes(kind string) (most int) {
	layout := r.Fleet.Layout().Kinds
	if len(layout) == 0 {
		return fleet.Kind{}.MaxBytes()
	}
	for i, k := range layout {
		switch n := k.MaxBytes(); {
		case r.Of(i).Name != kind:
		case most == 0:
			most = n
		case most != n:
			return 0
		}
	}
	return most
}

// SharedOf are the files that the units of some kinds share, of each kind.
func SharedOf(kinds []Kind) (all []bundle.Bundle) {
	for _, k := range kinds {
		all = append(all, k.Shared)
	}
	return all
}

// Findings are the mistakes in the configuration and the shared files, sorted, each at its
// place.
func (r Resolved) Findings() []verdict.Finding {
	all := append(FindingsOf(r.Kinds), r.Mistakes...)
	if r.Locate != nil {
		for i, f := range all {
			all[i] = r.Locate(f)
		}
	}
	return verdict.SortFindings(all)
}

// FindingsOf are the mistakes in what the units of some kinds share, sorted.
func FindingsOf(kinds []Kind) (all []verdict.Finding) {
	for _, k := range kinds {
		all = append(all, k.Session.Findings()...)
	}
	return verdict.SortFindings(all)
}

// Invalid says whether there are errors among the Findings. Nothing is checked then.
func (r Resolved) Invalid() bool { return verdict.HasError(r.Findings()) }

// Rules are those that the configuration makes, in its order.
func (r Resolved) Rules() []verdict.Rule { return RulesOf(r.Kinds) }

// RulesOf are those that the configuration of some kinds makes, in their order.
func RulesOf(kinds []Kind) (all []verdict.Rule) {
	for _, k := range kinds {
		all = append(all, k.Session.Rules()...)
	}
	return all
}

// Joins are the fleet rules of all kinds, each once.
func (r Resolved) Joins() []verdict.Join { return JoinsOf(r.Kinds) }

// JoinsOf are the fleet rules of some kinds, each once.
func JoinsOf(kinds []Kind) (all []verdict.Join) {
	for _, k := range kinds {
		for _, j := range k.Session.Joins() {
			if !slices.ContainsFunc(all, func(o verdict.Join) bool { return o.Rule.Code == j.Rule.Code }) {
				all = append(all, j)
			}
		}
	}
	return all
}

// SelectionsOf returns the rules that are asked of what they select in the units of some shared files.
func SelectionsOf(kinds []Kind) func(shared id.Digest) []verdict.Selection {
	all := make(map[id.Digest][]verdict.Selection, len(kinds))
	for _, k := range kinds {
		all[k.Shared.Digest()] = k.Session.Selections()
	}
	return func(shared id.Digest) []verdict.Selection { return all[shared] }
}

// CheckNames are the names of the checks of all kinds, each once, sorted.
func (r Resolved) CheckNames() (all []string) {
	for _, k := range r.Kinds {
		all = append(all, k.Session.Names()...)
	}
	return slices.Compact(slices.Sorted(slices.Values(all)))
}

// ChecksOf returns the checks that every verdict about some shared files must have a part of.
func ChecksOf(kinds []Kind) func(shared id.Digest) []string {
	names := make(map[id.Digest][]string, len(kinds))
	for _, k := range kinds {
		names[k.Shared.Digest()] = k.Session.Names()
	}
	return func(shared id.Digest) []string { return names[shared] }
}

// AllRegions are the regions that the kinds have, each once, in the order of the shared files.
func (r Resolved) AllRegions() (all []string) {
	for _, k := range r.Kinds {
		for _, region := range k.Session.Regions() {
			if !slices.Contains(all, region) {
				all = append(all, region)
			}
		}
	}
	return all
}

// regions turns what the user named into regions, in the order of the shared files.
func (r Resolved) regions(names []string) ([]string, error) {
	all := r.AllRegions()
	if len(names) == 0 {
		return all, nil
	}
	if len(all) == 0 {
		return nil, Usagef("region %q: the configuration has no regions: leave it out", names[0])
	}
	var chosen []string
	for _, n := range names {
		var some []string
		for _, k := range r.Kinds {
			some = append(some, k.Session.Named(n)...)
		}
		if len(some) == 0 {
			return nil, Usagef("unknown region %q: the configuration has %s", n, strings.Join(all, ", "))
		}
		chosen = append(chosen, some...)
	}
	return slices.DeleteFunc(all, func(r string) bool { return !slices.Contains(chosen, r) }), nil
}

// KindNames tells of units the names of their kinds, as Kind has them, by the units' names alone. It
// is made once for many units.
func (r Resolved) KindNames() func(id.Unit) string {
	walk := r.Fleet.Layout().Walk()
	return func(unit id.Unit) string {
		kind, _ := walk.Index(unit, fs.ModeIrregular)
		return r.Of(kind).Name
	}
}
