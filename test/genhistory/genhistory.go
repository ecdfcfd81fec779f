// Package genhistory writes a deterministic git repository with a history, and edits folders at
// random, for tests of what a change of a repository changes. The repository is one of shipcat's
// manifests, as package genfleet writes it, or one that a muster.yaml governs, as package genrepo
// does. Each commit is one Edit: it has a class, and the units and shared files that it touched.
//
// The same Options give the same bytes on every machine, with every release of Go and of git, and
// so the same names of commits.
package genhistory

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/fleet"
)

// Dialect is what governs a repository.
type Dialect string

// The dialects.
const (
	Shipcat Dialect = "shipcat" // services of a shipcat.conf
	Muster  Dialect = "muster"  // kinds of a muster.yaml: folders and files
)

// Dialects are all dialects, in a fixed order.
func Dialects() []Dialect { return []Dialect{Shipcat, Muster} }

// Options say which repository to write.
type Options struct {
	Dialect Dialect
	Units   int     // at the start; at least 8
	Bad     float64 // the fraction of them that has a mistake, 0 to 0.5
	Seed    uint64  // any value; 0 is a seed like the others
	// Command is what a muster.yaml names by `run` for its services, "" for none.
	Command string
}

// least lets each class find a unit of each kind.
const least = 8

// Edit is one change of a repository.
type Edit struct {
	Class  Class  `json:"class"`
	Detail string `json:"detail"` // what was done, for people
	// Units are the paths, as fleet.NameOf writes them, of those in which a file came, went or
	// changed its bytes or its mode; sorted.
	Units []string `json:"units,omitempty"`
	// Shared are the paths of the other files of which that is so, sorted.
	Shared []string `json:"shared,omitempty"`
}

// Repository is a repository in memory that edits change. It is not safe for concurrent use.
type Repository struct {
	rng
	dialect dialect
	tree    Tree
	first   Tree   // at the start
	past    []Tree // the last states before this one, the latest at the end
	made    int    // numbers new names
	edits   []edit // all of the dialect, in a fixed order
	pending *edit  // mends what the last edit has broken for all
}

// remembered is how many states an edit may take old content from.
const remembered = 8

// New is a repository before its first edit.
func New(o Options) (*Repository, error) {
	if o.Units < least {
		return nil, fmt.Errorf("a repository of %d units: need at least %d", o.Units, least)
	}
	d, known := dialects[o.Dialect]
	if !known {
		return nil, fmt.Errorf("dialect %q: want one of %q", o.Dialect, Dialects())
	}
	start, err := d.start(o)
	if err != nil {
		return nil, err
	}
	r := &Repository{rng: newRng(o.Seed), dialect: d, tree: start, first: start}
	r.edits = slices.Concat(unitEdits, d.edits)
	return r, nil
}

// Tree are the repository's files. It must not be changed.
func (r *Repository) Tree() Tree { return r.tree }

// Edit makes an edit of some class.
func (r *Repository) Edit() Edit {
	if e := r.pending; e != nil {
		if done, ok := r.apply(*e); ok {
			return done
		}
	}
	for {
		if done, ok := r.apply(r.draw()); ok {
			return done
		}
	}
}

// Apply makes an edit of one class. It is false, and nothing has changed, where the repository
// has nothing that could be edited so.
func (r *Repository) Apply(c Class) (Edit, bool) {
	var of []edit
	for _, e := range r.edits {
		if e.class == c {
			of = append(of, e)
		}
	}
	for _, i := range r.Perm(len(of)) {
		if done, ok := r.apply(of[i]); ok {
			return done, true
		}
	}
	return Edit{}, false
}

// draw is an edit, the more often the heavier.
func (r *Repository) draw() edit {
	sum := 0
	for _, e := range r.edits {
		sum += e.weight
	}
	at := r.IntN(sum)
	for _, e := range r.edits {
		if at -= e.weight; at < 0 {
			return e
		}
	}
	return r.edits[0]
}

// apply makes an edit. It is false if that changes nothing.
func (r *Repository) apply(e edit) (Edit, bool) {
	before := r.tree
	r.tree = maps.Clone(before)
	detail := e.do(r)
	done := r.dialect.told(e.class, detail, before, r.tree)
	if len(done.Units)+len(done.Shared) == 0 {
		r.tree = before
		return Edit{}, false
	}
	r.pending = nil
	if e.breaks && e.toggle.on(r.tree) {
		r.pending = &e
	}
	r.remember(before)
	return done, true
}

func (r *Repository) remember(t Tree) {
	r.past = append(r.past, t)
	if len(r.past) > remembered {
		r.past = slices.Delete(r.past, 0, 1)
	}
}

// told is what an edit has touched.
func (d dialect) told(c Class, detail string, before, after Tree) Edit {
	e := Edit{Class: c, Detail: strings.Join(strings.Fields(detail), " ")}
	for _, path := range before.differs(after) {
		if unit, ok := d.unitOf(path); ok {
			e.Units = append(e.Units, string(fleet.NameOf(unit)))
		} else {
			e.Shared = append(e.Shared, string(fleet.NameOf(path)))
		}
	}
	slices.Sort(e.Units)
	slices.Sort(e.Shared)
	e.Units = slices.Compact(e.Units)
	return e
}
