package declared

import (
	"cmp"
	"fmt"
	"regexp"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/internal/foreign"
)

// Names say what units of a kind are called by others, and by their rules.
type Names struct {
	at   []fleet.Pattern
	text string
	re   *regexp.Regexp // nil for what the wildcards matched
}

// Names are those of the section's units.
func (s Section) Names() (n Names, err error) {
	if n.at, err = patterns(s.At); err != nil {
		return n, err
	}
	if n.text = s.Name; n.text != "" {
		if n.re, err = foreign.Regexp(n.text); err != nil || n.re.NumSubexp() != 1 {
			return n, fmt.Errorf("units %q: the name %q is no expression with one group", s.Kind, s.Name)
		}
	}
	return n, nil
}

// Of is what a unit is called: by the kind's expression, or by what the wildcards of a glob
// match, or else by its path. An expression that does not match is an error.
func (n Names) Of(path string) (string, error) {
	if n.re != nil {
		m := n.re.FindStringSubmatch(path)
		switch {
		case m == nil:
			return "", fmt.Errorf("has no name: the kind's `name`, %q, does not match its path", n.text)
		case m[1] == "":
			return "", fmt.Errorf("has no name: what the group of the kind's `name`, %q, matches in its path is empty", n.text)
		}
		return m[1], nil
	}
	for _, p := range n.at {
		if name, ok := p.Capture(path); ok {
			return cmp.Or(name, path), nil
		}
	}
	return path, nil
}
