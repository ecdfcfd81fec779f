package config

import (
	"fmt"
	"slices"

	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/yamldoc"
)

// fills says that a verb puts keys into a space, and looks that it looks for them in some.
func fills(verb string) bool { return verb == declared.Unique || verb == declared.Provides }
func looks(verb string) bool { return verb == declared.Exists || verb == declared.Acyclic }

// judgeKeys finds what is wrong with the value of a claim.
func (r *reader) judgeKeys(v *yamldoc.Value) {
	switch text := v.Get("text"); {
	case text != nil:
		if r.notEmpty(text) {
			r.keyPattern(text)
		}
	case v.Good() && !v.IsMapping():
		for _, e := range r.strings(v) {
			r.selector(e)
		}
	}
}

// spaces are the spaces of a claim: what it says, or else its default.
func (c *rawCheck) spaces() []string {
	as := c.value.Get("as")
	switch {
	case as.Good() && len(as.Items()) > 0:
		return as.Texts()
	case c.verb == declared.Unique:
		return []string{c.id}
	case fills(c.verb), looks(c.verb):
		return []string{c.kind.name}
	}
	return nil
}

// isNamed says that claims look for units of a kind.
func (r *reader) isNamed(k *kind) bool {
	for _, other := range r.kinds {
		for _, c := range other.checks {
			if looks(c.verb) && slices.Contains(c.spaces(), k.name) {
				return true
			}
		}
	}
	return false
}

// judgeSpaces finds spaces that nothing fills, and claims that fill several.
func (r *reader) judgeSpaces() {
	var known []string
	for _, k := range r.kinds {
		known = append(known, k.name)
	}
	for _, k := range r.kinds {
		for _, c := range k.checks {
			if fills(c.verb) || c.verb == "" {
				known = append(known, c.spaces()...)
				known = append(known, c.value.Get("as").Texts()...)
			}
		}
	}
	slices.Sort(known)
	known = slices.Compact(known)
	for _, k := range r.kinds {
		for _, c := range k.checks {
			as := r.strings(c.value.Get("as"))
			if fills(c.verb) && len(as) > 1 {
				r.report(ruleSpace, as[1], fmt.Sprintf("%s is a second space; expected one, which the keys are put into", as[1].Path()), "make a check for each")
			}
			r.judgeFilled(c, as)
			for _, name := range as {
				if looks(c.verb) && !slices.Contains(known, name.Text()) {
					r.offer(ruleSpace, name, fmt.Sprintf("%s is %q, which is no kind and no space that a check fills", name.Path(), name.Text()), yamldoc.Meant(name.Text(), known, textsOf(as), name.Retold))
				}
			}
		}
	}
}

// judgeFilled finds keys that are put into a space which another check is called like: they would be
// that check's.
func (r *reader) judgeFilled(c *rawCheck, as []*yamldoc.Value) {
	if !fills(c.verb) {
		return
	}
	for _, k := range r.kinds {
		for _, other := range k.checks {
			for _, name := range as {
				if other != c && other.id == name.Text() {
					r.report(ruleSpace, name, fmt.Sprintf("%s is %q, which is the ID of another check", name.Path(), name.Text()), "give the space, or that check, another name")
				}
			}
		}
	}
}
