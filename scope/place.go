package scope

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
)

// place is what a path of the repository belongs to.
type place struct {
	kind  placeKind
	path  string    // relative to the repository
	units []id.Unit // that it belongs to, or those below it; otherwise the one that it would belong to
}

type placeKind int

const (
	ofNone placeKind = iota // no unit
	ofUnits
	ofGone // a unit that is not there
	ofAll  // the files that govern all or are shared, the folder of all units, or what they are in
)

// there are those paths that a word means and that are there. A path may be meant from the
// working directory or from the repository: where both are there, both count, for too much
// may be verified and too little may not.
func (p *picker) there(word string) (paths []string) {
	for _, rel := range p.bases.of(word) {
		if _, err := p.Fleet.Lstat(rel); err == nil {
			paths = append(paths, rel)
		}
	}
	return paths
}

// takeThere takes what paths belong to that are there, and the units below those that are
// folders. It says whether one of them is anything.
func (p *picker) takeThere(paths []string) (taken bool, err error) {
	folders := map[string]place{}
	for _, rel := range paths {
		at := p.placeOf(rel)
		if at.kind != ofAll && p.mayHold(rel) {
			folders[string(fleet.NameOf(rel))] = at
		} else {
			taken = p.take(at) || taken
		}
	}
	if err := p.takeBelow(folders); err != nil {
		return false, err
	}
	for _, rel := range paths {
		if at, named := folders[string(fleet.NameOf(rel))]; named {
			taken = p.take(at) || taken
		}
	}
	return taken, nil
}

// mayHold says whether a path is a folder below which units may lie, beside those that it
// is in.
func (p *picker) mayHold(rel string) bool {
	if _, more := p.layout.Walk().To(rel); !more {
		return false
	}
	info, err := p.Fleet.Lstat(rel)
	return err == nil && info.IsDir()
}

// takeBelow takes the units below folders, and notes in folders which have some.
func (p *picker) takeBelow(folders map[string]place) error {
	if len(folders) == 0 {
		return nil
	}
	for unit, err := range p.Fleet.Units(context.Background()) {
		if err != nil {
			return err
		}
		for dir := path.Dir(p.layout.Path(unit)); dir != "."; dir = path.Dir(dir) {
			if at, named := folders[dir]; named {
				if at.kind != ofUnits {
					at.kind, at.units = ofUnits, nil
				}
				at.units = append(at.units, unit)
				folders[dir] = at
			}
		}
	}
	return nil
}

// formerly is the place of a path that is not there, where its unit is or all units have to
// do with it; of ofGone where there is none. A word without / is no path in a unit.
func (p *picker) formerly(word string) place {
	for _, rel := range p.bases.of(word) {
		at := p.placeOf(rel)
		switch {
		case at.kind == ofAll && rel != ".":
			return at
		case at.kind == ofNone || !strings.Contains(word, "/"):
			continue
		}
		return at
	}
	return place{kind: ofGone}
}

// placeOf says what a path belongs to, relative to the repository. It need not be there.
// What it is read as first is the path itself, and then one with names as list prints them.
func (p *picker) placeOf(rel string) place {
	at := place{path: rel}
	if p.layout.Holds(rel) || p.layout.Governs(rel) || p.isShared(rel) {
		at.kind = ofAll
		return at
	}
	owners := p.layout.Owners(rel)
	for _, all := range [][]fleet.Owner{owners, p.layout.Owners(asPrinted(rel))} {
		for _, o := range all {
			if p.Fleet.Contains(o.Unit) {
				at.kind, at.units = ofUnits, append(at.units, o.Unit)
			}
		}
		if at.kind == ofUnits {
			return at
		}
	}
	if n := len(owners); n > 0 {
		if at.units = []id.Unit{owners[n-1].Unit}; !owners[n-1].Folder {
			at.kind = ofGone
		}
	}
	return at
}

// asPrinted is what a path stands for whose names are written as list prints them.
func asPrinted(rel string) string {
	if !strings.Contains(rel, `\`) {
		return rel
	}
	names := strings.Split(rel, "/")
	for i, name := range names {
		if entry, ok := fleet.EntryOf(name); ok {
			names[i] = entry
		}
	}
	return strings.Join(names, "/")
}

// isShared says whether units share a path, or what is below it.
func (p *picker) isShared(rel string) bool {
	if p.layout.SharedFile(rel) {
		return true
	}
	return slices.ContainsFunc(p.layout.SharedPaths(), func(shared string) bool {
		if fleet.IsIn(shared, rel) {
			return true
		}
		info, err := p.Fleet.Lstat(rel)
		return fleet.IsIn(rel, shared) && err == nil && info.IsDir()
	})
}
