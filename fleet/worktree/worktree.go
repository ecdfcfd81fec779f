// Package worktree is the source that reads folders on disk: where a repository begins,
// which units it has by its layout, and their files as bundles. It reads only, and never
// outside the repository.
package worktree

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/fleet/survey"
	"github.com/seed306eabeb/muster/id"
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

// Tree is an open repository, a fleet.Named. Its methods may be called from several
// goroutines at once, but not after Close.
type Tree struct {
	dir    string
	root   *os.Root
	layout fleet.Layout
	survey *survey.Survey
	walk   fleet.Walk // the layout's, in the root
	top    *parent    // the root
	named  fleet.Kind // of the units that are known by name
	byName *parent    // the folder of these; nil without such units
	index  *indexing  // nil before Index

	device  func() (device uint64, ok bool) // on which units get stamps; false where they get none
	settled time.Duration                   // how old what a stamp tells of must be
}

// Open opens the repository at dir. The layout must be a valid one. The caller must Close
// the tree.
func Open(dir string, layout fleet.Layout) (*Tree, error) {
	if err := layout.Check(); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the repository: %w", err)
	}
	units := survey.New(files{root}, layout, dir)
	t := &Tree{dir: dir, root: root, layout: layout, survey: units, walk: units.Walk(), top: openParent(root, "."), settled: settled}
	t.device = sync.OnceValues(t.stampable)
	if kind, folder, ok := layout.ByName(); ok {
		t.named, t.byName = kind, openParent(root, folder)
	}
	return t, nil
}

// Dir is the folder that the tree was opened with.
func (t *Tree) Dir() string { return t.dir }

// Layout is what the tree was opened with.
func (t *Tree) Layout() fleet.Layout { return t.layout }

// FS are the files of the repository. Links that lead out of it are errors.
func (t *Tree) FS() fs.FS { return t.root.FS() }

// Lstat describes the file at a slash-separated path in the repository, or the link there.
func (t *Tree) Lstat(path string) (fs.FileInfo, error) { return t.root.Lstat(path) }

// PlainFiles is how many plain files lie beside the units that are known by name, as the
// last walk of Units found them that came to its end; 0 before.
func (t *Tree) PlainFiles() int { return t.survey.PlainFiles() }

// Units are the units, in the order in which the file system has them: see survey.Survey.Units.
func (t *Tree) Units(ctx context.Context) iter.Seq2[id.Unit, error] { return t.survey.Units(ctx) }

// Close releases the repository. Bundles made from it stay usable.
func (t *Tree) Close() error {
	if t.index != nil {
		t.index.end()
	}
	err := errors.Join(t.top.close(), t.root.Close())
	if t.byName != nil {
		err = errors.Join(t.byName.close(), err)
	}
	return err
}
