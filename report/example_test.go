package report

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

// The format that docs/new-formats.md shows.

var linesFormat = Format{Name: "jsonl", Doc: "for programs that read line by line: the run, then each service", Write: JSONLines}

// JSONLines writes a JSON object a line: first the run, then the errs, then the oks. It
// returns the first error of w.
func JSONLines(w io.Writer, r Report, _ Options) error {
	j, s := newJSONStream(w), r.Summary
	j.line(map[string]any{
		"run": newRun(r), "config": findingsJSON(s.Config), "expected": s.Expected, "counts": s.Counts,
		"complete": s.Complete, "fleetRules": s.FleetRules, "unjudged": unjudgedJSON(s.Unjudged), "idle": idleJSON(s.Idle),
		"policy": findingsJSON(s.Remarks), "fixed": fixedJSON(s.Fixed), "proposed": texts(s.Proposed), "newSince": newComparison(s.Since),
	})
	for _, u := range s.Errs {
		j.line(newErr(u, s.Since))
	}
	for _, u := range s.OKs {
		j.line(newOK(u, s.Since))
	}
	return j.flush()
}

// linesContract is that of json, but for the lines.
func linesContract() contract {
	c := contracts["json"]
	c.valid = func(out []byte, o Options) error {
		for line := range bytes.Lines(out) {
			if err := validJSON(line, o); err != nil {
				return err
			}
		}
		return nil
	}
	c.leftOut = leaveOut(c.leftOut, map[string]string{"Changed": "it has the findings that are shown, and no more"})
	return c
}

// TestTheExampleIsAFormat: what the page about new formats shows is this file's code, and passes.
func TestTheExampleIsAFormat(t *testing.T) {
	t.Parallel()
	for _, problem := range undeclared(t, linesFormat, linesContract()) {
		t.Error(problem)
	}
	for _, problem := range dropped(t, linesFormat, Options{}) {
		t.Error(problem)
	}
	for _, s := range hostileTexts {
		wellFormed(t, linesFormat, linesContract(), s, filledWith(s))
	}
	if err := JSONLines(&limited{10}, kinds(), Options{}); !errors.Is(err, errFull) {
		t.Errorf("a full disk is %v", err)
	}
	page, own := readFile(t, "../docs/new-formats.md"), readFile(t, "example_test.go")
	_, code, _ := strings.Cut(page, "```go\n")
	code, _, _ = strings.Cut(code, "```\n")
	if code == "" || !strings.Contains(own, "\n"+code) {
		t.Errorf("the page's example is not the code here:\n%s", code)
	}
}
