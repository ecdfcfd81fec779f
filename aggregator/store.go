package aggregator

import (
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// service is what a fold keeps of one name. Everything that recurs from service
// to service is a number into a table of the fold, and what is rare hangs on a
// pointer: a fleet of 100,000 has to fit in memory easily.
type service struct {
	name       string
	digest     string
	detail     *detail // nil without cause and findings
	seal       uint64
	regions    uint32 // in Fold.regions
	standing   uint32 // in Fold.words
	engine     uint32 // in Fold.words
	claims     uint32 // its first claim in Fold.claims
	claimCount uint32
	state      state
	unit       bool
	expected   bool
}

type detail struct {
	cause    string
	findings []verdict.Finding
}

// claim is a verdict.Claim in short.
type claim struct {
	key     string
	file    string
	service uint32
	join    uint32 // in Fold.joins
	path    uint32 // in Fold.words
	regions uint32 // in Fold.regions
	line    int32
	column  int32
	role    role
}

// claims is a list that grows without being copied. The zero value is ready.
type claims struct {
	blocks [][]claim
	count  uint32
}

const claimsInBlock = 1024

func (l *claims) add(c claim) {
	if l.count%claimsInBlock == 0 {
		l.blocks = append(l.blocks, make([]claim, 0, claimsInBlock))
	}
	last := &l.blocks[len(l.blocks)-1]
	*last = append(*last, c)
	l.count++
}

func (l *claims) at(i uint32) *claim { return &l.blocks[i/claimsInBlock][i%claimsInBlock] }

// perJoin counts the claims of each of so many joins.
func (l *claims) perJoin(joins int) []int {
	counts := make([]int, joins)
	for _, block := range l.blocks {
		for i := range block {
			counts[block[i].join]++
		}
	}
	return counts
}

// role is a verdict.Role in one byte, as far as joins tell roles apart.
type role uint8

const (
	needs role = iota // or Unique, where the join reads nothing else
	provides
)

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

// decided says whether the service's claims and regions mean anything.
func (s state) decided() bool { return s == ok || s == invalid }

// stateOf trusts no verdict to be ok: one with an error in it is invalid, and
// one of a kind that no worker gives has decided nothing.
func stateOf(v verdict.Verdict) state {
	switch {
	case v.Kind == verdict.Invalid, v.Kind == verdict.OK && verdict.HasError(v.Findings):
		return invalid
	case v.Kind == verdict.OK:
		return ok
	}
	return failed
}

// keep copies into s what the summary and the joins need of v.
func (f *Fold) keep(s *service, v verdict.Verdict) {
	s.state = stateOf(v)
	s.digest = strings.Clone(v.Digest)
	s.engine = f.words.id(v.Engine)
	if s.state == failed {
		s.detail = &detail{cause: cause(v)}
		return
	}
	s.regions = f.regions.id(v.Regions)
	s.standing = f.words.id(string(v.Standing))
	if len(v.Findings) > 0 {
		s.detail = &detail{findings: verdict.SortFindings(slices.Clone(v.Findings))}
	}
	f.keepClaims(s, v.Claims)
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

func (f *Fold) keepClaims(s *service, claims []verdict.Claim) {
	s.claims = f.claims.count
	id := f.ids[s.name]
	var file string
	for i := range claims {
		c := &claims[i]
		if c.File != file {
			file = strings.Clone(c.File)
		}
		for j := range f.joins {
			if f.joins[j].Rule.Code == c.Join && reads(f.joins[j].Kind, c.Role) {
				f.claims.add(f.short(c, file, id, j))
			}
		}
	}
	s.claimCount = f.claims.count - s.claims
}

// reads says whether a join of a kind has a use for claims of a role.
func reads(k verdict.JoinKind, r verdict.Role) bool {
	switch k {
	case verdict.JoinUnique:
		return r == verdict.Unique
	case verdict.JoinProvided:
		return r == verdict.Needs || r == verdict.Provides
	case verdict.JoinExists, verdict.JoinAcyclic:
		return r == verdict.Needs
	}
	return false
}

func (f *Fold) short(c *verdict.Claim, file string, service uint32, join int) claim {
	r := needs
	if c.Role == verdict.Provides {
		r = provides
	}
	return claim{
		key:     f.own(c.Key),
		file:    file,
		service: service,
		join:    uint32(join),
		path:    f.words.id(c.Path),
		regions: f.regions.id(c.Regions),
		line:    int32(c.Line),
		column:  int32(c.Column),
		role:    r,
	}
}

// own is a text to be kept: the name of a service as it is kept already, or a copy.
func (f *Fold) own(text string) string {
	if id, ok := f.ids[text]; ok {
		return f.services[id].name
	}
	return strings.Clone(text)
}

// place is where a claim stands.
func (f *Fold) place(c *claim) verdict.Place {
	return verdict.Place{File: c.file, Line: int(c.line), Column: int(c.column), Path: f.words.at(c.path)}
}

// words keeps each of many recurring strings once. The zero value is ready, and
// 0 is the empty string.
type words struct {
	ids   map[string]uint32
	words []string
}

func (w *words) id(s string) uint32 {
	if s == "" {
		return 0
	}
	if id, ok := w.ids[s]; ok {
		return id
	}
	if w.ids == nil {
		w.ids, w.words = map[string]uint32{}, []string{""}
	}
	s = strings.Clone(s)
	id := uint32(len(w.words))
	w.ids[s] = id
	w.words = append(w.words, s)
	return id
}

func (w *words) at(id uint32) string {
	if id == 0 {
		return ""
	}
	return w.words[id]
}

// lists keeps each of many recurring lists of regions once, as a sorted set. The
// zero value is ready, and 0 is the empty list.
type lists struct {
	ids   map[string]uint32
	lists [][]string
	key   []byte // reused
}

func (l *lists) id(list []string) uint32 {
	if len(list) == 0 {
		return 0
	}
	l.key = l.key[:0]
	for _, s := range list {
		l.key = append(append(l.key, s...), 0)
	}
	if id, ok := l.ids[string(l.key)]; ok {
		return id
	}
	if l.ids == nil {
		l.ids, l.lists = map[string]uint32{}, [][]string{nil}
	}
	id := uint32(len(l.lists))
	l.ids[string(l.key)] = id
	l.lists = append(l.lists, sortedSet(list))
	return id
}

// at returns a list that must not be changed.
func (l *lists) at(id uint32) []string {
	if id == 0 {
		return nil
	}
	return l.lists[id]
}

func sortedSet(list []string) []string {
	set := slices.Clone(list)
	slices.Sort(set)
	return slices.Clip(slices.Compact(set))
}
