package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// findingsOf is a report of one unit with so many warnings, and as many errors behind them.
func reportOf(warnings, errors int) Report {
	var d verdict.Decision
	for i := range warnings {
		d.Findings = append(d.Findings, legacy.At(manifest("billing", i+1, 1), "no longer read", ""))
	}
	for i := range errors {
		d.Findings = append(d.Findings, limits.At(manifest("billing", warnings+i+1, 1), "above its limit", ""))
	}
	return Report{Summary: summary(aggregator.Options{Whole: true}, decided("billing", d))}
}

// TestSARIFKeepsWhatGitHubTakes: the most severe results stay, and what is left out is said in the
// file and to whoever asked for it.
func TestSARIFKeepsWhatGitHubTakes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		warnings, errors int
		results, kept    int // of all, and errors among them
		omits, note      string
	}{
		{10, 10, 20, 10, "", ""},
		{4990, 10, 5000, 10, "", ""},
		{4991, 10, 5001, 10, "all 5,001 results are in it, and GitHub shows the 5,000 most severe of them", ""},
		{25_100, 40, 25_000, 40, "140 of 25,140 results are left out, the least severe", "140 of 25,140 results are left out"},
	} {
		r := reportOf(c.warnings, c.errors)
		out := written(t, sarifFormat, r, Options{})
		if err := validSARIF(out, Options{}); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
		if n, errs := bytes.Count(out, []byte(`{"ruleId":`)), bytes.Count(out, []byte(`{"ruleId":"M301","ruleIndex":1,"level":"error"`)); n != c.results || errs != c.kept {
			t.Errorf("%+v: %d results, %d errors", c, n, errs)
		}
		if got := sarifFormat.Omits(r); !strings.HasPrefix(got, c.omits) || (got == "") != (c.omits == "") {
			t.Errorf("%+v: it omits %q", c, got)
		}
		if told := bytes.Contains(out, []byte("results are left out")); told != (c.note != "") || !bytes.Contains(out, []byte(c.note)) {
			t.Errorf("%+v: told in the file: %v", c, told)
		}
	}
}

// TestListsAreNotCapped: whatever is no platform's limit leaves nothing out.
func TestListsAreNotCapped(t *testing.T) {
	t.Parallel()
	r := reportOf(6000, 20)
	for format, element := range map[string]string{"gitlab": `{"description"`, "rdjson": `{"message"`, "checkstyle": "<error ", "junit": `name="M`, "ndjson": `"event":"finding"`} {
		f, _ := FormatNamed(format)
		if n := bytes.Count(written(t, f, r, Options{}), []byte(element)); n != 6020 {
			t.Errorf("%s has %d elements, want 6,020", format, n)
		}
		if f.Omits != nil {
			t.Errorf("%s omits something", format)
		}
	}
}

// TestJUnitFailsWhatTheRunFails: a warning has failed where it makes its unit an err, and no
// test passes in a unit that does not.
func TestJUnitFailsWhatTheRunFails(t *testing.T) {
	t.Parallel()
	at := manifest("billing", 1, 1)
	warned := decided("billing", verdict.Decision{Findings: []verdict.Finding{legacy.At(at, "old", ""), idle.At(at, "idle", "")}})
	broken := decided("billing", verdict.Decision{Findings: []verdict.Finding{legacy.At(at, "old", ""), limits.At(at, "above", "")}})
	unsaid := decided("billing", verdict.Decision{})
	unsaid.Kind = verdict.Invalid
	for name, c := range map[string]struct {
		v      verdict.Verdict
		failOn verdict.Severity
		want   junitCounts
	}{
		"warnings":              {warned, verdict.Error, junitCounts{tests: 3}},
		"warnings are errs":     {warned, verdict.Warning, junitCounts{tests: 2, failures: 1}},
		"an error":              {broken, verdict.Error, junitCounts{tests: 2, failures: 1}},
		"an error, and strict":  {broken, verdict.Warning, junitCounts{tests: 2, failures: 1}},
		"invalid, nobody knows": {unsaid, verdict.Error, junitCounts{tests: 1, failures: 1}},
		"undecided":             {undecided("billing", "it panicked"), verdict.Error, junitCounts{tests: 1, errors: 1}},
		"ok":                    {decided("billing", verdict.Decision{}), verdict.Error, junitCounts{tests: 1}},
	} {
		f := aggregator.New(aggregator.Options{Whole: true})
		f.Expect("billing")
		f.Add(c.v)
		out := written(t, junitFormat, Report{Summary: policy.Policy{FailOn: c.failOn}.Apply(f.Summary(nil))}, Options{})
		want := fmt.Sprintf(`<testsuites name="muster" tests="%d" failures="%d" errors="%d" skipped="0"`, c.want.tests, c.want.failures, c.want.errors)
		if err := validJUnit(out, Options{}); err != nil || !bytes.Contains(out, []byte(want)) {
			t.Errorf("%s: %v, want %s:\n%s", name, err, want, out)
		}
	}
}

// TestEventsAreToldOnce: what has been told of a unit while the run went on is not told again,
// unless something else is true at the end.
func TestEventsAreToldOnce(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	e := newEvents(&b, Options{})
	f := aggregator.New(aggregator.Options{Whole: true, Joins: []verdict.Join{streams}})
	e.Run(Run{ID: "r-1"})
	for _, v := range errsOfAllKinds() {
		f.Expect(v.Unit)
		f.Add(v)
		e.Unit(v)
	}
	f.Expect("search")
	five := 5
	e.Progress(Progress{At: started, Listed: 9, Decided: 7, Errs: 2, Total: &five})
	if err := e.End(Report{Run: Run{ID: "r-1"}, Summary: policy.Policy{}.Apply(f.Summary(nil))}, Options{}); err != nil {
		t.Fatal(err)
	}
	if err := validEvents(b.Bytes(), Options{}); err != nil {
		t.Error(err)
	}
	told := map[id.Unit][]string{}
	for line := range bytes.Lines(b.Bytes()) {
		var event struct {
			Event, Kind string
			Service     id.Unit
			Findings    []any
		}
		if err := json.Unmarshal(line, &event); err != nil {
			t.Fatal(err)
		}
		if event.Event == "unit" {
			told[event.Service] = append(told[event.Service], fmt.Sprint(event.Kind, len(event.Findings)))
		}
	}
	want := "map[account:[ok0] billing:[invalid3] checkout:[ok0 invalid0] gateway:[failed0] ledger:[ok1] mailer:[ok1] pricing:[failed0] search:[missing0]]"
	if got := fmt.Sprint(told); got != want {
		t.Errorf("told of units\n%s, want\n%s", got, want)
	}
	if n := strings.Count(b.String(), `"event":"finding"`); n != 7 {
		t.Errorf("%d findings at the end, want 7:\n%s", n, b.String())
	}
}
