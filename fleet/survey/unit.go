package survey

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
)

// Contains says whether there is a unit of this name, be it one that Unit refuses. Where it
// cannot be told, there is none.
func (s *Survey) Contains(unit id.Unit) bool { return s.look(unit) == nil }

// Has is nil when there is a unit of this name, be it one that Unit refuses, and else says
// why there is none.
func (s *Survey) Has(unit id.Unit) error {
	err := s.look(unit)
	if isAbsent(err) || errors.Is(err, errNoGlob) {
		return fmt.Errorf("%w: %s", err, s.suggest(unit))
	}
	return err
}

// look is nil when there is a unit of this name.
func (s *Survey) look(unit id.Unit) error {
	if s.IsNamed(unit) {
		return s.byName.look(unit, s.where)
	}
	file, err := s.fileOf(unit)
	if err != nil {
		return err
	}
	info, err := s.lstat(file)
	switch {
	case isAbsent(err):
		return absent(s.layout.Noun(unit), string(unit), s.where, err)
	case err != nil:
		return fmt.Errorf("look for %q: %w", string(unit), err)
	}
	if _, ok := s.walk.Index(unit, info.Mode().Type()); !ok {
		return fmt.Errorf("%q is %s: units are %s", string(unit), check.FileKind(info.Mode()), s.layout.Where())
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

// IsNamed says whether a unit is one that is known by name, if it is any.
func (s *Survey) IsNamed(unit id.Unit) bool {
	return s.byName != nil && (len(s.layout.Kinds) == 1 || !strings.Contains(string(unit), "/"))
}

// fileOf is where a unit lies that is known by its path. It refuses what no glob matches.
func (s *Survey) fileOf(unit id.Unit) (string, error) {
	file, ok := fleet.EntryOf(unit)
	if _, matched := s.walk.Index(unit, fs.ModeIrregular); !ok || !matched {
		return "", fmt.Errorf("%q %w: units are %s", string(unit), errNoGlob, s.layout.Where())
	}
	return file, nil
}

// errNoGlob: no glob of the layout matches a path.
var errNoGlob = errors.New("is no unit")

// lstat is Lstat for a file that is behind no link.
func (s *Survey) lstat(file string) (fs.FileInfo, error) {
	for i, r := range file {
		if r != '/' {
			continue
		}
		info, err := s.files.Lstat(file[:i])
		if err == nil && !info.IsDir() {
			err = &fs.PathError{Op: "lstat", Path: file, Err: syscall.ENOTDIR}
		}
		if err != nil {
			return nil, err
		}
	}
	return s.files.Lstat(file)
}

// entryError says why what lies at a path, a link or something with a bad name, cannot be
// the unit that it stands for; nil where it can.
func entryError(file string, mode fs.FileMode, isFile bool) error {
	e := &fleet.EntryError{Path: string(fleet.NameOf(file)), File: isFile, BadName: !fleet.IsPlain(file)}
	if !mode.IsDir() && !mode.IsRegular() {
		e.Type = mode.Type()
	}
	if e.Type == 0 && !e.BadName {
		return nil
	}
	return e
}

// At is what lies at the path of a unit, and may be one.
func (s *Survey) At(unit id.Unit) (file string, info fs.FileInfo, err error) {
	file, err = s.fileOf(unit)
	if err != nil {
		return file, nil, err
	}
	info, err = s.lstat(file)
	if err != nil {
		return file, nil, fmt.Errorf("read %q: %w", file, err)
	}
	_, ok := s.walk.Index(unit, info.Mode().Type())
	e := entryError(file, info.Mode(), s.layout.Noun(unit) == "file")
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

// Entry is what the folder of the units that are known by name calls one. It is an error where that cannot be
// a unit by its name alone.
func (s *Survey) Entry(unit id.Unit) (entry string, err error) {
	entry, err = s.byName.entry(unit)
	if err == nil && !fleet.IsPlain(entry) {
		err = s.byName.checkEntry(entry)
	}
	return entry, err
}

// CheckEntry is an error where an entry of that folder stands for a unit and cannot be one, and nil for
// folders, for plain files, and for what is not there.
func (s *Survey) CheckEntry(entry string) error { return s.byName.checkEntry(entry) }
