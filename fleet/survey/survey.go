// Package survey finds the units of a repository among its files, whatever holds these: which there are, what lies where
// one would, and why something is none. Sources have it in common, so that each lists the same.
package survey

import (
	"context"
	"io/fs"
	"sync/atomic"

	"github.com/seed306eabeb/muster/fleet"
)

// Files are those of one state of a repository, by their paths in it. They are used by several goroutines
// at once.
type Files interface {
	// Lstat describes what lies at a path, and follows no link there. The error of what is not there
	// is fs.ErrNotExist or syscall.ENOTDIR.
	Lstat(path string) (fs.FileInfo, error)
	// Each calls do for each entry of a folder, which may be absent, until do returns an error, which it returns
	// as it is, or ctx ends.
	Each(ctx context.Context, dir string, do func(fs.DirEntry) error) error
}

// Survey is one of the files of a repository. Its methods may be called from several goroutines
// at once.
type Survey struct {
	files  Files
	layout fleet.Layout
	where  string
	walk   fleet.Walk   // the layout's, in the root
	byName *named       // nil without units that are known by name
	plain  atomic.Int64 // plain files beside the units that are known by name
}

// New makes a survey of files by a layout, which must be a valid one. Where is what errors call the repository.
func New(files Files, layout fleet.Layout, where string) *Survey {
	s := &Survey{files: files, layout: layout, where: where, walk: layout.Walk()}
	if kind, folder, ok := layout.ByName(); ok {
		s.byName = newNamed(files, kind, folder, s.walk)
	}
	return s
}

// Walk is the layout's, in the root.
func (s *Survey) Walk() fleet.Walk { return s.walk }

// PlainFiles is how many plain files lie beside the units that are known by name, as the
// last walk of Units found them that came to its end; 0 before.
func (s *Survey) PlainFiles() int { return int(s.plain.Load()) }
