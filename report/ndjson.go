package report

import (
	"bytes"
	"encoding/json"
	"io"
	"time"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

var ndjsonFormat = Format{Name: "ndjson", Doc: "for programs that follow a run: an object a line, as it happens", Write: NDJSON, Follow: newEvents}

// EventsSchema names the version of the events. Within v1 fields and events are only added.
const EventsSchema = "muster.events/v1"

// NDJSON writes a report as the events of a run of which nobody has seen anything. It knows no
// options, and returns the first error of w.
func NDJSON(w io.Writer, r Report, o Options) error { return newEvents(w, o).End(r, o) }

// Events writes what happens in a run, an object a line, as docs/events.schema.json describes
// them: the run, each unit when it is decided, and at the end each finding as the policy has it.
// A line is written at once. It keeps its first error, and is for one goroutine at a time.
type Events struct {
	w       io.Writer
	buf     bytes.Buffer // one line
	encoder *json.Encoder
	err     error
	begun   bool
	told    map[string]verdict.Kind // the units that were told
}

func newEvents(w io.Writer, _ Options) *Events {
	e := &Events{w: w, told: map[string]verdict.Kind{}}
	e.encoder = json.NewEncoder(&e.buf)
	e.encoder.SetEscapeHTML(false) // harmless does more
	return e
}

// eventHead begins every event.
type eventHead struct {
	Schema string `json:"schema"`
	Event  string `json:"event"`
}

func head(event string) eventHead { return eventHead{EventsSchema, event} }

type runEvent struct {
	eventHead
	Run     Run      `json:"run"`
	Regions []string `json:"regions"`
}

// Run is the first event, and told once.
func (e *Events) Run(run Run) error {
	if e.begun {
		return e.err
	}
	e.begun = true
	return e.write(runEvent{head("run"), run, texts(run.Regions)})
}

type unitEvent struct {
	eventHead
	Service  string        `json:"service"`
	Unit     string        `json:"unit"`
	Kind     verdict.Kind  `json:"kind"`
	Regions  []string      `json:"regions"`
	Standing string        `json:"standing,omitempty"`
	Digest   string        `json:"digest"`
	Cause    string        `json:"cause,omitempty"`
	Failures []failureJSON `json:"failures,omitempty"`
	Owners   []string      `json:"owners,omitempty"`
	// Findings are what the checks have found, before any policy. They are absent at the end.
	Findings []findingJSON `json:"findings,omitempty"`
}

// Unit is told when a unit is decided, with what its checks have found.
func (e *Events) Unit(v verdict.Verdict) error {
	e.told[string(v.Unit)] = v.Kind
	u := unitEvent{
		eventHead: head("unit"), Service: valid(string(v.Unit)), Unit: valid(v.Path), Kind: v.Kind, Regions: texts(v.Regions()),
		Standing: string(v.Skipped()), Digest: string(v.Digest), Cause: valid(v.Cause), Findings: findingsJSON(v.Findings()),
	}
	if len(v.Parts) > 1 {
		for _, p := range v.Parts {
			if p.Failure != "" {
				u.Failures = append(u.Failures, failureJSON{valid(p.Check), valid(p.Failure)})
			}
		}
	}
	return e.write(u)
}

// Progress is how far a run is.
type Progress struct {
	At      time.Time `json:"at"`
	Listed  int       `json:"listed"`
	Decided int       `json:"decided"`
	Errs    int       `json:"errs"`
	Total   *int      `json:"total,omitempty"` // nil while the listing goes on
}

type progressEvent struct {
	eventHead
	Progress
}

// Progress is told now and then.
func (e *Events) Progress(p Progress) error { return e.write(progressEvent{head("progress"), p}) }

// About is what a finding is about that is not a unit's.
const (
	aboutConfiguration = "configuration"
	aboutPolicy        = "policy"
)

type findingEvent struct {
	eventHead
	About   string   `json:"about,omitempty"` // "configuration" or "policy"; absent for a unit's
	Service string   `json:"service,omitempty"`
	Owners  []string `json:"owners,omitempty"`
	findingJSON
	Hidden *hiddenBy `json:"hidden,omitempty"`
}

// hiddenBy is what a policy hides a finding for.
type hiddenBy struct {
	Why    verdict.Why `json:"why"`
	Reason string      `json:"reason"`
	By     placeJSON   `json:"by"`
}

type summaryEvent struct {
	eventHead
	Run        runJSON           `json:"run"`
	Changed    *Changed          `json:"changed,omitempty"`
	Complete   bool              `json:"complete"`
	FleetRules aggregator.Scope  `json:"fleetRules"`
	Unjudged   []openJSON        `json:"unjudged,omitempty"`
	Idle       []selectionJSON   `json:"idle,omitempty"`
	Fixed      []entryJSON       `json:"fixed,omitempty"`
	NewSince   *comparisonJSON   `json:"newSince,omitempty"`
	Proposed   []string          `json:"proposed,omitempty"`
	Expected   int               `json:"expected"`
	Counts     aggregator.Counts `json:"counts"`
}

// End tells what the run has come to: the units of which something else is true than was told, or
// that were not told; every finding as the policy has it, hidden ones too; and the summary.
func (e *Events) End(r Report, o Options) error {
	s := r.Summary
	e.Run(r.Run)
	for _, side := range [][]aggregator.Unit{s.Errs, s.OKs} {
		for i := range side {
			e.unitAtEnd(&side[i])
		}
	}
	e.findings(aboutConfiguration, s.Config)
	e.findings(aboutPolicy, s.Remarks)
	lists := o.lists(r)
	for _, f := range lists.standing() {
		e.finding(f, s.Since)
	}
	for _, f := range lists.hidden() {
		e.finding(f, s.Since)
	}
	return e.write(summaryEvent{head("summary"), newRun(r), r.Changed.valid(), s.Complete, s.FleetRules, unjudgedJSON(s.Unjudged), idleJSON(s.Idle), fixedJSON(s.Fixed), newComparison(s.Since), texts(s.Proposed), s.Expected, s.Counts})
}

func (e *Events) unitAtEnd(u *aggregator.Unit) {
	if kind, told := e.told[string(u.Name)]; told && kind == u.Kind && len(u.Owners) == 0 {
		return
	}
	e.write(unitEvent{
		eventHead: head("unit"), Service: valid(string(u.Name)), Unit: valid(u.Path), Kind: u.Kind, Regions: texts(u.Regions), Standing: string(u.Skipped),
		Digest: string(u.Digest), Cause: valid(u.Cause), Failures: failuresJSON(u.Failures), Owners: texts(u.Owners),
	})
}

func (e *Events) findings(about string, fs []verdict.Finding) {
	for _, f := range findingsJSON(fs) {
		e.write(findingEvent{eventHead: head("finding"), About: about, findingJSON: f})
	}
}

func (e *Events) finding(f *Entry, c *policy.Comparison) {
	event := findingEvent{eventHead: head("finding"), Service: valid(string(f.Unit.Name)), Owners: texts(f.Unit.Owners), findingJSON: newFinding(f.Finding)}
	event.State = stateOf(c, f.Hidden)
	if h := f.Hidden; h != nil {
		event.Hidden = &hiddenBy{h.Why, valid(h.Reason), placeOf(h.By)}
	}
	e.write(event)
}

// write writes one line, in one piece if it is not long.
func (e *Events) write(event any) error {
	if e.err != nil {
		return e.err
	}
	e.buf.Reset()
	if e.err = e.encoder.Encode(event); e.err != nil {
		return e.err
	}
	line := harmless(e.buf.Bytes())
	for len(line) > 0 && e.err == nil {
		n := min(len(line), maxWrite)
		_, e.err = e.w.Write(line[:n])
		line = line[n:]
	}
	return e.err
}
