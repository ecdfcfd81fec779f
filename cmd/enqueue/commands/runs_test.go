package commands

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/verdict"
)

// runsOfEveryState have one of each, newest first.
func runsOfEveryState() []ledger.Header {
	start := time.Date(2026, 11, 25, 9, 30, 0, 0, time.UTC)
	plan := ledger.Plan{Queue: "muster-ci", Checker: "manifest"}
	at := func(end time.Duration) ledger.Times {
		t := ledger.Times{Started: start, Now: start.Add(65400 * time.Millisecond)}
		if end > 0 {
			t.EndedAt = start.Add(end)
		}
		return t
	}
	kinds := map[verdict.Kind]int{verdict.OK: 7, verdict.Invalid: 2}
	return []ledger.Header{
		{ID: "seven", Plan: plan, State: ledger.Open, Times: at(0), Total: -1, Listed: 12, Decided: 9, Kinds: kinds},
		{ID: "six", Plan: plan, State: ledger.Sealed, Times: at(0), Total: 20, Listed: 20, Decided: 9, Kinds: kinds},
		{ID: "five", Plan: plan, State: ledger.Closed, Times: at(2345 * time.Millisecond), Total: 20, Listed: 20, Final: ledger.Final{OK: 18, Errs: 2, Complete: true}},
		{ID: "four", Plan: plan, State: ledger.Closed, Times: at(time.Minute), Total: 20, Listed: 20, Final: ledger.Final{OK: 7, Errs: 13, Reason: "no verdict within 1m0s"}},
		{ID: "three", Plan: plan, State: ledger.Cancelled, Times: at(5 * time.Second), Total: 20, Listed: 20, Decided: 9, Kinds: kinds, Ending: ledger.Ending{Reason: "wrong\nbranch", By: "ada@host"}},
		{ID: "two", Plan: plan, State: ledger.Cancelled, Times: at(5 * time.Second), Total: -1, Listed: 3, Ending: ledger.Ending{Reason: "superseded by run three", SupersededBy: "three"}},
		{ID: "one", Plan: plan, State: ledger.Open, Times: at(0), Total: -1, Listed: 12, Decided: 9, Kinds: kinds, Abandoned: true},
	}
}

// TestRunsAreWritten in the forms of testdata, and their states are those that the help
// explains.
func TestRunsAreWritten(t *testing.T) {
	t.Parallel()
	help := newRunsCmd(cli.Program{}).Long
	for _, h := range runsOfEveryState() {
		if state := string(stateOf(h)); !strings.Contains(help, "\n  "+state+" ") {
			t.Errorf("the help does not explain the state %q", state)
		}
	}
	for format, file := range map[runsFormat]string{"text": "testdata/runs.txt", "json": "testdata/runs.json"} {
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := writeRuns[format](&b, runsOfEveryState()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), b.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s\n%s", file, diff, b.String())
		}
	}
	var b bytes.Buffer
	if err := writeRuns["json"](&b, nil); err != nil || b.String() != "[]\n" {
		t.Errorf("no run: %q, %v; want an empty list", b.String(), err)
	}
}
