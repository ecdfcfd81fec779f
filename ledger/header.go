package ledger

import (
	"encoding/json"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// State is the phase of a run.
type State string

// The states. A run goes from Open (names are being listed) to Sealed (all names are
// listed), and from either to Closed (the report is written), perhaps by way of Cancelled
// (its verdicts are not wanted any more).
const (
	Open      State = "open"
	Sealed    State = "sealed"
	Cancelled State = "cancelled"
	Closed    State = "closed"
)

// Plan is what a run checks, and all that its tasks say beside their unit. Whoever continues
// a run brings a plan of its own.
type Plan struct {
	Queue string `json:"queue"`
	// Checker is the one check, "" where Checks name several. Names has both.
	Checker   string    `json:"checker"`
	Shared    id.Digest `json:"shared"`  // digest of the shared bundle
	Regions   []string  `json:"regions"` // selected, resolved
	Selection string    `json:"selection"`
	Whole     bool      `json:"whole"` // every folder is selected
	// TimeoutMS is how long one check may take, in milliseconds.
	TimeoutMS int64    `json:"timeoutMs"`
	Checks    []string `json:"checks,omitempty"`
	Kind      string   `json:"kind,omitempty"` // of the units, "" for the only one
	// Units is the folder in which units lie that are known by name, "." where all are known by
	// their paths, and "" where that is not known: the version before did not say it.
	Units string `json:"units,omitempty"`
	// Accept is the newest version of verdicts that who opened the run reads, 0 for version 1.
	Accept int `json:"accept,omitempty"`
}

// Names are the checks of the run.
func (p Plan) Names() []string {
	if p.Checker != "" {
		return []string{p.Checker}
	}
	return p.Checks
}

// Longest is how long all checks of one unit may take, which are made one after the other.
func (p Plan) Longest() time.Duration {
	return time.Duration(p.TimeoutMS) * time.Millisecond * time.Duration(max(1, len(p.Names())))
}

// Path is a unit's folder or file in the repository, "" where that is not known.
func (p Plan) Path(unit id.Unit) string {
	switch {
	case p.Units == "":
		return ""
	case strings.Contains(string(unit), "/"):
		return string(unit)
	}
	return path.Join(p.Units, string(unit))
}

// Header is the state of a run in Redis.
type Header struct {
	ID         id.Run
	Generation string // differs for each run that was opened under the ID
	Plan       Plan
	State      State
	Times
	Total   int // expected units; -1 until the run is sealed
	Listed  int // expected units that are recorded so far
	Decided int // units with a verdict
	Kinds   map[verdict.Kind]int
	Final   Final
	Ending

	Epoch int // of its owner; 0 where a version without epochs has made it
	Base  int // attempts of this epoch have higher numbers
	Earlier

	AllPushed bool // all tasks were pushed
	Detached  bool // the run needs no followers
	// Deadline is when the workers end a detached run; zero for another one.
	Deadline time.Time
	// Abandoned: the enqueuer fell silent before it had pushed all tasks. Only another
	// enqueuer can finish the run.
	Abandoned bool
	Tallies
}

// Ending is how a run was cancelled.
type Ending struct {
	Reason       string
	By           string // who or what did it
	SupersededBy id.Run // the run that replaced it, "" for none
}

// Earlier is what a continued run was before.
type Earlier struct {
	EarlierPlan    Plan
	EarlierStarted time.Time
}

// Times are the times of a run, by Redis's clock.
type Times struct {
	Started  time.Time
	EndedAt  time.Time // zero until the run ends
	Owned    time.Time // when the owner was last alive; zero when it has left
	Followed time.Time // when any follower was last alive
	Now      time.Time // when the header was read
}

// Tallies count the verdicts that did not become the verdict of their unit, and those
// that were dropped.
type Tallies struct {
	Duplicates     int // the same verdict, recorded again
	Contradictions int // another verdict about the same bytes
	Stale          int // verdicts about bytes that are not expected
	Late           int // verdicts after the end of the run
}

// Ended says whether the run takes no more verdicts.
func (h Header) Ended() bool { return h.State == Closed || h.State == Cancelled }

// Final is the result with which a run is closed.
type Final struct {
	OK       int    `json:"ok"`
	Errs     int    `json:"errs"`
	Complete bool   `json:"complete"`
	Reason   string `json:"reason,omitempty"` // why it is not complete
}

func parseHeader(run id.Run, m map[string]string) (Header, error) {
	if m["format"] != strconv.Itoa(format) && m["format"] != "1" {
		return Header{}, fmt.Errorf("run %s: %w: its format is %q, this program reads %d", run, ErrFormat, m["format"], format)
	}
	h := Header{ID: run, Generation: m["generation"], State: State(m["state"]), Total: -1, Kinds: map[verdict.Kind]int{}}
	if err := json.Unmarshal([]byte(m["plan"]), &h.Plan); err != nil {
		return Header{}, fmt.Errorf("run %s: read its plan: %w", run, err)
	}
	if f := m["final"]; f != "" {
		if err := json.Unmarshal([]byte(f), &h.Final); err != nil {
			return Header{}, fmt.Errorf("run %s: read its result: %w", run, err)
		}
	}
	h.Ending = Ending{m["reason"], m["by"], id.Run(m["supersededBy"])}
	h.Epoch, _ = strconv.Atoi(m["epoch"])
	h.Base, _ = strconv.Atoi(m["base"])
	if p := m["earlierPlan"]; p != "" {
		if err := json.Unmarshal([]byte(p), &h.EarlierPlan); err != nil {
			return Header{}, fmt.Errorf("run %s: read its earlier plan: %w", run, err)
		}
		h.EarlierStarted = milli(m["earlierStarted"])
	}
	h.Started, h.EndedAt = milli(m["started"]), milli(m["ended"])
	h.Owned, h.Followed = milli(m["owned"]), milli(m["followed"])
	h.Deadline = milli(m["deadline"])
	h.AllPushed, h.Detached = m["handed"] != "", m["detached"] != ""
	if t, err := strconv.Atoi(m["total"]); err == nil {
		h.Total = t
	}
	for field, n := range map[string]*int{"duplicates": &h.Duplicates, "contradictions": &h.Contradictions, "stale": &h.Stale, "late": &h.Late} {
		*n, _ = strconv.Atoi(m[field])
	}
	for field, v := range m {
		if kind, ok := cutKind(field); ok {
			h.Kinds[verdict.Kind(kind)], _ = strconv.Atoi(v)
		}
	}
	return h, nil
}

func milli(s string) time.Time {
	ms, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
