package ledger_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/ledger"
)

// model is a run in the plainest form: what the ledger must say after each step.
// Its methods answer as the ledger's do, in words; see schedule_test.go for the
// steps.
type model struct {
	there    bool
	state    ledger.State
	total    int
	services map[string]*expected
	workers  map[string]hearing
	deserted bool // nobody has followed it for long
	handed   bool
	detached bool
	final    ledger.Final
	reason   string
	tally    tally
	history  []string
}

// tally is what the ledger counts beside verdicts.
type tally struct{ Duplicates, Contradictions, Stale, Late, Dropped int }

// hearing is how long ago a worker was heard, roughly.
type hearing string

const (
	unheard hearing = ""
	lately  hearing = "lately"
	longAgo hearing = "long ago"
)

// expected is a service that the run expects.
type expected struct {
	digest  string
	verdict *ledger.Entry
	begun   *delivery
	attempt int // 0 until it is beyond the first
	alone   bool
	deaths  int
}

// task is what the queue carries.
type task struct {
	service, digest string
	attempt         int
}

// delivery is a task in a worker's hands.
type delivery struct {
	task
	worker string
	count  int
}

func (d delivery) String() string { return fmt.Sprintf("%s#%d", d.worker, d.count) }

func newModel() *model {
	return &model{total: -1, services: map[string]*expected{}, workers: map[string]hearing{}}
}

func (m *model) ended() bool { return m.state == ledger.Closed || m.state == ledger.Cancelled }

func (m *model) tell(kind ledger.EventKind, service, body string) {
	m.history = append(m.history, strings.TrimSpace(fmt.Sprintf("%s %s %s", kind, service, body)))
}

// gone loses the run, as when its time to live is over. Workers stay.
func (m *model) gone() { *m = model{total: -1, services: map[string]*expected{}, workers: m.workers} }

func (m *model) open() string {
	if m.there {
		return "found"
	}
	m.there, m.state = true, ledger.Open
	return "created"
}

func (m *model) names(names []string) string {
	if !m.there {
		return "gone"
	}
	for _, n := range names {
		if m.services[n] == nil {
			m.services[n] = &expected{}
		}
	}
	return "ok"
}

func (m *model) expect(service, digest string) string {
	switch s := m.services[service]; {
	case !m.there:
		return "gone"
	case m.ended():
		return "ended"
	case s == nil:
		return "gone" // its name is
	case s.digest != "" && s.digest != digest:
		return "changed " + s.digest
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
	case total != len(m.services):
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
	s := m.services[d.service]
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
	if s := m.services[d.service]; s != nil && s.begun != nil && s.begun.String() == d.String() {
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
	s := m.services[e.Unit]
	if s != nil && s.verdict != nil && same(*s.verdict, e) && s.verdict.Delivery == e.Delivery {
		return "recorded"
	}
	current := s != nil && (e.Digest == ledger.AnyDigest || s.digest == e.Digest && e.Shared == plan.Shared)
	switch {
	case m.ended():
		m.tally.Late++
		return "late"
	case !current:
		m.tally.Stale++
		return "stale"
	case s.verdict != nil && same(*s.verdict, e):
		m.tally.Duplicates++
		return "duplicate"
	}
	m.tell(ledger.VerdictRecorded, e.Unit, string(e.Body))
	if s.verdict != nil {
		m.tally.Contradictions++
		return "contradiction"
	}
	s.verdict, s.begun = &e, nil
	return "recorded"
}

func same(a, b ledger.Entry) bool { return string(a.Canonical) == string(b.Canonical) }

func (m *model) lacking(t task) string {
	if m.there {
		m.tell(ledger.BundleMissing, t.service, fmt.Sprint(t.attempt))
	}
	return "ok"
}

// deathsToCondemn is how often a service may kill a worker that does nothing else.
const deathsToCondemn = 2

func (m *model) reissue(service string, attempt int, died bool) string {
	s := m.services[service]
	switch {
	case !m.there:
		return "gone"
	case m.ended():
		return "ended 0"
	case s != nil && s.verdict != nil:
		return "decided 0"
	case s == nil || attempt != max(s.attempt, 1):
		return fmt.Sprintf("taken %d", m.attempt(service))
	}
	if died && s.alone {
		s.deaths++
	}
	s.alone = s.alone || died
	s.attempt, s.begun = attempt+1, nil
	switch {
	case s.deaths >= deathsToCondemn:
		return fmt.Sprintf("condemned %d", s.deaths)
	case s.alone:
		return fmt.Sprintf("alone %d", s.attempt)
	}
	return fmt.Sprintf("again %d", s.attempt)
}

func (m *model) attempt(service string) int {
	if s := m.services[service]; s != nil {
		return max(s.attempt, 1)
	}
	return 1
}

func (m *model) replace(service, digest string) string {
	s := m.services[service]
	switch {
	case !m.there, m.ended(), s == nil:
		return "gone"
	case s.digest != digest:
		s.digest = digest
		m.again(service)
	}
	return "ok"
}

// again lets a service be decided anew, as if nothing had happened to it.
func (m *model) again(service string) {
	s := m.services[service]
	if s.verdict != nil {
		m.tally.Dropped++
		m.tell(ledger.VerdictDropped, service, "")
	}
	*s = expected{digest: s.digest, attempt: max(s.attempt, 1) + 1}
}

// drop takes back all verdicts of a kind. It has no order of its own: news lists
// the services in the one that the ledger took.
func (m *model) drop(kind string, news []string) string {
	var dropped []string
	for name, s := range m.services {
		if s.verdict != nil && s.verdict.Kind == kind {
			dropped = append(dropped, name)
		}
	}
	if len(dropped) > 0 && m.ended() {
		return "gone"
	}
	slices.SortFunc(dropped, func(a, b string) int {
		return slices.Index(news, "dropped "+a) - slices.Index(news, "dropped "+b)
	})
	for _, name := range dropped {
		m.again(name)
	}
	return fmt.Sprint(len(dropped))
}

func (m *model) end(s ledger.State, e ledger.EventKind) {
	m.state = s
	for _, s := range m.services {
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
	m.deserted, m.handed, m.detached = false, false, false
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

func (m *model) attend(as ledger.Presence) string {
	if !m.there {
		return "gone"
	}
	switch as {
	case ledger.Follower:
		m.deserted = false
	case ledger.AllPushed:
		m.handed = true
	case ledger.Detached:
		m.detached = true
	}
	return "ok"
}

// picture is all that can be seen of a run but its history.
type picture struct {
	There, Handed, Detached, Over bool
	State                         ledger.State
	Total, Listed, Decided        int
	Kinds                         map[string]int
	Tally                         tally
	Final                         ledger.Final
	Reason                        string
	Services, UnderWay            map[string]string
	Attempts                      map[string]int
}

func (m *model) picture() picture {
	p := picture{There: m.there, Handed: m.handed, Detached: m.detached, Over: m.ended(), State: m.state, Total: m.total,
		Listed: len(m.services), Kinds: map[string]int{}, Tally: m.tally, Final: m.final, Reason: m.reason,
		Services: map[string]string{}, UnderWay: map[string]string{}, Attempts: map[string]int{}}
	for name, s := range m.services {
		p.Services[name] = s.digest
		if s.verdict != nil {
			p.Decided++
			p.Kinds[s.verdict.Kind]++
		}
		if d := s.begun; d != nil {
			p.UnderWay[name] = fmt.Sprintf("%d by %s, heard %s", d.attempt, d.worker, m.workers[d.worker])
		}
		if s.attempt > 0 {
			p.Attempts[name] = s.attempt
		}
	}
	return p
}
