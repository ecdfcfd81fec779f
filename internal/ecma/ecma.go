// Package ecma has regular expressions as JSON Schema means them, which are those of
// ECMAScript. What Go's own engine understands it decides, in time that grows with the text
// alone; the rest (look-around, back-references) is for one that goes back, and has a limit of
// time.
package ecma

import (
	"fmt"
	"regexp"
	"time"

	"github.com/dlclark/regexp2"

	"github.com/seed306eabeb/muster/internal/foreign"
)

const (
	// matchTime is what one match may take where an engine goes back. Its steps cannot be counted, so
	// that a machine with much to do gets less far: what is not decided has no answer.
	matchTime = time.Second
	// maxPattern is how many bytes such an engine is given. It repeats no part of its program, however
	// often an expression repeats it, so that nothing else needs a bound.
	maxPattern = 128 << 10
)

// ErrUndecided says that a match took too long: on another machine, or later, it may be decided.
var ErrUndecided = fmt.Errorf("not decided within %v", matchTime)

// Regexp is a regular expression. It is safe for concurrent use.
type Regexp struct {
	text  string
	any   bool           // it matches whatever the text is
	quick *regexp.Regexp // nil where Go's engine does not understand it
	full  *regexp2.Regexp
}

// Compile compiles a regular expression.
func Compile(text string) (*Regexp, error) {
	r := &Regexp{text: text}
	switch text {
	case "", "^", "$", ".*", "^.*", ".*$":
		r.any = true
		return r, nil
	}
	var err error
	if r.quick, err = foreign.Regexp(text); err == nil {
		return r, nil
	}
	if len(text) > maxPattern {
		return nil, fmt.Errorf("it is %d bytes long; expected at most %d", len(text), maxPattern)
	}
	if r.full, err = compileFull(text); err != nil {
		return nil, err
	}
	r.full.MatchTimeout = matchTime
	return r, nil
}

func compileFull(text string) (re *regexp2.Regexp, err error) {
	defer func() {
		if recover() != nil {
			err = foreign.ErrBroken
		}
	}()
	return regexp2.Compile(text, regexp2.ECMAScript|regexp2.Unicode)
}

// String is the expression as it was written.
func (r *Regexp) String() string { return r.text }

// IsQuick says whether a match takes time with the length of the text alone, and so is always
// decided.
func (r *Regexp) IsQuick() bool { return r.full == nil }

// Match says whether a part of s matches. The error may be ErrUndecided, and then there is no answer.
func (r *Regexp) Match(s string) (bool, error) {
	switch {
	case r.any:
		return true, nil
	case r.quick != nil:
		return r.quick.MatchString(s), nil
	}
	return r.matchFull(s)
}

func (r *Regexp) matchFull(s string) (matched bool, err error) {
	defer func() {
		if recover() != nil {
			matched, err = false, foreign.ErrBroken
		}
	}()
	if matched, err = r.full.MatchString(s); err != nil {
		return false, ErrUndecided
	}
	return matched, nil
}

// MatchString is Match for a library that compiles expressions here and asks none of them.
func (r *Regexp) MatchString(s string) bool {
	matched, err := r.Match(s)
	return err == nil && matched
}
