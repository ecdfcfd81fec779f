package codeowners

import (
	"slices"
	"strings"
)

// Matcher says who owns a path. It is safe for concurrent use.
type Matcher struct {
	rules    []compiled
	sections int
	// Rules by what a path must have for them to match: the names that it begins with, a name
	// somewhere in it, or nothing.
	beginning, somewhere map[string][]int
	others               []int
}

// compiled is a rule that is ready to be asked.
type compiled struct {
	pattern
	owners  []string
	exclude bool
	section int
}

// NewMatcher makes one of rules in their order.
func NewMatcher(rules []Rule, d Dialect) *Matcher {
	m := &Matcher{beginning: map[string][]int{}, somewhere: map[string][]int{}}
	sections := map[string]int{}
	for _, r := range rules {
		section, known := sections[r.Section]
		if !known {
			section = len(sections)
			sections[r.Section] = section
		}
		if p := compile(r.Pattern, d); p != nil {
			m.index(len(m.rules), p)
			m.rules = append(m.rules, compiled{p, r.Owners, r.Exclude, section})
		}
	}
	m.sections = len(sections)
	return m
}

// index notes where a rule is found again.
func (m *Matcher) index(rule int, p pattern) {
	var names []string
	for _, e := range p {
		if !e.literal {
			break
		}
		names = append(names, e.text)
	}
	switch {
	case len(names) > 0:
		key := strings.Join(names, "/")
		m.beginning[key] = append(m.beginning[key], rule)
	case len(p) > 1 && p[0].any && p[1].literal:
		m.somewhere[p[1].text] = append(m.somewhere[p[1].text], rule)
	default:
		m.others = append(m.others, rule)
	}
}

// inside stands for a file in a folder of which nothing is known but that it is there: no file
// is called like that.
const inside = "\x00"

// OwnersOfFolder are the owners of a file in a folder, whatever its name.
func (m *Matcher) OwnersOfFolder(path string) []string { return m.Owners(path + "/" + inside) }

// Owners are the owners of a file: of each section those of its last rule that matches, sorted.
func (m *Matcher) Owners(path string) []string {
	if len(m.rules) == 0 {
		return nil
	}
	last := make([]int, m.sections) // 1 + the index of the rule; excluded for none
	names := strings.Split(path, "/")
	m.match(m.others, names, last)
	for i, end := 0, 0; i < len(names); i++ {
		end += len(names[i])
		m.match(m.beginning[path[:end]], names, last)
		end++
		if !slices.Contains(names[:i], names[i]) {
			m.match(m.somewhere[names[i]], names, last)
		}
	}
	var owners []string
	for _, rule := range last {
		if rule > 0 {
			owners = append(owners, m.rules[rule-1].owners...)
		}
	}
	slices.Sort(owners)
	return slices.Compact(owners)
}

// excluded says that a path is not of a section.
const excluded = -1

// match notes for each section which of some rules is the last one that matches. They are in
// their order.
func (m *Matcher) match(rules []int, names []string, last []int) {
	for _, i := range slices.Backward(rules) {
		r := &m.rules[i]
		known := last[r.section]
		if known == excluded || known > i && !r.exclude || !r.matches(names) {
			continue
		}
		if r.exclude {
			last[r.section] = excluded
		} else {
			last[r.section] = i + 1
		}
	}
}
