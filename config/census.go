package config

import (
	"fmt"
	"io/fs"
	"slices"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/verdict"
)

// Count is how many units of a kind there are.
type Count struct {
	Kind   string
	Folder bool // the units are folders
	Units  int
}

// Census counts the units of a layout's kinds in a repository, and finds those that are of two
// kinds, that have no name or that of another one, which are mistakes of the
// declaration; and warns of optional checks that are about no file. It looks at all folders in which there
// may be units.
func (d *Declaration) Census(files fs.FS) ([]Count, []verdict.Finding, error) {
	counts := make([]Count, len(d.kinds))
	for i, k := range d.kinds {
		counts[i] = Count{Kind: k.name, Folder: k.shape == folders}
	}
	owner, names := map[string]int{}, make([]callings, len(d.kinds))
	var found []verdict.Finding
	err := d.Layout.Find(files, func(i int, file string, t fs.FileMode) bool {
		if d.Layout.Kinds[i].ByName && t.IsRegular() {
			return false
		}
		counts[i].Units++
		if first, taken := owner[file]; taken && (t.IsDir() || t.IsRegular()) && len(found) < maxErrors {
			found = append(found, d.twoKinds(file, first, i))
			return false
		}
		owner[file] = i
		if t.IsDir() || t.IsRegular() {
			names[i].take(d.Layout.Kinds[i], file)
		}
		return false
	})
	if err != nil {
		return nil, nil, err
	}
	for i, c := range names {
		found = append(found, d.judgeNames(i, c)...)
	}
	idle, err := d.judgeOptional(files)
	return counts, verdict.SortFindings(append(found, idle...)), err
}

// twoKinds is the finding of a path that is a unit of two kinds, at the glob of the one that
// stands later in the file.
func (d *Declaration) twoKinds(file string, i, j int) verdict.Finding {
	a, b := d.atGlob(i, file), d.atGlob(j, file)
	if a.Compare(b) > 0 {
		a, b = b, a
	}
	f := ruleTwoKinds.At(b, fmt.Sprintf("%s is a unit of two kinds, %q and %q", fleet.NameOf(file), d.kinds[i].name, d.kinds[j].name), "let the globs of one of them not match it, or except it")
	f.Related = []verdict.Related{{Place: a, Text: "the other glob"}}
	return f
}

// atGlob is the place of the glob of a kind that matches a path.
func (d *Declaration) atGlob(i int, file string) verdict.Place {
	at := d.kinds[i].at
	n := slices.IndexFunc(d.Layout.Kinds[i].At, func(glob string) bool {
		l := fleet.Layout{Kinds: []fleet.Kind{{At: []string{glob}}}}
		_, isFile := l.KindOf(fleet.NameOf(file), 0)
		_, isFolder := l.KindOf(fleet.NameOf(file), fs.ModeDir)
		return isFile || isFolder
	})
	return at[max(n, 0)].Place()
}
