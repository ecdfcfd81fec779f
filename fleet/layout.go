package fleet

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/id"
)

// UnitLimit is the most bytes that the files of one unit may have together (see
// bundle.Bundle.Size), where its kind says nothing else. MostUnit is the most that a kind may
// say: workers refuse a larger unit, whatever its kind, so that they accept all that an
// enqueuer packs.
const (
	UnitLimit = 1 << 20
	MostUnit  = 16 << 20
)

// Layout is where the units of a repository lie. All paths are slash-separated and relative
// to its root.
type Layout struct {
	// Marker is a file in the root that marks a repository ("shipcat.conf").
	Marker string
	Kinds  []Kind
	// Governing are the files that, beside Marker, decide what the units are and what they share,
	// and GoverningGlobs are globs of such files: where one of them changes, comes or goes, any
	// unit may be concerned. They need not be there, and may be links.
	Governing, GoverningGlobs []string
}

// Kind is a kind of units.
type Kind struct {
	// Name is how messages call the kind ("service").
	Name string
	// At are globs. One that ends in / makes a unit of each folder that it matches, with the
	// files below that File chooses; any other one makes a unit of each plain file. In an
	// element of a path, * stands for any characters, ? for one, [a-z] for one of these, and
	// {a,b} for either; ** is any number of folders. What is hidden, because its name begins
	// with a dot, is matched only where the glob has that dot. Links are not followed.
	At []string
	// Except are globs of what is none, nor anything below it; wildcards match hidden names,
	// too. One that ends in / does not match plain files.
	Except []string
	// ByName says that a unit has its folder's name for an ID, and not its path. Then At is
	// one glob DIR/*/, which also matches hidden folders, and no other kind is by name.
	ByName bool
	// Called says what others call a unit, given its path, which no two units of a kind have in
	// common; "" where nobody calls it. An error says why it has no name. nil asks nothing.
	Called func(path string) (name string, err error)
	// File says whether a file of a unit's folder is read, given its path inside that
	// folder; nil reads all of them. A unit of one file is that file, under its own name.
	File func(path string) bool
	// Limit is the most bytes that a unit may have, at most MostUnit; 0 stands for UnitLimit.
	Limit int
	// Shared lists the files and folders that units share; absent ones are left out.
	Shared []string
	// SharedFile says whether a file of Shared, or below it, is read, given its path; nil
	// reads all of them.
	SharedFile func(path string) bool
	// Given are shared files by their paths that stand in no file of the repository as such.
	Given map[string][]byte
	// Checks are the names of the checks that the units get; nil for all that the
	// configuration has. Kinds that name none share their files with each other.
	Checks []string
}

// Reads says whether a file of a unit's folder is read.
func (k Kind) Reads(path string) bool { return k.File == nil || k.File(path) }

// MaxBytes is the most bytes that a unit of the kind may have.
func (k Kind) MaxBytes() int { return cmp.Or(k.Limit, UnitLimit) }

// Check says what is wrong with a layout: nothing may be read by it then.
func (l Layout) Check() error {
	var wrong []error
	named := map[string]bool{}
	for i, k := range l.Kinds {
		if err := k.check(); err != nil {
			wrong = append(wrong, fmt.Errorf("units %q: %w", k.Name, err))
		}
		if named[k.Name] {
			wrong = append(wrong, fmt.Errorf("units %q: two kinds have this name: give each its own", k.Name))
		}
		named[k.Name] = true
		first := slices.IndexFunc(l.Kinds, func(k Kind) bool { return k.ByName })
		if k.ByName && first < i {
			wrong = append(wrong, fmt.Errorf("units %q: those of %q are known by name already: only one kind can be", k.Name, l.Kinds[first].Name))
		}
	}
	return errors.Join(wrong...)
}

func (k Kind) check() error {
	if len(k.At) == 0 {
		return errors.New("no glob says where they lie: give one, such as services/*/")
	}
	for _, text := range slices.Concat(k.At, k.Except) {
		if _, err := parseGlob(text); err != nil {
			return err
		}
	}
	if dir, ok := strings.CutSuffix(k.At[0], "/*/"); k.ByName && (len(k.At) > 1 || !ok || hasMeta(dir)) {
		return fmt.Errorf("globs %q of units by name: want one of the form DIR/*/", k.At)
	}
	if k.Limit < 0 || k.Limit > MostUnit {
		return fmt.Errorf("a limit of %d bytes: want 1 to %d, which workers accept", k.Limit, MostUnit)
	}
	return nil
}

// ByName is the kind whose units are known by name, and the folder that they lie in.
func (l Layout) ByName() (k Kind, folder string, ok bool) {
	for _, k := range l.Kinds {
		if k.ByName {
			return k, strings.TrimSuffix(k.At[0], "/*/"), true
		}
	}
	return Kind{}, "", false
}

// nowhere is the folder of the units that are known by name where there are none.
const nowhere = "."

// Named is the folder of the units that are known by name, "." where there are none.
func (l Layout) Named() string {
	if _, folder, ok := l.ByName(); ok {
		return folder
	}
	return nowhere
}

// Path is where a unit lies in the repository, with names as NameOf writes them.
func (l Layout) Path(unit id.Unit) string {
	if strings.Contains(string(unit), "/") {
		return string(unit)
	}
	return path.Join(l.Named(), string(unit))
}

// KindOf is the kind that a unit has, as its name says, where a file of a type lies at its
// path. A type that is neither a folder's nor a plain file's stands for either. It is false
// for what cannot be a unit here.
func (l Layout) KindOf(unit id.Unit, t fs.FileMode) (Kind, bool) {
	i, ok := l.Index(unit, t)
	if !ok {
		return Kind{}, false
	}
	return l.Kinds[i], true
}

// Index is KindOf as the kind's index in Kinds, 0 where there is none.
func (l Layout) Index(unit id.Unit, t fs.FileMode) (kind int, ok bool) {
	return l.Walk().Index(unit, t)
}

// Noun is what a unit is, as its name says: a "file", or a "folder".
func (l Layout) Noun(unit id.Unit) string {
	if _, isFile := l.KindOf(unit, 0); isFile {
		return "file"
	}
	return "folder"
}

// Owner is a unit that a path belongs to by its name.
type Owner struct {
	Unit id.Unit
	// Folder says that the path is that of the unit's folder, not of a file of it.
	Folder bool
}

// Owners are the units that a path belongs to by its name: those in whose folders it is,
// or whose own it is. Units lie in each other where globs say so; the outermost is first. Where
// a path would be a unit by name or one by path, as what lies there is a folder or a file, it
// is both.
func (l Layout) Owners(file string) (all []Owner) {
	w, inside := l.Walk(), true
	elements := strings.Split(file, "/")
	for i, name := range elements {
		t := fs.ModeDir
		if i == len(elements)-1 {
			t = fs.ModeIrregular
		}
		all = append(all, w.owners(name, t)...)
		if w, inside = w.Enter(name); !inside {
			break
		}
	}
	return all
}

// Holds says whether every unit of every kind lies below a folder.
func (l Layout) Holds(folder string) bool {
	for _, k := range l.Kinds {
		for _, at := range k.At {
			if g, err := parseGlob(at); err != nil || !IsIn(g.base(), folder) {
				return false
			}
		}
	}
	return true
}

// Bases are folders in which all units lie, "." for the root, each once.
func (l Layout) Bases() (all []string) {
	for _, k := range l.Kinds {
		for _, at := range k.At {
			if g, err := parseGlob(at); err == nil {
				all = append(all, g.base())
			}
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(all)))
}

// Where says to people where units are looked for.
func (l Layout) Where() string {
	var all []string
	for _, k := range l.Kinds {
		for _, at := range k.At {
			if k.ByName {
				at = strings.TrimSuffix(at, "*/")
			}
			all = append(all, at)
		}
	}
	return strings.Join(all, " or ")
}

// SharedPaths are the files and folders that units share.
func (l Layout) SharedPaths() []string { return SharedPaths(l.Kinds) }

// SharedPaths are the files and folders that the units of some kinds share.
func SharedPaths(kinds []Kind) (all []string) {
	for _, k := range kinds {
		all = append(all, k.Shared...)
	}
	return slices.Compact(slices.Sorted(slices.Values(all)))
}

// Given are the shared files of some kinds that stand in no file of the repository as such, by their
// paths.
func Given(kinds []Kind) map[string][]byte {
	given := map[string][]byte{}
	for _, k := range kinds {
		maps.Copy(given, k.Given)
	}
	return given
}

// SharedFile says whether a file is read as one that units share.
func (l Layout) SharedFile(file string) bool { return SharedFile(l.Kinds, file) }

// SharedFile says whether a file is read as one that the units of some kinds share.
func SharedFile(kinds []Kind, file string) bool {
	return slices.ContainsFunc(kinds, func(k Kind) bool {
		return (k.SharedFile == nil || k.SharedFile(file)) && slices.ContainsFunc(k.Shared, func(shared string) bool { return IsIn(file, shared) })
	})
}

// Governs says whether a path is that of a file that decides what the units are and what they
// share, or of a link or a folder on the way to one.
func (l Layout) Governs(file string) bool {
	if file == l.Marker || slices.ContainsFunc(l.Governing, func(g string) bool { return IsIn(g, file) }) {
		return true
	}
	return slices.ContainsFunc(l.GoverningGlobs, func(text string) bool {
		p, err := ParsePattern(text)
		return err == nil && p.Match(file)
	})
}

// IsIn says whether a path is a folder or what is in it, the folder itself included.
func IsIn(file, folder string) bool {
	return file == folder || folder == "." || strings.HasPrefix(file, folder+"/")
}
