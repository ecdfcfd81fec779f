package verdict

import (
	"context"
	"io/fs"
)

// Checker is the seam between the queue and what is checked. A checker is pure:
// no Redis, no clock, no network, no logging. All methods may be called from
// several goroutines at once.
type Checker interface {
	// Name is how a task names the checker, such as "manifest".
	Name() string
	// Engine is a digest of the checker's code and rules: two checkers with the
	// same engine give the same decision for the same bytes.
	Engine() string
	// Layout says which files of a repository the checker reads.
	Layout() Layout
	// Joins are the fleet rules that read the checker's claims.
	Joins() []Join
	// Open reads the shared tree once. Mistakes in it are the session's
	// Findings; an error means that it could not be read.
	Open(shared fs.FS) (Session, error)
}

// Layout is where a checker's input lies in a repository. All paths are
// slash-separated.
type Layout struct {
	// Marker is the file that a repository's root has ("shipcat.conf").
	Marker string
	// Units is the folder whose direct sub-folders are the units ("services").
	Units string
	// Unit says whether the checker reads a file of a unit's folder, given its
	// path inside that folder.
	Unit func(path string) bool
	// Shared lists the files and folders that all units share, relative to the
	// root; absent ones are left out.
	Shared []string
	// SharedFile says whether the checker reads a file below Shared, given its
	// path relative to the root.
	SharedFile func(path string) bool
}

// Session is a checker with one shared tree. It is safe for concurrent use and
// is kept in memory by the shared tree's digest.
type Session interface {
	// Findings are the mistakes in the shared tree, sorted. With one of severity
	// error nothing is checked.
	Findings() []Finding
	// Regions are all the regions that the shared tree defines, in its order.
	Regions() []string
	// Region resolves a region or an alias of one.
	Region(nameOrAlias string) (region string, ok bool)
	// Check decides about one unit in the regions given, which Region returned.
	// It returns an error only where it could not decide; it honours ctx.
	Check(ctx context.Context, unit Unit, regions []string) (Decision, error)
}

// Unit is one folder to be checked.
type Unit struct {
	// Name is the folder's name under Layout.Units.
	Name string
	// Files holds the folder's files that Layout.Unit chose. A file that is not
	// regular (a symlink, a FIFO) is listed with its type and cannot be opened.
	Files fs.FS
}
