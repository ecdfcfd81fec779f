//go:build linux

package faults

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/test/genrepo"
)

// enqueuer is a command that reports.
type enqueuer struct {
	*process
	report string
}

// outcome is how a run ended, as its user sees it.
type outcome struct {
	Exit int `json:"-"`
	text []byte

	Complete bool
	Expected int
	Counts   aggregator.Counts
	OKs      []reported
	Errs     []reported
	Cached   struct{ Units int }
	Run      struct {
		Engines   []string
		Conflicts []string
		Stood     int
	}
}

type reported struct {
	Service, Kind, Cause string
	Findings, Warnings   []genrepo.Finding
}

// outcome waits for the end and reads the report.
func (e *enqueuer) outcome(within time.Duration) outcome {
	e.t.Helper()
	o := outcome{Exit: e.exit(within)}
	var err error
	if o.text, err = os.ReadFile(e.report); err != nil {
		e.t.Fatalf("exit %d and no report: %v", o.Exit, err)
	}
	if err := json.Unmarshal(o.text, &o); err != nil {
		e.t.Fatalf("the report: %v", err)
	}
	return o
}

// about is the report without what differs from run to run.
func (o outcome) about(t *testing.T) string {
	t.Helper()
	var parts struct{ Run json.RawMessage }
	if err := json.Unmarshal(o.text, &parts); err != nil {
		t.Fatal(err)
	}
	return string(bytes.Replace(o.text, parts.Run, nil, 1))
}

// err is the err of a service.
func (o outcome) err(name string) (reported, bool) {
	i := slices.IndexFunc(o.Errs, func(r reported) bool { return r.Service == name })
	if i < 0 {
		return reported{}, false
	}
	return o.Errs[i], true
}

func (r reported) kind() string {
	if r.Kind == "" {
		return "ok"
	}
	return r.Kind
}

// invariant holds for every run that has ended, whatever happened to it: each
// service stands on one side, once, and 0 means that all of them are ok.
func (w *world) invariant(o outcome) {
	w.t.Helper()
	seen := map[string]int{}
	for _, r := range append(slices.Clone(o.OKs), o.Errs...) {
		seen[r.Service]++
	}
	for name := range w.units {
		if n := seen[name]; n != 1 {
			w.t.Errorf("%s is reported %d times", name, n)
		}
	}
	all, sides := len(w.units), len(o.OKs)+len(o.Errs)
	if len(seen) != all || sides != all || o.Expected != all {
		w.t.Errorf("%d services, and the report has %d names, %d entries and %d expected", all, len(seen), sides, o.Expected)
	}
	allOK := o.Complete && len(o.Errs) == 0 && len(o.OKs) > 0
	if (o.Exit == policy.ExitOK) != allOK {
		w.t.Errorf("exit %d with complete %t and %d errs", o.Exit, o.Complete, len(o.Errs))
	}
}

// truth holds where nothing was left undecided: besides the invariant each
// service has the verdict that it asks for itself, but those that except names
// have the kind given there.
func (w *world) truth(o outcome, except map[string]string) {
	w.t.Helper()
	w.invariant(o)
	if w.expected != nil {
		w.findings(o)
	}
	wrong := 0
	for _, r := range append(slices.Clone(o.OKs), o.Errs...) {
		want, named := except[r.Service]
		switch {
		case named:
		case strings.HasSuffix(w.units[r.Service], bad):
			want = "invalid"
		default:
			want = "ok"
		}
		if r.kind() != want {
			if wrong++; wrong <= 5 {
				w.t.Errorf("%s is %s (%s), want %s", r.Service, r.kind(), r.Cause, want)
			}
		}
	}
	if wrong > 5 {
		w.t.Errorf("and %d more wrong verdicts", wrong-5)
	}
}

// attempts reads from the run's events with which attempt each verdict was made.
func (w *world) attempts() map[string]int {
	w.t.Helper()
	all := map[string]int{}
	for after := "0"; ; {
		h, err := w.books.Read(w.t.Context(), runID, after, -1)
		if err != nil {
			w.t.Fatal(err)
		}
		if len(h.Events) == 0 {
			return all
		}
		for _, e := range h.Events {
			var v struct{ Attempt int }
			if json.Unmarshal(e.Body, &v) == nil && e.Kind == "verdict" {
				all[string(e.Unit)] = max(all[string(e.Unit)], v.Attempt)
			}
		}
		after = h.Next
	}
}

// reissued lists the services that were decided at a later attempt than the
// first.
func (w *world) reissued() []string {
	w.t.Helper()
	var names []string
	for name, n := range w.attempts() {
		if n > 1 {
			names = append(names, name)
		}
	}
	return names
}
