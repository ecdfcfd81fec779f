package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/isolate"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
)

// Attempts is what a handler needs of the ledger until it has a verdict.
type Attempts interface {
	Begin(ctx context.Context, r ledger.BeginRequest) (ledger.Grant, error)
	Release(ctx context.Context, run id.Run, unit id.Unit, d id.Delivery) error
	BundleMissing(ctx context.Context, run id.Run, unit id.Unit, attempt int) error
}

// Recorder takes charge of verdicts, and writes them to the ledger at once or a little
// later. A task is done when Record returns.
type Recorder interface {
	Record(ctx context.Context, run id.Run, e ledger.Entry) error
}

// recordTimeout bounds the calls with which a handler ends a task. They have a time of
// their own, because the task's may be over.
const recordTimeout = 10 * time.Second

// HandlerOptions say how a worker decides tasks.
type HandlerOptions struct {
	Name     string // of this process in verdicts; no other process has it
	Attempts Attempts
	Recorder Recorder
	Kinds    check.Kinds // those of commands among them; see offer
	// Concurrency is how many checks run at once, at least 1, beside those that run a command.
	Concurrency int
	// CommandSlots is how many checks that run commands run at once.
	CommandSlots int
	UnitLimit    int           // bytes of one unit, as bundle.Bundle.Size counts them
	SlotWait     time.Duration // see Timing
	// Isolate decides a suspect in a process of its own; nil does it in this one.
	Isolate  Isolate
	Observer Observer // nil for nobody
	Log      *slog.Logger
}

// Isolate is what isolate.Decider.Decide is: with an error may come what was decided.
type Isolate func(ctx context.Context, t tasks.Task, unit, shared []byte) (verdict.Verdict, error)

// Handler decides tasks. It is safe for concurrent use.
type Handler struct {
	HandlerOptions
	checks   atomic.Pointer[checks]
	slots    *slots
	commands *commandSlots
	keeper   *keeper // nil for none
	count    atomic.Int64
	active   sync.WaitGroup
}

// checks are those that a handler can make. A task keeps to those that were when it came.
type checks struct {
	kinds    check.Kinds
	sessions *check.Sessions
}

// NewHandler makes a handler.
func NewHandler(o HandlerOptions) *Handler {
	if o.Observer == nil {
		o.Observer = unobserved{}
	}
	h := &Handler{HandlerOptions: o, slots: newSlots(o.Concurrency, o.SlotWait), commands: newCommandSlots(o.CommandSlots)}
	h.offer(o.Kinds, nil)
	return h
}

// offer replaces the checks that the handler can make, and says how many of each command may run
// at once. What was opened before serves the tasks that are under way, and no other.
func (h *Handler) offer(kinds check.Kinds, limits map[string]int) {
	h.checks.Store(&checks{kinds, check.NewSessions(kinds)})
	h.commands.limit(limits)
}

// errNotBegun is why a task goes back that the ledger did not answer for: that says nothing
// of the unit.
var errNotBegun = errors.New("the attempt could not be begun")

// errLost is why a task goes back whose command this worker has lost.
var errLost = errors.New("this worker has lost what the check needs")

// costsTry says whether an error counts among the tries that a task has: it is about the
// unit then, as far as anybody knows, and neither about this worker nor about Redis.
func costsTry(err error) bool {
	return !slices.ContainsFunc([]error{errStopping, errNoSlot, errNotBegun, errLost}, func(of error) bool { return errors.Is(err, of) })
}

// delivery is one delivery of a task to a handler.
type delivery struct {
	tasks.Task
	id   id.Delivery
	lane *lane // that it was fetched from; nil for a queue without needs
	seat seat
	with *checks
	asks *inquiry // of the cache; nil for none
}

// ProcessTask decides one task of a queue without needs. It returns an error only if it could
// not decide and asynq should deliver the task again. An invalid unit is a success.
func (h *Handler) ProcessTask(ctx context.Context, t *asynq.Task) error {
	return h.process(ctx, t, nil, nil)
}

// process decides one task, which came from a lane and has a seat there, or from a queue without
// needs.
func (h *Handler) process(ctx context.Context, t *asynq.Task, l *lane, s seat) error {
	h.active.Add(1)
	defer h.active.Done()
	if t.Type() != tasks.TypeVerify {
		// Its payload is another program's, whatever it looks like.
		err := fmt.Errorf("a task of type %q is not this program's (%s): whoever put it here needs a queue of its own", t.Type(), tasks.TypeVerify)
		h.Log.Error("task refused", "err", err)
		h.Observer.TaskEnded("", TaskRefused)
		return fmt.Errorf("%w: %w", err, asynq.SkipRetry)
	}
	task, err := tasks.Decode(t.Payload())
	if err != nil {
		h.Log.Error("task refused", "err", err)
		h.Observer.TaskEnded("", TaskRefused)
		return h.refuse(ctx, task, err)
	}
	if queue, _ := asynq.GetQueueName(ctx); tasks.IsQuarantine(queue) {
		task.Suspect = true
	}
	if s == nil {
		s = h.seat(task)
		defer s.drop()
	}
	d := delivery{task, id.NewDelivery(h.Name, h.count.Add(1)), l, s, h.checks.Load(), h.keeper.inquire(task)}
	undecided, err := h.decide(ctx, d)
	return h.end(ctx, d, undecided, err)
}

// seat is that of a task from a queue without needs. One that runs commands is in the wrong queue,
// and takes no slot of quick checks for that.
func (h *Handler) seat(t tasks.Task) seat {
	if needs := id.Needs(t.Names()); len(needs) > 0 && h.commands.offers(needs) {
		return &commandSeat{slots: h.commands, claim: h.commands.ask(needs), longest: h.SlotWait}
	}
	return quickSeat{h.slots}
}

// end ends a delivery after decide.
func (h *Handler) end(ctx context.Context, d delivery, undecided verdict.Verdict, err error) error {
	died := (*isolate.DeathError)(nil)
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.Canceled):
		// The worker stops, or the task's lease is lost. asynq has put the task back
		// already, and ignores what is returned here.
		return h.release(ctx, d, err)
	case !costsTry(err) && lastTry(ctx):
		// asynq archives the task. The run makes another attempt when it sees that, or
		// when this one, if it has begun, is overdue.
		h.Observer.TaskEnded(d.Kind, TaskReleased)
		return err
	case errors.Is(err, errNoSlot), errors.Is(err, errLost):
		h.Log.Debug("the task goes back", "run", d.Run, "unit", d.Unit, "because", err)
		return h.release(ctx, d, err)
	case lastTry(ctx), errors.As(err, &died):
		return h.fail(ctx, d, undecided, err)
	}
	h.Log.Warn("unit not decided, will be tried again", "run", d.Run, "unit", d.Unit, "err", err)
	h.Observer.TaskEnded(d.Kind, TaskRetried)
	return err
}

// orLost is the error of a delivery that was not decided: errLost where it says that this worker does
// not have any more what the task's lane needs. The lane gives no further task then until the worker
// has looked what it has.
func (h *Handler) orLost(d delivery, err error) error {
	gone := check.Lost(nil)
	if d.lane == nil || !errors.As(err, &gone) || !slices.Equal(id.Needs(d.Names()), d.lane.needs) {
		return err
	}
	h.Log.Warn("a command is lost, its task goes back", "lane", d.lane.name, "run", d.Run, "unit", d.Unit, "err", err)
	d.lane.hold(true)
	return fmt.Errorf("%w: %w", errLost, err)
}

// decide begins the attempt, checks the unit and records the verdict. An error means that
// no verdict was recorded. With it comes the failed verdict if a check has begun.
func (h *Handler) decide(ctx context.Context, d delivery) (undecided verdict.Verdict, err error) {
	if d.lane != nil && !h.commands.offers(d.lane.needs) {
		return undecided, errLost
	}
	session, kept := d.with.sessions.Kept(d.Names(), d.Shared)
	want := []id.Digest{d.Digest}
	if !kept || h.isolates(d.Task) {
		want = append(want, d.Shared)
	}
	if kept {
		d.asks.open(session)
	}
	grant, err := h.Attempts.Begin(ctx, ledger.BeginRequest{Run: d.Run, Unit: d.Unit, Digest: d.Digest, Attempt: d.Attempt, Delivery: d.id, Want: want, Beside: d.asks.begin(ctx)})
	if err != nil {
		return undecided, fmt.Errorf("%w: %w", errNotBegun, err)
	}
	if grant.Answer != ledger.Granted {
		h.Log.Debug("task dropped", "run", d.Run, "unit", d.Unit, "attempt", d.Attempt, "because", grant.Answer)
		h.Observer.TaskEnded(d.Kind, TaskDropped)
		return undecided, nil
	}
	d.asks.begun(grant.Beside, grant.BesideErr)
	v, err := h.checkWith(ctx, d, session, grant.Bundles)
	if missing := (check.MissingError{}); errors.As(err, &missing) {
		return undecided, h.reportMissing(ctx, d, missing)
	}
	if err != nil {
		return v, err
	}
	return undecided, h.record(ctx, d, d.Digest, v)
}

// isolates says whether a task is decided in a process of its own.
func (h *Handler) isolates(t tasks.Task) bool { return t.Suspect && h.Isolate != nil }

// checkWith makes the verdict from the fetched bundles: that of the unit, and the shared
// one unless there is a session. An error means that the unit is not decided; with it comes the
// failed verdict if a check has begun.
func (h *Handler) checkWith(ctx context.Context, d delivery, session check.All, fetched [][]byte) (verdict.Verdict, error) {
	packed := fetched[0]
	if packed == nil {
		return verdict.Verdict{}, check.MissingError{Digest: d.Digest}
	}
	if h.isolates(d.Task) {
		return h.checkApart(ctx, d, session, packed, fetched[1])
	}
	if len(fetched) > 1 {
		var err error
		if session, err = d.with.sessions.Open(d.Names(), d.Shared, fetched[1]); err != nil {
			return verdict.Verdict{}, err
		}
	}
	d.asks.open(session)
	return h.check(ctx, d, session, packed)
}

// check makes the verdict in this process.
func (h *Handler) check(ctx context.Context, d delivery, session check.All, packed []byte) (verdict.Verdict, error) {
	needs := id.Needs(d.Names())
	if len(needs) == 0 {
		return h.checkSeated(ctx, d, session, func() (bundle.Bundle, error) { return h.unpack(ctx, d, packed) })
	}
	// Few tasks wait for slots of commands, and what is done before is done while others have them.
	files, err := h.unpack(ctx, d, packed)
	if err != nil {
		return verdict.Verdict{}, err
	}
	if d.asks.knows(commandChecks(needs)) { // then slots of commands are for others
		d.seat.drop()
		d.seat = quickSeat{h.slots}
	}
	return h.checkSeated(ctx, d, session, func() (bundle.Bundle, error) { return files, nil })
}

// commandChecks are the names of the checks that run commands.
func commandChecks(commands []string) []string {
	names := make([]string, len(commands))
	for i, c := range commands {
		names[i] = id.CommandCheck(c)
	}
	return names
}

// unpack gives the files of a unit, and looks up what is known of them.
func (h *Handler) unpack(ctx context.Context, d delivery, packed []byte) (bundle.Bundle, error) {
	files, err := bundle.Unpack(packed, d.Digest, h.UnitLimit)
	if err != nil {
		return files, fmt.Errorf("unpack %q: %w", d.Unit, err)
	}
	d.asks.learn(ctx, files)
	return files, nil
}

// checkSeated makes the verdict when there is a slot for it.
func (h *Handler) checkSeated(ctx context.Context, d delivery, session check.All, open func() (bundle.Bundle, error)) (verdict.Verdict, error) {
	if err := d.seat.take(ctx); err != nil {
		return verdict.Verdict{}, err
	}
	took := time.Duration(unmeasured)
	defer func() { d.seat.leave(took) }()
	files, err := open()
	if err != nil {
		return verdict.Verdict{}, err
	}
	v, err := session.Decide(ctx, h.request(d, files))
	if ctx.Err() == nil {
		took = time.Duration(v.Micros) * time.Microsecond
	}
	return v, h.orLost(d, err) // before the slot is free, so that no task follows
}

// request is what a task asks the checks for, but for what is known.
func (h *Handler) request(d delivery, files bundle.Bundle) check.Request {
	return check.Request{Unit: d.Unit, Path: d.Path, Files: files, Regions: d.Regions, Limit: d.Timeout(), Known: d.asks.parts(),
		Ended: func(e check.Ended) {
			d.asks.ended(e)
			h.ended(e)
		}}
}

// checkApart makes the verdict in a process of its own, which takes a slot like any other
// check, unless all of it is known.
func (h *Handler) checkApart(ctx context.Context, d delivery, session check.All, packed, shared []byte) (verdict.Verdict, error) {
	if shared == nil {
		return verdict.Verdict{}, check.MissingError{Digest: d.Shared}
	}
	if d.asks != nil {
		files, err := h.unpack(ctx, d, packed)
		if err != nil {
			return verdict.Verdict{}, err
		}
		if d.asks.knows(d.Names()) {
			return session.Decide(ctx, h.request(d, files))
		}
	}
	if err := d.seat.take(ctx); err != nil {
		return verdict.Verdict{}, err
	}
	defer d.seat.leave(unmeasured)
	return h.Isolate(ctx, d.Task, packed, shared)
}

// record hands a verdict to the recorder, as one about the bytes that the run asked for.
// It has a time of its own, so that a verdict is not lost if the task's time ends right
// after the check.
func (h *Handler) record(ctx context.Context, d delivery, digest id.Digest, v verdict.Verdict) error {
	v.Path, v.Worker, v.Attempt = cmp.Or(v.Path, d.Path), h.Name, d.Attempt
	v.V = verdict.Accepted(d.Accept)
	e, err := ledger.NewEntry(digest, d.id, v)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	if err := h.Recorder.Record(ctx, d.Run, e); err != nil {
		return err
	}
	if digest != ledger.AnyDigest { // else it is told of as refused
		h.Observer.TaskEnded(d.Kind, Result(v.Kind))
		d.asks.keep(v)
	}
	return nil
}

// fail records that the unit could not be decided: with undecided, in which checks that did
// decide have their say, or for want of it with a verdict in which none does.
func (h *Handler) fail(ctx context.Context, d delivery, undecided verdict.Verdict, cause error) error {
	h.Log.Error("unit failed", "run", d.Run, "unit", d.Unit, "err", cause)
	if undecided.Kind != verdict.Failed {
		undecided = d.failed(cause.Error())
	}
	if err := h.record(ctx, d, d.Digest, undecided); err != nil {
		return errors.Join(cause, err)
	}
	return nil
}

// failed is the verdict in which no check of a task could decide.
func (d delivery) failed(cause string) verdict.Verdict {
	v := verdict.Subject{Unit: d.Unit, Digest: d.Digest, Shared: d.Shared}.Undecided(cause, d.Names()...)
	for i := range v.Parts {
		if c := d.with.kinds.Named(v.Parts[i].Check); c != nil {
			v.Parts[i].Engine = c.Engine()
		}
	}
	return v
}

// refuse handles a payload that cannot be read: the unit that it names fails at once,
// because another try would read the same bytes.
func (h *Handler) refuse(ctx context.Context, t tasks.Task, cause error) error {
	if t.Unit == "" {
		name, _ := asynq.GetTaskID(ctx)
		t.Run, t.Unit = tasks.ParseID(name)
	}
	if t.Run == "" || t.Unit == "" {
		return fmt.Errorf("%w: %w", cause, asynq.SkipRetry)
	}
	d := delivery{Task: tasks.Task{Run: t.Run, Accept: t.Accept}, id: id.Delivery(h.Name)}
	return h.record(ctx, d, ledger.AnyDigest, verdict.Subject{Unit: t.Unit}.Undecided(cause.Error()))
}

// release gives the attempt back without a verdict, because the worker stops or has no
// free slot. asynq has put the task back already, or does so without counting a try.
func (h *Handler) release(ctx context.Context, d delivery, cause error) error {
	h.Observer.TaskEnded(d.Kind, TaskReleased)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	return errors.Join(cause, h.Attempts.Release(ctx, d.Run, d.Unit, d.id))
}

// reportMissing tells the followers that a bundle is missing. The task is done, because
// only an upload helps.
func (h *Handler) reportMissing(ctx context.Context, d delivery, missing check.MissingError) error {
	h.Observer.TaskEnded(d.Kind, TaskMissing)
	h.Log.Warn("bundle lacking", "run", d.Run, "unit", d.Unit, "digest", missing.Digest)
	if err := h.Attempts.Release(ctx, d.Run, d.Unit, d.id); err != nil {
		return err
	}
	return h.Attempts.BundleMissing(ctx, d.Run, d.Unit, d.Attempt)
}

// lastTry says whether asynq will not deliver this task again.
func lastTry(ctx context.Context) bool {
	tried, _ := asynq.GetRetryCount(ctx)
	most, ok := asynq.GetMaxRetry(ctx)
	return ok && tried >= most
}
