package scope

import (
	"context"
	"io/fs"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
)

// ofKinds is what of a selection is of some kinds of units; all of it if none is named.
func (s Scope) ofKinds(from Selection, kinds []string) (Selection, error) {
	if len(kinds) == 0 {
		return from, nil
	}
	layout := s.Fleet.Layout()
	for _, name := range kinds {
		if !slices.ContainsFunc(layout.Kinds, func(k fleet.Kind) bool { return k.Name == name }) {
			return from, Usagef("there are no units of the kind %q: the repository has %s", name, kindNames(layout))
		}
	}
	var units []id.Unit
	for unit, err := range s.selected(from) {
		if err != nil {
			return from, err
		}
		if k, ok := s.kindOf(unit); ok && slices.Contains(kinds, k.Name) {
			units = append(units, unit)
		}
	}
	return Only(units...), nil
}

// selected are the units of a selection.
func (s Scope) selected(from Selection) func(func(id.Unit, error) bool) {
	s.Selection = from
	return s.names(context.Background())
}

// kindOf is the kind of a unit. Where a folder would be of one and a file of another, what lies
// there decides.
func (s Scope) kindOf(unit id.Unit) (fleet.Kind, bool) {
	layout := s.Fleet.Layout()
	folder, isFolder := layout.Index(unit, fs.ModeDir)
	file, isFile := layout.Index(unit, 0)
	switch {
	case isFolder && isFile && folder != file:
		entry, _ := fleet.EntryOf(layout.Path(unit))
		info, err := s.Fleet.Lstat(entry)
		if err == nil && info.Mode().IsRegular() {
			folder = file
		}
	case isFile:
		folder = file
	case !isFolder:
		return fleet.Kind{}, false
	}
	return layout.Kinds[folder], true
}

func kindNames(l fleet.Layout) string {
	var names []string
	for _, k := range l.Kinds {
		names = append(names, k.Name)
	}
	return strings.Join(names, ", ")
}
