package report

import (
	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/verdict"
)

type sarifInvocation struct {
	Successful bool   `json:"executionSuccessful"`
	Exit       *int   `json:"exitCode,omitempty"`
	Started    string `json:"startTimeUtc,omitempty"`
	Ended      string `json:"endTimeUtc,omitempty"`
}

type sarifDescriptor struct {
	ID    string       `json:"id"`
	Short sarifMessage `json:"shortDescription"`
}

// sarifDescriptors are of the notifications, in the order of their indices.
var sarifDescriptors = []sarifDescriptor{
	{unitFailed.Code, sarifMessage{Text: sentenceOf(unitFailed.Summary)}},
	{unitMissing.Code, sarifMessage{Text: sentenceOf(unitMissing.Summary)}},
	{"about-the-run", sarifMessage{Text: "Something to know about the run."}},
}

const (
	aboutFailed = iota
	aboutMissing
	aboutRun
)

type sarifNotification struct {
	Descriptor sarifReference  `json:"descriptor"`
	Level      string          `json:"level"`
	Message    sarifMessage    `json:"message"`
	Locations  []sarifLocation `json:"locations,omitempty"`
	Bag        *sarifNoteBag   `json:"properties,omitempty"`
}

type sarifReference struct {
	ID    string `json:"id"`
	Index int    `json:"index"`
}

type sarifNoteBag struct {
	Unit   string   `json:"unit,omitempty"`
	Owners []string `json:"owners,omitempty"`
}

// newInvocation says how the run went: it has succeeded if everything was decided, whatever was found.
func newInvocation(r Report, o Options) sarifInvocation {
	s := r.Summary
	i := sarifInvocation{Successful: s.Complete && s.Failed == 0 && r.Run.Stopped == "" && !r.Run.Superseded, Exit: o.Exit}
	if !r.Run.Started.IsZero() && !r.Run.Finished.IsZero() {
		i.Started, i.Ended = utc(r.Run.Started), utc(r.Run.Finished)
	}
	return i
}

// sarifNotifications writes, as the last field of an invocation, what could not be
// decided, what is to be known about the run, and what is missing from the file.
func sarifNotifications(j *jsonStream, r Report, o Options, left int) {
	j.raw(`,"toolExecutionNotifications":`)
	j.list()
	for _, u := range r.Summary.Errs {
		if unexplained(u) {
			j.element(undecidedNote(u))
		}
	}
	about := sarifReference{sarifDescriptors[aboutRun].ID, aboutRun}
	unfinished := printable(r.unfinished())
	for _, n := range notesFor(r, o.Owners) {
		level := "note"
		if n == unfinished {
			level = "error"
		}
		j.element(sarifNotification{Descriptor: about, Level: level, Message: sarifMessage{Text: sentenceOf(plain(n))}})
	}
	if left > 0 {
		j.element(sarifNotification{Descriptor: about, Level: "warning", Message: sarifMessage{Text: sentenceOf(sarifOmits(r))}})
	}
	j.endList()
	j.raw("}")
}

func undecidedNote(u aggregator.Unit) sarifNotification {
	index := aboutFailed
	if u.Kind == verdict.Missing {
		index = aboutMissing
	}
	e := &Entry{Finding: undecidedFinding(u), Unit: u}
	return sarifNotification{
		Descriptor: sarifReference{sarifDescriptors[index].ID, index}, Level: "error", Message: sarifMessage{Text: sentenceOf(plain(e.Message))},
		Locations: []sarifLocation{sarifLocationOf(e, e.Place, Options{})}, Bag: &sarifNoteBag{valid(string(u.Name)), texts(u.Owners)},
	}
}

// sarifBag is what a report says of the run as a whole, in the words of the JSON report.
type sarifBag struct {
	Run        runJSON           `json:"run"`
	Complete   bool              `json:"complete"`
	FleetRules aggregator.Scope  `json:"fleetRules"`
	Unjudged   []openJSON        `json:"unjudged,omitempty"`
	Idle       []selectionJSON   `json:"idle,omitempty"`
	Expected   int               `json:"expected"`
	Counts     aggregator.Counts `json:"counts"`
	Fixed      []entryJSON       `json:"fixed,omitempty"`
	NewSince   *comparisonJSON   `json:"newSince,omitempty"`
	Proposed   []string          `json:"proposed,omitempty"`
}

func sarifRunBag(r Report) sarifBag {
	s := r.Summary
	return sarifBag{newRun(r), s.Complete, s.FleetRules, unjudgedJSON(s.Unjudged), idleJSON(s.Idle), s.Expected, s.Counts, fixedJSON(s.Fixed), newComparison(s.Since), texts(s.Proposed)}
}
