package aggregator

import (
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// unitState is what a fold keeps of one name. What recurs from unit to unit is a number
// into a table of the fold, and what is rare is behind a pointer, so that a fleet of
// 100,000 units fits in memory easily.
type unitState struct {
	claims      packedClaims
	digest      id.Digest
	detail      *detail // nil without a cause and findings
	fingerprint verdict.Fingerprint
	name        uint32 // in Fold.names
	regions     uint32 // in Fold.regions
	skipped     uint32 // in Fold.words
	engine      uint32 // in Fold.words
	state       state
	known       bool
	expected    bool
}

type detail struct {
	cause    string
	findings []verdict.Finding
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

// decided says whether the unit's claims and regions mean anything.
func (s state) decided() bool { return s == ok || s == invalid }

// stateOf returns the state that a verdict leads to. The kind is not trusted: an ok
// verdict with an error in it is invalid, and one of a kind that no worker gives is
// failed.
func stateOf(v verdict.Verdict) state {
	switch {
	case v.Kind == verdict.Invalid, v.Kind == verdict.OK && verdict.HasError(v.Findings):
		return invalid
	case v.Kind == verdict.OK:
		return ok
	}
	return failed
}

// keep copies into a unit what the summary and the joins need of v.
func (f *Fold) keep(at uint32, v verdict.Verdict) {
	s := f.units.at(at)
	s.state = stateOf(v)
	s.digest = id.Digest(f.texts.keep(string(v.Digest)))
	s.engine = f.words.id(v.Engine)
	if s.state == failed {
		s.detail = &detail{cause: strings.Clone(cause(v))}
		return
	}
	s.regions = f.regions.id(v.Regions)
	s.skipped = f.words.id(string(v.Skipped))
	if len(v.Findings) > 0 {
		s.detail = &detail{findings: f.kept(v.Findings)}
	}
	s.claims = f.pack(at, v.Claims)
}

// kept copies findings, because their texts may be part of a whole manifest or verdict
// and would keep it in memory.
func (f *Fold) kept(findings []verdict.Finding) []verdict.Finding {
	all := verdict.SortFindings(slices.Clone(findings))
	for i := range all {
		a := &all[i]
		a.Rule, a.Name, a.Severity = f.words.intern(a.Rule), f.words.intern(a.Name), verdict.Severity(f.words.intern(string(a.Severity)))
		a.Path, a.Help = f.words.intern(a.Path), f.words.intern(a.Help)
		a.Message = f.texts.keep(a.Message)
		if i > 0 && a.File == all[i-1].File {
			a.File = all[i-1].File
		} else {
			a.File = f.texts.keep(a.File)
		}
	}
	return slices.Clip(all)
}

func cause(v verdict.Verdict) string {
	switch {
	case v.Cause != "":
		return v.Cause
	case v.Kind != verdict.Failed:
		return "its verdict is of the unknown kind " + quote(string(v.Kind))
	}
	return "its verdict gives no cause"
}
