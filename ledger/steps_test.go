package ledger_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
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
	[]step{{"vanish", vanish}, {"open", openRun}, {"cancel", cancel}, {"end", end}, {"desert", desert}, {"leave", leave}, {"fall silent", fallSilent},
		{"forget", forget}, {"finish", finish}, {"overtime", overtime}},
	slices.Repeat([]step{{"add expected", addExpected}, {"add known", addKnown}, {"change", change}, {"seal", seal}, {"take over", takeOver},
		{"mark alive", markAlive}, {"follow", follow}, {"deregister", deregister}, {"refuse", refuse}, {"feed", feed}, {"release", release},
		{"bundle missing", bundleMissing}, {"restore", restore}, {"hit", hit}, {"hit again", hitAgain}, {"list", list}, {"reseal", reseal}, {"complete", complete}, {"hand over", handOver}, {"claim", claim}}, 2),
	slices.Repeat([]step{{"crash", crash}, {"kill", kill}, {"overdue", overdue}, {"heartbeat", heartbeat}}, 5),
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

// openRun opens the run, at times only if it is there.
func openRun(w *world, t *testing.T, a, _ byte) {
	opening := ledger.Opening{Plan: plan, Owner: fmt.Sprintf("owner %d", len(w.owners)), MustExist: a%3 == 0}
	if a%8 < 5 {
		opening.Limit = time.Hour
	}
	o, err := w.Open(t.Context(), w.run, opening)
	got := "opened"
	if err == nil && o.Continued {
		got = "continued"
	}
	w.answer(t, "open", word(err, got), w.model.open(opening.MustExist, opening.Limit > 0))
	if err != nil {
		return
	}
	if !o.Continued {
		for i := range w.owners {
			w.owners[i].epoch = lost
		}
	}
	w.owners = append(w.owners, ownership{o, w.model.epoch})
	w.listen(t)
	if o.Continued && w.opened != o.Header.Generation {
		w.fail(t, fmt.Sprintf("the followers have heard of generation %q, the run is %q", w.opened, o.Header.Generation))
	}
	if want := w.model.base() + 1; o.Header.FirstAttempt() != want || o.Header.Epoch != w.model.epoch {
		w.fail(t, fmt.Sprintf("the attempts of epoch %d begin with %d, want epoch %d from %d", o.Header.Epoch, o.Header.FirstAttempt(), w.model.epoch, want))
	}
	w.checkEarlier(t)
}

// lost is the epoch of those who own a run that Redis has lost since.
const lost = -1

// ownership is a process that owns the run, or did in an earlier epoch.
type ownership struct {
	*ledger.Owner
	epoch int
}

// owner is the process that has become the owner last or, now and then, one that was before
// it and has not heard of that. b chooses.
func (w *world) owner(b byte) (ownership, bool) {
	n := len(w.owners)
	if b >= 192 && n > 1 {
		return w.owners[int(b)%(n-1)], true
	}
	return recent(w.owners, 0)
}

// takeOver lets the owner fall silent, and another process continue the run.
func takeOver(w *world, t *testing.T, a, b byte) {
	if b%2 == 0 {
		fallSilent(w, t, a, b)
		openRun(w, t, a, b)
	}
}

// fallSilent lets the owner not have been heard for long. It is not dead: it may go on.
func fallSilent(w *world, t *testing.T, _, _ byte) {
	if w.model.owned == lately {
		must(t, w.client.HIncrBy(t.Context(), w.key("run"), "owned", -deathAge.Milliseconds()).Err())
		w.model.owned = longAgo
	}
}

func leave(w *world, t *testing.T, _, b byte) {
	if o, ok := w.owner(b); ok {
		w.answer(t, "leave "+o.String(), word(o.Leave(t.Context()), "ok"), w.model.leave(o.epoch))
	}
}

func (o ownership) String() string { return fmt.Sprintf("in epoch %d", o.epoch) }

// some are those units of the fleet that a chooses.
func some(a byte) (units []id.Unit) {
	for i, u := range fleet {
		if a>>i&1 == 1 {
			units = append(units, u)
		}
	}
	return units
}

func addExpected(w *world, t *testing.T, a, b byte) {
	if o, ok := w.owner(b); ok && len(some(a)) > 0 {
		w.addExpected(t, o, some(a))
	}
}

func (w *world) addExpected(t *testing.T, o ownership, units []id.Unit) {
	t.Helper()
	w.answer(t, fmt.Sprint("addExpected ", units, " ", o), word(o.AddExpected(t.Context(), units), "ok"), w.model.addExpected(o.epoch, units))
}

func addKnown(w *world, t *testing.T, a, b byte) {
	if o, ok := w.owner(b); ok && len(some(a)) > 0 {
		w.answer(t, fmt.Sprint("addKnown ", some(a), " ", o), word(o.AddKnown(t.Context(), some(a)), "ok"), w.model.addKnown(o.epoch, some(a)))
	}
}

// feed does what an enqueuer does: it lists the fleet, and expects each unit.
func feed(w *world, t *testing.T, a, b byte) {
	o, ok := w.owner(b)
	if !ok {
		return
	}
	units := fleet[:2+int(a)%4]
	w.addExpected(t, o, units)
	for _, u := range units {
		w.expect(t, o, u)
	}
}

// finish does all that a run needs which nothing happens to.
func finish(w *world, t *testing.T, a, b byte) {
	o, ok := w.owner(b)
	if !ok {
		return
	}
	feed(w, t, a, b)
	for _, u := range fleet {
		if s := w.model.units[u]; s != nil && s.digest != "" && s.verdict == nil {
			w.begin(t, task{u, s.digest, w.model.attempt(u)}, pick(crew, a))
			if last, ok := recent(w.hands, 0); ok && last.unit == u {
				w.record(t, "record", w.decided(t, last, 8))
			}
		}
	}
	w.seal(t, "seal", o, len(w.model.units), o.Seal)
	complete(w, t, a, b)
}

// change makes a unit's folder another one.
func change(w *world, _ *testing.T, a, _ byte) { w.versions[pick(fleet, a)]++ }

// digest is that of a unit's folder as it is now.
func (w *world) digest(u id.Unit) id.Digest {
	return id.Digest(fmt.Sprintf("%s-version%d", u, w.versions[u]))
}

// expect does what a feeder does with one unit.
func expect(w *world, t *testing.T, a, b byte) {
	if o, ok := w.owner(b); ok {
		w.expect(t, o, pick(fleet, a))
	}
}

func (w *world) expect(t *testing.T, o ownership, u id.Unit) {
	t.Helper()
	e, err := o.Expect(t.Context(), u, w.digest(u), "")
	got := string(e.Answer)
	if e.Answer == ledger.Expected {
		got = fmt.Sprintf("%s %d", e.Answer, e.Attempt)
		w.push(task{u, w.digest(u), e.Attempt})
	}
	w.answer(t, fmt.Sprint("expect ", u, " ", o), word(err, got), w.model.expect(o.epoch, u, w.digest(u)))
}

// push gives the queue a task, unless it had it before.
func (w *world) push(t task) {
	if !slices.Contains(w.tasks, t) {
		w.tasks = append(w.tasks, t)
	}
}

func seal(w *world, t *testing.T, a, b byte) {
	if o, ok := w.owner(b); ok {
		w.seal(t, "seal", o, len(w.model.units)+int(a)%8/7, o.Seal)
	}
}

// reseal does what anyone does who has seen the run sealed.
func reseal(w *world, t *testing.T, a, b byte) {
	if seen, ok := w.owner(b); ok {
		w.seal(t, "reseal", seen, len(w.model.units)+int(a)%4/3, func(ctx context.Context, total int) error {
			return w.Reseal(ctx, seen.Header, total)
		})
	}
}

func (w *world) seal(t *testing.T, call string, o ownership, total int, seal func(context.Context, int) error) {
	t.Helper()
	w.answer(t, fmt.Sprintf("%s %d %s", call, total, o), word(seal(t.Context(), total), "ok"), w.model.seal(o.epoch, total))
}

// handOver lists some units for the workers to push.
func handOver(w *world, t *testing.T, a, b byte) {
	o, ok := w.owner(b)
	if !ok {
		return
	}
	for _, u := range some(a) {
		if s := w.model.units[u]; s != nil && s.digest != "" {
			w.answer(t, fmt.Sprint("handOver ", u, " ", o), word(o.HandOver(t.Context(), u, ""), "ok"), w.model.handOver(o.epoch, u))
		}
	}
}

// claim lets a worker push what is missing in a window. Now and then its lease lapses at
// once. A claim whose reply is lost leaves its units without tasks.
func claim(w *world, t *testing.T, a, b byte) {
	seen, ok := w.owner(b)
	if !ok {
		return
	}
	worker, size := pick(crew, a), 1+int(a/4)%4
	c, err := w.Claim(t.Context(), seen.Header, ledger.Claim{Worker: worker, Lease: time.Hour, Windows: []int{size}, Quiet: time.Hour, Most: 10})
	said := string(c.Answer)
	for _, u := range c.Units {
		said += fmt.Sprintf(" %s/%d", u.Unit, u.Attempt)
		w.push(task{u.Unit, u.Digest, u.Attempt})
	}
	if w.network.on {
		w.model.claim(seen.epoch, worker, size)
	}
	w.answer(t, fmt.Sprintf("claim %d by %s %s", size, worker, seen), word(err, said), w.model.claim(seen.epoch, worker, size))
	if c.Answer == ledger.Granted && b%3 == 0 {
		must(t, w.client.HSet(t.Context(), w.key("run"), "leased", 0).Err())
		w.model.lease = ""
	}
}

// overtime lets a detached run's time be over, and a worker see it.
func overtime(w *world, t *testing.T, a, _ byte) {
	if h, err := w.Header(t.Context(), w.run); err == nil && w.model.limited && a%2 == 0 {
		must(t, w.client.HSet(t.Context(), w.key("run"), "deadline", h.Started.UnixMilli()-1).Err())
		w.model.timeOver = true
		claim(w, t, a, 0)
	}
	if a%4 != 0 {
		w.answer(t, "endOverdue", word(w.EndOverdue(t.Context(), w.run), "ok"), w.model.endOverdue())
	}
}

// restore says again with which bytes a unit is expected.
func restore(w *world, t *testing.T, a, b byte) {
	if seen, ok := w.owner(b); ok {
		u := pick(fleet, a)
		got := word(w.Restore(t.Context(), seen.Header, u, w.digest(u), ""), "ok")
		w.answer(t, fmt.Sprint("restore ", u, " ", seen), got, w.model.restore(seen.epoch, u, w.digest(u)))
	}
}

// hit notes verdicts that are kept elsewhere: a chooses of which units, b by whom and what they say.
func hit(w *world, t *testing.T, a, b byte) {
	if o, ok := w.owner(b); ok {
		w.hit(t, "hit", o, pointersTo(t, some(a), b, w.digest), o.Hit)
	}
}

// list records some units as a lister does: of some of them the verdict is known.
func list(w *world, t *testing.T, a, b byte) {
	o, ok := w.owner(b)
	if !ok {
		return
	}
	hits := pointersTo(t, some(a), b, w.digest)
	var others []id.Unit
	for _, u := range fleet {
		if !slices.ContainsFunc(hits, func(p ledger.Pointer) bool { return p.Unit == u }) && len(others) < int(b)%4 {
			others = append(others, u)
		}
	}
	listed := w.model.addExpected(o.epoch, append(slices.Clone(others), unitsOf(hits)...))
	if len(hits) == 0 || listed != "ok" {
		_, err := o.List(t.Context(), others, ledger.HitsOf(hits))
		w.answer(t, fmt.Sprint("list ", others, " and ", len(hits), " hits ", o), word(err, "ok"), listed)
		return
	}
	w.hit(t, "list", o, hits, func(ctx context.Context, hits ledger.Hits) ([]ledger.Answer, error) {
		return o.List(ctx, others, hits)
	})
}

func unitsOf(hits []ledger.Pointer) (units []id.Unit) {
	for _, p := range hits {
		units = append(units, p.Unit)
	}
	return units
}

// hitAgain is what anyone does who has seen the run, and been told.
func hitAgain(w *world, t *testing.T, a, b byte) {
	if o, ok := w.owner(b); ok {
		w.hit(t, "hitAgain", o, pointersTo(t, some(a), b, w.digest), func(ctx context.Context, hits ledger.Hits) ([]ledger.Answer, error) {
			return w.Hit(ctx, o.Header, hits)
		})
	}
}

func (w *world) hit(t *testing.T, call string, o ownership, hits []ledger.Pointer, do func(context.Context, ledger.Hits) ([]ledger.Answer, error)) {
	t.Helper()
	said, err := do(t.Context(), ledger.HitsOf(hits))
	want := w.model.hit(o.epoch, hits)
	for i, p := range hits {
		got := word(err, "")
		if err == nil {
			got = string(said[i])
		}
		w.answer(t, fmt.Sprint(call, " ", p.Unit, " ", o), got, want[i])
	}
}

// pointersTo are pointers to verdicts as workers give them; b chooses which.
func pointersTo(t *testing.T, units []id.Unit, b byte, digest func(id.Unit) id.Digest) (all []ledger.Pointer) {
	t.Helper()
	for _, u := range units {
		kind := verdict.OK
		if (b%16 == 3) != (u < "s2") {
			kind = verdict.Invalid
		}
		p := ledger.Pointer{Unit: u, Digest: digest(u), Kind: kind, Parts: []ledger.Kept{{Domain: "main", Key: [32]byte{1, b}, Content: id.Digest(strings.Repeat("a1", int(b%3)))}}}
		p.Fingerprint = keptVerdict(p).Fingerprint()
		all = append(all, p)
	}
	return all
}

// keptVerdict is the verdict that a pointer leads to.
func keptVerdict(p ledger.Pointer) verdict.Verdict {
	part := verdict.Part{Check: plan.Checker}
	if p.Kind == verdict.Invalid {
		part.Findings = wrong
	}
	return verdict.Subject{Unit: p.Unit, Digest: p.Digest, Shared: plan.Shared}.Of(part)
}

// forget is what a Redis does that loses the last that it was told.
func forget(w *world, t *testing.T, a, b byte) {
	u := pick(fleet, a)
	switch s := w.model.units[u]; {
	case !w.model.there:
	case b%2 == 0:
		must(t, w.client.HDel(t.Context(), w.key("run"), "total").Err())
		w.model.forgetTotal()
		if !w.model.ended() {
			must(t, w.client.HSet(t.Context(), w.key("run"), "state", string(w.model.state)).Err())
		}
	case s != nil:
		must(t, w.client.HSet(t.Context(), w.key("expect"), string(u), "").Err())
		s.digest = ""
	}
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

// wrong is what is found in a unit.
var wrong = []verdict.Finding{{Rule: "M1", Severity: verdict.Error, Message: "no"}}

// decided is what a delivery comes to: b chooses.
func (w *world) decided(t *testing.T, d delivery, b byte) ledger.Entry {
	t.Helper()
	subject := verdict.Subject{Unit: d.unit, Digest: d.digest, Shared: plan.Shared}
	if b%32 == 5 {
		subject.Shared = "of another run"
	}
	var v verdict.Verdict
	switch kind := int(b) % 16; {
	case kind < 3:
		v = subject.Undecided("it took too long", plan.Checker)
	case (kind == 3) != (d.unit < "s2"):
		v = subject.Of(verdict.Part{Check: plan.Checker, Decision: verdict.Decision{Findings: wrong}})
	default:
		v = subject.Of(verdict.Part{Check: plan.Checker})
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
	e, err := ledger.NewEntry(ledger.AnyDigest, by, verdict.Subject{Unit: u}.Undecided("hopeless"))
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

// kill lets a unit kill up to three workers, one after the other. At times its next attempt
// takes too long.
func kill(w *world, t *testing.T, a, b byte) {
	for i := range 1 + b%3 {
		w.kill(t, pick(fleet[:2], a), pick(crew, a/2+i))
	}
	if u := pick(fleet[:2], a); b%4 == 0 && w.model.units[u] != nil {
		w.reissue(t, "overdue", u, w.model.attempt(u), false)
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
		attempt := max(w.model.attempt(u)-int(b)%4/3, 1)
		if b%16 == 2 {
			attempt = 1 // in whichever epoch that was
		}
		w.reissue(t, "overdue", u, attempt, false)
	}
}

func (w *world) reissue(t *testing.T, call string, u id.Unit, attempt int, died bool) {
	t.Helper()
	next, err := w.Reissue(t.Context(), w.run, u, attempt, died)
	want := w.model.reissue(u, attempt, died)
	w.answer(t, fmt.Sprintf("%s %s attempt %d, died %v", call, u, attempt, died), word(err, fmt.Sprintf("%s %d", next.Answer, next.Number)), want)
	switch next.Answer {
	case ledger.Again, ledger.Alone:
		digest, _, err := w.Digest(t.Context(), w.run, u)
		must(t, err)
		w.push(task{u, digest, next.Number})
	case ledger.Poisoned:
		w.giveUp(t, "poisoned", u, "poisoned")
	}
}

// cancel is an operator's.
func cancel(w *world, t *testing.T, a, b byte) {
	c := ledger.Cancellation{Reason: fmt.Sprintf("reason %d", a), By: fmt.Sprintf("operator %d", b%3), SupersededBy: pick([]id.Run{"", "newer"}, a)}
	w.answer(t, "cancel", word(w.Cancel(t.Context(), w.run, c), "ok"), w.model.cancel(ledger.Ending(c)))
}

func end(w *world, t *testing.T, a, b byte) {
	if o, ok := w.owner(b); ok {
		f := ledger.Final{OK: int(a), Errs: 1, Reason: "so it is"}
		w.answer(t, "end "+o.String(), word(o.End(t.Context(), f), "ok"), w.model.endEarly(o.epoch, f))
	}
}

// complete does what anyone does who believes that all is decided.
func complete(w *world, t *testing.T, a, b byte) {
	if seen, ok := w.owner(b); ok {
		f := ledger.Final{OK: int(a), Complete: true}
		noted, err := w.Complete(t.Context(), seen.Header, f)
		got := word(err, map[bool]string{true: "noted", false: "no"}[noted])
		w.answer(t, "complete "+seen.String(), got, w.model.complete(seen.epoch, f))
	}
}

// follow lets somebody wait for the verdicts.
func follow(w *world, t *testing.T, _, _ byte) {
	w.answer(t, "follow", word(w.MarkFollowed(t.Context(), w.run), "ok"), w.model.follow())
}

// markAlive lets the owner be alive.
func markAlive(w *world, t *testing.T, a, b byte) {
	if o, ok := w.owner(b); ok {
		as := pick([][]ledger.Presence{nil, nil, {ledger.AllPushed}, {ledger.Detached}, {ledger.AllPushed, ledger.Detached}}, a)
		w.answer(t, fmt.Sprint("markAlive ", as, " ", o), word(o.MarkAlive(t.Context(), as...), "ok"), w.model.markAlive(o.epoch, as))
	}
}

// desert lets nobody have followed the run for long.
func desert(w *world, t *testing.T, _, _ byte) {
	if w.model.there {
		must(t, w.client.HIncrBy(t.Context(), w.key("run"), "followed", -deathAge.Milliseconds()).Err())
		must(t, w.client.HSet(t.Context(), w.key("run"), "lonely", 1).Err())
		w.model.deserted = true
	}
}
