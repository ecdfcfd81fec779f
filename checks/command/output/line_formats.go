package output

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/reviewdog/errorformat"

	"github.com/seed306eabeb/muster/internal/foreign"
)

// expression is a pattern with the numbers of its groups. Alternatives may have groups of one name.
type expression struct {
	*regexp.Regexp
	groups map[string][]int
}

// of is what a group matched, "" where it did not or is not there.
func (e *expression) of(match []string, group string) string {
	for _, i := range e.groups[group] {
		if match[i] != "" {
			return match[i]
		}
	}
	return ""
}

// regex reads a finding of each line that the pattern matches.
func (c *collector) regex(text []byte) error {
	e, err := pattern(c.spec.Pattern)
	if err != nil {
		return fmt.Errorf("the pattern of the output: %w", err)
	}
	for _, line := range lines(text) {
		m := e.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		f := Finding{
			File:    e.of(m, "file"),
			Line:    number(e.of(m, "line")),
			Column:  number(e.of(m, "column")),
			EndLine: number(e.of(m, "endline")), EndColumn: number(e.of(m, "endcolumn")),
			Code:    e.of(m, "code"),
			Message: e.of(m, "message"),
		}
		if err := c.add(f, e.of(m, "severity")); err != nil {
			return err
		}
	}
	return nil
}

// number is a decimal one, 0 for any other text.
func number(text string) int {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		return 0
	}
	return n
}

// Errorformats that are compiled have bounds.
const (
	maxErrorformats = 64
	maxErrorformat  = 1 << 10
)

// compileFormats compiles the patterns of the format Errorformat. The library indexes behind the
// end of some that are none.
func compileFormats(texts []string) (*errorformat.Errorformat, error) {
	switch {
	case len(texts) == 0:
		return nil, errors.New("there is no errorformat; expected a list of them, such as \"%f:%l:%c: %m\"")
	case len(texts) > maxErrorformats:
		return nil, fmt.Errorf("there are %d errorformats; expected at most %d", len(texts), maxErrorformats)
	}
	all := &errorformat.Errorformat{}
	for _, text := range texts {
		one, err := compileFormat(text)
		if err != nil {
			return nil, fmt.Errorf("the errorformat %q: %w", cut(text, maxWhy), err)
		}
		all.Efms = append(all.Efms, one)
	}
	return all, nil
}

func compileFormat(text string) (one *errorformat.Efm, err error) {
	if len(text) > maxErrorformat {
		return nil, fmt.Errorf("it is %d bytes long; expected at most %d", len(text), maxErrorformat)
	}
	defer func() {
		if recover() != nil {
			err = errors.New("it ends behind a % or a \\")
		}
	}()
	return errorformat.NewEfm(text)
}

// errorformat reads what Vim would read into its list of errors.
func (c *collector) errorformat(text []byte) (err error) {
	formats, err := compileFormats(c.spec.Errorformats)
	if err != nil {
		return err
	}
	var plain strings.Builder
	for _, line := range lines(text) {
		plain.WriteString(line)
		plain.WriteByte('\n')
	}
	defer func() {
		if recover() != nil {
			err = foreign.ErrBroken
		}
	}()
	for s := formats.NewScanner(strings.NewReader(plain.String())); s.Scan(); {
		e := s.Entry()
		if !e.Valid {
			continue
		}
		f := Finding{File: e.Filename, Line: e.Lnum, Column: e.Col, EndLine: e.EndLnum, EndColumn: e.EndCol, Message: e.Text}
		if e.Nr > 0 {
			f.Code = strconv.Itoa(e.Nr)
		}
		word := ""
		if e.Type != 0 {
			word = string(e.Type)
		}
		if err := c.add(f, word); err != nil {
			return err
		}
	}
	return nil
}
