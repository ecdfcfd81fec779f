// Package check is the seam between what carries work and what is checked. A Kind of check
// opens a Session on the files that all units share, and the session checks one unit at a
// time. A unit may get several checks: All is their sessions as one, and All.Decide the one
// place that runs checks safely and makes a verdict of what they say.
package check

import (
	"context"
	"io/fs"
	"path"
	"slices"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// SharedLimit is the most bytes that the files shared by all units may have together (see
// bundle.Bundle.Size).
const SharedLimit = 64 << 20

// Kind is a kind of check, such as that of a company's manifests. All methods may be called
// from several goroutines at once.
type Kind interface {
	// Name is how a task names the kind, such as "manifest".
	Name() string
	// Engine is a digest of the code that decides, and of what it is built with: two kinds
	// with the same engine give the same decision for the same bytes of unit and shared tree,
	// unless their sessions are impure.
	Engine() string
	// Rules are all the rules that its findings may name, those of its joins too, but for
	// those of a Ruled session.
	Rules() []verdict.Rule
	// Open reads the shared tree once, which must stay readable as long as the session.
	// Mistakes in it become the session's Findings; an error means that it could not be
	// read.
	Open(shared fs.FS) (Session, error)
}

// Session is a kind of check that was opened on one shared tree. It is safe for concurrent
// use, and is kept in memory by the tree's digest. It logs nothing.
type Session interface {
	// Findings are the mistakes in the shared tree, sorted. With one of severity
	// error nothing is checked.
	Findings() []verdict.Finding
	// Joins are the fleet rules that read the claims of its decisions.
	Joins() []verdict.Join
	// Traits say what its decisions depend on.
	Traits() Traits
	// Check decides about one unit. regions are those of the selected ones that the session
	// has, in its order, if it is Regional, and none otherwise. An error means that it could
	// not decide; what it has found until then is kept, unless ctx has ended: how far it came
	// is chance then. The decision's lists are the caller's, who sorts them. It honours ctx.
	Check(ctx context.Context, unit Unit, regions []string) (verdict.Decision, error)
}

// Traits are what the decisions of a session depend on beside the engine and the bytes.
type Traits struct {
	// Impure: a decision may depend on more, such as the clock, the network or a program. Two
	// different ones about the same bytes are then no contradiction.
	Impure bool
}

// Regional is a session whose decisions differ from region to region.
type Regional interface {
	Session
	// Regions are all the regions that the shared tree defines, in its order.
	Regions() []string
	// Region resolves a region or an alias of one.
	Region(nameOrAlias string) (region string, ok bool)
}

// Narrow is a session that reads less than all that it is given.
type Narrow interface {
	Session
	// Reads says whether it reads a file of a unit, given its path in Unit.Files: Check is given no
	// other file. It is nil for a session that reads all.
	Reads() func(file string) bool
	// Shared names all that its decisions depend on of the shared tree: two trees with the same one
	// make no difference to it.
	Shared() id.Digest
}

// Ruled is a session with rules beside those of its kind, which its shared tree makes.
type Ruled interface {
	Session
	Rules() []verdict.Rule
}

// Selective is a session with rules that are asked of what they select. In each unit a claim of the
// role verdict.Selects names those that have found something.
type Selective interface {
	Session
	Selections() []verdict.Selection
}

// Unit is one folder or one file to be checked.
type Unit struct {
	// Name is what the unit is called: by people, in reports, in claims.
	Name id.Unit
	// Path is the unit's folder or file in the repository; "" where an enqueuer of the version
	// before does not tell it.
	Path string
	// Dir is where the names in Files begin, in the repository: Path for a folder, and "" for a
	// unit of one file, which lies in Files under its whole Path.
	Dir string
	// Files holds the files that the unit's kind chooses. One that is not regular (a symlink,
	// a FIFO) is listed with its type and cannot be opened.
	Files fs.FS
}

// At is the path in the repository of a file of Files, for the places of findings.
func (u Unit) At(file string) string { return path.Join(u.Dir, file) }

// Kinds are the kinds of check that a program has.
type Kinds []Kind

// Family is a kind that stands for others, whose names nobody knows before a repository says
// them.
type Family interface {
	Kind
	// Member is the kind of a name, nil for one that is not of the family.
	Member(name string) Kind
}

// Named returns the kind of a name, nil if there is none: the one that has it, or else the
// member of a family.
func (ks Kinds) Named(name string) Kind {
	if i := slices.IndexFunc(ks, func(k Kind) bool { return k.Name() == name }); i >= 0 {
		return ks[i]
	}
	for _, k := range ks {
		if f, ok := k.(Family); ok {
			if member := f.Member(name); member != nil {
				return member
			}
		}
	}
	return nil
}

// All returns the kinds of the names given.
func (ks Kinds) All(names []string) (Kinds, error) {
	all, missing := ks.find(names)
	if len(missing) > 0 {
		return nil, missing[0].error()
	}
	return all, nil
}

// orAbsent are the kinds of the names given. One that is not there stands for itself and can
// decide nothing, unless none is.
func (ks Kinds) orAbsent(names []string) (Kinds, error) {
	all, missing := ks.find(names)
	if len(missing) > 0 && len(missing) == len(names) {
		return nil, missing[0].error()
	}
	return all, nil
}

// find returns the kinds of the names given, with those that are not there as absent, and
// these once more.
func (ks Kinds) find(names []string) (all Kinds, missing []absent) {
	for _, name := range names {
		k := ks.Named(name)
		if k == nil {
			k, missing = absent(name), append(missing, absent(name))
		}
		all = append(all, k)
	}
	return all, missing
}

// Names are the names of the kinds, in their order.
func (ks Kinds) Names() []string {
	names := make([]string, len(ks))
	for i, k := range ks {
		names[i] = k.Name()
	}
	return names
}

// Engines are the engines of the kinds, by the kinds' names.
func (ks Kinds) Engines() map[string]string {
	all := make(map[string]string, len(ks))
	for _, k := range ks {
		all[k.Name()] = k.Engine()
	}
	return all
}

// Rules are the rules of all kinds.
func (ks Kinds) Rules() (all []verdict.Rule) {
	for _, k := range ks {
		all = append(all, k.Rules()...)
	}
	return all
}
