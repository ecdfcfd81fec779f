package declared

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/checks/schema"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/verdict"
)

// reading is one unit under check.
type reading struct {
	*session
	unit    check.Unit
	name    string
	names   []string // of its files, sorted
	read    map[string]*file
	regions []string // selected ones in which it is deployed
	out     *verdict.Decision
	lacking map[string]verdict.Severity // of what was reported of globs that match nothing
	// selected are the checks that have selected something, by their IDs.
	selected  []string
	inRegions map[string]int // findings that hold in regions, by what they say
	unclear   []string       // spaces into which the unit may put keys that it does not tell
	keys      int            // that it has claimed
	full      bool           // that is as much as it may
	keyBytes  int            // of these, and of where they stand
}

// Check makes all checks of the section, in their order.
func (s *session) Check(ctx context.Context, unit check.Unit, regions []string) (d verdict.Decision, err error) {
	d.Regions = []string{}
	r := &reading{session: s, unit: unit, read: map[string]*file{}, out: &d, lacking: map[string]verdict.Severity{}, inRegions: map[string]int{}}
	if unit.Path == "" {
		r.unit.Path = string(unit.Name)
	}
	if r.name, err = s.names.Of(strings.TrimSuffix(r.unit.Path, "/")); err != nil {
		return d, fmt.Errorf("%s %w", r.unit.Path, err)
	}
	if r.names, err = filesOf(unit); err != nil {
		return d, err
	}
	if len(s.section.Regions) > 0 && !r.deploy(regions) {
		d.Skipped = verdict.NotDeployed
	}
	if s.section.Named {
		r.claim(verdict.Provides, []string{s.section.Kind}, r.name, verdict.Place{File: r.unit.Path})
	}
	for i := range s.checks {
		c := &s.checks[i]
		if c.Verb == Run {
			continue
		}
		var open schema.UndecidedError
		switch e := r.check(ctx, c); {
		case errors.As(e, &open): // the others have their say
			d.Impure = true
			err = beside(err, fmt.Errorf("%s: %w", c.ID, e))
		case e != nil:
			return d, e
		}
	}
	r.claimSelected()
	r.facts()
	return d, cmp.Or(ctx.Err(), err) // what a check says whose context has ended means nothing
}

// beside is two errors as one, of which the first may be nil.
func beside(err, other error) error {
	if err == nil {
		return other
	}
	return fmt.Errorf("%w; %w", err, other)
}

// filesOf are the names of a unit's files, sorted.
func filesOf(unit check.Unit) (names []string, err error) {
	if unit.Dir == "" && unit.Path != "" {
		return []string{unit.Path}, nil
	}
	err = fs.WalkDir(unit.Files, ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, name)
		}
		return err
	})
	slices.Sort(names)
	return names, err
}

// check makes one check on the files that it is about.
func (r *reading) check(ctx context.Context, c *compiled) error {
	for _, name := range r.matching(c) {
		if err := ctx.Err(); err != nil {
			return err
		}
		f, ok := r.open(name)
		switch {
		case !ok:
			r.unread(c)
		case c.pattern != nil:
			r.claimText(c, f)
		default:
			if err := r.checkDocuments(ctx, c, f); err != nil {
				return err
			}
		}
	}
	return nil
}

// matching are the files that a check is about. That there is none is a finding, once for
// each glob of the unit, and once more where a check asks for it as an error and one before as
// a warning.
func (r *reading) matching(c *compiled) (names []string) {
	if len(c.in) == 0 {
		return r.names
	}
	for i, p := range c.in {
		found := r.matched(p, c.In[i])
		names = append(names, found...)
		glob, severity := c.In[i], c.severity()
		if was := r.lacking[glob]; len(found) == 0 && !c.Optional && was != verdict.Error && was != severity {
			r.lacking[glob] = severity
			r.noFile(c, p, glob)
			r.selects(c.Check)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// about are the files that a check is about, of which there may be none.
func (r *reading) about(c *compiled) (names []string) {
	if len(c.in) == 0 {
		return r.names
	}
	for i, p := range c.in {
		names = append(names, r.matched(p, c.In[i])...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (r *reading) matched(p fleet.Pattern, glob string) (names []string) {
	if p.IsLiteral() {
		if _, there := slices.BinarySearch(r.names, glob); there {
			return []string{glob}
		}
		return nil
	}
	for _, name := range r.names {
		if p.Match(name) {
			names = append(names, name)
		}
	}
	return names
}

func (r *reading) noFile(c *compiled, p fleet.Pattern, glob string) {
	place, message := verdict.Place{File: r.unit.Path}, fmt.Sprintf("%s has no file that matches %q", r.unit.Path, glob)
	if p.IsLiteral() {
		place, message = verdict.Place{File: r.unit.At(glob)}, fmt.Sprintf("%s has no %s", r.unit.Path, glob)
	}
	r.find(c.Check, verdict.Finding{Name: nameNoFile, Severity: verdict.Error, Message: message, Place: place, Identity: glob,
		Help: "add it, or say `optional: true` in the check " + c.ID})
}
