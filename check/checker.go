// Package check is the seam between what carries work and what is checked. A Checker
// opens a Session on the files that all units share, and the session checks one unit at a
// time. Opened.Decide is the one place that runs a check safely and makes its verdict.
package check

import (
	"context"
	"io/fs"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// SharedLimit is the most bytes that the files shared by all units may have together (see
// bundle.Bundle.Size).
const SharedLimit = 64 << 20

// Checker is a kind of check. A checker is pure: no Redis, no clock, no network, no
// logging. All methods may be called from several goroutines at once.
type Checker interface {
	// Name is how a task names the checker, such as "manifest".
	Name() string
	// Engine is a digest of the checker's code and rules, and of what they are built
	// with: two checkers with the same engine give the same decision for the same
	// bytes.
	Engine() string
	// Joins are the fleet rules that read the checker's claims.
	Joins() []verdict.Join
	// Open reads the shared tree once. Mistakes in it become the session's Findings; an
	// error means that it could not be read.
	Open(shared fs.FS) (Session, error)
}

// Session is a checker that was opened on one shared tree. It is safe for concurrent use,
// and is kept in memory by the tree's digest.
type Session interface {
	// Findings are the mistakes in the shared tree, sorted. With one of severity
	// error nothing is checked.
	Findings() []verdict.Finding
	// Regions are all the regions that the shared tree defines, in its order.
	Regions() []string
	// Region resolves a region or an alias of one.
	Region(nameOrAlias string) (region string, ok bool)
	// Check decides about one unit in the given regions, which Region has returned. An
	// error means that it could not decide. It honours ctx.
	Check(ctx context.Context, unit Unit, regions []string) (verdict.Decision, error)
}

// Unit is what is checked as one: the files of a folder, or one file.
type Unit struct {
	// Name is what fleet.Layout calls the unit by: its folder's name, or its path.
	Name id.Unit
	// Files holds the folder's files that the unit's kind chose, or the one file under its
	// own name. A file that is not regular (a symlink, a FIFO) is listed with its type and
	// cannot be opened.
	Files fs.FS
}

// Checkers are the checkers that a program knows, the default first.
type Checkers []Checker

// Named returns the checker of a name, nil if there is none.
func (cs Checkers) Named(name string) Checker {
	for _, c := range cs {
		if c.Name() == name {
			return c
		}
	}
	return nil
}

// Engines are the engines of the checkers, by the checkers' names.
func (cs Checkers) Engines() map[string]string {
	all := make(map[string]string, len(cs))
	for _, c := range cs {
		all[c.Name()] = c.Engine()
	}
	return all
}
