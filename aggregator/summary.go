package aggregator

import (
	"maps"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// Counts says how many units are on which side. In a Summary OK + Invalid + Failed +
// Missing = Expected.
type Counts struct {
	OK       int `json:"ok"`
	Invalid  int `json:"invalid"`
	Failed   int `json:"failed"`
	Missing  int `json:"missing"`
	Expected int `json:"-"`
}

// Decided is the number of units that were checked to the end, ok or not.
func (c Counts) Decided() int { return c.OK + c.Invalid }

// Scope is how much of the fleet the fleet rules could compare.
type Scope string

// The scopes.
const (
	Whole   Scope = "whole"   // every unit of the fleet was selected
	Partial Scope = "partial" // only a selection
)

// Summary is the outcome of a run. Everything in it but Engines, Conflicts and Unexpected
// depends on the fleet, the selection and the checks alone. Its slices must not be
// changed.
type Summary struct {
	// Complete says that every expected unit has a verdict, be it ok, invalid or failed.
	// It is false when Config has an error: then nothing was checked; and while the listing
	// was not seen to its end: then nobody knows what is missing.
	Complete bool
	// Unlisted says that the listing was not seen to its end: there are at least so many
	// units as are Expected.
	Unlisted   bool
	FleetRules Scope
	// Unjudged are the fleet rules that left needs open, in the order of Options.Joins.
	Unjudged []Unjudged
	// Idle are the rules that have selected nothing in any unit of the whole fleet, by their codes: they
	// ask nothing.
	Idle []verdict.Selection
	// Config holds the findings of the shared tree, sorted.
	Config []verdict.Finding
	Counts
	// OKs and Errs are ordered by name and make up Expected together.
	OKs  []Unit
	Errs []Unit
	// Skipped counts the units that were checked in structure only, by the reason.
	Skipped map[verdict.Skipped]int
	// Fleet is the number of known units, expected or not.
	Fleet int
	// Engines are the engines that decided, sorted.
	Engines []string
	// Mixed are the checks that were made by more than one engine, sorted: the workers did not
	// all have the same rules.
	Mixed []string
	// Conflicts describe units that got two different verdicts, sorted. The first verdict
	// of each stands.
	Conflicts []string
	// Unexpected is the number of units with a verdict that are no part of the run. They
	// are counted nowhere else.
	Unexpected int
}

// Unjudged is a fleet rule of the kind verdict.JoinKnown that left needs open: no unit is known
// to give what they ask for, and one that was not selected, listed or decided may do so.
type Unjudged struct {
	Rule  string // its code
	Needs int    // how many
}

// Unit is the outcome of one unit.
type Unit struct {
	Name id.Unit
	Path string // its folder or file in the repository; "" where it is not known
	Kind verdict.Kind
	// Regions are those in which the unit was checked in full, sorted.
	Regions []string
	Skipped verdict.Skipped
	// Digest is the digest that the verdict is about; "" without a verdict.
	Digest id.Digest
	// Cause is why the unit is failed or missing.
	Cause string
	// Failures say of a failed unit which checks could not decide, by check.
	Failures []Failure
	// Findings are errors and warnings in the order of verdict.Finding.Compare. An ok
	// unit has warnings only, and a failed one what was found in spite of the failure.
	Findings []verdict.Finding
	// Owner is who the unit's own files say that it belongs to, "" where they do not.
	Owner string
	// Marks are what the unit's files ask to be hidden, in the order of verdict.Mark.Compare.
	Marks []verdict.Mark
	// Owners are whose the unit is, sorted, and Hidden the findings that do not stand, in the
	// order of verdict.Finding.Compare. A policy gives them.
	Owners []string
	Hidden []verdict.Hidden
}

// Failure is why a check could not decide about a unit.
type Failure struct{ Check, Cause string }

// Summary runs the joins and divides the expected units into oks and errs. An expected
// unit without a verdict is missing, and missing gives the cause; missing may be nil. The
// fold may go on afterwards.
func (f *Fold) Summary(missing func(unit id.Unit) (cause string)) Summary {
	s := Summary{
		FleetRules: Partial,
		Unlisted:   f.listingIncomplete,
		Config:     slices.Clone(f.config),
		Skipped:    map[verdict.Skipped]int{},
		Fleet:      f.known,
		Conflicts:  slices.Sorted(maps.Keys(f.conflicts)),
		Unexpected: f.unexpected,
	}
	if f.whole {
		s.FleetRules = Whole
	}
	units, joined, unjudged := f.join()
	s.Unjudged = unjudged
	s.OKs = make([]Unit, 0, f.counts.OK)
	s.Idle = f.idle(units)
	outcomes := outcomes{fold: f, missing: missing}
	for _, id := range units {
		s.Put(outcomes.of(f.units.at(id), joined[id]))
		delete(joined, id) // it is in the outcome
	}
	engines := engines{}
	for _, t := range f.traitsAmong(units) {
		engines.add(f.engines.at(t.engines))
	}
	s.Engines, s.Mixed = engines.all(), engines.mixed()
	s.Complete = !s.Unlisted && s.Missing == 0 && !verdict.HasError(s.Config)
	return s
}

// engines are those that made each check.
type engines map[string]map[string]bool

// add takes checks, each with its engine behind it.
func (e engines) add(pairs []string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if check := pairs[i]; e[check] == nil {
			e[check] = map[string]bool{}
		}
		e[pairs[i]][pairs[i+1]] = true
	}
}

// all are the engines, sorted.
func (e engines) all() []string {
	some := map[string]bool{}
	for _, of := range e {
		maps.Copy(some, of)
	}
	return slices.Sorted(maps.Keys(some))
}

// mixed are the checks that several engines made, sorted.
func (e engines) mixed() (checks []string) {
	for check, of := range e {
		if len(of) > 1 {
			checks = append(checks, check)
		}
	}
	slices.Sort(checks)
	return checks
}

// expected returns the expected units.
func (f *Fold) expected() []uint32 {
	all := make([]uint32, 0, f.counts.Expected)
	for i := range f.units.count {
		if f.units.at(i).expected {
			all = append(all, i)
		}
	}
	return all
}

// ordered returns the expected units by name.
func (f *Fold) ordered() []uint32 {
	all := f.expected()
	slices.SortFunc(all, func(a, b uint32) int { return strings.Compare(f.name(a), f.name(b)) })
	return all
}

// traitsAmong returns those that units have, each once.
func (f *Fold) traitsAmong(units []uint32) (all []*traits) {
	seen := make([]bool, len(f.traits.list))
	for _, unit := range units {
		if s := f.units.at(unit); !seen[s.traits] {
			seen[s.traits] = true
			all = append(all, f.traitsOf(s))
		}
	}
	return all
}

// Put places a unit on its side and counts it.
func (s *Summary) Put(o Unit) {
	s.Expected++
	if o.Skipped != "" {
		s.Skipped[o.Skipped]++
	}
	if o.Kind == verdict.OK {
		s.OK++
		s.OKs = append(s.OKs, o)
		return
	}
	switch o.Kind {
	case verdict.Invalid:
		s.Invalid++
	case verdict.Failed:
		s.Failed++
	default:
		s.Missing++
	}
	s.Errs = append(s.Errs, o)
}

// outcomes makes the outcomes of a fold's units, whose texts outlive the fold.
type outcomes struct {
	fold    *Fold
	missing func(id.Unit) string
	texts   arena
	text    []byte // reused
}

// of puts together what was recorded of a unit and what the joins found in it. An
// error of a join makes an ok unit invalid.
func (m *outcomes) of(e *unitState, joined []joinFinding) Unit {
	f, t := m.fold, m.fold.traitsOf(e)
	o := Unit{
		Kind:    e.state.kind(),
		Regions: f.regions.at(t.regions),
		Skipped: verdict.Skipped(f.words.at(t.skipped)),
		Owner:   f.words.at(t.owner),
	}
	o.Name, o.Path = m.named(e)
	m.text = f.appendDigest(m.text[:0], &e.digest)
	o.Digest = id.Digest(m.texts.at(m.texts.putBytes(m.text)))
	if d := f.detailOf(e); d != nil {
		o.Cause, o.Failures, o.Findings, o.Marks = d.cause, d.failures, d.findings, d.marks
	}
	if len(joined) > 0 {
		o.Findings = f.withJoined(o.Findings, joined)
	}
	switch {
	case o.Kind == verdict.Missing:
		o.Cause = missingCause(o.Name, m.missing)
	case o.Kind == verdict.OK && verdict.HasError(o.Findings):
		o.Kind = verdict.Invalid
	}
	return o
}

// named returns the name and the path of a unit, one in the other where that can be.
func (m *outcomes) named(e *unitState) (name id.Unit, path string) {
	f := m.fold
	if !f.traitsOf(e).inFolder {
		return id.Unit(f.names.at(e.name)), f.pathOf(e)
	}
	folder := f.words.at(e.path)
	m.text = append(append(m.text[:0], folder...), f.names.at(e.name)...)
	path = m.texts.at(m.texts.putBytes(m.text))
	return id.Unit(path[len(folder):]), path
}

func (f *Fold) withJoined(findings []verdict.Finding, joined []joinFinding) []verdict.Finding {
	all := append(make([]verdict.Finding, 0, len(findings)+len(joined)), findings...)
	for i := range joined {
		all = append(all, f.finding(&joined[i]))
	}
	return verdict.SortFindings(all)
}

func missingCause(name id.Unit, missing func(id.Unit) string) string {
	if missing != nil {
		if c := missing(name); c != "" {
			return c
		}
	}
	return "no verdict arrived"
}
