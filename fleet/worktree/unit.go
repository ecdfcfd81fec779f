package worktree

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"strings"
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
	kind, matched := t.walk.Index(unit, fs.ModeIrregular)
	if err := ctx.Err(); err != nil {
		return bundle.Bundle{}, kind, err
	}
	if t.isNamed(unit) {
		files, err = t.byName.read(unit)
		return files, kind, err
	}
	if matched {
		if files, kind, ok := t.readDirect(unit); ok {
			return files, kind, nil
		}
	}
	return t.readAt(unit, kind)
}

// readAt reads a unit that is known by its path, whatever lies there: with an error the kind
// is the given one.
func (t *Tree) readAt(unit id.Unit, kind int) (files bundle.Bundle, _ int, err error) {
	file, info, err := t.unitAt(unit)
	if err != nil {
		return bundle.Bundle{}, kind, err
	}
	if i, ok := t.walk.Index(unit, info.Mode().Type()); ok {
		kind = i
	}
	files, err = t.read(file, info, t.layout.Kinds[kind])
	return files, kind, err
}

// unitAt is what lies at the path of a unit, and may be one.
func (t *Tree) unitAt(unit id.Unit) (file string, info fs.FileInfo, err error) {
	file, err = t.fileOf(unit)
	if err != nil {
		return file, nil, err
	}
	info, err = t.lstat(file)
	if err != nil {
		return file, nil, fmt.Errorf("read %q: %w", file, err)
	}
	_, ok := t.walk.Index(unit, info.Mode().Type())
	e := entryError(file, info.Mode(), t.layout.Noun(unit) == "file")
	switch {
	case !ok && info.IsDir():
		err = fmt.Errorf("read file %q: %w", file, syscall.EISDIR)
	case !ok:
		err = fmt.Errorf("read folder %q: it is %s: %w", file, check.FileKind(info.Mode()), syscall.ENOTDIR)
	case e != nil:
		err = e
	}
	return file, info, err
}

// read reads a unit of a kind.
func (t *Tree) read(file string, info fs.FileInfo, kind fleet.Kind) (bundle.Bundle, error) {
	if info.IsDir() {
		p := openParent(t.root, path.Dir(file))
		defer p.close()
		return p.read(path.Base(file), kind.Reads, kind.MaxBytes())
	}
	return readFile(t.root, file, info, kind.MaxBytes())
}

// Shared reads the files that the units of some kinds share, check.SharedLimit bytes at most,
// beside those that the kinds give. Absent ones are left out.
func (t *Tree) Shared(ctx context.Context, kinds ...fleet.Kind) (bundle.Bundle, error) {
	if err := ctx.Err(); err != nil {
		return bundle.Bundle{}, err
	}
	given := map[string][]byte{}
	for _, k := range kinds {
		maps.Copy(given, k.Given)
	}
	return readPaths(t.root, fleet.SharedPaths(kinds), given, func(file string) bool { return fleet.SharedFile(kinds, file) }, check.SharedLimit)
}

// Contains says whether there is a unit of this name, be it one that Unit refuses. Where it
// cannot be told, there is none.
func (t *Tree) Contains(unit id.Unit) bool { return t.look(unit) == nil }

// Has is nil when there is a unit of this name, be it one that Unit refuses, and else says
// why there is none.
func (t *Tree) Has(unit id.Unit) error {
	err := t.look(unit)
	if isAbsent(err) || errors.Is(err, errNoGlob) {
		return fmt.Errorf("%w: %s", err, t.suggest(unit))
	}
	return err
}

// look is nil when there is a unit of this name.
func (t *Tree) look(unit id.Unit) error {
	if t.isNamed(unit) {
		return t.byName.look(unit, t.dir)
	}
	file, err := t.fileOf(unit)
	if err != nil {
		return err
	}
	info, err := t.lstat(file)
	switch {
	case isAbsent(err):
		return absent(t.layout.Noun(unit), string(unit), t.dir, err)
	case err != nil:
		return fmt.Errorf("look for %q: %w", string(unit), err)
	}
	if _, ok := t.walk.Index(unit, info.Mode().Type()); !ok {
		return fmt.Errorf("%q is %s: units are %s", string(unit), check.FileKind(info.Mode()), t.layout.Where())
	}
	return nil
}

// absentError says that nothing lies where a unit would. It wraps what the file system said.
type absentError struct {
	message string
	err     error
}

func (e *absentError) Error() string { return e.message }
func (e *absentError) Unwrap() error { return e.err }

func absent(noun, path, dir string, err error) error {
	return &absentError{fmt.Sprintf("no %s %q in the repository %s", noun, path, dir), err}
}

func isAbsent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// isNamed says whether a unit is one that is known by name, if it is any.
func (t *Tree) isNamed(unit id.Unit) bool {
	return t.byName != nil && (len(t.layout.Kinds) == 1 || !strings.Contains(string(unit), "/"))
}

// fileOf is where a unit lies that is known by its path. It refuses what no glob matches.
func (t *Tree) fileOf(unit id.Unit) (string, error) {
	file, ok := fleet.EntryOf(unit)
	if _, matched := t.walk.Index(unit, fs.ModeIrregular); !ok || !matched {
		return "", fmt.Errorf("%q %w: units are %s", string(unit), errNoGlob, t.layout.Where())
	}
	return file, nil
}

// errNoGlob: no glob of the layout matches a path.
var errNoGlob = errors.New("is no unit")

// lstat is Lstat for a file that is behind no link.
func (t *Tree) lstat(file string) (fs.FileInfo, error) {
	for i, r := range file {
		if r != '/' {
			continue
		}
		info, err := t.root.Lstat(file[:i])
		if err == nil && !info.IsDir() {
			err = &fs.PathError{Op: "lstat", Path: file, Err: syscall.ENOTDIR}
		}
		if err != nil {
			return nil, err
		}
	}
	return t.root.Lstat(file)
}

// entryError says why what lies at a path, a link or something with a bad name, cannot be
// the unit that it stands for; nil where it can.
func entryError(file string, mode fs.FileMode, isFile bool) error {
	e := &fleet.EntryError{Path: string(fleet.NameOf(file)), File: isFile, BadName: isBad(file)}
	if !mode.IsDir() && !mode.IsRegular() {
		e.Type = mode.Type()
	}
	if e.Type == 0 && !e.BadName {
		return nil
	}
	return e
}

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
