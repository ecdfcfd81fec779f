package ledger_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/verdict"
)

// step is one thing that can happen in a schedule. a and b choose with what.
type step struct {
	name string
	take func(w *world, t *testing.T, a, b byte)
}

// steps are all of them, each as often as it is likely.
var steps = slices.Concat(
	[]step{{"vanish", vanish}, {"open", openRun}, {"seal", seal}, {"cancel", cancel}, {"close", closeRun}, {"desert", desert}},
	slices.Repeat([]step{{"add expected", addExpected}, {"change", change}, {"replace", replace}, {"drop", drop}, {"reopen", reopen},
		{"mark alive", markAlive}, {"deregister", deregister}, {"refuse", refuse}, {"resume", resume}, {"release", release}, {"bundle missing", bundleMissing}}, 2),
	slices.Repeat([]step{{"crash", crash}, {"kill", kill}, {"overdue", overdue}, {"heartbeat", heartbeat}}, 4),
	slices.Repeat([]step{{"expect", expect}, {"look", look}}, 7),
	slices.Repeat([]step{{"begin", begin}, {"record", recordOne}}, 12),
	slices.Repeat([]step{{"record some", recordSome}}, 5),
	slices.Repeat([]step{{"begin some", beginSome}}, 2),
)

func pick[T any](all []T, i byte) T { return all[int(i)%len(all)] }

// recent picks among many things, most often one of the last few.
func recent[T any](all []T, i byte) (T, bool) {
	var none T
	if len(all) == 0 {
		return none, false
	}
	reach := 6
	if i >= 192 {
		reach = len(all)
	}
	return all[len(all)-1-int(i)%min(reach, len(all))], true
}

func vanish(w *world, t *testing.T, a, _ byte) {
	if a%4 != 0 {
		return
	}
	if keys := w.client.Keys(t.Context(), w.key("*")).Val(); len(keys) > 0 {
		must(t, w.client.Del(t.Context(), keys...).Err())
	}
	w.model.gone()
	w.position, w.heard = ledger.Start, nil
}

func openRun(w *world, t *testing.T, _, _ byte) {
	_, created, err := w.Open(t.Context(), w.run, plan)
	w.answer(t, "open", word(err, map[bool]string{true: "created", false: "found"}[created]), w.model.open())
}

func addExpected(w *world, t *testing.T, a, _ byte) {
	var some []id.Unit
	for i, u := range fleet {
		if a>>i&1 == 1 {
			some = append(some, u)
		}
	}
	if len(some) > 0 {
		w.answer(t, fmt.Sprint("addExpected ", some), word(w.AddExpected(t.Context(), w.run, some), "ok"), w.model.addExpected(some))
	}
}

// change makes a unit's folder another one.
func change(w *world, _ *testing.T, a, _ byte) { w.versions[pick(fleet, a)]++ }

// digest is that of a unit's folder as it is now.
func (w *world) digest(u id.Unit) id.Digest {
	return id.Digest(fmt.Sprintf("%s-version%d", u, w.versions[u]))
}

// expect does what a feeder does with one unit.
func expect(w *world, t *testing.T, a, _ byte) { w.expect(t, pick(fleet, a)) }

func (w *world) expect(t *testing.T, u id.Unit) {
	t.Helper()
	e, err := w.Expect(t.Context(), w.run, u, w.digest(u))
	got := string(e.Answer)
	if e.Answer == ledger.Expected {
		got = fmt.Sprintf("%s %d", e.Answer, e.Attempt)
		w.push(task{u, w.digest(u), e.Attempt})
	}
	w.answer(t, "expect "+string(u), word(err, got), w.model.expect(u, w.digest(u)))
}

// push gives the queue a task, unless it had it before.
func (w *world) push(t task) {
	if !slices.Contains(w.tasks, t) {
		w.tasks = append(w.tasks, t)
	}
}

func seal(w *world, t *testing.T, a, _ byte) {
	total := len(w.model.units) + int(a)%8/7
	w.answer(t, fmt.Sprintf("seal %d", total), word(w.Seal(t.Context(), w.run, total), "ok"), w.model.seal(total))
}

// begin delivers a task, for the first time or again.
func begin(w *world, t *testing.T, a, b byte) {
	if carried, ok := recent(w.tasks, a); ok {
		w.begin(t, carried, pick(crew, b))
	}
}

func (w *world) begin(t *testing.T, carried task, worker string) {
	t.Helper()
	d := delivery{carried, worker, len(w.hands) + 1}
	g, err := w.Begin(t.Context(), w.request(d))
	w.answer(t, fmt.Sprintf("begin %s attempt %d by %s", d.unit, d.attempt, d), word(err, string(g.Answer)), w.model.begin(d))
	if g.Answer == ledger.Granted {
		w.hands = append(w.hands, d)
	}
}

func (w *world) request(d delivery) ledger.BeginRequest {
	return ledger.BeginRequest{Run: w.run, Unit: d.unit, Digest: d.digest, Attempt: d.attempt, Delivery: w.name(d)}
}

// name is that of a delivery in Redis.
func (w *world) name(d delivery) id.Delivery { return id.Delivery(w.full(d.String())) }

// beginSome delivers several tasks at once, at times the same one twice.
func beginSome(w *world, t *testing.T, a, b byte) {
	var some []delivery
	for i := range 2 + a%3 {
		if carried, ok := recent(w.tasks, a/3+i*(b%4)); ok {
			some = append(some, delivery{carried, pick(crew, b+i), len(w.hands) + 1 + int(i)})
		}
	}
	if len(some) == 0 {
		return
	}
	requests := make([]ledger.BeginRequest, len(some))
	for i, d := range some {
		requests[i] = w.request(d)
	}
	words, err := w.BeginAll(t.Context(), requests)
	must(t, err)
	want := w.model.beginAll(some)
	for i, d := range some {
		w.answer(t, fmt.Sprintf("begin %s attempt %d by %s, among %d", d.unit, d.attempt, d, len(some)), string(words[i]), want[i])
		if words[i] == ledger.Granted {
			w.hands = append(w.hands, d)
		}
	}
}

func release(w *world, t *testing.T, a, _ byte) {
	if d, ok := recent(w.hands, a); ok {
		w.answer(t, "release "+d.String(), word(w.Release(t.Context(), w.run, d.unit, w.name(d)), "ok"), w.model.release(d))
	}
}

// recordOne records what a worker has decided: mostly what any worker would, at
// times something else.
func recordOne(w *world, t *testing.T, a, b byte) {
	if d, ok := recent(w.hands, a); ok {
		w.record(t, "record", w.decided(t, d, b))
	}
}

// recordSome records what several deliveries have decided at once.
func recordSome(w *world, t *testing.T, a, b byte) {
	var entries []ledger.Entry
	for i := range 2 + a%3 {
		if d, ok := recent(w.hands, a/3+i*(b%4)); ok {
			entries = append(entries, w.decided(t, d, b+i*7))
		}
	}
	if len(entries) > 0 {
		w.record(t, "record", entries...)
	}
}

// decided is what a delivery comes to: b chooses.
func (w *world) decided(t *testing.T, d delivery, b byte) ledger.Entry {
	t.Helper()
	subject := verdict.Subject{Unit: d.unit, Digest: d.digest, Shared: plan.Shared, Checker: plan.Checker}
	if b%32 == 5 {
		subject.Shared = "of another run"
	}
	var v verdict.Verdict
	switch kind := int(b) % 16; {
	case kind < 3:
		v = subject.Failed("it took too long")
	case (kind == 3) != (d.unit < "s2"):
		v = subject.Decided(verdict.Decision{Findings: []verdict.Finding{{Rule: "M1", Severity: verdict.Error, Message: "no"}}})
	default:
		v = subject.Decided(verdict.Decision{})
	}
	v.Worker, v.Attempt = d.worker, d.attempt
	e, err := ledger.NewEntry(d.digest, w.name(d), v)
	must(t, err)
	return e
}

// refuse fails a unit for a task that nobody can read.
func refuse(w *world, t *testing.T, a, b byte) {
	w.giveUp(t, "refuse", pick(fleet, a), id.Delivery(pick(crew, b)))
}

// giveUp fails a unit, whatever its bytes are.
func (w *world) giveUp(t *testing.T, call string, u id.Unit, by id.Delivery) {
	t.Helper()
	e, err := ledger.NewEntry(ledger.AnyDigest, by, verdict.Subject{Unit: u}.Failed("hopeless"))
	must(t, err)
	w.record(t, call, e)
}

// record writes verdicts. A recording that counts for nothing is itself counted,
// and so are those whose reply was lost.
func (w *world) record(t *testing.T, call string, entries ...ledger.Entry) {
	t.Helper()
	got, err := w.RecordAll(t.Context(), w.run, entries)
	want := w.model.recordAll(entries)
	if w.network.on {
		want = w.model.recordAll(entries)
	}
	for i, e := range entries {
		answer := "no answer"
		if i < len(got) {
			answer = string(got[i])
		}
		w.answer(t, fmt.Sprintf("%s %s %s by %s", call, e.Kind, e.Unit, w.short(string(e.Delivery))), word(err, answer), want[i])
	}
}

func bundleMissing(w *world, t *testing.T, a, _ byte) {
	carried, ok := recent(w.tasks, a)
	if !ok {
		return
	}
	want := w.model.bundleMissing(carried)
	if w.network.on {
		want = w.model.bundleMissing(carried)
	}
	w.answer(t, "bundleMissing "+string(carried.unit), word(w.BundleMissing(t.Context(), w.run, carried.unit, carried.attempt), "ok"), want)
}

func heartbeat(w *world, t *testing.T, a, _ byte) {
	worker := pick(crew, a)
	must(t, w.Heartbeat(t.Context(), w.full(worker), ledger.Capacity{}))
	w.model.workers[worker] = lately
}

func deregister(w *world, t *testing.T, a, _ byte) {
	worker := pick(crew, a)
	must(t, w.Deregister(t.Context(), w.full(worker)))
	w.model.workers[worker] = neverSeen
}

// deathAge is for how long a crashed worker is silent; long enough for no
// schedule's own time to matter.
const deathAge = 40 * time.Minute

// crash silences a worker. Its deliveries are not lost to it: it may be back.
func crash(w *world, t *testing.T, a, _ byte) { w.crash(t, pick(crew, a)) }

func (w *world) crash(t *testing.T, worker string) {
	t.Helper()
	if w.model.workers[worker] == lately {
		w.quieten(t, w.full(worker), deathAge)
		w.model.workers[worker] = longAgo
	}
}

// kill lets a unit kill up to three workers, one after the other.
func kill(w *world, t *testing.T, a, b byte) {
	for i := range 1 + b%3 {
		w.kill(t, pick(fleet[:2], a), pick(crew, a/2+i))
	}
}

// kill delivers the newest task of a unit to a worker that dies of it.
func (w *world) kill(t *testing.T, u id.Unit, worker string) {
	t.Helper()
	for _, carried := range slices.Backward(w.tasks) {
		if carried.unit == u {
			w.begin(t, carried, worker)
			w.crash(t, worker)
			look(w, t, 0, 0)
			return
		}
	}
}

// look does what two followers do that see the same attempts of dead workers, and
// neither knows of the other.
func look(w *world, t *testing.T, _, b byte) {
	for _, a := range w.inProgress(t) {
		if heardOf(a.Silence) == lately {
			continue
		}
		w.reissue(t, "look", a.Unit, a.Number, true)
		if b%2 == 0 {
			w.reissue(t, "look", a.Unit, a.Number, true)
		}
	}
}

// overdue re-issues an attempt that takes too long, or an older one.
func overdue(w *world, t *testing.T, a, b byte) {
	u := pick(fleet, a)
	if w.model.units[u] != nil {
		w.reissue(t, "overdue", u, max(w.model.attempt(u)-int(b)%4/3, 1), false)
	}
}

func (w *world) reissue(t *testing.T, call string, u id.Unit, attempt int, died bool) {
	t.Helper()
	next, err := w.Reissue(t.Context(), w.run, u, attempt, died)
	want := w.model.reissue(u, attempt, died)
	w.answer(t, fmt.Sprintf("%s %s attempt %d, died %v", call, u, attempt, died), word(err, fmt.Sprintf("%s %d", next.Answer, next.Number)), want)
	switch next.Answer {
	case ledger.Again, ledger.Alone:
		digest, err := w.Digest(t.Context(), w.run, u)
		must(t, err)
		w.push(task{u, digest, next.Number})
	case ledger.Poisoned:
		w.giveUp(t, "poisoned", u, "poisoned")
	}
}

// replace expects a unit's folder as it is now; half the time it has just changed.
func replace(w *world, t *testing.T, a, b byte) {
	if b%2 == 0 {
		change(w, t, a, b)
	}
	w.replace(t, pick(fleet, a))
}

func (w *world) replace(t *testing.T, u id.Unit) {
	t.Helper()
	digest := w.digest(u)
	w.answer(t, "replace "+string(u), word(w.Replace(t.Context(), w.run, u, digest), "ok"), w.model.replace(u, digest))
}

func drop(w *world, t *testing.T, a, _ byte) {
	w.drop(t, pick([]verdict.Kind{verdict.Failed, verdict.Failed, verdict.Invalid, verdict.OK}, a))
}

func (w *world) drop(t *testing.T, kind verdict.Kind) {
	t.Helper()
	n, err := w.DropKind(t.Context(), w.run, kind)
	from := len(w.heard)
	w.listen(t)
	w.answer(t, "drop "+string(kind), word(err, fmt.Sprint(n)), w.model.drop(kind, w.heard[from:]))
}

func cancel(w *world, t *testing.T, a, _ byte) {
	reason := fmt.Sprintf("reason %d", a)
	w.answer(t, "cancel", word(w.Cancel(t.Context(), w.run, reason), "ok"), w.model.cancel(reason))
}

func closeRun(w *world, t *testing.T, a, _ byte) {
	f := ledger.Final{OK: int(a), Errs: 1, Reason: "so it is"}
	w.answer(t, "close", word(w.Close(t.Context(), w.run, f), "ok"), w.model.close(f))
}

func reopen(w *world, t *testing.T, _, _ byte) {
	w.answer(t, "reopen", word(w.Reopen(t.Context(), w.run), "ok"), w.model.reopen())
}

// resume does what an enqueuer does that goes on with a run.
func resume(w *world, t *testing.T, _, _ byte) {
	got := word(w.Reopen(t.Context(), w.run), "ok")
	w.answer(t, "resume", got, w.model.reopen())
	if got != "ok" {
		return
	}
	w.drop(t, verdict.Failed)
	for _, u := range fleet {
		if s := w.model.units[u]; s != nil {
			if cmp.Or(s.digest, w.digest(u)) != w.digest(u) {
				w.replace(t, u)
			}
			w.expect(t, u)
		}
	}
}

// markAlive lets somebody be alive for the run.
func markAlive(w *world, t *testing.T, a, _ byte) {
	as := pick([]ledger.Presence{ledger.Follower, ledger.Follower, ledger.Owner, ledger.AllPushed, ledger.Follower, ledger.Detached}, a)
	w.answer(t, "markAlive "+string(as), word(w.MarkAlive(t.Context(), w.run, as), "ok"), w.model.markAlive(as))
}

// desert lets nobody have followed the run for long.
func desert(w *world, t *testing.T, _, _ byte) {
	if w.model.there {
		must(t, w.client.HIncrBy(t.Context(), w.key("run"), "followed", -deathAge.Milliseconds()).Err())
		must(t, w.client.HSet(t.Context(), w.key("run"), "lonely", 1).Err())
		w.model.deserted = true
	}
}
