package scope

import (
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
)

// place is what a path of the repository belongs to.
type place struct {
	kind placeKind
	path string  // relative to the repository
	unit id.Unit // whose folder it is in, or would be
}

type placeKind int

const (
	ofNone placeKind = iota // no unit
	ofUnit
	ofGone // a unit whose folder is not there
	ofAll  // the shared files, the units' folder, or what they are in
)

// there are the places of a path that are there. A path may be meant from the working
// directory or from the repository: where both are there, both count, for too much may be
// verified and too little may not.
func (p *picker) there(word string) (all []place) {
	for _, rel := range p.bases.of(word) {
		if _, err := p.Fleet.Lstat(rel); err == nil {
			all = append(all, p.placeOf(rel))
		}
	}
	return all
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
func (p *picker) placeOf(rel string) place {
	at := place{path: rel}
	if isIn(p.layout.Units, rel) || p.isShared(rel) {
		at.kind = ofAll
		return at
	}
	inside, ok := strings.CutPrefix(rel, p.layout.Units+"/")
	if !ok {
		return at
	}
	entry, _, deeper := strings.Cut(inside, "/")
	for _, unit := range []id.Unit{fleet.NameOf(entry), id.Unit(entry)} {
		if p.Fleet.Contains(unit) {
			at.kind, at.unit = ofUnit, unit
			return at
		}
	}
	if at.unit = fleet.NameOf(entry); deeper {
		at.kind = ofGone
	}
	return at
}

// isShared says whether all units have to do with a path.
func (p *picker) isShared(rel string) bool {
	if p.layout.SharedFile(rel) {
		return true
	}
	return slices.ContainsFunc(p.layout.Shared, func(shared string) bool {
		if isIn(shared, rel) {
			return true
		}
		info, err := p.Fleet.Lstat(rel)
		return isIn(rel, shared) && err == nil && info.IsDir()
	})
}

// isIn says whether a path is a folder or what is in it, the folder itself included.
func isIn(path, folder string) bool {
	return path == folder || folder == "." || strings.HasPrefix(path, folder+"/")
}
