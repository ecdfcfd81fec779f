package worktree

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"syscall"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
)

// Unit reads the files of one unit that its kind chooses, each once, and tells the kind by its
// index: with an error the first that the unit may have. fleet.Findings says
// which of its errors are the unit's own; the others mean that it could not be read.
func (t *Tree) Unit(ctx context.Context, unit id.Unit) (files bundle.Bundle, kind int, err error) {
	return t.unit(ctx, unit, nil)
}

// unit is Unit, and notes in a stamp, nil for none, how the unit lies.
func (t *Tree) unit(ctx context.Context, unit id.Unit, lies *stamp) (files bundle.Bundle, kind int, err error) {
	kind, matched := t.walk.Index(unit, fs.ModeIrregular)
	if err := ctx.Err(); err != nil {
		return bundle.Bundle{}, kind, err
	}
	if t.survey.IsNamed(unit) {
		files, err = t.readNamed(unit, lies)
		return files, kind, err
	}
	if matched {
		if files, kind, ok := t.readDirect(unit, lies); ok {
			return files, kind, nil
		}
	}
	return t.readAt(unit, kind)
}

// readNamed reads a unit that is known by its name.
func (t *Tree) readNamed(unit id.Unit, lies *stamp) (bundle.Bundle, error) {
	entry, err := t.survey.Entry(unit)
	if err != nil {
		return bundle.Bundle{}, err
	}
	files, err := t.byName.read(entry, t.named.Reads, t.named.MaxBytes(), lies)
	if errors.Is(err, syscall.ENOTDIR) {
		err = cmp.Or(t.survey.CheckEntry(entry), err)
	}
	return files, err
}

// readAt reads a unit that is known by its path, whatever lies there: with an error the kind
// is the given one.
func (t *Tree) readAt(unit id.Unit, kind int) (files bundle.Bundle, _ int, err error) {
	file, info, err := t.survey.At(unit)
	if err != nil {
		return bundle.Bundle{}, kind, err
	}
	if i, ok := t.walk.Index(unit, info.Mode().Type()); ok {
		kind = i
	}
	files, err = t.read(file, info, t.layout.Kinds[kind])
	return files, kind, err
}

// read reads a unit of a kind.
func (t *Tree) read(file string, info fs.FileInfo, kind fleet.Kind) (bundle.Bundle, error) {
	if info.IsDir() {
		p := openParent(t.root, path.Dir(file))
		defer p.close()
		return p.read(path.Base(file), kind.Reads, kind.MaxBytes(), nil)
	}
	return readFile(t.root, file, info, kind.MaxBytes())
}

// Shared reads the files that the units of some kinds share, check.SharedLimit bytes at most,
// beside those that the kinds give. Absent ones are left out.
func (t *Tree) Shared(ctx context.Context, kinds ...fleet.Kind) (bundle.Bundle, error) {
	if err := ctx.Err(); err != nil {
		return bundle.Bundle{}, err
	}
	given := fleet.Given(kinds)
	return readPaths(t.root, fleet.SharedPaths(kinds), given, func(file string) bool { return fleet.SharedFile(kinds, file) }, check.SharedLimit)
}

// Contains says whether there is a unit of this name, be it one that Unit refuses. Where it
// cannot be told, there is none.
func (t *Tree) Contains(unit id.Unit) bool { return t.survey.Contains(unit) }

// Has is nil when there is a unit of this name, be it one that Unit refuses, and else says
// why there is none.
func (t *Tree) Has(unit id.Unit) error { return t.survey.Has(unit) }

// readFile makes a bundle of one file, under its path in the repository.
func readFile(root *os.Root, file string, before fs.FileInfo, limit int) (bundle.Bundle, error) {
	f, err := root.OpenFile(file, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return bundle.Bundle{}, fmt.Errorf("read file: %w", err)
	}
	defer f.Close()
	after, err := f.Stat()
	if err != nil {
		return bundle.Bundle{}, fmt.Errorf("read file %q: %w", file, err)
	}
	if !os.SameFile(before, after) {
		return bundle.Bundle{}, fmt.Errorf("read file %q: it was replaced while it was opened: run again", file)
	}
	b := bundle.NewBuilder(file, limit)
	if err := cmp.Or(b.Check(file), b.File(file, after.Size(), f)); err != nil {
		return bundle.Bundle{}, err
	}
	return b.Bundle()
}
