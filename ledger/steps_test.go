package ledger_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

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
	slices.Repeat([]step{{"names", names}, {"change", change}, {"replace", replace}, {"drop", drop}, {"reopen", reopen},
		{"attend", attend}, {"rest", rest}, {"refuse", refuse}, {"resume", resume}, {"release", release}, {"lacking", lacking}}, 2),
	slices.Repeat([]step{{"crash", crash}, {"kill", kill}, {"overdue", overdue}, {"beat", beat}}, 4),
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
	if keys := w.client.Keys(t.Context(), "muster:{"+w.id+"}*").Val(); len(keys) > 0 {
		must(t, w.client.Del(t.Context(), keys...).Err())
	}
	w.model.gone()
	w.position, w.heard = ledger.Start, nil
}

func openRun(w *world, t *testing.T, _, _ byte) {
	_, created, err := w.Open(t.Context(), w.id, plan)
	w.answer(t, "open", word(err, map[bool]string{true: "created", false: "found"}[created]), w.model.open())
}

func names(w *world, t *testing.T, a, _ byte) {
	var some []string
	for i, s := range fleet {
		if a>>i&1 == 1 {
			some = append(some, s)
		}
	}
	if len(some) > 0 {
		w.answer(t, "names "+strings.Join(some, " "), word(w.AddExpected(t.Context(), w.id, some), "ok"), w.model.names(some))
	}
}

// change makes a service's folder another one.
func change(w *world, _ *testing.T, a, _ byte) { w.versions[pick(fleet, a)]++ }

// digest is that of a service's folder as it is now.
func (w *world) digest(service string) string {
	return fmt.Sprintf("%s-version%d", service, w.versions[service])
}

// expect does what a feeder does with one service.
func expect(w *world, t *testing.T, a, _ byte) { w.expect(t, pick(fleet, a)) }

func (w *world) expect(t *testing.T, service string) {
	t.Helper()
	e, err := w.Expect(t.Context(), w.id, service, w.digest(service))
	got := string(e.Standing)
	if e.Standing == ledger.Expected {
		got = fmt.Sprintf("%s %d", e.Standing, e.Attempt)
		w.push(task{service, w.digest(service), e.Attempt})
	}
	w.answer(t, "expect "+service, word(err, got), w.model.expect(service, w.digest(service)))
}

// push gives the queue a task, unless it had it before.
func (w *world) push(t task) {
	if !slices.Contains(w.tasks, t) {
		w.tasks = append(w.tasks, t)
	}
}

func seal(w *world, t *testing.T, a, _ byte) {
	total := len(w.model.services) + int(a)%8/7
	w.answer(t, fmt.Sprintf("seal %d", total), word(w.Seal(t.Context(), w.id, total), "ok"), w.model.seal(total))
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
	leave, _, err := w.Begin(t.Context(), w.id, d.service, d.digest, d.attempt, w.full(d.String()))
	w.answer(t, fmt.Sprintf("begin %s attempt %d by %s", d.service, d.attempt, d), word(err, string(leave)), w.model.begin(d))
	if leave == ledger.Go {
		w.hands = append(w.hands, d)
	}
}

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
	questions := make([]ledger.Beginning, len(some))
	for i, d := range some {
		questions[i] = ledger.Beginning{Run: w.id, Unit: d.service, Digest: d.digest, Attempt: d.attempt, Delivery: w.full(d.String())}
	}
	leaves, err := w.BeginAll(t.Context(), questions)
	if err != nil {
		t.Fatal(err)
	}
	want := w.model.beginAll(some)
	for i, d := range some {
		w.answer(t, fmt.Sprintf("begin %s attempt %d by %s, among %d", d.service, d.attempt, d, len(some)), string(leaves[i]), want[i])
		if leaves[i] == ledger.Go {
			w.hands = append(w.hands, d)
		}
	}
}

func release(w *world, t *testing.T, a, _ byte) {
	if d, ok := recent(w.hands, a); ok {
		w.answer(t, "release "+d.String(), word(w.Release(t.Context(), w.id, d.service, w.full(d.String())), "ok"), w.model.release(d))
	}
}

// recordOne records what a worker has decided: mostly what any worker would, at
// times something else.
func recordOne(w *world, t *testing.T, a, b byte) {
	if d, ok := recent(w.hands, a); ok {
		w.record(t, "record", w.decided(d, b))
	}
}

// recordSome records what several deliveries have decided at once.
func recordSome(w *world, t *testing.T, a, b byte) {
	var entries []ledger.Entry
	for i := range 2 + a%3 {
		if d, ok := recent(w.hands, a/3+i*(b%4)); ok {
			entries = append(entries, w.decided(d, b+i*7))
		}
	}
	if len(entries) > 0 {
		w.record(t, "record", entries...)
	}
}

// decided is what a delivery comes to: b chooses.
func (w *world) decided(d delivery, b byte) ledger.Entry {
	v := verdict.Verdict{Unit: d.service, Digest: d.digest, Shared: plan.Shared, Checker: plan.Checker, Worker: d.worker, Attempt: d.attempt}
	if b%32 == 5 {
		v.Shared = "of another run"
	}
	switch kind := int(b) % 16; {
	case kind < 3:
		v.Fail("it took too long")
	case (kind == 3) != (d.service < "s2"):
		v.Settle(verdict.Decision{Findings: []verdict.Finding{{Rule: "M1", Severity: verdict.Error, Message: "no"}}})
	default:
		v.Settle(verdict.Decision{})
	}
	return entryOf(v, d.digest, w.full(d.String()))
}

// refuse fails a service for a task that nobody can read.
func refuse(w *world, t *testing.T, a, b byte) {
	w.condemn(t, "refuse", pick(fleet, a), pick(crew, b))
}

func (w *world) condemn(t *testing.T, call, service, by string) {
	t.Helper()
	v := verdict.Verdict{Unit: service}
	v.Fail("hopeless")
	w.record(t, call, entryOf(v, ledger.AnyDigest, by))
}

func entryOf(v verdict.Verdict, digest, delivery string) ledger.Entry {
	body, essence, err := v.EncodeBoth()
	if err != nil {
		panic(err) // of values made here
	}
	return ledger.Entry{Unit: v.Unit, Digest: digest, Shared: v.Shared, Kind: string(v.Kind), Delivery: delivery, Canonical: essence, Body: body}
}

// record writes verdicts. A recording that counts for nothing is itself counted,
// and so are those whose reply was lost.
func (w *world) record(t *testing.T, call string, entries ...ledger.Entry) {
	t.Helper()
	got, err := w.RecordAll(t.Context(), w.id, entries)
	want := w.model.recordAll(entries)
	if w.network.on {
		want = w.model.recordAll(entries)
	}
	for i, e := range entries {
		answer := "no outcome"
		if i < len(got) {
			answer = string(got[i])
		}
		w.answer(t, fmt.Sprintf("%s %s %s by %s", call, e.Kind, e.Unit, w.short(e.Delivery)), word(err, answer), want[i])
	}
}

func lacking(w *world, t *testing.T, a, _ byte) {
	carried, ok := recent(w.tasks, a)
	if !ok {
		return
	}
	want := w.model.lacking(carried)
	if w.network.on {
		want = w.model.lacking(carried)
	}
	w.answer(t, "lacking "+carried.service, word(w.BundleMissing(t.Context(), w.id, carried.service, carried.attempt), "ok"), want)
}

func beat(w *world, t *testing.T, a, _ byte) {
	worker := pick(crew, a)
	must(t, w.Heartbeat(t.Context(), w.full(worker), ledger.Capacity{}))
	w.model.workers[worker] = lately
}

func rest(w *world, t *testing.T, a, _ byte) {
	worker := pick(crew, a)
	must(t, w.Deregister(t.Context(), w.full(worker)))
	w.model.workers[worker] = unheard
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

// kill lets a service kill up to three workers, one after the other.
func kill(w *world, t *testing.T, a, b byte) {
	for i := range 1 + b%3 {
		w.kill(t, pick(fleet[:2], a), pick(crew, a/2+i))
	}
}

// kill delivers the newest task of a service to a worker that dies of it.
func (w *world) kill(t *testing.T, service, worker string) {
	t.Helper()
	for _, carried := range slices.Backward(w.tasks) {
		if carried.service == service {
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
	for _, a := range w.underWay(t) {
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
	service := pick(fleet, a)
	if w.model.services[service] != nil {
		w.reissue(t, "overdue", service, max(w.model.attempt(service)-int(b)%4/3, 1), false)
	}
}

func (w *world) reissue(t *testing.T, call, service string, attempt int, died bool) {
	t.Helper()
	next, n, err := w.Reissue(t.Context(), w.id, service, attempt, died)
	want := w.model.reissue(service, attempt, died)
	w.answer(t, fmt.Sprintf("%s %s attempt %d, died %v", call, service, attempt, died), word(err, fmt.Sprintf("%s %d", next, n)), want)
	switch next {
	case ledger.Again, ledger.Alone:
		digest, err := w.Digest(t.Context(), w.id, service)
		must(t, err)
		w.push(task{service, digest, n})
	case ledger.Condemned:
		w.condemn(t, "condemn", service, "condemned")
	}
}

// replace expects a service's folder as it is now; half the time it has just
// changed.
func replace(w *world, t *testing.T, a, b byte) {
	if b%2 == 0 {
		change(w, t, a, b)
	}
	w.replace(t, pick(fleet, a))
}

func (w *world) replace(t *testing.T, service string) {
	t.Helper()
	digest := w.digest(service)
	w.answer(t, "replace "+service, word(w.Replace(t.Context(), w.id, service, digest), "ok"), w.model.replace(service, digest))
}

func drop(w *world, t *testing.T, a, _ byte) {
	w.drop(t, string(pick([]verdict.Kind{verdict.Failed, verdict.Failed, verdict.Invalid, verdict.OK}, a)))
}

func (w *world) drop(t *testing.T, kind string) {
	t.Helper()
	n, err := w.DropKind(t.Context(), w.id, kind)
	from := len(w.heard)
	w.listen(t)
	w.answer(t, "drop "+kind, word(err, fmt.Sprint(n)), w.model.drop(kind, w.heard[from:]))
}

func cancel(w *world, t *testing.T, a, _ byte) {
	reason := fmt.Sprintf("reason %d", a)
	w.answer(t, "cancel", word(w.Cancel(t.Context(), w.id, reason), "ok"), w.model.cancel(reason))
}

func closeRun(w *world, t *testing.T, a, _ byte) {
	f := ledger.Final{OK: int(a), Errs: 1, Reason: "so it is"}
	w.answer(t, "close", word(w.Close(t.Context(), w.id, f), "ok"), w.model.close(f))
}

func reopen(w *world, t *testing.T, _, _ byte) {
	w.answer(t, "reopen", word(w.Reopen(t.Context(), w.id), "ok"), w.model.reopen())
}

// resume does what an enqueuer does that goes on with a run.
func resume(w *world, t *testing.T, _, _ byte) {
	got := word(w.Reopen(t.Context(), w.id), "ok")
	w.answer(t, "resume", got, w.model.reopen())
	if got != "ok" {
		return
	}
	w.drop(t, string(verdict.Failed))
	for _, service := range fleet {
		if s := w.model.services[service]; s != nil {
			if cmp.Or(s.digest, w.digest(service)) != w.digest(service) {
				w.replace(t, service)
			}
			w.expect(t, service)
		}
	}
}

// attend lets somebody be alive for the run.
func attend(w *world, t *testing.T, a, _ byte) {
	as := pick([]ledger.Presence{ledger.Follower, ledger.Follower, ledger.Owner, ledger.AllPushed, ledger.Follower, ledger.Detached}, a)
	w.answer(t, "attend "+string(as), word(w.MarkAlive(t.Context(), w.id, as), "ok"), w.model.attend(as))
}

// desert lets nobody have followed the run for long.
func desert(w *world, t *testing.T, _, _ byte) {
	if w.model.there {
		must(t, w.client.HIncrBy(t.Context(), "muster:{"+w.id+"}:run", "followed", -deathAge.Milliseconds()).Err())
		must(t, w.client.HSet(t.Context(), "muster:{"+w.id+"}:run", "lonely", 1).Err())
		w.model.deserted = true
	}
}
