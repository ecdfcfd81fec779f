package declared

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/checks/selector"
	"github.com/seed306eabeb/muster/verdict"
)

// spaces are the key spaces that a check fills or looks in. One that only the check itself fills,
// and that is called like it, is none.
func (c Check) spaces() []string {
	return slices.DeleteFunc(slices.Clone(c.As), func(as string) bool { return as == c.ID })
}

// compileClaims prepares a check whose claims the whole fleet judges.
func (s *session) compileClaims(c *compiled, part string) {
	for i, text := range c.Keys {
		at := part + "." + c.Verb
		if len(c.Keys) > 1 {
			at = fmt.Sprintf("%s[%d]", at, i)
		}
		c.selectors = append(c.selectors, s.selector(text, at))
	}
	if c.Text != "" {
		var err error
		c.pattern, err = selector.ParsePattern(c.Text)
		s.wrong(err, part+"."+c.Verb+".text")
	}
	switch c.Verb {
	case Unique:
		c.role, c.claims = verdict.Unique, append([]string{c.ID}, c.spaces()...)
		s.join(c, verdict.JoinUnique, nameDuplicateKey, cmp.Or(strings.Join(c.spaces(), ", "), c.noun()))
	case Exists:
		c.role, c.claims = verdict.Needs, []string{c.ID}
		s.join(c, verdict.JoinKnown, nameUnknownKey, either(c.As))
	case Acyclic:
		c.role, c.claims = verdict.Needs, []string{c.ID}
		s.join(c, verdict.JoinAcyclic, nameCycle, either(c.As))
	case Provides:
		c.role, c.claims = verdict.Provides, c.As
	}
}

// either names spaces in which a key may be.
func either(spaces []string) string {
	if last := len(spaces) - 1; last > 0 {
		return strings.Join(spaces[:last], ", ") + " or " + spaces[last]
	}
	return strings.Join(spaces, "")
}

// noun is what people call the keys of a check that fills no space with a name.
func (c *compiled) noun() string {
	if c.Text != "" || len(c.Keys) == 0 {
		return "key"
	}
	return c.Keys[0]
}

// join makes the fleet rule of a check.
func (s *session) join(c *compiled, kind verdict.JoinKind, name, noun string) {
	r := c.Check.rule()
	r.Name = name
	s.joins = append(s.joins, verdict.Join{Rule: r, Kind: kind, Noun: noun, Help: c.Help, Spaces: c.spaces()})
}
