// Package rule checks documents with expressions in CEL, the Common Expression Language
// (https://cel.dev): a rule that is true is fine, and one that is false is a finding.
//
// What a rule says depends on its text and on what it is given, and on nothing else: there is no
// clock, no environment, no network and no randomness; time zones are UTC or written as an offset, for
// their names are the machine's; and mappings are gone through in the order of their keys. All that it
// may cost is bounded: the size of its text, how deep it and its loops are nested, and the work of one
// evaluation and of all those over the items of one document. A rule that cannot be decided, by an
// error or for its cost, is a finding as well, and never fine.
//
// The author of a rule need not say where it fails and why: both are read from the expression. The
// part that is false is found (of `a && b`, of `all`, of `? :`), the first value of the document in
// that part gives the place, and what each value was stands in the finding.
package rule

import (
	"cel.dev/cel-go/cel"

	"github.com/seed306eabeb/muster/checks/selector"
	"github.com/seed306eabeb/muster/document"
)

// Spec is a rule as it is written.
type Spec struct {
	Rule string // an expression that is true where all is fine
	// When is an expression that says whether the rule is asked at all; "" for always.
	When string
	// Message is an expression of the text of the finding; "" for one that is made from the rule.
	Message string
	// Each is a selector (package selector) of the values that the rule is asked of, one by one;
	// "" for the document.
	Each string
	Help string // plain text
}

// Problem is what is wrong with a part of a Spec.
type Problem struct {
	Part         string // "rule", "when", "message" or "each"
	Line, Column int    // in that part's text, 1-based, in runes
	Message      string
	Help         string
}

// Rule is a compiled Spec. It does not change, and is safe for concurrent use.
type Rule struct {
	rule    *expression
	when    *expression
	message *expression
	each    *selector.Selector
	help    string
}

// Unit is what a rule may know of the unit that is checked.
type Unit struct {
	Name, Path, Kind string
	Files            []string // paths in the unit
}

// Input is what a rule is asked about.
type Input struct {
	Doc  *document.Document
	File string // its path in the repository
	Unit Unit
	// Files gives the first document of another file of the unit, by its path there; false where there
	// is no such file, or no document in it. It may be nil. It is asked for what a rule reads.
	Files func(path string) (any, bool)
	// Shared gives the first document of one of SharedPaths. It may be nil.
	Shared      func(path string) (any, bool)
	SharedPaths []string
	// Selected is called where the rule's selector selects something, or ends in an error. It may be nil.
	Selected func()
	// Region is the region that the rule is asked in, "" where it is asked once for all of them.
	Region string
	// Regions are those that a finding is made for; none where it does not depend on the region.
	Regions []string
}

// expression is one compiled text.
type expression struct {
	text    string
	plan    cel.Program
	written *written
	// traced evaluates as plan does and notes the value of each part.
	traced func() (cel.Program, error)
}

// Compile compiles the texts of a rule. Where there are problems there is no rule.
func Compile(spec Spec) (*Rule, []Problem) {
	env, err := environment()
	if err != nil {
		return nil, []Problem{{Part: "rule", Line: 1, Column: 1, Message: "rules cannot be compiled: " + err.Error()}}
	}
	r := &Rule{help: spec.Help}
	var problems []Problem
	compile := func(part, text string, want *cel.Type, to **expression) {
		e, wrong := compiled(env, part, text, want)
		*to, problems = e, append(problems, wrong...)
	}
	compile("rule", spec.Rule, cel.BoolType, &r.rule)
	if spec.When != "" {
		compile("when", spec.When, cel.BoolType, &r.when)
	}
	if spec.Message != "" {
		compile("message", spec.Message, cel.StringType, &r.message)
	}
	if spec.Each != "" {
		each, wrong := eachOf(spec.Each)
		r.each, problems = each, append(problems, wrong...)
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return r, nil
}

// eachOf compiles the selector of a rule.
func eachOf(text string) (*selector.Selector, []Problem) {
	s, err := selector.Parse(text)
	if err == nil {
		return s, nil
	}
	p := Problem{Part: "each", Line: 1, Column: 1, Message: err.Error()}
	if e, ok := err.(*selector.Error); ok {
		p.Column, p.Message, p.Help = e.Column, e.Message, e.Help
	}
	return nil, []Problem{p}
}
