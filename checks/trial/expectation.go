package trial

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// Expectation is what is known of a finding: nil, or "", for what may be anything.
type Expectation struct {
	// At is the path of the value (spec.replicas, "" for the document), or a line and a
	// column of the file (3:5).
	At *string
	// Message is a part of the message, and Name says what kind of mistake it is
	// ("unknown-key").
	Message, Name string
}

// position is a line and a column, which no path looks like.
var position = regexp.MustCompile(`^[0-9]+:[0-9]+$`)

// fits says whether a finding is as expected.
func (e Expectation) fits(f verdict.Finding) bool {
	if e.At != nil {
		at := f.Path
		if position.MatchString(*e.At) {
			at = fmt.Sprintf("%d:%d", f.Line, f.Column)
		}
		if at != *e.At {
			return false
		}
	}
	return strings.Contains(f.Message, e.Message) && (e.Name == "" || e.Name == f.Name)
}

// compare tells of findings which are as expected. Where expectations fit several, they are
// given so that as many as can be are met.
func (r *Result) compare(found []verdict.Finding) {
	if r.Findings == nil {
		if len(found) != r.Count {
			r.Others = found
			return
		}
		r.Right = len(found)
		return
	}
	given := make([]int, len(found)) // the expectation that a finding meets, from 1
	for i := range r.Findings {
		r.give(i, found, given, make([]bool, len(found)))
	}
	met := make([]bool, len(r.Findings))
	for i, f := range found {
		if given[i] == 0 {
			r.Others = append(r.Others, f)
			continue
		}
		met[given[i]-1] = true
		r.Right++
	}
	for i, e := range r.Findings {
		if !met[i] {
			r.Missing = append(r.Missing, e)
		}
	}
}

// give gives an expectation a finding that fits, and the one that has it another, if it can.
func (r *Result) give(e int, found []verdict.Finding, given []int, tried []bool) bool {
	for i, f := range found {
		if tried[i] || !r.Findings[e].fits(f) {
			continue
		}
		tried[i] = true
		if given[i] == 0 || r.give(given[i]-1, found, given, tried) {
			given[i] = e + 1
			return true
		}
	}
	return false
}
