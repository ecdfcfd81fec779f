package declared

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/checks/rule"
	"github.com/seed306eabeb/muster/checks/schema"
	"github.com/seed306eabeb/muster/checks/selector"
	"github.com/seed306eabeb/muster/document"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// session is a Section with all that it names compiled.
type session struct {
	section  Section
	names    Names
	deployed *selector.Selector
	owner    *selector.Selector
	list     *selector.Selector // of what deployed selects the items; nil for another one
	reader   document.Reader
	checks   []compiled
	syntax   Check // stands for all files that no syntax check names
	shared   map[string]any
	findings []verdict.Finding
	joins    []verdict.Join
}

// compiled is a check with what its verb needs.
type compiled struct {
	Check
	in        []fleet.Pattern
	schema    *schema.Schema
	rule      *rule.Rule
	selectors []*selector.Selector
	pattern   *selector.Pattern
	role      verdict.Role
	claims    []string // joins and key spaces that read its claims
}

// readsDocuments says that the check looks for documents in the files that it is about.
func (c *compiled) readsDocuments() bool { return c.pattern == nil && c.Verb != Run }

// regional is a session of a repository with regions.
type regional struct{ *session }

func (s *session) Findings() []verdict.Finding { return s.findings }
func (s *session) Joins() []verdict.Join       { return s.joins }
func (s *session) Traits() check.Traits        { return check.Traits{} }

// Rules are the checks of the section.
func (s *session) Rules() []verdict.Rule { return s.section.Rules() }

func (r regional) Regions() []string { return r.section.Regions }

func (r regional) Region(name string) (string, bool) {
	return name, slices.Contains(r.section.Regions, name)
}

// open compiles a section. What is wrong with it becomes findings; an error means that it is of
// another program.
func open(section Section, files fs.FS) (check.Session, error) {
	s := &session{section: section, syntax: Check{ID: section.Kind + "/" + Syntax, Verb: Syntax}}
	if section.YAML == "kubernetes" {
		s.reader.Profile = yamldoc.Kubernetes
	}
	var err error
	if s.names, err = section.Names(); err != nil {
		return nil, err
	}
	if section.Deployed != "" {
		s.deployed, s.list = s.selector(section.Deployed, "deployed"), listOf(section.Deployed)
	}
	if section.Owner != "" {
		s.owner = s.selector(section.Owner, "owner")
	}
	registry, findings := schema.NewRegistry(files, section.Schemas)
	s.found(ruleSchema, findings)
	for i, c := range section.Checks {
		one, err := s.compile(c, fmt.Sprintf("checks[%d]", i), registry)
		if err != nil {
			return nil, err
		}
		s.checks = append(s.checks, one)
	}
	s.readShared(files)
	s.findings = verdict.SortFindings(s.findings)
	if len(section.Regions) > 0 {
		return regional{s}, nil
	}
	return s, nil
}

// listOf selects the list of which a selector selects all items, nil where it does not end so.
func listOf(text string) *selector.Selector {
	for _, all := range []string{"[*]", ".*"} {
		if list, ok := strings.CutSuffix(text, all); ok && list != "" {
			if s, err := selector.Parse(list); err == nil {
				return s
			}
		}
	}
	return nil
}

func patterns(globs []string) (all []fleet.Pattern, err error) {
	for _, text := range globs {
		p, err := fleet.ParsePattern(text)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// compile prepares one check. part is its path in the section.
func (s *session) compile(c Check, part string, registry *schema.Registry) (compiled, error) {
	one := compiled{Check: c}
	var err error
	if one.in, err = patterns(c.In); err != nil {
		return one, err
	}
	switch c.Verb {
	case Syntax, Run:
	case Schema:
		var findings []verdict.Finding
		one.schema, findings = registry.Compile(c.Schema, schema.Options{FormatsOff: c.Formats == "off"})
		s.found(ruleSchema, findings)
	case Rule:
		var problems []rule.Problem
		one.rule, problems = rule.Compile(rule.Spec{Rule: c.Rule, When: c.When, Message: c.Message, Each: c.Each, Help: c.Help})
		for _, p := range problems {
			s.mistake(part+"."+p.Part, p.Line, p.Column, p.Message, p.Help)
		}
	case Unique, Exists, Acyclic, Provides:
		s.compileClaims(&one, part)
	default:
		return one, fmt.Errorf("check %s: unknown verb %q: it was declared for a newer version", c.ID, c.Verb)
	}
	return one, nil
}

// selector compiles a selector that stands at a path of the section.
func (s *session) selector(text, part string) *selector.Selector {
	compiled, err := selector.Parse(text)
	s.wrong(err, part)
	return compiled
}

// wrong notes what is wrong with a selector or a pattern.
func (s *session) wrong(err error, part string) {
	if err == nil {
		return
	}
	column, message, help := 1, err.Error(), ""
	if e, ok := err.(*selector.Error); ok {
		column, message, help = e.Column, e.Message, e.Help
	}
	s.mistake(part, 1, column, message, help)
}

// mistake notes what is wrong with an expression, at a place in its text.
func (s *session) mistake(part string, line, column int, message, help string) {
	place := verdict.Place{File: SectionFile, Line: line, Column: column, Path: "units." + s.section.Kind + "." + part}
	s.findings = append(s.findings, ruleExpression.At(place, message, help))
}

// found takes the findings about schemas: warnings are a lint.
func (s *session) found(r verdict.Rule, findings []verdict.Finding) {
	for _, f := range findings {
		r := r
		if f.Severity == verdict.Warning {
			r = ruleSchemaLint
		}
		f.Rule, f.Severity = r.Code, r.Severity
		s.findings = append(s.findings, f)
	}
}

// readShared reads the files that rules see as shared.
func (s *session) readShared(files fs.FS) {
	s.shared = map[string]any{}
	for _, file := range s.section.Shared {
		format, ok := document.FormatOf(file)
		text, err := fs.ReadFile(files, file)
		if err != nil || !ok {
			s.findings = append(s.findings, ruleShared.At(verdict.Place{File: file, Line: 1, Column: 1}, file+" is no document that can be read: YAML and JSON files are", "take it out of `shared`"))
			continue
		}
		read := s.reader.Read(file, text, format)
		for _, f := range read.Findings {
			f.Rule = ruleShared.Code
			s.findings = append(s.findings, f)
		}
		if len(read.Docs) > 0 {
			s.shared[file] = read.Docs[0].Value()
		}
	}
}
