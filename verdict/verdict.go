// Package verdict is the vocabulary of all other packages: what a check finds in a
// unit, what it claims about the unit, and the versioned JSON in which a verdict travels
// from a worker to the aggregator.
//
// It imports nothing of muster but id. Values are plain data: they may be copied freely,
// and a slice must not be changed once it was handed on.
package verdict

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity says whether a finding makes its unit an err.
type Severity string

// The severities, strongest first.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Rule documents one thing that a check looks for. Code is stable for ever and never
// reused. Name is its readable form in kebab-case.
type Rule struct {
	Code     string   `json:"code"`
	Name     string   `json:"name"`
	Severity Severity `json:"severity"`
	// Advice: what a warning tells may be meant. It is information, which is shown to who asks
	// for it and makes no unit an err.
	Advice bool `json:"advice,omitempty"`
	// Aliases are codes that the rule had before. What was noted down under one of them, in
	// a baseline or to have it ignored, holds for this rule.
	Aliases []string `json:"aliases,omitempty"`
	Summary string   `json:"summary"` // one line, no final period
	Doc     string   `json:"doc,omitempty"`
	Good    string   `json:"good,omitempty"` // an example that passes
	Bad     string   `json:"bad,omitempty"`  // an example that is found
}

// At makes a finding of r at p. The message says what is there and what was
// expected; help says how to mend it and may be empty.
func (r Rule) At(p Place, message, help string) Finding {
	return Finding{Rule: r.Code, Name: r.Name, Severity: r.Severity, Advice: r.Advice, Message: message, Place: p, Help: help}
}

// Level is what people call the severity of the rule's findings: error, warning or info.
func (r Rule) Level() string { return level(r.Severity, r.Advice) }

// Level is what people call the severity of the finding: error, warning or info.
func (f Finding) Level() string { return level(f.Severity, f.Advice) }

func level(s Severity, advice bool) string {
	if advice {
		return "info"
	}
	return string(s)
}

// Place is where something stands. File is relative to the root of the repository, with
// forward slashes. Line and Column are 1-based, and columns count runes; 0 means the
// whole file. Path is the YAML path (`env.LOG_LEVEL`, `workers[0].name`), empty where
// there is none.
type Place struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Path   string `json:"path,omitempty"`
}

// String is file:line:column without the parts that are unknown.
func (p Place) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Compare orders places by file, line, column and path.
func (p Place) Compare(o Place) int {
	if c := strings.Compare(p.File, o.File); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(p.Line, o.Line), cmp.Compare(p.Column, o.Column), strings.Compare(p.Path, o.Path))
}

// Finding is one mistake in one place. A finding is never a Go error.
type Finding struct {
	Rule     string   `json:"rule"`
	Name     string   `json:"name"`
	Severity Severity `json:"severity"`
	Advice   bool     `json:"advice,omitempty"` // as its rule has it
	Message  string   `json:"message"`
	Place
	// Regions are the selected regions in which the finding holds, sorted;
	// empty when it does not depend on the region.
	Regions []string `json:"regions,omitempty"`
	Help    string   `json:"help,omitempty"`
	// Related are other places that the finding speaks of, in the check's order.
	Related []Related `json:"related,omitempty"`
	// Named is Path with each item of a list called by its name, id or key instead of its
	// number, where that differs from Path; an item that has none of them is called nothing,
	// as in `tags[]`. What is inserted above does not change it.
	Named string `json:"named,omitempty"`
	// Identity tells the finding from others of its rule at its path, where the rule says that
	// what it was found about is part of what it is, as the key of a fleet rule.
	Identity string `json:"identity,omitempty"`
	// Fingerprint names the finding from run to run and in all formats. A policy gives it; it
	// does not travel.
	Fingerprint string `json:"-"`
	// Fix is the edit of the finding's file that Help proposes, nil where it
	// proposes none. It is for the check that made it, and does not travel.
	Fix *Fix `json:"-"`
}

// Related is a place that a finding speaks of beside its own. Text says what is there, as
// in "set here" and "also there".
type Related struct {
	Place
	Text string `json:"text"`
}

// Compare orders related places by place and text.
func (r Related) Compare(o Related) int {
	return cmp.Or(r.Place.Compare(o.Place), strings.Compare(r.Text, o.Text))
}

// Fix is an edit: the first Old at or behind Line and Column becomes New, and without an
// Old New is put at the end of the file. Line and Column count as in Place.
type Fix struct {
	Line, Column int
	Old, New     string
	Otherwise    string // the help where the edit turns out to mend nothing
}

// Compare is the total order in which findings are shown: place, then severity
// (errors first), rule, message, regions, help and related places.
func (f Finding) Compare(o Finding) int {
	return cmp.Or(f.Place.Compare(o.Place), cmp.Compare(f.Severity, o.Severity),
		cmp.Compare(f.Rule, o.Rule), cmp.Compare(f.Message, o.Message),
		slices.Compare(f.Regions, o.Regions), cmp.Compare(f.Help, o.Help),
		slices.CompareFunc(f.Related, o.Related, Related.Compare))
}

// SortFindings puts fs in the order of Finding.Compare and drops exact repeats.
func SortFindings(fs []Finding) []Finding {
	slices.SortFunc(fs, Finding.Compare)
	return slices.CompactFunc(fs, func(a, b Finding) bool { return a.Compare(b) == 0 })
}

// Counts says whether any of fs is an error or a warning, and not mere information.
func Counts(fs []Finding) bool {
	return slices.ContainsFunc(fs, func(f Finding) bool { return !f.Advice })
}

// HasError says whether any of fs has severity Error.
func HasError(fs []Finding) bool {
	return slices.ContainsFunc(fs, func(f Finding) bool { return f.Severity == Error })
}

// Claim is a small deterministic fact about a unit that only the whole fleet
// can judge.
type Claim struct {
	// Joins name the joins (Join.Rule.Code) and the key spaces (Join.Spaces) for which the
	// claim is made, sorted.
	Joins []string `json:"joins"`
	Role  Role     `json:"role"`
	// Key is what is claimed: the name of an event stream, or of a unit.
	Key string `json:"key"`
	// Regions are the scopes in which the claim holds, sorted; joins never
	// cross them. Empty means the one scope that is no region.
	Regions []string `json:"regions,omitempty"`
	Place
}

// Role is the side of a join on which a claim stands.
type Role string

// The roles. Unique claims give a key that no other claim gives, Provides claims give one
// that others may give too, and Needs claims ask for one. Which of them a join reads,
// follows from its kind.
const (
	Unique   Role = "unique"
	Provides Role = "provides"
	Needs    Role = "needs"
)

// Selects is the role of a claim that reaches no join: the rules whose codes are its Joins have
// selected something in the unit, or cannot say that they have not.
const Selects Role = "selects"

// Unclear is the role of a claim that reaches no join: the unit may give keys in the spaces that
// are its Joins beside those that it tells, for not all of it could be read.
const Unclear Role = "unclear"

// Selection is a rule that is asked of what it selects in units. Where that is nothing in all of
// them it asks nothing, for it may be misspelt.
type Selection struct {
	Rule    string // its code
	Selects string // as it is written
}

// Compare orders claims totally, and first by line and column. It stops as early as it
// can, because the claims of every unit are sorted.
func (c Claim) Compare(o Claim) int {
	return cmp.Or(c.compareFact(&o), slices.Compare(c.Joins, o.Joins))
}

// compareFact is Compare without the joins that read the claims.
func (c *Claim) compareFact(o *Claim) int {
	if n := cmp.Or(cmp.Compare(c.Line, o.Line), cmp.Compare(c.Column, o.Column)); n != 0 {
		return n
	}
	if n := cmp.Or(strings.Compare(string(c.Role), string(o.Role)), strings.Compare(c.Key, o.Key)); n != 0 {
		return n
	}
	return cmp.Or(c.Place.Compare(o.Place), slices.Compare(c.Regions, o.Regions))
}

// SortClaims puts cs in the order of Claim.Compare. Claims that differ in their joins
// only become one.
func SortClaims(cs []Claim) []Claim {
	slices.SortFunc(cs, Claim.Compare)
	merged := cs[:0]
	for _, c := range cs {
		n := len(merged)
		if n == 0 || merged[n-1].compareFact(&c) != 0 {
			merged = append(merged, c)
			continue
		}
		last := &merged[n-1]
		joins := slices.Sorted(slices.Values(slices.Concat(last.Joins, c.Joins)))
		last.Joins = slices.Compact(joins)
	}
	return merged
}

// JoinKind is what a join demands of its claims.
type JoinKind string

// The kinds of join.
const (
	// JoinUnique: no two claims have the same key in the same region.
	JoinUnique JoinKind = "unique"
	// JoinExists: the key is the name of a unit that exists in the fleet.
	JoinExists JoinKind = "exists"
	// JoinProvided: where the unit named by the key is part of the run, it
	// provides the key in the same region.
	JoinProvided JoinKind = "provided"
	// JoinKnown: the key is given in one of the join's spaces, by whichever unit and in
	// whichever region. Only the whole fleet can say so.
	JoinKnown JoinKind = "known"
	// JoinAcyclic: following Needs from unit to unit never comes back. A need leads to the
	// units that give its key in one of the join's spaces; for a join without spaces, to the
	// unit that the key names.
	JoinAcyclic JoinKind = "acyclic"
)

// MaxJoins is how many joins a fold can judge, and so how many a run may have.
const MaxJoins = 64

// Join is a fleet rule: how claims are joined, and the words for what goes wrong. Noun names
// what a key is ("event stream").
//
// A join reads the claims that name its Rule.Code, and those that give a key in one of its
// Spaces. It reports at those alone that name its code: so several joins judge the same
// keys, and each says what is wrong at its own claims. Spaces are in the words of people, for
// messages name them, and no space is called like the code of a join.
type Join struct {
	Rule   Rule
	Kind   JoinKind
	Spaces []string
	Noun   string
	Help   string
}

// Decision is what a check says about one unit. Unless it is Impure it is deterministic:
// the same bytes, regions and engine give the same decision.
type Decision struct {
	// Regions are the selected regions in which the unit is deployed and was
	// checked in full, sorted.
	Regions []string `json:"regions"`
	// Skipped says why no region is in Regions, and is empty otherwise.
	Skipped  Skipped   `json:"standing,omitempty"`
	Findings []Finding `json:"findings,omitempty"`
	Claims   []Claim   `json:"claims,omitempty"`
	// Owner is who the unit's own files say that it belongs to, as they write it.
	Owner string `json:"owner,omitempty"`
	// Marks are what the unit's files say should be hidden. They travel beside the
	// findings, and hide none of them here.
	Marks []Mark `json:"marks,omitempty"`
	// Impure is a trait of the check: its decisions depend on more than bytes, regions and
	// engine, so that two different ones are no contradiction.
	Impure bool `json:"impure,omitempty"`
}

// Mark is a place at which a unit's files ask for findings to be hidden.
type Mark struct {
	Rules  []string `json:"rules,omitempty"` // by code or name; empty: all
	Reason string   `json:"reason,omitempty"`
	// Place is where the mark stands; its Path is that of what it is about, with names as in
	// Finding.Named.
	Place
	// First and Last are the lines in Place.File that it is about; 0 where File is set.
	First int    `json:"first,omitempty"`
	Last  int    `json:"last,omitempty"`
	Until string `json:"until,omitempty"`     // the last day on which it holds, as it is written; "": for ever
	File  bool   `json:"wholeFile,omitempty"` // it is about its whole file, and not about lines
}

// Covers says whether a mark is about a place. Of places without a line only marks about the
// whole file are.
func (m Mark) Covers(p Place) bool {
	return m.Place.File == p.File && (m.File || p.Line > 0 && m.First <= p.Line && p.Line <= m.Last)
}

// Compare orders marks totally, and first by place.
func (m Mark) Compare(o Mark) int {
	return cmp.Or(m.Place.Compare(o.Place), slices.Compare(m.Rules, o.Rules), strings.Compare(m.Reason, o.Reason),
		strings.Compare(m.Until, o.Until), compareBools(m.File, o.File), cmp.Compare(m.First, o.First), cmp.Compare(m.Last, o.Last))
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// SortMarks puts ms in the order of Mark.Compare and drops exact repeats.
func SortMarks(ms []Mark) []Mark {
	slices.SortFunc(ms, Mark.Compare)
	return slices.CompactFunc(ms, func(a, b Mark) bool { return a.Compare(b) == 0 })
}

// Skipped is why a unit was checked in structure only.
type Skipped string

// The reasons, as a report prints them.
const (
	NotDeployed Skipped = "not deployed"
	Disabled    Skipped = "disabled"
	External    Skipped = "external"
)

// Kind says whether a unit is ok or an err, and why.
type Kind string

// The kinds. Invalid, Failed and Missing are errs. A worker never gives Missing: an
// aggregator gives it to a unit without a verdict.
const (
	OK      Kind = "ok"
	Invalid Kind = "invalid" // it has findings of severity error
	Failed  Kind = "failed"  // it could not be decided
	Missing Kind = "missing" // no verdict arrived
)
