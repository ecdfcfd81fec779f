package policy

import (
	"strings"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/verdict"
)

// ignore is an Ignore that can be asked.
type ignore struct {
	wish
	units, paths       []fleet.Pattern
	someUnits, inPaths bool
}

func newIgnores(p Policy) []ignore {
	compiled := make([]ignore, len(p.Ignores))
	for i, entry := range p.Ignores {
		units := make([]string, len(entry.Units))
		for j, glob := range entry.Units {
			units[j] = strings.TrimSuffix(glob, "/") // of a unit that is a folder
		}
		compiled[i] = ignore{
			wish:  newWish("entry", entry.Rules, entry.Reason, entry.Until, entry.At, p.Today),
			units: patternsOf(units), paths: patternsOf(entry.Paths),
			someUnits: len(units) > 0, inPaths: len(entry.Paths) > 0,
		}
	}
	return compiled
}

// isAbout says whether the entry is about a unit.
func (i *ignore) isAbout(u *aggregator.Unit) bool {
	return !i.someUnits || covers(i.units, string(u.Name)) || u.Path != "" && covers(i.units, u.Path)
}

// mayHide says whether the entry is about a finding of a unit whose rule has some names. It
// looks at what is cheap first.
func (i *ignore) mayHide(u *aggregator.Unit, f verdict.Finding, names []string) bool {
	return i.void == nil && isNamed(i.words, names) && i.covers(f.Place) && i.isAbout(u)
}

// covers says whether the entry is about a place.
func (i *ignore) covers(p verdict.Place) bool { return !i.inPaths || covers(i.paths, p.File) }
