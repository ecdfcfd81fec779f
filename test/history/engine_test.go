package history

import (
	"context"
	"io/fs"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/verdict"
)

// bumped is a kind in a later version, which finds something more in each unit.
type bumped struct{ check.Kind }

func (k bumped) Engine() string { return k.Kind.Engine() + "-2" }

// Member is of a family, or of none.
func (k bumped) Member(name string) check.Kind {
	if f, ok := k.Kind.(check.Family); ok {
		if member := f.Member(name); member != nil {
			return bumped{member}
		}
	}
	return nil
}

func (k bumped) Open(shared fs.FS) (check.Session, error) {
	s, err := k.Kind.Open(shared)
	if n, ok := s.(check.Narrow); ok {
		return narrowLater{later{s}, n}, err
	}
	return later{s}, err
}

// later is a session of such a kind. It is all that a session may be but check.Narrow.
type later struct{ check.Session }

func (s later) Check(ctx context.Context, u check.Unit, regions []string) (verdict.Decision, error) {
	d, err := s.Session.Check(ctx, u, regions)
	d.Findings = append(d.Findings, verdict.Finding{Rule: "X1", Severity: verdict.Warning, Message: "found by a later version", Place: verdict.Place{File: u.Path}})
	verdict.SortFindings(d.Findings)
	return d, err
}

func (s later) Regions() []string {
	if r, ok := s.Session.(check.Regional); ok {
		return r.Regions()
	}
	return nil
}

func (s later) Region(name string) (string, bool) {
	if r, ok := s.Session.(check.Regional); ok {
		return r.Region(name)
	}
	return "", false
}

func (s later) Rules() []verdict.Rule {
	if r, ok := s.Session.(check.Ruled); ok {
		return r.Rules()
	}
	return nil
}

func (s later) Selections() []verdict.Selection {
	if r, ok := s.Session.(check.Selective); ok {
		return r.Selections()
	}
	return nil
}

// narrowLater reads what the session does that it is a later one of.
type narrowLater struct {
	later
	check.Narrow
}

func (s narrowLater) Check(ctx context.Context, u check.Unit, regions []string) (verdict.Decision, error) {
	return s.later.Check(ctx, u, regions)
}
func (s narrowLater) Findings() []verdict.Finding { return s.later.Findings() }
func (s narrowLater) Joins() []verdict.Join       { return s.later.Joins() }
func (s narrowLater) Traits() check.Traits        { return s.later.Traits() }
