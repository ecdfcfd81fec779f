package report

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"reflect"
	"strconv"
	"testing"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// filled is a report of which every field holds something, and every truth is false. Its texts are words of
// their own; its numbers have four digits, as no word has.
func filled() Report {
	var r Report
	words, number := 0, 4999
	fill(reflect.ValueOf(&r).Elem(), func() string { words++; return "word" + strconv.Itoa(words) + "x" }, &number)
	return r
}

// filledWith is a report of which every text is s.
func filledWith(s string) Report {
	var r Report
	number := 99
	fill(reflect.ValueOf(&r).Elem(), func() string { return s }, &number)
	return r
}

// everyKind is filled, with services of all kinds: two that are invalid, one that failed, two
// that are missing, and ok ones with a warning and with a note.
func everyKind() Report {
	r := filled()
	s := &r.Summary
	unit := func(from aggregator.Unit, kind verdict.Kind) aggregator.Unit {
		from.Kind = kind
		switch kind {
		case verdict.Failed:
			from.Cause = cause(from) // that of its failures
		case verdict.Missing:
			from.Findings, from.Failures = nil, nil
		default:
			from.Cause, from.Failures = "", nil
		}
		return from
	}
	more := filledWith("").Summary // the places of the further units
	words, number := 0, 6999
	fill(reflect.ValueOf(&more).Elem(), func() string { words++; return fmt.Sprintf("more%dx", words) }, &number)
	s.Errs = []aggregator.Unit{unit(s.Errs[0], verdict.Invalid), unit(s.Errs[1], verdict.Failed), unit(more.Errs[0], verdict.Missing),
		unit(more.Errs[1], verdict.Invalid), unit(more.OKs[0], verdict.Missing)}
	s.OKs[0], s.OKs[1] = unit(s.OKs[0], verdict.OK), unit(s.OKs[1], verdict.OK)
	for _, u := range s.Errs {
		for i := range u.Findings {
			u.Findings[i].Severity = []verdict.Severity{verdict.Error, verdict.Warning}[i%2]
		}
	}
	for i := range s.OKs[0].Findings {
		s.OKs[0].Findings[i].Severity = verdict.Warning
	}
	for i := range s.OKs[1].Findings {
		s.OKs[1].Findings[i].Advice = true
	}
	return r
}

// fieldReports are reports in which every field says something: a copy each, which may be
// changed.
func fieldReports(t *testing.T) []Report {
	t.Helper()
	all := []Report{filled(), kinds(), configErrors(), partialRun(), doubtful(), stopped(), otherEngine(), superseded(), supersededAtOnce(), unlisted(), ofAChange(SelectedAll, VerifiedFleet), ofAChange(SelectedChanged, VerifiedChanged)}
	for i, r := range all {
		var b bytes.Buffer
		if err := gob.NewEncoder(&b).Encode(r); err != nil {
			t.Fatal(err)
		}
		all[i] = Report{}
		if err := gob.NewDecoder(&b).Decode(&all[i]); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// unlisted ended before it knew its fleet.
func unlisted() Report {
	f := aggregator.New(aggregator.Options{Whole: true})
	f.ListingIncomplete()
	f.Expect("billing")
	f.Add(decided("billing", verdict.Decision{}))
	return Report{Run: queueRun(1), Summary: policy.Policy{}.Apply(f.Summary(nil))}
}

// ofAChange shows what a change concerns.
func ofAChange(selection, verified string) Report {
	f := aggregator.New(aggregator.Options{Whole: true})
	f.Expect("billing")
	f.Add(decided("billing", verdict.Decision{}))
	r := Report{Run: queueRun(1), Summary: policy.Policy{}.Apply(f.Summary(nil))}
	r.Changed = &Changed{Selection: selection, Base: firstCommit, Why: "where it has left main", Verified: verified, Units: 3, Removed: 1, Fleet: 2041}
	return r
}
