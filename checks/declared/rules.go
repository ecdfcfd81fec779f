package declared

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// The rules about what is declared. Their findings stand in muster.yaml, or in a schema that it
// names.
var (
	ruleExpression = verdict.Rule{
		Code: "C301", Name: "bad-expression", Severity: verdict.Error,
		Summary: "an expression, a selector or a pattern cannot be read",
		Doc: "The rule, when and message of a check are CEL expressions, each and the keys of claims are JSONPath, " +
			"and text is a regular expression with one group. All are compiled before any unit is checked.",
		Good: "{rule: self.replicas >= 2, in: app.yaml}",
		Bad:  "{rule: slef.replicas >= 2, in: app.yaml}",
	}
	ruleSchema = verdict.Rule{
		Code: "C302", Name: "bad-schema", Severity: verdict.Error,
		Summary: "a schema cannot be used",
		Doc: "A schema is a file of the repository, and so is all that it refers to: nothing is fetched from elsewhere. " +
			"What a $ref names by a URL is found by its $id among the files of `schemas`.",
		Good: `{"$ref": "common.schema.json#/$defs/name"}`,
		Bad:  `{"$ref": "https://example.com/common.schema.json"}, which is no file of the repository`,
	}
	ruleSchemaLint = verdict.Rule{
		Code: "C303", Name: "idle-schema", Severity: verdict.Warning,
		Summary: "a schema says something that has no effect",
		Doc: "Validators pass over keywords that a schema's draft does not have, and over those beside a $ref up to draft 7. " +
			"A schema that relies on them checks less than it seems to.",
		Good: `"enum": ["a"] in a schema of draft 4`,
		Bad:  `"const": "a" in a schema of draft 4`,
	}
	ruleShared = verdict.Rule{
		Code: "C304", Name: "bad-shared-file", Severity: verdict.Error,
		Summary: "a file that rules see as shared cannot be read",
		Doc:     "The files of `shared` are YAML or JSON. A rule reads the first document of each as shared['PATH'].",
		Good:    "shared: teams.yaml",
		Bad:     "shared: logo.png",
	}
)

func rules() []verdict.Rule {
	return []verdict.Rule{ruleExpression, ruleSchema, ruleSchemaLint, ruleShared}
}

// The kinds of finding that this package makes itself; the other names are those of the
// packages that check.
const (
	nameNoFile       = "no-file"
	nameNotPlain     = "no-plain-file"
	nameNoLanguage   = "unknown-language"
	nameSeveral      = "several-documents"
	nameEmpty        = "empty-document"
	nameTooMuch      = "too-large"
	nameDuplicateKey = "duplicate-key"
	nameUnknownKey   = "unknown-reference"
	nameCycle        = "cycle"
	nameNoRegion     = "unknown-region"
)

// deployedVerb names what the regions of units are checked as, which no check of a section is.
const deployedVerb = "deployed"

// severity is that of a check's findings.
func (c Check) severity() verdict.Severity {
	return verdict.Severity(cmp.Or(c.Severity, string(verdict.Error)))
}

// Rules are those that findings of the section's checks are of, with what all its files are asked.
// Those of commands are not among them.
func (s Section) Rules() []verdict.Rule {
	syntax := Check{ID: s.Kind + "/" + Syntax, Verb: Syntax}
	all := []verdict.Rule{syntax.rule()}
	if s.Deployed != "" {
		all = append(all, Check{ID: s.Kind + "/" + deployedVerb, Verb: deployedVerb}.rule())
	}
	for _, c := range s.Checks {
		if c.ID != syntax.ID && c.Verb != Run {
			all = append(all, c.rule())
		}
	}
	return all
}

// AsRule is the rule that findings of a check are of.
func (c Check) AsRule() verdict.Rule { return c.rule() }

// rule is a check as a rule of the session.
func (c Check) rule() verdict.Rule {
	return verdict.Rule{Code: c.ID, Name: c.Verb, Severity: c.severity(), Aliases: c.Formerly, Summary: c.summary(), Doc: strings.TrimSpace(c.Help + "\n\n" + c.Docs)}
}

// summary says in one line what the check asks.
func (c Check) summary() string {
	what := strings.Join(c.Keys, ", ")
	if c.Text != "" {
		what = "match of " + quoteCode(c.Text)
	}
	switch c.Verb {
	case Schema:
		return "it is valid by the schema " + c.Schema
	case Rule:
		if c.When != "" {
			return quoteCode(c.Rule) + " is true where " + quoteCode(c.When) + " is"
		}
		return quoteCode(c.Rule) + " is true"
	case Unique:
		return "no two units give the same " + cmp.Or(either(c.spaces()), what)
	case Exists:
		return fmt.Sprintf("each %s is known as %s", what, either(c.As))
	case Acyclic:
		return fmt.Sprintf("following each %s from %s to %[2]s never leads back", what, either(c.As))
	case Provides:
		return fmt.Sprintf("each %s is made known as %s", what, either(c.As))
	case Run:
		return "the command " + c.Command + " finds nothing wrong"
	case deployedVerb:
		return "a unit is deployed in regions that there are"
	}
	return "its files can be read"
}

// quoteCode is an expression in a sentence.
func quoteCode(text string) string { return "`" + strings.Join(strings.Fields(text), " ") + "`" }
