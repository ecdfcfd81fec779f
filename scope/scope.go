// Package scope says what is verified: a checkout, by some checks, in some regions, whole
// or in part. Resolve reads what all units share and settles the names; a Resolved can
// pack a unit and decide about it in this process.
package scope

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// UsageError is a mistake of whoever asked: nothing was verified.
type UsageError struct{ Message string }

func (e *UsageError) Error() string { return e.Message }

// Usagef makes a UsageError.
func Usagef(format string, args ...any) error {
	return &UsageError{fmt.Sprintf(format, args...)}
}

// Fleet is a source whose units can be selected by paths, too.
type Fleet interface {
	fleet.Source
	Layout() fleet.Layout
	// Dir is the repository's folder, from which paths are relative.
	Dir() string
	// FS are its files; Lstat describes one, and follows no link.
	FS() fs.FS
	Lstat(path string) (fs.FileInfo, error)
	// Contains says whether there is a unit of a name, be it one that cannot be read. Has
	// says why there is none.
	Contains(id.Unit) bool
	Has(id.Unit) error
	// PlainFiles is how many files lie beside units that are known by name, once they are
	// listed.
	PlainFiles() int
	io.Closer
}

// Scope is what is to be verified.
type Scope struct {
	Fleet     Fleet
	Checks    check.Kinds // that units get
	Regions   []string    // names or aliases; empty means all
	Selection Selection
	// Mistakes are those of the configuration itself. With an error nothing is verified.
	Mistakes []verdict.Finding
	// Locate gives a finding about the configuration its place there; nil leaves it as it is.
	Locate func(verdict.Finding) verdict.Finding
}

// Path is a unit's folder or file in the repository.
func (s Scope) Path(unit id.Unit) string { return s.Fleet.Layout().Path(unit) }

// Resolved is a scope with its shared files read and its names settled.
type Resolved struct {
	Scope
	Kinds   []Kind   // of units, each with checks of its own; at least one
	Regions []string // in the order of the shared files
	Process string   // names this process in verdicts that it makes itself
	index   []int    // in Kinds, by the kind's index in the layout
}

// Resolve reads the shared files and checks that regions and units exist. With mistakes in the
// configuration or the shared files it is Invalid: then no name is looked at.
func (s Scope) Resolve(ctx context.Context) (Resolved, error) {
	r := Resolved{Scope: s, Process: "enqueuer-" + strings.ToLower(rand.Text()[:8])}
	if verdict.HasError(s.Mistakes) {
		return r, nil
	}
	var err error
	if r.Kinds, r.index, err = s.open(ctx); err != nil {
		return r, err
	}
	if n := len(r.Joins()); n > verdict.MaxJoins {
		return r, Usagef("the configuration has %d fleet rules (unique, exists, acyclic), and a run judges %d at most: let one check have several selectors, as in unique: [id, uuid], or take some out", n, verdict.MaxJoins)
	}
	if r.Invalid() {
		return r, nil
	}
	if r.Regions, err = r.regions(s.Regions); err != nil {
		return r, err
	}
	for _, unit := range s.Selection.Units() {
		if err := s.Fleet.Has(unit); err != nil {
			return r, Usagef("%v", err)
		}
	}
	return r, nil
}

// Decide checks a packed unit for at most limit, and makes the verdict of this process. kind is
// that of the unit in the layout.
func (r Resolved) Decide(ctx context.Context, unit id.Unit, kind int, files bundle.Bundle, limit time.Duration) verdict.Verdict {
	return r.DecideKnowing(ctx, unit, kind, files, limit, nil, nil)
}

// DecideKnowing is Decide where parts of the verdict are known (see check.Request), and tells of each check
// that is made; nil for nobody.
func (r Resolved) DecideKnowing(ctx context.Context, unit id.Unit, kind int, files bundle.Bundle, limit time.Duration, known map[string]verdict.Part, ended func(check.Ended)) verdict.Verdict {
	q := r.request(unit, files, limit)
	q.Known, q.Ended = known, ended
	v, _ := r.Of(kind).Session.Decide(ctx, q) // the verdict says what the error does
	v.Worker = r.Process
	return v
}

func (r Resolved) request(unit id.Unit, files bundle.Bundle, limit time.Duration) check.Request {
	return check.Request{Unit: unit, Path: r.Path(unit), Files: files, Regions: r.Regions, Limit: limit}
}

// Unpackable is the verdict about a unit that cannot be packed: what fleet has findings for
// is the unit's own mistake, the rest could not be decided.
func (r Resolved) Unpackable(unit id.Unit, kind int, err error) verdict.Verdict {
	session := r.Of(kind).Session
	about := session.About(unit, r.Path(unit), "")
	v := about.Of(session.Failed(fmt.Sprintf("its %s cannot be read: %v", r.Fleet.Layout().Noun(unit), err))...)
	if findings, ok := fleet.Findings(unit, err); ok {
		v = about.Of(session.Refused(findings)...)
	}
	v.Worker = r.Process
	return v
}
