package ledger

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
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
	// Kinds are those of the units, each with checks and shared files of its own; Checker, Checks
	// and Shared are empty then. Without kinds all units are of one that has no name.
	Kinds []KindPlan `json:"kinds,omitempty"`
	// Units is the folder in which units lie that are known by name, "." where all are known by
	// their paths, and "" where that is not known: the version before did not say it.
	Units string `json:"units,omitempty"`
	// Policy is the digest of the bundle in which the policy travels by which the run is judged, ""
	// where there is none.
	Policy id.Digest `json:"policy,omitempty"`
	// Accept is the newest version of verdicts that who opened the run reads, 0 for version 1.
	Accept int `json:"accept,omitempty"`
	// Commit is the one that is verified, as far as the checkout is clean, and Track the line of commits that it was
	// added to, in words of the enqueuer's; "" where that is not known.
	Commit string `json:"commit,omitempty"`
	Track  string `json:"track,omitempty"`
	// Cache says which kept decisions may answer the run's tasks, nil for none.
	Cache *CachePlan `json:"cache,omitempty"`
	// MaxBytes is that of KindPlan where there are no Kinds.
	MaxBytes int `json:"maxBytes,omitempty"`
}

// CachePlan is what the run's tasks say of kept decisions.
type CachePlan struct {
	Domains []string `json:"domains"`           // whose decisions the run trusts
	Objects string   `json:"objects,omitempty"` // how the repository names objects, "" where nobody asks by these names
	Read    bool     `json:"read,omitempty"`    // a worker may answer from what it knows
	Write   bool     `json:"write,omitempty"`   // and may keep what it decides
}

// KindPlan is what the units of one kind get.
type KindPlan struct {
	Kind   string    `json:"kind"`
	Checks []string  `json:"checks"`
	Shared id.Digest `json:"shared"` // digest of its shared bundle
	// MaxBytes is how many bytes a unit of the kind may have, 0 where that is not the same for all of
	// them or not known: no decision about one is looked up or kept.
	MaxBytes int `json:"maxBytes,omitempty"`
}

// Of is what the units of a kind get. ok is false for a kind that the run does not have.
func (p Plan) Of(kind string) (k KindPlan, ok bool) {
	if len(p.Kinds) == 0 {
		return KindPlan{Checks: p.Names(), Shared: p.Shared, MaxBytes: p.MaxBytes}, kind == ""
	}
	i := slices.IndexFunc(p.Kinds, func(k KindPlan) bool { return k.Kind == kind })
	if i < 0 {
		return KindPlan{}, false
	}
	return p.Kinds[i], true
}

// Lane is the queue in which the tasks of units of a kind wait.
func (p Plan) Lane(kind string) string {
	k, _ := p.Of(kind)
	return id.Lane(p.Queue, id.Needs(k.Checks))
}

// Lanes are the queues of the run's tasks, each once: the queue itself first, then those of
// commands, sorted.
func (p Plan) Lanes() (lanes []string) {
	for _, k := range p.All() {
		lanes = append(lanes, id.Lane(p.Queue, id.Needs(k.Checks)))
	}
	slices.Sort(lanes) // the queue's name begins all of them
	return slices.Compact(lanes)
}

// All are the kinds of the run: the one without a name where it tells of none.
func (p Plan) All() []KindPlan {
	if len(p.Kinds) > 0 {
		return p.Kinds
	}
	only, _ := p.Of("")
	return []KindPlan{only}
}

// KindOf is the kind of a unit whose verdict is about these shared files.
func (p Plan) KindOf(shared id.Digest) string {
	if i := slices.IndexFunc(p.Kinds, func(k KindPlan) bool { return k.Shared == shared }); i >= 0 {
		return p.Kinds[i].Kind
	}
	return ""
}

// Names are the checks of the run.
func (p Plan) Names() (all []string) {
	if p.Checker != "" {
		return []string{p.Checker}
	}
	if len(p.Kinds) == 0 {
		return p.Checks
	}
	for _, k := range p.Kinds {
		all = append(all, k.Checks...)
	}
	return slices.Compact(slices.Sorted(slices.Values(all)))
}

// Longest is how long all checks of one unit may take, which are made one after the other.
func (p Plan) Longest() time.Duration {
	most := 1
	for _, k := range p.All() {
		most = max(most, len(k.Checks))
	}
	return time.Duration(p.TimeoutMS) * time.Millisecond * time.Duration(most)
}

// format is that of the run's keys.
func (p Plan) format() int {
	switch {
	case p.Cache != nil && p.Cache.Read:
		return formatKept
	case slices.ContainsFunc(p.Kinds, func(k KindPlan) bool { return len(id.Needs(k.Checks)) > 0 }):
		return formatLanes
	case len(p.Kinds) > 0:
		return formatKinds
	}
	return format
}

// sharedKeys are the keys of its shared bundles.
func (p Plan) sharedKeys() []string {
	var all []string
	for _, k := range p.All() {
		all = append(all, bundleKey(k.Shared))
	}
	return slices.Clip(all)
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
	// ExpectedOf and DecidedOf count units by their kinds, in a run that has some. Programs of the
	// version before count nothing here.
	ExpectedOf, DecidedOf map[string]int
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
	if n, err := strconv.Atoi(m["format"]); err != nil || n < 1 || n > newest {
		return Header{}, fmt.Errorf("run %s: %w: its format is %q, this program reads 1 to %d", run, ErrFormat, m["format"], newest)
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
		count(&h.ExpectedOf, expectedPrefix, field, v)
		count(&h.DecidedOf, decidedPrefix, field, v)
	}
	return h, nil
}

// count reads a counter of a kind, if a field is one.
func count(of *map[string]int, prefix, field, value string) {
	kind, ok := strings.CutPrefix(field, prefix)
	if !ok {
		return
	}
	if *of == nil {
		*of = map[string]int{}
	}
	(*of)[kind], _ = strconv.Atoi(value)
}

func milli(s string) time.Time {
	ms, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
