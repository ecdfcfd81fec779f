package scope

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
)

// PassedOver is what was named and has no service: people are to be told.
type PassedOver struct {
	Others []string  // paths that belong to no service and are not shared
	Gone   []id.Unit // services whose folders are not there any more
}

// picker gathers what an Input names.
type picker struct {
	Scope
	layout fleet.Layout
	bases  bases
	whole  bool
	units  []id.Unit
	passed PassedOver
}

func newPicker(s Scope, dir string) (*picker, error) {
	b, err := newBases(s.Fleet.Dir(), dir)
	return &picker{Scope: s, layout: s.Fleet.Layout(), bases: b}, err
}

func (p *picker) selection() Selection {
	if p.whole {
		return Selection{}
	}
	return Only(p.units...)
}

// argument takes a word of the command line, which must be there.
func (p *picker) argument(word string) error {
	known, err := p.known(word, true)
	if known || err != nil {
		return err
	}
	return p.unknown(word)
}

// known takes what a word stands for, and says false if that is nothing: a service's name,
// paths that are there, a path that is not and still says what it belongs to, a pattern.
// Without patterns a word that looks like a file's name is none.
func (p *picker) known(word string, patterns bool) (bool, error) {
	if word == "" {
		return false, nil
	}
	name := strings.TrimRight(word, "/")
	if unit := unitNamed(name); !strings.Contains(name, "/") && p.Fleet.Contains(unit) {
		p.units = append(p.units, unit)
		return true, nil
	}
	taken, err := p.takeThere(p.there(word))
	if taken || err != nil || p.take(p.formerly(word)) {
		return true, err
	}
	switch {
	case p.bases.beside(word):
		p.passed.Others = append(p.passed.Others, word)
		return true, nil
	case !strings.ContainsAny(word, `*?[`):
		return false, nil
	case !strings.ContainsAny(word, "/."), patterns && !strings.Contains(word, "/"):
		return p.names(word)
	case patterns:
		return p.paths(word)
	}
	return false, nil
}

// take takes a place, and says whether it is anything.
func (p *picker) take(at place) bool {
	switch at.kind {
	case ofAll:
		p.whole = true
	case ofUnits:
		p.units = append(p.units, at.units...)
	case ofNone:
		p.passed.Others = append(p.passed.Others, at.path)
	default:
		return false
	}
	return true
}

// names takes the services whose names match a pattern.
func (p *picker) names(pattern string) (bool, error) {
	matched := false
	for name, err := range p.Fleet.Units(context.Background()) {
		if err != nil {
			return false, err
		}
		ok, err := doublestar.Match(pattern, string(name))
		if err != nil {
			return false, Usagef("%q is not a pattern: * stands for any characters, ? for one, [a-z] for one of these", pattern)
		}
		if ok {
			p.units, matched = append(p.units, name), true
		}
	}
	if !matched {
		return false, Usagef("no %s's name matches %q: `enqueue list` prints the names", p.layout.Called().One, pattern)
	}
	return true, nil
}

// paths takes what the files and folders belong to whose paths match a pattern.
func (p *picker) paths(pattern string) (bool, error) {
	matched := false
	for _, rel := range p.bases.of(pattern) {
		found, err := doublestar.Glob(p.Fleet.FS(), rel, doublestar.WithNoFollow())
		if err != nil {
			return false, Usagef("%q is not a pattern: * stands for any characters but /, ? for one, [a-z] for one of these, ** for any folders", pattern)
		}
		taken, err := p.takeThere(found)
		if err != nil {
			return false, err
		}
		matched = taken || matched
	}
	if !matched {
		return false, Usagef("no file or folder of the repository %s matches %q", p.Fleet.Dir(), pattern)
	}
	return true, nil
}

// gone notes an entry of a list that is not there.
func (p *picker) gone(word string) {
	for _, rel := range p.bases.of(word) {
		if at := p.placeOf(rel); at.kind == ofGone {
			p.passed.Gone = append(p.passed.Gone, at.units...)
			return
		}
	}
	p.passed.Others = append(p.passed.Others, word)
}

// unknown says why a word cannot be taken.
func (p *picker) unknown(word string) error {
	if strings.Contains(word, "://") { // and perhaps a password
		return Usagef("an address stands where %s are named: that of a Redis is given with --redis", p.layout.Called().Many)
	}
	name := strings.TrimRight(word, "/")
	if !strings.Contains(name, "/") && name != ".." {
		return asUsage(p.Fleet.Has(unitNamed(name)))
	}
	all := p.bases.of(word)
	if len(all) == 0 {
		return Usagef("%q is outside the repository %s", word, p.Fleet.Dir())
	}
	for _, rel := range all {
		if at := p.placeOf(rel); len(at.units) > 0 {
			return Usagef("%v (a list of changed files, in which %s may be gone, is given with - or @FILE)", p.Fleet.Has(at.units[0]), p.layout.Called().Many)
		}
	}
	return Usagef("there is no %q in the repository %s: name a %s, or a file or folder of the repository", word, p.Fleet.Dir(), p.layout.Called().One)
}

func asUsage(err error) error {
	if err == nil {
		return errors.New("the repository has changed meanwhile: try again")
	}
	return Usagef("%v", err)
}

// unitNamed is the unit that somebody names. What is not UTF-8 is the name of a folder, as
// a shell or git gives it; anything else is the name of a unit, as list prints it.
func unitNamed(name string) id.Unit {
	if utf8.ValidString(name) {
		return id.Unit(name)
	}
	return fleet.NameOf(name)
}
