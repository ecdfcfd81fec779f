package aggregator

import (
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// unitState is what a fold keeps of one name. What recurs from unit to unit is a number
// into a table of the fold, and so is what is rare: without a pointer in it no collection
// looks at a fleet of 100,000 units, which fits in memory easily.
type unitState struct {
	digest      digest
	fingerprint verdict.Fingerprint
	claims      packedClaims
	name        uint32 // in Fold.names
	path        uint32 // in Fold.words: see traits.inFolder
	traits      uint32 // in Fold.traits
	detail      uint32 // in Fold.details, 0 for none
	state       state
	known       bool
	expected    bool
}

// traits are what many units have in common.
type traits struct {
	regions  uint32 // in Fold.regions
	skipped  uint32 // in Fold.words
	owner    uint32 // in Fold.words
	engines  uint32 // in Fold.engines
	unclear  uint32 // in Fold.unclearIn: spaces into which they may put keys that they do not tell
	selected uint32 // in Fold.selectedIn: see Fold.selected
	inFolder bool   // the path is that of a folder with a slash, and behind it stands the unit's name
	impure   bool
}

// detail is what is told of a unit that is failed, or has findings or marks.
type detail struct {
	cause    string
	failures []Failure
	findings []verdict.Finding
	marks    []verdict.Mark
}

// state is a verdict's kind in one byte.
type state uint8

const (
	undecided state = iota
	ok
	invalid
	failed
)

func (s state) kind() verdict.Kind {
	return [...]verdict.Kind{verdict.Missing, verdict.OK, verdict.Invalid, verdict.Failed}[s]
}

// decided says whether all checks of the unit came to an end, so that what it does not claim
// is not so.
func (s state) decided() bool { return s == ok || s == invalid }

// stateOf returns the state that a verdict leads to. The kind is not trusted: one with the
// failure of a check, or without a part of one, is failed, an ok one with an error in it is
// invalid, and one of a kind that no worker gives is failed.
func (f *Fold) stateOf(v verdict.Verdict) state {
	switch {
	case slices.ContainsFunc(v.Parts, func(p verdict.Part) bool { return p.Failure != "" }), len(f.without(v)) > 0:
		return failed
	case v.Kind == verdict.Invalid, v.Kind == verdict.OK && verdict.HasError(v.Findings()):
		return invalid
	case v.Kind == verdict.OK:
		return ok
	}
	return failed
}

// without are the checks that a verdict has no part of and should have.
func (f *Fold) without(v verdict.Verdict) (checks []string) {
	if f.checks == nil {
		return nil
	}
	for _, check := range f.checks(v.Shared) {
		if !slices.ContainsFunc(v.Parts, func(p verdict.Part) bool { return p.Check == check }) {
			checks = append(checks, quote(check))
		}
	}
	return checks
}

// keep copies into a unit what the summary and the joins need of v.
func (f *Fold) keep(at uint32, v verdict.Verdict) {
	s := f.units.at(at)
	s.state = f.stateOf(v)
	s.digest = f.digest(v.Digest)
	claims := v.Claims()
	folder, inside := strings.CutSuffix(v.Path, string(v.Unit)) // most paths are of one folder, with the unit's name behind
	s.path = f.words.id(folder)
	s.traits = f.traits.id(traits{
		regions:  f.regions.id(v.Regions()),
		skipped:  f.words.id(string(v.Skipped())),
		owner:    f.words.id(v.Owner()),
		engines:  f.enginesOf(v),
		unclear:  f.unclearIn.id(unclear(claims)),
		selected: f.selectedIn.inOrder(f.selected(v.Shared, claims)),
		inFolder: inside,
		impure:   v.Impure(),
	})
	f.keepDetail(s, v)
	s.claims = f.pack(at, claims)
}

// keepDetail keeps what is rare.
func (f *Fold) keepDetail(s *unitState, v verdict.Verdict) {
	findings, marks := v.Findings(), v.Marks()
	if s.state != failed && len(findings)+len(marks) == 0 {
		return
	}
	d := detail{findings: f.kept(findings), marks: f.keptMarks(marks)}
	if s.state == failed {
		d.cause, d.failures = strings.Clone(f.cause(v)), f.failures(v)
	}
	if s.detail == 0 {
		f.details.add(detail{})
		s.detail = f.details.count
	}
	*f.detailOf(s) = d
}

// detailOf is what is told of a unit, nil for nothing.
func (f *Fold) detailOf(s *unitState) *detail {
	if s.detail == 0 {
		return nil
	}
	return f.details.at(s.detail - 1)
}

// traitsOf are those of a unit.
func (f *Fold) traitsOf(s *unitState) *traits { return &f.traits.list[s.traits] }

// enginesOf returns the number of the checks of a verdict, each with its engine behind it.
func (f *Fold) enginesOf(v verdict.Verdict) uint32 {
	var few [4]string
	all := few[:0]
	for i := range v.Parts {
		if p := &v.Parts[i]; p.Engine != "" {
			all = append(all, p.Check, p.Engine)
		}
	}
	return f.engines.inOrder(all)
}

// PathOf is the path in the repository of a unit that the fold knows, "" where it is not known.
func (f *Fold) PathOf(unit id.Unit) string {
	if s := f.find(unit); s != nil {
		return f.pathOf(s)
	}
	return ""
}

// pathOf is the path of a unit by its verdict, or by who made the fold.
func (f *Fold) pathOf(s *unitState) string {
	name := f.names.at(s.name)
	switch {
	case f.traitsOf(s).inFolder:
		return f.words.at(s.path) + name
	case s.path != 0:
		return f.words.at(s.path)
	case f.path != nil:
		return f.path(id.Unit(name))
	}
	return ""
}

// failures are why checks could not decide.
func (f *Fold) failures(v verdict.Verdict) (all []Failure) {
	for i := range v.Parts {
		if p := &v.Parts[i]; p.Failure != "" {
			all = append(all, Failure{f.words.intern(p.Check), strings.Clone(p.Failure)})
		}
	}
	return all
}

// kept copies findings, because their texts may be part of a whole manifest or verdict
// and would keep it in memory.
func (f *Fold) kept(findings []verdict.Finding) []verdict.Finding {
	all := verdict.SortFindings(slices.Clone(findings))
	for i := range all {
		a := &all[i]
		a.Rule, a.Name, a.Severity = f.words.intern(a.Rule), f.words.intern(a.Name), verdict.Severity(f.words.intern(string(a.Severity)))
		a.Named, a.Identity = f.words.intern(a.Named), f.words.intern(a.Identity)
		a.Path, a.Help = f.words.intern(a.Path), f.words.intern(a.Help)
		a.Message = f.texts.keep(a.Message)
		a.Related = f.keptRelated(a.Related)
		if i > 0 && a.File == all[i-1].File {
			a.File = all[i-1].File
		} else {
			a.File = f.texts.keep(a.File)
		}
	}
	return slices.Clip(all)
}

func (f *Fold) keptMarks(marks []verdict.Mark) []verdict.Mark {
	all := slices.Clone(marks)
	for i := range all {
		m := &all[i]
		m.Rules = slices.Clone(m.Rules)
		for k, rule := range m.Rules {
			m.Rules[k] = f.words.intern(rule)
		}
		m.Place.File, m.Path, m.Reason, m.Until = f.texts.keep(m.Place.File), f.words.intern(m.Path), f.words.intern(m.Reason), f.words.intern(m.Until)
	}
	return all
}

func (f *Fold) keptRelated(related []verdict.Related) []verdict.Related {
	all := slices.Clone(related)
	for i := range all {
		r := &all[i]
		r.File, r.Path, r.Text = f.texts.keep(r.File), f.words.intern(r.Path), f.words.intern(r.Text)
	}
	return all
}

// cause is why a verdict is failed.
func (f *Fold) cause(v verdict.Verdict) string {
	checks := f.without(v)
	switch {
	case v.Cause != "":
		return v.Cause
	case len(checks) == 1:
		return "its verdict says nothing of the check " + checks[0]
	case len(checks) > 1:
		return "its verdict says nothing of the checks " + some(checks, len(checks))
	case v.Kind != verdict.Failed && v.Kind != verdict.OK && v.Kind != verdict.Invalid:
		return "its verdict is of the unknown kind " + quote(string(v.Kind))
	}
	return "its verdict gives no cause"
}
