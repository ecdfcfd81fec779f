package config

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// The rules of muster.yaml. Their codes are grouped, and never reused:
//
//	C1xx  reading it
//	C2xx  what it says

// registry holds every rule that define was given, in the order of their codes.
var registry []verdict.Rule

// define enters a rule into the registry, its bad example with its wants. It is called while
// the package is initialized and at no other time.
func define(r verdict.Rule) verdict.Rule {
	r.Severity = cmp.Or(r.Severity, verdict.Error)
	i, taken := slices.BinarySearchFunc(registry, r, func(a, b verdict.Rule) int { return strings.Compare(a.Code, b.Code) })
	if taken {
		panic("config: rule " + r.Code + " is defined twice")
	}
	registry = slices.Insert(registry, i, r)
	return r
}

// Rules are all the rules about muster.yaml, sorted by code. Their examples are the whole of
// such a file, in a repository whose units lie in ports/, rules/ and services/.
func Rules() []verdict.Rule {
	rules := slices.Clone(registry)
	for i := range rules {
		rules[i].Bad = withoutWants(rules[i].Bad)
	}
	return rules
}

// wantMark begins what a line of a bad example says of the findings that it gives, for the
// tests: "# want COLUMN WORDS", with a pair for each finding in the line.
const wantMark = "# want "

// withoutWants is a bad example as readers see it.
func withoutWants(example string) string {
	var b strings.Builder
	for line := range strings.Lines(example) {
		text, _, marked := strings.Cut(line, " "+wantMark)
		b.WriteString(text)
		if marked {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// readingRules are what reading and decoding report.
var readingRules = yamldoc.Rules{
	Syntax:           ruleSyntax,
	EmptyFile:        ruleNoContent,
	ByteOrderMark:    ruleByteOrderMark,
	SeveralDocuments: ruleSeveralDocuments,
	NoContent:        ruleNoContent,
	NotUTF8:          ruleNotUTF8,
	TooDeep:          ruleTooDeep,
	UnknownField:     ruleUnknownKey,
	DuplicateField:   ruleDuplicateKey,
	WrongType:        ruleWrongType,
	Null:             ruleNull,
	OutOfRange:       ruleOutOfRange,
	UnknownValue:     ruleUnknownValue,
	MissingField:     ruleMissingKey,
	UnquotedTemplate: ruleWrongType,
	AliasExpansion:   ruleAliasExpansion,
	MergeKey:         ruleUnknownKey,
	IgnoredField:     ruleUnknownKey,
	RepeatedKey:      ruleDuplicateKey,
}
