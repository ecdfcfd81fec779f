// Package fleet says what the units of a repository are and where their bytes come from:
// kinds of units by globs (Layout), the names of units (NameOf), where they are read from
// (Source), and the rules about what cannot be a unit. It reads nothing itself: package
// fleet/worktree is the source that reads folders on disk, and fleet/commit the one that reads a commit.
//
// What stands for a unit is one, whatever it is: a symbolic link, a pipe, a socket or a
// device where the layout looks for a unit, and a name that is not UTF-8 or holds a
// backslash, is listed as a unit that cannot be read, with a finding that says why. Nothing
// is left out in silence, and one bad entry ends no command about the others.
package fleet

import (
	"context"
	"iter"

	"github.com/seed306eabeb/muster/blob"
	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/id"
)

// Source is where the units of one state of a repository are read from. Its methods may be
// called from several goroutines at once.
type Source interface {
	// Units are all units, each once, in any order. One that cannot be read is among them.
	// After an error, ctx's among them, the sequence ends.
	Units(ctx context.Context) iter.Seq2[id.Unit, error]
	// Unit reads the files of one unit that its kind chooses, each once, and tells the kind by its
	// index in the layout: with an error the first that the unit may have. Findings says
	// which of its errors are the unit's own; the others mean that it could not be read.
	Unit(ctx context.Context, unit id.Unit) (files bundle.Bundle, kind int, err error)
	// Shared reads the files that the units of some kinds share, check.SharedLimit bytes at
	// most, beside those that the kinds give. Absent ones are left out.
	Shared(ctx context.Context, kinds ...Kind) (bundle.Bundle, error)
}

// Stamped is a source that can tell of a unit that it is as it was, without reading it.
type Stamped interface {
	Source
	// Stamp is Unit, and makes a stamp of how the unit lies; nil where it might change and the stamp would not tell.
	Stamp(ctx context.Context, unit id.Unit) (files bundle.Bundle, kind int, lies []byte, err error)
	// Unchanged says whether Unit would read of a unit what it read when the stamp was made, perhaps by another
	// process that had another layout, and tells its kind as Unit does. Where it is false nothing is known.
	Unchanged(unit id.Unit, lies []byte) (kind int, ok bool)
}

// Named is a source that knows what units consist of without reading them, from git.
type Named interface {
	Source
	// Files names the files that Unit would read of a unit, sorted by their paths in its bundle, and tells
	// its kind by its index in the layout. ok is false for a unit whose bytes only Unit knows: one that
	// cannot be read as it lies, or that is other on disk than git knows it to be. It is asked for units
	// that Units has listed; what it returns must not be changed.
	Files(ctx context.Context, unit id.Unit) (files []blob.File, kind int, ok bool)
	// Format is how objects are named; every file of Files has a name of it.
	Format() blob.Format
}
