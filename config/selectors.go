package config

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/checks/selector"
	"github.com/seed306eabeb/muster/internal/foreign"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// selector reads a selector, nil if it is none, which is reported.
func (r *reader) selector(v *yamldoc.Value) *selector.Selector {
	if !r.notEmpty(v) {
		return nil
	}
	s, err := selector.Parse(v.Text())
	if err != nil {
		r.misread(ruleSelector, v, "no selector", err)
		return nil
	}
	return s
}

// keyPattern judges a pattern of keys.
func (r *reader) keyPattern(v *yamldoc.Value) {
	if _, err := selector.ParsePattern(v.Text()); err != nil {
		r.misread(rulePattern, v, "no pattern of a key", err)
	}
}

// misread reports a text that cannot be read, at the place inside it that the error tells.
func (r *reader) misread(rule verdict.Rule, v *yamldoc.Value, what string, err error) {
	var fault *selector.Error
	if !errors.As(err, &fault) {
		fault = &selector.Error{Column: 1, Message: err.Error()}
	}
	at := v.Trace().Place(runeOffset(v.Text(), fault.Column))
	r.add(rule.At(at, fmt.Sprintf("%s is %q, which is %s: %s", v.Path(), yamldoc.Shorten(v.Text()), what, fault.Message), fault.Help))
}

// runeOffset is where a rune of a text begins, counted from 1; behind its last it is its end.
func runeOffset(text string, rune int) int {
	offset := 0
	for ; rune > 1 && offset < len(text); rune-- {
		_, size := utf8.DecodeRuneInString(text[offset:])
		offset += size
	}
	return offset
}

// namePattern judges the regular expression that takes a unit's name from its path.
func (r *reader) namePattern(v *yamldoc.Value) {
	re, err := foreign.Regexp(v.Text())
	if err != nil {
		said := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		offset := 0
		if _, part, ok := strings.Cut(strings.TrimSuffix(said, "`"), ": `"); ok {
			offset = max(0, strings.Index(v.Text(), part))
		}
		r.add(rulePattern.At(v.Trace().Place(offset), fmt.Sprintf("%s is %q, which is no regular expression: %s", v.Path(), yamldoc.Shorten(v.Text()), said), ""))
		return
	}
	count, help := "no group", "put parentheses around the part that is the name"
	switch n := re.NumSubexp(); {
	case n == 1:
		return
	case n > 1:
		count, help = fmt.Sprintf("%d groups", n), "write (?:…) for those that are not the name"
	}
	r.report(rulePattern, v, fmt.Sprintf("%s is %q, which has %s; expected one, a unit's name", v.Path(), yamldoc.Shorten(v.Text()), count), help)
}
