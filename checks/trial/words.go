package trial

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// Explain says in words what a test that failed expected and what was found in its place, of each
// at least one thing. What is as expected is left out.
func (r Result) Explain() (expected, found []string) {
	for _, e := range r.Missing {
		expected = append(expected, e.words())
	}
	for _, f := range r.Others {
		found = append(found, r.finding(f))
	}
	if r.Findings == nil && (r.Failure != "" || len(r.Others) > 0 || r.Right != r.Count) && r.Count > 0 {
		expected = append(expected, number(r.Count, "finding"))
	}
	for _, key := range r.Unclaimed {
		expected = append(expected, fmt.Sprintf("the key %q", key))
	}
	for _, key := range r.Claimed {
		found = append(found, fmt.Sprintf("the key %q", key))
	}
	if r.Failure != "" {
		found = append(found, "it could not be checked: "+r.Failure)
	}
	return orNone(expected, r.Right+r.rightKeys() > 0), orNone(found, r.Right+r.rightKeys() > 0)
}

// rightKeys is how many keys are as expected.
func (r Result) rightKeys() int { return len(less(r.Claims, r.Unclaimed)) }

// orNone is a list that says so where it is empty.
func orNone(all []string, others bool) []string {
	switch {
	case len(all) > 0:
		return all
	case others:
		return []string{"nothing else"}
	}
	return []string{"nothing"}
}

func number(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// words are an expectation for people.
func (e Expectation) words() string {
	text := "a finding"
	if e.Name != "" {
		text += " " + e.Name
	}
	switch {
	case e.At != nil && *e.At == "":
		text += " at the document"
	case e.At != nil:
		text += " at " + *e.At
	}
	if e.Message != "" {
		text += fmt.Sprintf(" that says %q", e.Message)
	}
	return text
}

// finding is one in words. The lines of a document that was given as a value are nobody's.
func (r Result) finding(f verdict.Finding) string {
	where := []string{}
	i := slices.IndexFunc(r.Files, func(one File) bool { return f.File == one.Path || f.File == r.Unit+"/"+one.Path })
	if i < 0 || len(r.Files) > 1 {
		where = append(where, strings.TrimPrefix(f.File, r.Unit+"/"))
	}
	if f.Path != "" {
		where = append(where, f.Path)
	}
	if i >= 0 && r.Files[i].Text != nil {
		where = append(where, fmt.Sprintf("%d:%d", f.Line, f.Column))
	}
	if len(where) == 0 {
		where = append(where, "the document")
	}
	name := f.Name
	if f.Rule != r.Check {
		name = f.Rule + " " + name
	}
	text := fmt.Sprintf("at %s: %s [%s]", strings.Join(where, " "), f.Message, name)
	if len(f.Regions) > 0 {
		text += " (" + strings.Join(f.Regions, ", ") + ")"
	}
	return text
}
