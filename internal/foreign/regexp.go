package foreign

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

const (
	// maxPattern is far beyond an alternation of all the names of a cluster.
	maxPattern = 16 << 10
	// maxProgram is how many instructions a pattern may stand for. A million of them take
	// seconds and hundreds of megabytes, and "a{1000}" is seven bytes long.
	maxProgram = 100_000
	// classCost is what \p{…} may stand for: Unicode has classes of hundreds of ranges.
	classCost = 100
)

var errPatternSize = errors.New("it repeats its parts too often")

// Regexp compiles a regular expression that stands for a program of bounded size.
func Regexp(text string) (re *regexp.Regexp, err error) {
	if _, err := PatternSize(text); err != nil {
		return nil, err
	}
	err = guard(func() error {
		re, err = regexp.Compile(text)
		return err
	})
	if err != nil {
		return nil, errors.New(brief(err))
	}
	return re, nil
}

// PatternSize is about how many instructions a pattern stands for, or why it is too large. One
// that cannot be parsed has none: whoever compiles it says what is wrong.
func PatternSize(text string) (size int, err error) {
	if err := atMost(text, maxPattern); err != nil {
		return 0, err
	}
	if classCost*strings.Count(strings.ToLower(text), `\p`) > maxProgram {
		return 0, errPatternSize
	}
	err = guard(func() error {
		tree, failed := syntax.Parse(text, syntax.Perl)
		if failed == nil {
			size = instructions(tree, 1)
		}
		return nil
	})
	if size > maxProgram {
		return 0, fmt.Errorf("%w: it stands for more than %d instructions", errPatternSize, maxProgram)
	}
	return size, err
}

// instructions counts those of an expression that is repeated so many times. It goes no
// further than it has to.
func instructions(re *syntax.Regexp, times int) int {
	size := times
	switch re.Op {
	case syntax.OpLiteral:
		size = times * len(re.Rune)
	case syntax.OpCharClass: // one of them, but with all its ranges
		size = times * (1 + len(re.Rune)/10)
	case syntax.OpRepeat:
		times *= max(re.Min, re.Max, 1)
	}
	for _, sub := range re.Sub {
		if size > maxProgram {
			break
		}
		size += instructions(sub, times)
	}
	return size
}
