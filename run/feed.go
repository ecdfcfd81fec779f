package run

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/reissue"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
)

// Feeders is how many units are on their way to Redis at once: enough that a
// round trip of milliseconds does not bound the throughput.
const Feeders = 512

// feeder takes units from the backlog and pushes their tasks, or decides them
// here once it is told to.
type feeder struct {
	scope.Resolved
	run     id.Run
	plan    ledger.Plan
	owner   *ledger.Owner
	earlier earlierVerdicts
	conn    Conn
	lanes   lanes
	backlog *backlog
	isolate Isolate
	policy  policy.Policy // as it travels with the run
	tell    func(context.Context, message)
	log     *slog.Logger

	recent *recentVerdicts // has what is told to Redis of kept verdicts

	cpu   chan struct{} // bounds packing and checking
	ahead atomic.Int64  // bytes of units in the backlog that are packed
	local []atomic.Bool // decide here, by lane
	// remote ends when Redis is given up: what waits for it then goes on here.
	remote context.Context
	giveUp context.CancelFunc
}

func newFeeder(ctx context.Context, o Options, s scope.Resolved, owner *ledger.Owner, earlier earlierVerdicts, l lanes, b *backlog, tell func(context.Context, message)) *feeder {
	f := &feeder{Resolved: s, run: o.ID, plan: owner.Header.Plan, owner: owner, earlier: earlier, conn: o.Conn,
		lanes: l, local: make([]atomic.Bool, len(l.names)), backlog: b, isolate: o.Isolate, policy: o.Policy, tell: tell, log: o.Log, cpu: make(chan struct{}, 2*runtime.GOMAXPROCS(0))}
	f.remote, f.giveUp = context.WithCancel(ctx)
	return f
}

// feedAll feeds until the backlog is closed.
func (f *feeder) feedAll(ctx context.Context) {
	defer f.giveUp()
	var wg sync.WaitGroup
	for range Feeders {
		wg.Go(func() {
			for j, ok := f.backlog.take(); ok; j, ok = f.backlog.take() {
				f.feed(ctx, j)
			}
		})
	}
	wg.Wait()
}

// feed brings one unit to the point where a verdict of it is on its way. For each job it
// tells the consumer one of pushed, stood, decidedHere and undecidable.
func (f *feeder) feed(ctx context.Context, j job) {
	files, kind, err := f.bytes(ctx, j)
	earlier, stands := f.earlier.about(j.unit, f.Of(kind), files.Digest())
	switch {
	case ctx.Err() != nil:
	case err != nil:
		f.publishDecision(ctx, j, kind, f.Unpackable(j.unit, kind, err))
	case stands:
		f.publish(ctx, kind, earlier)
		f.tell(ctx, stood{earlier, j.again})
	case f.local[j.lane].Load():
		f.decide(ctx, j, kind, files)
	default:
		err := f.push(ctx, j, kind, files)
		switch {
		case err == nil || ctx.Err() != nil:
		case f.remote.Err() != nil:
			f.decide(ctx, j, kind, files)
		default:
			f.tell(ctx, stopFor(err))
		}
	}
}

// stopFor is the end of a run whose step failed for good.
func stopFor(err error) stop {
	switch {
	case errors.Is(err, ledger.ErrGone):
		return stop{why: "Redis has lost the run"}
	case errors.Is(err, ledger.ErrReplaced):
		return stop{why: ledger.ErrReplaced.Error()}
	}
	return stop{why: err.Error()}
}

// bytes are those of a job, which may be here already.
func (f *feeder) bytes(ctx context.Context, j job) (files bundle.Bundle, kind int, err error) {
	if j.packed == nil {
		return f.pack(ctx, j.unit)
	}
	f.ahead.Add(-int64(j.packed.files.Size()))
	return j.packed.files, j.packed.kind, ctx.Err()
}

func (f *feeder) pack(ctx context.Context, unit id.Unit) (files bundle.Bundle, kind int, err error) {
	return f.packBy(f.Fleet.Unit)(ctx, unit)
}

// packBy packs units by what reads them, when a core is free for that.
func (f *feeder) packBy(read reading) reading {
	return func(ctx context.Context, unit id.Unit) (files bundle.Bundle, kind int, err error) {
		select {
		case f.cpu <- struct{}{}:
		case <-ctx.Done():
			return bundle.Bundle{}, 0, ctx.Err()
		}
		defer func() { <-f.cpu }()
		return read(ctx, unit)
	}
}

// push records the bundle's digest, uploads it and pushes the task: whoever sees the
// task can rely on both. An error means that Redis was given up, or has lost the run.
func (f *feeder) push(ctx context.Context, j job, kind int, files bundle.Bundle) error {
	digest := files.Digest()
	var e ledger.Expectation
	err := f.retry(func(ctx context.Context) (err error) {
		if e, err = f.expect(ctx, j, kind, digest); err != nil || !needsTask(e) {
			return err
		}
		return f.upload(ctx, j, files, e.Held)
	})
	if changed := (*ledger.ChangedError)(nil); errors.As(err, &changed) {
		f.tell(ctx, undecidable{j.unit, "its " + f.Fleet.Layout().Noun(j.unit) + " has changed since the run began: run it again", j.again})
		return nil
	}
	now := reissue.Attempt{Unit: j.unit, Number: e.Attempt}
	if err == nil && needsTask(e) {
		task := reissue.Task(f.run, f.plan, now, digest, f.Of(kind).Name)
		task.Suspect = e.Answer == ledger.Alone
		switch {
		case j.apart: // another attempt keeps what it decides, which answers nothing in this run
			task.Cache = nil
		case j.unnamed && task.Cache != nil:
			task.Cache.Objects = ""
		}
		err = f.retry(func(ctx context.Context) error { return f.handOn(ctx, task) })
	}
	if err == nil {
		f.tell(ctx, pushed{now, digest, j.again})
	}
	return err
}

// handOn pushes a task, or lists its unit for the workers to push.
func (f *feeder) handOn(ctx context.Context, task tasks.Task) error {
	if !f.owner.Header.Deadline.IsZero() {
		return f.owner.HandOver(ctx, task.Unit, task.Kind)
	}
	return f.conn.Client.Push(ctx, f.plan.Lane(task.Kind), task)
}

// needsTask says whether the attempt of an expectation is to be pushed.
func needsTask(e ledger.Expectation) bool {
	return e.Answer == ledger.Expected || e.Answer == ledger.Alone
}

// expect records the digest and says which attempt to push: the one that the
// unit is in, or the next after one that is lost. The answer is Alone if that next one
// is a suspect's.
func (f *feeder) expect(ctx context.Context, j job, kind int, digest id.Digest) (ledger.Expectation, error) {
	e, err := f.owner.Expect(ctx, j.unit, digest, f.Of(kind).Name)
	if err != nil || e.Answer != ledger.Expected || j.lost != e.Attempt {
		return e, err
	}
	next, err := f.conn.Ledger.Reissue(ctx, f.run, j.unit, j.lost, false)
	switch e.Attempt = next.Number; {
	case err != nil || next.Answer == ledger.Again:
	case next.Answer == ledger.Alone:
		e.Answer = ledger.Alone
	default:
		e.Answer = ledger.Decided
	}
	return e, err
}

// upload makes sure that Redis has what the job's task will name. The shared files
// were uploaded when the run began; a later attempt may be due to their loss.
func (f *feeder) upload(ctx context.Context, j job, files bundle.Bundle, held bool) error {
	if j.lost > 0 {
		judged, err := packPolicy(f.policy)
		if err != nil {
			return err
		}
		if err := uploadShared(ctx, f.conn.Ledger, f.Resolved, judged); err != nil {
			return err
		}
	}
	if held {
		return nil
	}
	return f.conn.Ledger.Put(ctx, files.Digest(), files.Pack())
}

// retry repeats a step while Redis does not answer, until it is given up or
// says something that repeating does not change.
func (f *feeder) retry(step func(context.Context) error) error {
	return ledger.Retry(f.remote, step, func(err error) { f.tell(f.remote, redisFails{err}) })
}

// unlessGivenUp is retry for what goes on without Redis once that is given up.
func (f *feeder) unlessGivenUp(ctx context.Context, step func(context.Context) error) error {
	if err := f.retry(step); err != nil && (f.remote.Err() == nil || ctx.Err() != nil) {
		return err
	}
	return nil
}

// hit notes what is known of units where other processes find it.
func (f *feeder) hit(ctx context.Context, pointers []ledger.Pointer) error {
	for some := range slices.Chunk(pointers, ledger.MaxHits) {
		if err := f.note(ctx, ledger.HitsOf(some), f.owner.Hit); err != nil {
			return err
		}
	}
	return nil
}

// list records the names of a batch of a listing, of some of which the verdict is known.
func (f *feeder) list(ctx context.Context, units []id.Unit, pointers []ledger.Pointer) error {
	return f.note(ctx, ledger.HitsOf(pointers), func(ctx context.Context, hits ledger.Hits) ([]ledger.Answer, error) {
		return f.owner.List(ctx, units, hits)
	})
}

// note says in Redis what is known.
func (f *feeder) note(ctx context.Context, hits ledger.Hits, say func(context.Context, ledger.Hits) ([]ledger.Answer, error)) error {
	err := f.unlessGivenUp(ctx, func(ctx context.Context) error {
		said, err := say(ctx, hits)
		if err == nil && slices.Contains(said, ledger.Stale) { // by this owner alone: names are gone
			err = ledger.ErrGone
		}
		return err
	})
	if body := hits.Body(); err == nil && len(body) > 0 {
		f.recent.keep(ledger.Event{Kind: ledger.VerdictsKept, Body: body})
	}
	return err
}

// record writes a batch of a listing where other processes find it.
func (f *feeder) record(ctx context.Context, expected, known []id.Unit) error {
	return f.unlessGivenUp(ctx, func(ctx context.Context) error {
		if err := f.owner.AddKnown(ctx, known); err != nil {
			return err
		}
		return f.expectAll(ctx, expected)
	})
}

// expectAll records names that are expected, each with its kind where units wait in several lanes.
func (f *feeder) expectAll(ctx context.Context, units []id.Unit) error {
	if !f.lanes.several() {
		return f.owner.AddExpected(ctx, units)
	}
	of := map[string][]id.Unit{}
	for _, u := range units {
		kind := f.lanes.kind(u)
		of[kind] = append(of[kind], u)
	}
	for kind, some := range of {
		if err := f.owner.AddExpectedOf(ctx, kind, some); err != nil {
			return err
		}
	}
	return nil
}

// seal says there that a listing has ended.
func (f *feeder) seal(ctx context.Context, total int) error {
	return f.unlessGivenUp(ctx, func(ctx context.Context) error { return f.owner.Seal(ctx, total) })
}

// decide checks a unit in this process, or in one of its own if it may kill it. A unit that
// needs what this process does not have stays undecided.
func (f *feeder) decide(ctx context.Context, j job, kind int, files bundle.Bundle) {
	if lacking := f.Of(kind).Session.Lacking(); len(lacking) > 0 {
		f.tell(ctx, undecidable{j.unit, notHere(lacking), j.again})
		return
	}
	select {
	case f.cpu <- struct{}{}:
	case <-ctx.Done():
		return
	}
	var v verdict.Verdict
	if j.suspect && f.isolate != nil {
		v = f.decideIsolated(ctx, j.unit, f.Of(kind), files)
	} else {
		v = f.Decide(ctx, j.unit, kind, files, time.Duration(f.plan.TimeoutMS)*time.Millisecond)
	}
	<-f.cpu
	if ctx.Err() == nil {
		f.publishDecision(ctx, j, kind, v)
	}
}

// notHere says why this process does not decide a unit that gets checks of which it has the name
// alone.
func notHere(checks []string) string {
	if needs := id.Needs(checks); len(needs) > 0 {
		return "no worker has decided it, and this process does not offer " + commands(needs) + ": start a worker that does, or define it here with --commands FILE"
	}
	return "no worker has decided it, and this program does not have the check " + strings.Join(checks, ", ")
}

func (f *feeder) decideIsolated(ctx context.Context, unit id.Unit, kind scope.Kind, files bundle.Bundle) verdict.Verdict {
	v, err := f.isolate(ctx, reissue.Task(f.run, f.plan, reissue.Attempt{Unit: unit, Number: f.owner.Header.FirstAttempt()}, files.Digest(), kind.Name), files.Pack(), kind.Shared.Pack())
	if err != nil && v.Kind != verdict.Failed { // which says what other checks have decided
		v = kind.Session.About(unit, f.Path(unit), files.Digest()).Of(kind.Session.Failed(err.Error())...)
	}
	v.Path, v.Worker = f.Path(unit), f.Process
	return v
}

// publishDecision tells the verdict of this process to the consumer and, if it answers,
// to Redis, for whoever else follows the run.
func (f *feeder) publishDecision(ctx context.Context, j job, kind int, v verdict.Verdict) {
	f.publish(ctx, kind, v)
	f.tell(ctx, decidedHere{v, j.again})
}

// publish writes a verdict that this process has anyway.
func (f *feeder) publish(ctx context.Context, kind int, v verdict.Verdict) {
	if f.remote.Err() != nil {
		return
	}
	v.Attempt = f.owner.Header.FirstAttempt()
	ctx, cancel := context.WithTimeout(ctx, f.conn.Timing.Publish)
	defer cancel()
	if v.Digest != "" {
		if _, err := f.expect(ctx, job{unit: v.Unit}, kind, v.Digest); err != nil {
			f.log.Warn("verdict not published", "unit", v.Unit, "err", err)
			return
		}
	}
	// A unit that could not be packed is expected with no digest, and known to be of no kind.
	if err := f.conn.Ledger.RecordVerdict(ctx, f.log, f.run, cmp.Or(v.Digest, ledger.AnyDigest), id.Delivery(v.Worker), v); err != nil {
		f.log.Warn("verdict not published", "unit", v.Unit, "err", err)
	}
}
