package codeowners

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Parse reads a file. What cannot be read is a problem, and passed over as the platform does.
func Parse(text string, d Dialect) (rules []Rule, problems []Problem) {
	p := parser{dialect: d}
	text = strings.TrimPrefix(text, "\ufeff")
	for line := range strings.Lines(text) {
		p.number++
		p.line = strings.TrimRight(line, "\r\n")
		p.read(strings.TrimSpace(p.line))
	}
	return p.rules, p.problems
}

// parser reads line by line.
type parser struct {
	dialect  Dialect
	number   int
	line     string // as it is written
	section  section
	rules    []Rule
	problems []Problem
}

// section is a heading of GitLab's, and what it says of the lines below.
type section struct {
	name   string
	owners []string
}

// problem is about a part of the line.
func (p *parser) problem(part, message, help string) {
	before := max(0, strings.Index(p.line, part))
	p.problems = append(p.problems, Problem{p.number, utf8.RuneCountInString(p.line[:before]) + 1, message, help})
}

func (p *parser) read(line string) {
	switch {
	case line == "" || line[0] == '#':
	case !utf8.ValidString(line):
		p.problem(line, "the line is no UTF-8", "")
	case p.dialect == GitLab && (line[0] == '[' || strings.HasPrefix(line, "^[")):
		p.heading(line)
	case p.dialect == GitLab:
		p.gitlab(line)
	default:
		p.github(line)
	}
}

// cutPattern parts a line at the first blank that no backslash stands before.
func cutPattern(line string) (pattern, rest string) {
	escaped := false
	for i, c := range line {
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case unicode.IsSpace(c):
			return line[:i], strings.TrimSpace(line[i:])
		}
	}
	return line, ""
}

// The owners that GitHub knows: people and teams, and addresses.
var (
	mention = regexp.MustCompile(`^@[\p{L}\p{N}_-]+(/[\p{L}\p{N}_.-]+)?$`)
	address = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
)

// github reads a rule of GitHub's, which passes over a line that has a mistake.
func (p *parser) github(line string) {
	pattern, rest := cutPattern(line)
	if message, help := wrongForGitHub(pattern); message != "" {
		p.problem(pattern, message, help)
		return
	}
	r := Rule{Pattern: pattern, Line: p.number}
	for word := range strings.FieldsSeq(rest) {
		if word[0] == '#' {
			break
		}
		if !mention.MatchString(word) && !address.MatchString(word) {
			p.problem(word, fmt.Sprintf("%q is no owner, and GitHub passes over the line; expected @user, @organisation/team or an address", word), "")
			return
		}
		r.Owners = append(r.Owners, word)
	}
	p.rules = append(p.rules, r)
}

// wrongForGitHub says what GitHub does not take in a pattern, "" for nothing.
func wrongForGitHub(pattern string) (message, help string) {
	switch {
	case pattern[0] == '!':
		return fmt.Sprintf("the pattern %q begins with !, which GitHub does not know: it passes over the line", pattern), "give the paths other owners, or none, in a later line"
	case strings.HasPrefix(pattern, `\#`):
		return fmt.Sprintf(`the pattern %q begins with \#, which GitHub does not know: it passes over the line`, pattern), "match the # with a ?"
	case strings.ContainsAny(pattern, "[]"):
		return fmt.Sprintf("the pattern %q has [ or ], which GitHub does not know: it passes over the line", pattern), "write a line for each character"
	case strings.Contains(pattern, "***"):
		return fmt.Sprintf("the pattern %q has more than two * behind each other: GitHub passes over the line", pattern), ""
	}
	return "", ""
}

// headingForm is a section of GitLab's: optional, its name, how many have to approve, and its
// owners.
var headingForm = regexp.MustCompile(`^\^?\[([^\]]*)\](?:\[\d*\])?(?:\s+(.*))?$`)

// heading begins a section. GitLab passes over one that it cannot read.
func (p *parser) heading(line string) {
	parts := headingForm.FindStringSubmatch(line)
	if parts == nil {
		p.problem(line, fmt.Sprintf("%q is no heading of a section, and GitLab passes over the line; expected [Name], ^[Name] or [Name][2], and owners behind it", line), "")
		return
	}
	name := strings.TrimSpace(parts[1])
	if name == "" {
		p.problem(line, "the section has no name, and GitLab passes over the line", "write one between the brackets")
		return
	}
	p.section = section{strings.ToLower(name), p.gitlabOwners(parts[2])}
}

// The owners that GitLab knows are found wherever they stand in a word: users and groups, roles,
// and addresses.
var gitlabOwner = regexp.MustCompile(`[^@\s]+@[\p{L}\p{N}_-]+\.[\p{L}\p{N}_.-]*[\p{L}\p{N}_-]|@@?[\p{L}\p{N}_][\p{L}\p{N}_./-]*`)

func (p *parser) gitlabOwners(text string) (owners []string) {
	for word := range strings.FieldsSeq(text) {
		if owner := gitlabOwner.FindString(word); owner != "" {
			owners = append(owners, owner)
			continue
		}
		p.problem(word, fmt.Sprintf("%q is no owner; expected @user, @group/subgroup, @@role or an address", word), "")
	}
	return owners
}

// gitlab reads a rule of GitLab's, which takes what it can of a line.
func (p *parser) gitlab(line string) {
	pattern, rest := cutPattern(line)
	r := Rule{Section: p.section.name, Pattern: pattern, Line: p.number}
	if r.Pattern, r.Exclude = strings.CutPrefix(pattern, "!"); r.Exclude {
		if r.Pattern == "" {
			p.problem(pattern, "the exclusion has no pattern", "write one behind the !")
			return
		}
		p.rules = append(p.rules, r)
		return
	}
	r.Owners = p.section.owners
	if rest != "" {
		r.Owners = p.gitlabOwners(rest)
	}
	if len(r.Owners) == 0 {
		p.problem(pattern, fmt.Sprintf("the paths of %q are nobody's, for neither the line nor its section has owners", pattern), "name them, or exclude the paths with !"+pattern)
	}
	p.rules = append(p.rules, r)
}
