// Package aggregator folds a run's expected services and their verdicts into
// one Summary: oks, errs and what the fleet rules found between services.
//
// The fold is pure. It knows neither what a service is nor where verdicts come
// from, and the order in which things reach it leaves no trace in the Summary.
package aggregator

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// Options are what a Fold has to know before the first verdict.
type Options struct {
	// Joins are the fleet rules. Claims that no join reads are dropped.
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
	joins     []verdict.Join
	config    []verdict.Finding
	whole     bool
	strict    bool
	unlisted  bool
	ids       map[string]uint32 // name of a unit or service ⇒ its index in services
	services  []service
	claims    claims
	words     words
	regions   lists
	counts    Counts
	units     int
	early     int // verdicts of services that are not expected so far
	conflicts map[string]bool
	seed      maphash.Seed
	essence   essence // of the last verdict, reused
}

// New returns an empty fold.
func New(o Options) *Fold {
	return &Fold{
		joins:     slices.Clone(o.Joins),
		config:    verdict.SortFindings(slices.Clone(o.Config)),
		whole:     o.Whole,
		strict:    o.Strict,
		ids:       map[string]uint32{},
		conflicts: map[string]bool{},
		seed:      maphash.MakeSeed(),
	}
}

// Unit records names of folders in the fleet, chosen for this run or not: what
// an Exists join is judged against. A name may come again.
func (f *Fold) Unit(names ...string) {
	for _, name := range names {
		if s := f.service(name); !s.unit {
			s.unit = true
			f.units++
		}
	}
}

// Unlisted says that the names of some folders were never given. Whether a unit
// exists is then not judged.
func (f *Fold) Unlisted() { f.unlisted = true }

// Expect records services that must get a verdict. A name may come again, and
// before or after its verdict.
func (f *Fold) Expect(names ...string) {
	for _, name := range names {
		s := f.service(name)
		if s.expected {
			continue
		}
		s.expected = true
		f.counts.Expected++
		if s.state != undecided {
			f.early--
			f.count(s.state)
		}
	}
}

// Add records a verdict and says whether it is the first one of an expected
// service. The first verdict of a service stands: the same one again changes
// nothing, a different one is kept as a conflict. The verdict of a service that
// is not expected is kept aside and counts once Expect names it.
func (f *Fold) Add(v verdict.Verdict) (fresh bool) {
	seal := f.seal(&v)
	s := f.service(v.Service)
	if s.state != undecided {
		if s.seal != seal {
			f.conflict(s, v)
		}
		return false
	}
	s.seal = seal
	f.keep(s, v)
	if !s.expected {
		f.early++
		return false
	}
	f.count(s.state)
	return true
}

// Drop takes a service's verdict back: it is to be decided again. The conflicts it
// had stay.
func (f *Fold) Drop(name string) {
	s := f.service(name)
	switch {
	case s.state == undecided:
		return
	case s.expected:
		f.uncount(s.state)
	default:
		f.early--
	}
	s.state, s.seal, s.digest, s.detail, s.claimCount = undecided, 0, "", nil, 0
	s.regions, s.standing, s.engine = 0, 0, 0
}

// Counts are the counts so far: joins have not run and nothing is missing yet.
func (f *Fold) Counts() Counts { return f.counts }

// Undecided are the expected services without a verdict, sorted.
func (f *Fold) Undecided() []string {
	var names []string
	for i := range f.services {
		if s := &f.services[i]; s.expected && s.state == undecided {
			names = append(names, s.name)
		}
	}
	slices.Sort(names)
	return names
}

// service returns the entry of a name, new if need be. The pointer is good until
// the next call.
func (f *Fold) service(name string) *service {
	id, ok := f.ids[name]
	if !ok {
		id = uint32(len(f.services))
		name = strings.Clone(name)
		f.ids[name] = id
		f.services = append(f.services, service{name: name})
	}
	return &f.services[id]
}

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

func (f *Fold) conflict(s *service, v verdict.Verdict) {
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
	f.conflicts[s.name+": "+how] = true
}

// Digest is that of the bytes a service's verdict is about, "" without one.
func (f *Fold) Digest(service string) string {
	if !f.Has(service) {
		return ""
	}
	return f.services[f.ids[service]].digest
}

// Has says whether a service has a verdict.
func (f *Fold) Has(service string) bool {
	id, ok := f.ids[service]
	return ok && f.services[id].state != undecided
}
