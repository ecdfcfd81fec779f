// Package fleet is the checkout on disk: where it begins, which units it has,
// and their files as bundles. It reads only, and never outside the checkout.
//
// What a unit is: each entry of the units' folder that is a folder, hidden ones included.
// Plain files are no units, and are counted. Whatever else lies there (a symbolic link, a
// pipe, a socket, a device), and a name that is not UTF-8 or holds a backslash, is listed
// as a unit that cannot be packed, with a finding that says why: nothing is left out in
// silence, and one bad entry ends no command about the others.
package fleet

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/check"
)

// Find looks for the marker files in start and its parents. It returns the nearest folder
// that has one, as an absolute path, and the first of the markers that it has.
func Find(start string, markers ...string) (dir, marker string, err error) {
	from, err := filepath.Abs(start)
	if err != nil {
		return "", "", fmt.Errorf("find the repository: %w", err)
	}
	for dir = from; ; dir = filepath.Dir(dir) {
		for _, marker := range markers {
			_, err := os.Stat(filepath.Join(dir, marker))
			if err == nil {
				return dir, marker, nil
			} else if !errors.Is(err, fs.ErrNotExist) {
				return "", "", fmt.Errorf("find the repository: %w", err)
			}
		}
		if dir == filepath.Dir(dir) {
			return "", "", &NoMarkerError{From: from, Markers: markers}
		}
	}
}

// NoMarkerError says that no folder upwards is a repository.
type NoMarkerError struct {
	From    string
	Markers []string
}

func (e *NoMarkerError) Error() string {
	return fmt.Sprintf("no %s in %s or any folder above it: change into the repository, or name it with --repo DIR",
		strings.Join(e.Markers, " or "), e.From)
}

// Fleet is an open checkout. Its methods may be called from several goroutines
// at once, but not after Close.
type Fleet struct {
	dir    string
	root   *os.Root
	units  *bundle.Parent
	layout check.Layout
	limit  int
	files  atomic.Int64 // plain files beside the units
}

// Open opens the checkout at dir, which must have the layout's marker. limit is
// the most bytes that one unit's files may have together (see
// bundle.Bundle.Size). The caller must Close the fleet.
func Open(dir string, layout check.Layout, limit int) (*Fleet, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the repository: %w: name the folder that has a %s with --repo DIR", err, layout.Marker)
	}
	if _, err := root.Stat(layout.Marker); err != nil {
		root.Close()
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s is not the root of a repository: it has no %s: name the folder that has one with --repo DIR",
				dir, layout.Marker)
		}
		return nil, fmt.Errorf("open the repository %s: %w", dir, err)
	}
	return &Fleet{dir: dir, root: root, units: bundle.OpenParent(root, layout.Units), layout: layout, limit: limit}, nil
}

// Dir is the folder that the fleet was opened with.
func (f *Fleet) Dir() string { return f.dir }

// FS are the files of the checkout. Links that lead out of it are errors.
func (f *Fleet) FS() fs.FS { return f.root.FS() }

// Lstat describes the file at a slash-separated path in the checkout, or the link there.
func (f *Fleet) Lstat(path string) (fs.FileInfo, error) { return f.root.Lstat(path) }

// Close releases the checkout. Bundles made from it stay usable.
func (f *Fleet) Close() error { return errors.Join(f.units.Close(), f.root.Close()) }
