package ledger_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/verdict"
)

// model is a run in the plainest form: what the ledger must say after each step.
// Its methods answer as the ledger's do, in words; see schedule_test.go for the
// steps.
type model struct {
	there     bool
	state     ledger.State
	total     int
	units     map[id.Unit]*expected
	workers   map[string]hearing
	deserted  bool // nobody has followed it for long
	allPushed bool
	detached  bool
	final     ledger.Final
	reason    string
	tallies   ledger.Tallies
	history   []string
}

// hearing is how long ago a worker was heard, roughly.
type hearing string

const (
	neverSeen hearing = ""
	lately    hearing = "lately"
	longAgo   hearing = "long ago"
)

// expected is a unit that the run expects.
type expected struct {
	digest  id.Digest
	verdict *ledger.Entry
	begun   *delivery
	attempt int // 0 until it is beyond the first
	alone   bool
	deaths  int
}

// task is what the queue carries.
type task struct {
	unit    id.Unit
	digest  id.Digest
	attempt int
}

// delivery is a task in a worker's hands.
type delivery struct {
	task
	worker string
	count  int
}

func (d delivery) String() string { return string(id.NewDelivery(d.worker, int64(d.count))) }

func newModel() *model {
	return &model{total: -1, units: map[id.Unit]*expected{}, workers: map[string]hearing{}}
}

func (m *model) ended() bool { return m.state == ledger.Closed || m.state == ledger.Cancelled }

func (m *model) tell(kind ledger.EventKind, unit id.Unit, body string) {
	m.history = append(m.history, strings.TrimSpace(fmt.Sprintf("%s %s %s", kind, unit, body)))
}

// gone loses the run, as when its time to live is over. Workers stay.
func (m *model) gone() { *m = model{total: -1, units: map[id.Unit]*expected{}, workers: m.workers} }

func (m *model) open() string {
	if m.there {
		return "found"
	}
	m.there, m.state = true, ledger.Open
	return "created"
}

func (m *model) addExpected(names []id.Unit) string {
	if !m.there {
		return "gone"
	}
	for _, n := range names {
		if m.units[n] == nil {
			m.units[n] = &expected{}
		}
	}
	return "ok"
}

func (m *model) expect(unit id.Unit, digest id.Digest) string {
	switch s := m.units[unit]; {
	case !m.there:
		return "gone"
	case m.ended():
		return "ended"
	case s == nil:
		return "gone" // its name is
	case s.digest != "" && s.digest != digest:
		return "changed " + string(s.digest)
	case s.verdict != nil:
		return "decided"
	default:
		s.digest = digest
		return fmt.Sprintf("expected %d", max(s.attempt, 1))
	}
}

func (m *model) seal(total int) string {
	switch {
	case !m.there:
		return "gone"
	case m.total >= 0 && m.total == total:
		return "ok"
	case m.total >= 0:
		return "refused"
	case total != len(m.units):
		return "gone"
	}
	m.total = total
	if m.state == ledger.Open {
		m.state = ledger.Sealed
	}
	m.tell(ledger.RunSealed, "", "")
	return "ok"
}

func (m *model) begin(d delivery) string {
	s := m.units[d.unit]
	switch {
	case !m.there:
		return "gone"
	case m.ended():
		return "ended"
	case s != nil && s.verdict != nil:
		return "decided"
	case s == nil || s.digest != d.digest:
		return "stale"
	case m.deserted && !m.detached:
		m.end(ledger.Cancelled, ledger.RunCancelled)
		m.reason = "nobody followed the run any more"
		return "ended"
	case d.attempt < s.attempt:
		return "stale"
	}
	s.begun = &d
	return "go"
}

// beginAll begins several at once. If one of them ends the run, it is over for all.
func (m *model) beginAll(some []delivery) (words []string) {
	before := m.ended()
	for _, d := range some {
		words = append(words, m.begin(d))
	}
	if m.ended() && !before {
		return slices.Repeat([]string{"ended"}, len(some))
	}
	return words
}

func (m *model) release(d delivery) string {
	if s := m.units[d.unit]; s != nil && s.begun != nil && s.begun.String() == d.String() {
		s.begun = nil
	}
	return "ok"
}

func (m *model) recordAll(entries []ledger.Entry) (words []string) {
	for _, e := range entries {
		words = append(words, m.record(e))
	}
	return words
}

func (m *model) record(e ledger.Entry) string {
	if !m.there {
		return "gone"
	}
	s := m.units[e.Unit]
	if s != nil && s.verdict != nil && same(*s.verdict, e) && s.verdict.Delivery == e.Delivery {
		return "recorded"
	}
	current := s != nil && (e.Digest == ledger.AnyDigest || s.digest == e.Digest && e.Shared == plan.Shared)
	switch {
	case m.ended():
		m.tallies.Late++
		return "ended"
	case !current:
		m.tallies.Stale++
		return "stale"
	case s.verdict != nil && same(*s.verdict, e):
		m.tallies.Duplicates++
		return "duplicate"
	}
	m.tell(ledger.VerdictRecorded, e.Unit, string(e.Body))
	if s.verdict != nil {
		m.tallies.Contradictions++
		return "contradiction"
	}
	s.verdict, s.begun = &e, nil
	return "recorded"
}

func same(a, b ledger.Entry) bool { return a.Fingerprint == b.Fingerprint }

func (m *model) bundleMissing(t task) string {
	if m.there {
		m.tell(ledger.BundleMissing, t.unit, fmt.Sprint(t.attempt))
	}
	return "ok"
}

// maxSoloDeaths is how often a unit may kill a worker that does nothing else.
const maxSoloDeaths = 2

func (m *model) reissue(unit id.Unit, attempt int, died bool) string {
	s := m.units[unit]
	switch {
	case !m.there:
		return "gone"
	case m.ended():
		return "ended 0"
	case s != nil && s.verdict != nil:
		return "decided 0"
	case s == nil || attempt != max(s.attempt, 1):
		return fmt.Sprintf("taken %d", m.attempt(unit))
	}
	if died && s.alone {
		s.deaths++
	}
	s.alone = s.alone || died
	s.attempt, s.begun = attempt+1, nil
	switch {
	case s.deaths >= maxSoloDeaths:
		return fmt.Sprintf("condemned %d", s.deaths)
	case s.alone:
		return fmt.Sprintf("alone %d", s.attempt)
	}
	return fmt.Sprintf("again %d", s.attempt)
}

func (m *model) attempt(unit id.Unit) int {
	if s := m.units[unit]; s != nil {
		return max(s.attempt, 1)
	}
	return 1
}

func (m *model) replace(unit id.Unit, digest id.Digest) string {
	s := m.units[unit]
	switch {
	case !m.there, m.ended(), s == nil:
		return "gone"
	case s.digest != digest:
		s.digest = digest
		m.again(unit)
	}
	return "ok"
}

// again lets a unit be decided anew, as if nothing had happened to it.
func (m *model) again(unit id.Unit) {
	s := m.units[unit]
	if s.verdict != nil {
		m.tallies.Dropped++
		m.tell(ledger.VerdictDropped, unit, "")
	}
	*s = expected{digest: s.digest, attempt: max(s.attempt, 1) + 1}
}

// drop takes back all verdicts of a kind. It has no order of its own: news lists
// the units in the one that the ledger took.
func (m *model) drop(kind verdict.Kind, news []string) string {
	var dropped []id.Unit
	for name, s := range m.units {
		if s.verdict != nil && s.verdict.Kind == kind {
			dropped = append(dropped, name)
		}
	}
	if len(dropped) > 0 && m.ended() {
		return "gone"
	}
	slices.SortFunc(dropped, func(a, b id.Unit) int {
		return slices.Index(news, "dropped "+string(a)) - slices.Index(news, "dropped "+string(b))
	})
	for _, name := range dropped {
		m.again(name)
	}
	return fmt.Sprint(len(dropped))
}

func (m *model) end(s ledger.State, e ledger.EventKind) {
	m.state = s
	for _, s := range m.units {
		s.begun = nil
	}
	m.tell(e, "", "")
}

func (m *model) cancel(reason string) string {
	if !m.there {
		return "gone"
	}
	if !m.ended() {
		m.end(ledger.Cancelled, ledger.RunCancelled)
		m.reason = reason
	}
	return "ok"
}

func (m *model) close(f ledger.Final) string {
	if !m.there {
		return "gone"
	}
	if m.state != ledger.Closed {
		m.end(ledger.Closed, ledger.RunClosed)
		m.final = f
	}
	return "ok"
}

func (m *model) reopen() string {
	if !m.there {
		return "gone"
	}
	m.deserted, m.allPushed, m.detached = false, false, false
	if !m.ended() {
		return "ok"
	}
	m.state, m.final, m.reason = ledger.Open, ledger.Final{}, ""
	if m.total >= 0 {
		m.state = ledger.Sealed
	}
	m.tell(ledger.RunReopened, "", "")
	return "ok"
}

func (m *model) markAlive(as ledger.Presence) string {
	if !m.there {
		return "gone"
	}
	switch as {
	case ledger.Follower:
		m.deserted = false
	case ledger.AllPushed:
		m.allPushed = true
	case ledger.Detached:
		m.detached = true
	}
	return "ok"
}

// picture is all that can be seen of a run but its history.
type picture struct {
	There, AllPushed, Detached, Over bool
	State                            ledger.State
	Total, Listed, Decided           int
	Kinds                            map[verdict.Kind]int
	Tallies                          ledger.Tallies
	Final                            ledger.Final
	Reason                           string
	Units                            map[id.Unit]id.Digest
	InProgress                       map[id.Unit]string
	Attempts                         map[id.Unit]int
}

func (m *model) picture() picture {
	p := picture{There: m.there, AllPushed: m.allPushed, Detached: m.detached, Over: m.ended(), State: m.state, Total: m.total,
		Listed: len(m.units), Kinds: map[verdict.Kind]int{}, Tallies: m.tallies, Final: m.final, Reason: m.reason,
		Units: map[id.Unit]id.Digest{}, InProgress: map[id.Unit]string{}, Attempts: map[id.Unit]int{}}
	for name, s := range m.units {
		p.Units[name] = s.digest
		if s.verdict != nil {
			p.Decided++
			p.Kinds[s.verdict.Kind]++
		}
		if d := s.begun; d != nil {
			p.InProgress[name] = fmt.Sprintf("%d by %s, heard %s", d.attempt, d.worker, m.workers[d.worker])
		}
		if s.attempt > 0 {
			p.Attempts[name] = s.attempt
		}
	}
	return p
}
