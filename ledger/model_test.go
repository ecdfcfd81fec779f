package ledger_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/verdict"
)

// model is a run in the plainest form: what the ledger must say after each step.
// Its methods answer as the ledger's do, in words; see schedule_test.go for the
// steps. Those of an owner name the epoch in which it became the owner, and so do those of
// anyone who must have seen the run.
type model struct {
	there     bool
	epoch     int
	owned     hearing // its owner; neverSeen once that has left
	state     ledger.State
	total     int
	units     map[id.Unit]*expected
	known     map[id.Unit]bool
	workers   map[string]hearing
	deserted  bool // nobody has followed it for long
	allPushed bool
	detached  bool
	final     ledger.Final
	ending    ledger.Ending
	tallies   ledger.Tallies
	history   []string
	earlier   []string // the history before the run was continued

	limited  bool      // its workers push its tasks, and end it when its time is over
	timeOver bool      // it is
	lease    string    // the worker that pushes
	waiting  []id.Unit // without a task, in their order
	claimed  []id.Unit // with one, undecided when that was last looked at
}

// hearing is how long ago a process was heard, roughly.
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

func newModel() *model { return fresh(map[string]hearing{}) }

// fresh is a run that is not there.
func fresh(workers map[string]hearing) *model {
	return &model{total: -1, units: map[id.Unit]*expected{}, known: map[id.Unit]bool{}, workers: workers}
}

func (m *model) ended() bool { return m.state == ledger.Closed || m.state == ledger.Cancelled }

func (m *model) tell(kind ledger.EventKind, unit id.Unit, body string) {
	m.history = append(m.history, strings.TrimSpace(fmt.Sprintf("%s %s %s", kind, unit, body)))
}

// gone loses the run, as when its time to live is over. Workers stay.
func (m *model) gone() { *m = *fresh(m.workers) }

// base is the number of the last attempt of the epochs before this one.
func (m *model) base() int { return max(m.epoch-1, 0) * 1_000_000 }

// refused is the word for a step of whoever has seen the run in another epoch, "" in
// this one.
func (m *model) refused(epoch int) string {
	switch {
	case !m.there:
		return "gone"
	case epoch != m.epoch:
		return "replaced"
	}
	return ""
}

func (m *model) open(mustExist, limited bool) string {
	switch {
	case !m.there && mustExist:
		return "gone"
	case m.owned == lately:
		return "owned"
	}
	was := *m
	*m = *fresh(m.workers)
	m.there, m.state, m.owned, m.epoch, m.limited = true, ledger.Open, lately, was.epoch+1, limited
	if !was.there {
		return "opened"
	}
	m.earlier = was.history
	m.tell(ledger.RunOpened, "", "")
	return "continued"
}

func (m *model) leave(epoch int) string {
	if no := m.refused(epoch); no != "" {
		return no
	}
	m.owned = neverSeen
	return "ok"
}

func (m *model) addExpected(epoch int, names []id.Unit) string {
	if no := m.refused(epoch); no != "" {
		return no
	}
	for _, n := range names {
		if m.units[n] == nil && m.total >= 0 {
			return "sealed"
		}
	}
	for _, n := range names {
		if m.units[n] == nil {
			m.units[n] = &expected{}
		}
	}
	return "ok"
}

func (m *model) addKnown(epoch int, names []id.Unit) string {
	if no := m.refused(epoch); no != "" {
		return no
	}
	for _, n := range names {
		m.known[n] = true
	}
	return "ok"
}

func (m *model) expect(epoch int, unit id.Unit, digest id.Digest) string {
	no := m.refused(epoch)
	switch s := m.units[unit]; {
	case no != "":
		return no
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
		return fmt.Sprintf("expected %d", m.attempt(unit))
	}
}

func (m *model) handOver(epoch int, unit id.Unit) string {
	if no := m.refused(epoch); no != "" {
		return no
	}
	if !m.ended() && !slices.Contains(m.waiting, unit) && !slices.Contains(m.claimed, unit) {
		m.waiting = append(m.waiting, unit)
	}
	return "ok"
}

func (m *model) decided(unit id.Unit) bool {
	return m.units[unit] != nil && m.units[unit].verdict != nil
}

func (m *model) undecided() bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(m.units)), func(u id.Unit) bool { return !m.decided(u) })
}

// claim gives a worker the units that are missing in a window of size.
func (m *model) claim(epoch int, worker string, size int) string {
	no := m.refused(epoch)
	switch {
	case no != "":
		return no
	case m.ended():
		return "ended"
	case !m.limited:
		return "attached"
	case m.total >= 0 && !m.undecided():
		m.waiting, m.claimed = nil, nil
		return "decided"
	case m.timeOver:
		return "overdue"
	case m.lease != "" && m.lease != worker:
		return "held"
	}
	m.lease = worker
	m.claimed = slices.DeleteFunc(m.claimed, m.decided)
	n := min(max(size-len(m.claimed), 0), len(m.waiting))
	units := slices.DeleteFunc(slices.Clone(m.waiting[:n]), m.decided)
	m.waiting, m.claimed = m.waiting[n:], append(m.claimed, units...)
	said := "go"
	for _, u := range units {
		said += fmt.Sprintf(" %s/%d", u, m.attempt(u))
	}
	return said
}

// endOverdue ends a run whose time is over.
func (m *model) endOverdue() string {
	switch {
	case !m.there:
		return "gone"
	case m.ended() || !m.limited || !m.timeOver, m.total >= 0 && !m.undecided():
		return "ok"
	}
	m.final = ledger.Final{Reason: "not decided within -1ms"}
	for _, s := range m.units {
		if s.verdict != nil && s.verdict.Kind == verdict.OK {
			m.final.OK++
		}
	}
	m.final.Errs = max(len(m.units), m.total) - m.final.OK
	m.end(ledger.Closed, ledger.RunClosed)
	return "ok"
}

// hit notes verdicts that are kept elsewhere.
func (m *model) hit(epoch int, hits []ledger.Pointer) (words []string) {
	if no := m.refused(epoch); no != "" {
		return slices.Repeat([]string{no}, len(hits))
	}
	if m.ended() {
		return slices.Repeat([]string{"ended"}, len(hits))
	}
	var told []string
	for _, p := range hits {
		s, word := m.units[p.Unit], "recorded"
		switch {
		case s != nil && s.verdict != nil && s.verdict.Delivery == "cache" && s.verdict.Fingerprint == p.Fingerprint && s.verdict.Kind == p.Kind:
		case s == nil || s.digest != "" && s.digest != p.Digest:
			word = "stale"
		case s.verdict != nil:
			word = "decided"
		default:
			s.digest, s.begun = p.Digest, nil
			s.verdict = &ledger.Entry{Unit: p.Unit, Digest: p.Digest, Kind: p.Kind, Fingerprint: p.Fingerprint, Delivery: "cache"}
			told = append(told, pointed(p))
		}
		words = append(words, word)
	}
	if len(told) > 0 {
		m.tell(ledger.VerdictsKept, "", strings.Join(told, " "))
	}
	return words
}

// pointed is a pointer in the model's words.
func pointed(p ledger.Pointer) string {
	return fmt.Sprintf("%s/%s %s %x %v", p.Unit, p.Digest, p.Kind, p.Fingerprint, p.Parts)
}

// restore says again what is forgotten.
func (m *model) restore(epoch int, unit id.Unit, digest id.Digest) string {
	no := m.refused(epoch)
	switch s := m.units[unit]; {
	case no != "":
		return no
	case s == nil:
		return "gone" // its name is
	case s.digest != "" && s.digest != digest:
		return "changed " + string(s.digest)
	default:
		s.digest = digest
		return "ok"
	}
}

// seal is the owner's, and anyone's who seals again what was sealed.
func (m *model) seal(epoch, total int) string {
	no := m.refused(epoch)
	switch {
	case no != "":
		return no
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

// forgetTotal is what Redis does that loses the last that it was told.
func (m *model) forgetTotal() {
	m.total = -1
	if m.state == ledger.Sealed {
		m.state = ledger.Open
	}
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
	case s == nil || s.digest != d.digest || d.attempt <= m.base():
		return "stale"
	case m.deserted && !m.detached:
		m.end(ledger.Cancelled, ledger.RunCancelled)
		m.ending = ledger.Ending{Reason: "nobody followed the run any more", By: "worker " + d.worker}
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
	current := s != nil && (e.Attempt == 0 || e.Attempt > m.base()) && (e.Digest == ledger.AnyDigest || s.digest == e.Digest && e.Shared == plan.Shared)
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
	case s == nil || attempt != m.attempt(unit):
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
		return max(s.attempt, m.base()+1)
	}
	return m.base() + 1
}

func (m *model) end(s ledger.State, e ledger.EventKind) {
	m.state = s
	for _, s := range m.units {
		s.begun = nil
	}
	m.tell(e, "", "")
}

func (m *model) cancel(e ledger.Ending) string {
	if !m.there {
		return "gone"
	}
	if !m.ended() {
		m.end(ledger.Cancelled, ledger.RunCancelled)
		m.ending = e
	}
	return "ok"
}

// endEarly is the owner's word about a run that is not complete.
func (m *model) endEarly(epoch int, f ledger.Final) string {
	if no := m.refused(epoch); no != "" {
		return no
	}
	if m.state != ledger.Closed {
		m.end(ledger.Closed, ledger.RunClosed)
		m.final = f
	}
	return "ok"
}

func (m *model) complete(epoch int, f ledger.Final) string {
	no, undecided := m.refused(epoch), 0
	for _, s := range m.units {
		if s.verdict == nil {
			undecided++
		}
	}
	switch {
	case no != "":
		return no
	case m.state == ledger.Closed && m.final.Complete:
		return "noted" // by whoever has seen it first
	case m.ended(), m.total != len(m.units), undecided > 0:
		return "no"
	}
	m.end(ledger.Closed, ledger.RunClosed)
	m.final = f
	return "noted"
}

func (m *model) follow() string {
	if !m.there {
		return "gone"
	}
	m.deserted = false
	return "ok"
}

func (m *model) markAlive(epoch int, as []ledger.Presence) string {
	if no := m.refused(epoch); no != "" {
		return no
	}
	if m.owned == "" { // it has left, and stays so
		return "ok"
	}
	m.owned = lately
	for _, a := range as {
		m.allPushed = m.allPushed || a == ledger.AllPushed
		m.detached = m.detached || a == ledger.Detached
	}
	return "ok"
}

// picture is all that can be seen of a run but its history.
type picture struct {
	There, AllPushed, Detached, Over bool
	Continued, Abandoned             bool
	Epoch, Base                      int
	Owned                            hearing
	State                            ledger.State
	Total, Listed, Decided           int
	Kinds                            map[verdict.Kind]int
	Tallies                          ledger.Tallies
	Final                            ledger.Final
	Ending                           ledger.Ending
	Units                            map[id.Unit]id.Digest
	Known                            map[id.Unit]bool
	InProgress                       map[id.Unit]string
	Attempts                         map[id.Unit]int
	Waiting, Claimed                 []id.Unit
}

func (m *model) picture() picture {
	p := picture{There: m.there, AllPushed: m.allPushed, Detached: m.detached, Over: m.ended(),
		Continued: m.epoch > 1, Abandoned: m.there && !m.ended() && !m.allPushed && m.owned != lately,
		Epoch: m.epoch, Base: m.base(), Owned: m.owned, State: m.state, Total: m.total,
		Listed: len(m.units), Kinds: map[verdict.Kind]int{}, Tallies: m.tallies, Final: m.final, Ending: m.ending,
		Units: map[id.Unit]id.Digest{}, Known: m.known, InProgress: map[id.Unit]string{}, Attempts: map[id.Unit]int{}, Waiting: m.waiting, Claimed: slices.Sorted(slices.Values(m.claimed))}
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
