package survey

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
)

// named are the units that are known by name: the sub-folders of one folder.
type named struct {
	folder string
	files  Files
	walk   fleet.Walk // in the folder
	// excepting says that not every folder there is a unit.
	excepting bool
}

func newNamed(files Files, kind fleet.Kind, folder string, walk fleet.Walk) *named {
	walk, _ = walk.To(folder) // the kind's own glob leads there
	return &named{folder, files, walk, len(kind.Except) > 0}
}

// excepts says whether an entry of the folder is excepted from the units.
func (n *named) excepts(entry string, t fs.FileMode) bool {
	return n.excepting && n.walk.Excepted(entry, t)
}

// isOther says whether a plain file of the folder is, or is meant for, a unit by path.
func (n *named) isOther(file fs.DirEntry) bool {
	unit, err := n.walk.Unit(file.Name(), file.Type())
	return unit != "" || err != nil
}

// checkEntry is an error where an entry stands for a unit and cannot be one, and nil for
// folders, for plain files, and for what is not there.
func (n *named) checkEntry(entry string) error {
	file := path.Join(n.folder, entry)
	info, err := n.files.Lstat(file)
	if err != nil || info.Mode().IsRegular() {
		return nil
	}
	return entryError(file, info.Mode(), false)
}

// look is nil when there is a unit of this name in the repository dir.
func (n *named) look(unit id.Unit, dir string) error {
	entry, err := n.entry(unit)
	if err != nil {
		return err
	}
	p := path.Join(n.folder, string(unit))
	info, err := n.files.Lstat(path.Join(n.folder, entry))
	switch {
	case isAbsent(err):
		return absent("folder", p, dir, err)
	case err != nil:
		return fmt.Errorf("look for %q: %w", p, err)
	case info.Mode().IsRegular():
		return fmt.Errorf("%q is not a folder: name a folder under %s/", p, n.folder)
	case n.excepts(entry, info.Mode().Type()):
		return fmt.Errorf("%q is excepted from the units", p)
	}
	return nil
}

// entry is what the folder calls a unit. It refuses what cannot be the name of an entry
// there.
func (n *named) entry(unit id.Unit) (string, error) {
	switch {
	case strings.Contains(string(unit), "/"):
		return "", fmt.Errorf("%q is a path: give the name of a folder under %s/ alone", unit, n.folder)
	case unit == "" || unit == "." || unit == "..":
		return "", fmt.Errorf("%q names no folder under %s/", unit, n.folder)
	case strings.Contains(string(unit), "\x00") || !utf8.ValidString(string(unit)):
		return "", fmt.Errorf("%q is not valid UTF-8 without NUL: it cannot name a folder here", unit)
	}
	entry, ok := fleet.EntryOf(unit)
	if !ok {
		return "", fmt.Errorf("%q holds a backslash: give the name of a folder under %s/ alone; a backslash that is part of it is written %s, as `list` prints it",
			string(unit), n.folder, fleet.NameOf(`\`))
	}
	return entry, nil
}
