// Package aggregator folds a run's expected units and their verdicts into one Summary:
// oks, errs, and what the fleet rules found between units.
//
// The fold is pure. It knows neither what a unit is nor where verdicts come from, and the
// Summary does not depend on the order in which names and verdicts come. It tells facts: a
// unit with warnings alone is ok.
package aggregator

import (
	"fmt"
	"slices"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// Options are what a Fold has to know before the first verdict.
type Options struct {
	// Joins are the fleet rules. The first verdict.MaxJoins are judged: who may have more has
	// to say so. Claims that no join reads are dropped.
	Joins []verdict.Join
	// Checks are those that every verdict about some shared files must have a part of; nil,
	// and nil of it, takes whatever it has.
	Checks func(shared id.Digest) []string
	// Selections are the rules about some shared files that are told of where they select nothing in
	// any unit; nil tells of none.
	Selections func(shared id.Digest) []verdict.Selection
	// Config holds the findings of the tree that all units share. With one of severity
	// error nothing was checked.
	Config []verdict.Finding
	// Whole says that every unit of the fleet was selected.
	Whole bool
	// Path is a unit's folder or file in the repository, for units without a verdict and
	// verdicts that do not tell it; nil knows none.
	Path func(unit id.Unit) string
}

// Fold collects names and verdicts. It must be used by one goroutine at a time. It keeps
// what it needs of a verdict in a few hundred bytes; see unitState.
type Fold struct {
	joins             []verdict.Join
	reading           map[string]*byRole // which joins the names in claims call
	checks            func(id.Digest) []string
	selections        func(id.Digest) []verdict.Selection
	config            []verdict.Finding
	whole             bool
	path              func(id.Unit) string
	listingIncomplete bool
	texts             arena
	claimArena        arena    // of claims; a summary refers to none
	names             interner // of units, and the keys of claims
	last              uint32   // the unit that was asked for last
	named             []uint32 // 1 + index in units, by the number of the name; 0 for a key that names no unit
	units             blocks[unitState]
	words             interner // what recurs in verdicts
	files             files
	manners           numbered[manner] // of claims
	lastReaders       lastReaders
	traits            numbered[traits]
	details           blocks[detail]
	regions           lists
	engines           lists
	selectedIn        lists
	unclearIn         lists
	counts            Counts
	known             int
	unexpected        int // verdicts of units that are not expected so far
	conflicts         map[string]bool
	packing           []byte
}

// New returns an empty fold.
func New(o Options) *Fold {
	judged := slices.Clone(o.Joins[:min(len(o.Joins), verdict.MaxJoins)])
	f := &Fold{
		joins:      judged,
		reading:    readersOf(judged),
		checks:     o.Checks,
		selections: o.Selections,
		config:     verdict.SortFindings(slices.Clone(o.Config)),
		whole:      o.Whole,
		path:       o.Path,
		conflicts:  map[string]bool{},
	}
	f.names, f.words = newInterner(&f.texts), newInterner(&f.texts)
	f.traits.id(traits{}) // of units without a verdict
	return f
}

// AddKnown records known units, expected or not: the names against which an Exists join
// judges keys. A name may come again.
func (f *Fold) AddKnown(names ...id.Unit) {
	for _, name := range names {
		if s := f.units.at(f.unit(name)); !s.known {
			s.known = true
			f.known++
		}
	}
}

// ListingIncomplete says that the names of some folders were not listed. Exists joins
// judge nothing then.
func (f *Fold) ListingIncomplete() { f.listingIncomplete = true }

// Expect records expected units, which must get a verdict. A name may come again, and
// before or after its verdict.
func (f *Fold) Expect(names ...id.Unit) {
	for _, name := range names {
		s := f.units.at(f.unit(name))
		if s.expected {
			continue
		}
		s.expected = true
		f.counts.Expected++
		if s.state != undecided {
			f.unexpected--
			f.count(s.state)
		}
	}
}

// Add records a verdict and says whether it is the first one of an expected unit. The
// first verdict of a unit stands: the same one again changes nothing, and a different one
// is kept as a conflict, unless one of them is impure. The verdict of a unit that is not
// expected is kept aside, and counts once Expect names the unit.
func (f *Fold) Add(v verdict.Verdict) (fresh bool) { return f.AddAs(v, v.Fingerprint()) }

// AddAs is Add for who has the verdict's fingerprint already.
func (f *Fold) AddAs(v verdict.Verdict, print verdict.Fingerprint) (fresh bool) {
	id := f.unit(v.Unit)
	s := f.units.at(id)
	if s.state != undecided {
		if s.fingerprint != print && !f.traitsOf(s).impure && !v.Impure() {
			f.conflict(s, v)
		}
		return false
	}
	s.fingerprint = print
	f.keep(id, v)
	if !s.expected {
		f.unexpected++
		return false
	}
	f.count(s.state)
	return true
}

// Drop takes the verdict of a unit back, so that the unit can be decided again. Its
// conflicts stay.
func (f *Fold) Drop(name id.Unit) {
	s := f.units.at(f.unit(name))
	switch {
	case s.state == undecided:
		return
	case s.expected:
		f.uncount(s.state)
	default:
		f.unexpected--
	}
	if d := f.detailOf(s); d != nil {
		*d = detail{}
	}
	*s = unitState{name: s.name, detail: s.detail, known: s.known, expected: s.expected}
}

// Counts are the counts so far: joins have not run, and nothing is missing yet.
func (f *Fold) Counts() Counts { return f.counts }

// Undecided returns the expected units without a verdict, sorted.
func (f *Fold) Undecided() []id.Unit {
	var names []id.Unit
	for i := range f.units.count {
		if s := f.units.at(i); s.expected && s.state == undecided {
			names = append(names, id.Unit(f.name(i)))
		}
	}
	slices.Sort(names)
	return names
}

// unit returns the index of the unit of a name, and adds the unit if it is new.
func (f *Fold) unit(name id.Unit) uint32 {
	if unit, ok := f.nextTo(name); ok {
		return unit
	}
	id := f.names.id(string(name))
	if missing := int(id) + 1 - len(f.named); missing > 0 {
		f.named = append(f.named, make([]uint32, missing)...)
	}
	if f.named[id] == 0 {
		f.units.add(unitState{name: id})
		f.named[id] = f.units.count
	}
	f.last = f.named[id] - 1
	return f.last
}

// nextTo returns the unit of a name where that is the last one or the one behind it: names are told,
// expected and decided in the order in which they were listed, and looking them up costs more.
func (f *Fold) nextTo(name id.Unit) (unit uint32, ok bool) {
	for unit := f.last; unit < min(f.last+2, f.units.count); unit++ {
		if f.name(unit) == string(name) {
			f.last = unit
			return unit, true
		}
	}
	return 0, false
}

// byKey returns the index of the unit that the key of a claim names.
func (f *Fold) byKey(key uint32) (id uint32, ok bool) {
	if int(key) >= len(f.named) || f.named[key] == 0 {
		return 0, false
	}
	return f.named[key] - 1, true
}

// find returns the unit of a name, nil if there is none.
func (f *Fold) find(name id.Unit) *unitState {
	if unit, ok := f.nextTo(name); ok {
		return f.units.at(unit)
	}
	key, ok := f.names.lookup(string(name))
	if !ok {
		return nil
	}
	if unit, ok := f.byKey(key); ok {
		f.last = unit
		return f.units.at(unit)
	}
	return nil
}

// name returns the name of a unit.
func (f *Fold) name(id uint32) string { return f.names.at(f.units.at(id).name) }

func (f *Fold) count(s state)   { *f.counter(s)++ }
func (f *Fold) uncount(s state) { *f.counter(s)-- }

// counter is the count of the units in a state.
func (f *Fold) counter(s state) *int {
	switch s {
	case ok:
		return &f.counts.OK
	case invalid:
		return &f.counts.Invalid
	}
	return &f.counts.Failed
}

func (f *Fold) conflict(s *unitState, v verdict.Verdict) {
	first, second := string(s.state.kind()), string(f.stateOf(v).kind())
	var how string
	switch {
	case f.digestText(s) != v.Digest:
		how = fmt.Sprintf("the first verdict is about %q, another about %q", f.digestText(s), v.Digest)
	case first != second:
		how = fmt.Sprintf("the first verdict is %s, another is %s", first, second)
	default:
		how = fmt.Sprintf("two verdicts are %s and differ in what they say", first)
	}
	f.conflicts[f.names.at(s.name)+": "+how] = true
}

// Digest is the digest that a unit's verdict is about, "" without a verdict.
func (f *Fold) Digest(unit id.Unit) id.Digest {
	if s := f.find(unit); s != nil {
		return f.digestText(s)
	}
	return ""
}

// Has says whether a unit has a verdict.
func (f *Fold) Has(unit id.Unit) bool {
	s := f.find(unit)
	return s != nil && s.state != undecided
}
