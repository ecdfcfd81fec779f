// Package aggregator folds a run's expected services and their verdicts into
// one Summary: oks, errs and what the fleet rules found between services.
//
// The fold is pure. It knows neither what a service is nor where verdicts come
// from, and the order in which things reach it leaves no trace in the Summary.
package aggregator

import (
	"fmt"
	"slices"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// Options are what a Fold has to know before the first verdict.
type Options struct {
	// Joins are the fleet rules, 64 at most. Claims that no join reads are dropped.
	Joins []verdict.Join
	// Config holds the findings of the tree that all services share. With one of
	// severity error nothing was checked.
	Config []verdict.Finding
	// Whole says that every service of the fleet was selected.
	Whole bool
	// Strict makes a service with a warning invalid, its own or a fleet rule's.
	Strict bool
}

// Fold collects names and verdicts. It is used by one goroutine at a time, and
// keeps what it needs of a verdict in a few hundred bytes; see service.
type Fold struct {
	joins             []verdict.Join
	config            []verdict.Finding
	whole             bool
	strict            bool
	listingIncomplete bool
	texts             arena
	claimArena        arena    // of claims, which no summary holds on to
	names             interner // of services, and the keys of claims
	named             []uint32 // 1 + index in services, by the number of the name; 0 for a mere key
	units             blocks[unitState]
	words             interner // what recurs in verdicts
	files             files
	regions           lists
	counts            Counts
	known             int
	unexpected        int // verdicts of services that are not expected so far
	conflicts         map[string]bool
	packing           []byte
}

// New returns an empty fold.
func New(o Options) *Fold {
	if len(o.Joins) > maxJoins {
		panic(fmt.Sprintf("%d joins, at most %d are possible", len(o.Joins), maxJoins))
	}
	f := &Fold{
		joins:     slices.Clone(o.Joins),
		config:    verdict.SortFindings(slices.Clone(o.Config)),
		whole:     o.Whole,
		strict:    o.Strict,
		conflicts: map[string]bool{},
	}
	f.names, f.words = newInterner(&f.texts), newInterner(&f.texts)
	return f
}

// AddKnown records names of folders in the fleet, chosen for this run or not: what
// an Exists join is judged against. A name may come again.
func (f *Fold) AddKnown(names ...id.Unit) {
	for _, name := range names {
		if s := f.units.at(f.unit(name)); !s.known {
			s.known = true
			f.known++
		}
	}
}

// ListingIncomplete says that the names of some folders were never given. Whether a unit
// exists is then not judged.
func (f *Fold) ListingIncomplete() { f.listingIncomplete = true }

// Expect records services that must get a verdict. A name may come again, and
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

// Add records a verdict and says whether it is the first one of an expected
// service. The first verdict of a service stands: the same one again changes
// nothing, a different one is kept as a conflict. The verdict of a service that
// is not expected is kept aside and counts once Expect names it.
func (f *Fold) Add(v verdict.Verdict) (fresh bool) {
	print := v.Fingerprint()
	id := f.unit(v.Unit)
	s := f.units.at(id)
	if s.state != undecided {
		if s.fingerprint != print {
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

// Drop takes a service's verdict back: it is to be decided again. The conflicts it
// had stay.
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
	s.state, s.fingerprint, s.digest, s.detail, s.claims = undecided, verdict.Fingerprint{}, "", nil, ""
	s.regions, s.skipped, s.engine = 0, 0, 0
}

// Counts are the counts so far: joins have not run and nothing is missing yet.
func (f *Fold) Counts() Counts { return f.counts }

// Undecided are the expected services without a verdict, sorted.
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

// unit is the index of the service of a name, new if need be.
func (f *Fold) unit(name id.Unit) uint32 {
	id := f.names.id(string(name))
	if missing := int(id) + 1 - len(f.named); missing > 0 {
		f.named = append(f.named, make([]uint32, missing)...)
	}
	if f.named[id] == 0 {
		f.units.add(unitState{name: id})
		f.named[id] = f.units.count
	}
	return f.named[id] - 1
}

// byKey is the index of the service that the key of a claim names.
func (f *Fold) byKey(key uint32) (id uint32, ok bool) {
	if int(key) >= len(f.named) || f.named[key] == 0 {
		return 0, false
	}
	return f.named[key] - 1, true
}

// find is the service of a name, nil if there is none.
func (f *Fold) find(name id.Unit) *unitState {
	key, ok := f.names.lookup(string(name))
	if !ok {
		return nil
	}
	if id, ok := f.byKey(key); ok {
		return f.units.at(id)
	}
	return nil
}

// name is that of a service.
func (f *Fold) name(id uint32) string { return f.names.at(f.units.at(id).name) }

func (f *Fold) count(s state)   { *f.counter(s)++ }
func (f *Fold) uncount(s state) { *f.counter(s)-- }

// counter is where services with a verdict are counted.
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
	first, second := string(s.state.kind()), string(stateOf(v).kind())
	var how string
	switch {
	case s.digest != v.Digest:
		how = fmt.Sprintf("the first verdict is about %q, another about %q", s.digest, v.Digest)
	case first != second:
		how = fmt.Sprintf("the first verdict is %s, another is %s", first, second)
	default:
		how = fmt.Sprintf("two verdicts are %s and differ in what they say", first)
	}
	f.conflicts[f.names.at(s.name)+": "+how] = true
}

// Digest is that of the bytes a service's verdict is about, "" without one.
func (f *Fold) Digest(unit id.Unit) id.Digest {
	if s := f.find(unit); s != nil {
		return s.digest
	}
	return ""
}

// Has says whether a service has a verdict.
func (f *Fold) Has(unit id.Unit) bool {
	s := f.find(unit)
	return s != nil && s.state != undecided
}
