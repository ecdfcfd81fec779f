package run

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/verdict"
)

// UsageError is a mistake of whoever asked: nothing was verified.
type UsageError struct{ Message string }

func (e *UsageError) Error() string { return e.Message }

func usagef(format string, args ...any) error {
	return &UsageError{fmt.Sprintf(format, args...)}
}

// Scope is what is to be verified: a checkout, by a checker, in some regions,
// whole or in part.
type Scope struct {
	Fleet    *fleet.Fleet
	Checker  verdict.Checker
	Regions  []string // names or aliases; empty means all
	Services []string // folder names; empty means all
	None     bool     // no service at all: an empty selection, not all
}

// whole says whether every service is chosen.
func (s Scope) whole() bool { return len(s.Services) == 0 && !s.None }

// chosen is the set of the services to be verified, nil for all.
func (s Scope) chosen() map[string]bool {
	if s.whole() {
		return nil
	}
	set := make(map[string]bool, len(s.Services))
	for _, n := range s.Services {
		set[n] = true
	}
	return set
}

// opened is a scope with its shared files read and its names resolved.
type opened struct {
	Scope
	shared  bundle.Bundle
	session verdict.Session
	regions []string
	name    string // of this process, in verdicts that it makes itself
}

// broken says whether the shared files have errors, so that nothing is checked.
func (o opened) broken() bool { return verdict.HasError(o.session.Findings()) }

// open reads the shared files and checks that regions and services exist.
func (s Scope) open(ctx context.Context) (opened, error) {
	o := opened{Scope: s, name: "enqueuer-" + strings.ToLower(rand.Text()[:8])}
	var err error
	if o.shared, err = s.Fleet.Shared(ctx); err != nil {
		return o, usagef("read the shared files: %v", err)
	}
	if o.session, err = s.Checker.Open(o.shared.FS()); err != nil {
		return o, usagef("read the shared files: %v", err)
	}
	if o.broken() {
		return o, nil
	}
	if o.regions, err = resolve(o.session, s.Regions); err != nil {
		return o, err
	}
	o.Services = slices.Compact(slices.Sorted(slices.Values(s.Services)))
	for _, name := range o.Services {
		if err := s.Fleet.Has(name); err != nil {
			return o, usagef("%v", err)
		}
	}
	return o, nil
}

// resolve turns what the user named into regions, in the order of the shared
// files.
func resolve(session verdict.Session, names []string) ([]string, error) {
	all := session.Regions()
	if len(names) == 0 {
		return all, nil
	}
	chosen := map[string]bool{}
	for _, n := range names {
		r, ok := session.Region(n)
		if !ok {
			return nil, usagef("unknown region %q: the configuration has %s", n, strings.Join(all, ", "))
		}
		chosen[r] = true
	}
	return slices.DeleteFunc(slices.Clone(all), func(r string) bool { return !chosen[r] }), nil
}
