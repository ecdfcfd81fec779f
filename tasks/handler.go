package tasks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/verdict"
)

// Ledger is what the handler needs of the state of runs. delivery names one
// delivery of one task.
type Ledger interface {
	// Begin asks for leave to work and fetches bundles in the same round trip,
	// nil for one that is not there. Without leave the task has nothing to do.
	Begin(ctx context.Context, v Task, delivery string, want ...string) (leave bool, bundles [][]byte, err error)
	// Record sees to it that the verdict is written, now or a little later: the task is
	// done when it returns. Writing it again changes nothing.
	Record(ctx context.Context, v Task, delivery string, verdict verdict.Verdict) error
	// Refuse writes a failed verdict for a task that cannot be read: it says which
	// run and service it is for and nothing else that can be relied on.
	Refuse(ctx context.Context, run, service, delivery string, verdict verdict.Verdict) error
	// Release gives leave back undecided.
	Release(ctx context.Context, v Task, delivery string) error
	// Lacking says that a bundle is not there: whoever has the bytes may upload
	// them and push the next attempt.
	Lacking(ctx context.Context, v Task, digest string) error
}

// recordTimeout bounds what a handler still says to the ledger when the task's own
// time is over.
const recordTimeout = 10 * time.Second

// Handler decides tasks. It is safe for concurrent use.
type Handler struct {
	ledger    Ledger
	sessions  sessions
	slots     *slots
	unitLimit int
	worker    string
	count     atomic.Int64
	log       *slog.Logger
	active    sync.WaitGroup
	exclusive   sync.RWMutex // held for writing by a task that runs alone
}

// NewHandler makes a handler for the checkers given by name. worker names this
// process in verdicts; concurrency, at least 1, bounds the checks at once, and unitLimit
// a service's raw bytes.
func NewHandler(l Ledger, checkers []verdict.Checker, worker string, concurrency, unitLimit int, log *slog.Logger) *Handler {
	h := &Handler{ledger: l, slots: newSlots(concurrency), worker: worker, unitLimit: unitLimit, log: log}
	h.sessions.checkers = make(map[string]verdict.Checker, len(checkers))
	for _, c := range checkers {
		h.sessions.checkers[c.Name()] = c
	}
	return h
}

// Concurrency is how many checks there are at most at once.
func (h *Handler) Concurrency() int { return cap(h.slots.taken) }

// ProcessTask decides one task. It returns an error only where it could not
// decide and asynq should hand the task out again: an invalid service is a
// success.
func (h *Handler) ProcessTask(ctx context.Context, t *asynq.Task) error {
	h.active.Add(1)
	defer h.active.Done()
	defer h.acquire(ctx)()
	v, err := Decode(t.Payload())
	if err != nil && v.Unit == "" {
		v.Run, v.Unit = addressOf(ctx)
	}
	if err != nil {
		h.log.Error("task refused", "err", err)
		return h.refuse(ctx, v, err)
	}
	delivery := h.worker + "#" + strconv.FormatInt(h.count.Add(1), 10)
	err = h.decide(ctx, v, delivery)
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.Canceled):
		// The worker stops, or asynq has lost its lease: it has the task back
		// and hears nothing of what is returned here.
		return h.release(ctx, v, delivery, err)
	case errors.Is(err, errNoSlot) && lastTry(ctx):
		// asynq hands it out no more. The attempt stays begun, and is made again when it
		// is overdue.
		return err
	case errors.Is(err, errNoSlot):
		h.log.Debug("no slot was free in time, the task goes back", "run", v.Run, "service", v.Unit)
		return h.release(ctx, v, delivery, err)
	case lastTry(ctx):
		return h.fail(ctx, v, delivery, err)
	}
	h.log.Warn("service not decided, will be tried again", "run", v.Run, "service", v.Unit, "err", err)
	return err
}

// addressOf reads a task's run and service off its ID, which is all that is left of
// one whose payload cannot be read.
func addressOf(ctx context.Context) (run, service string) {
	id, _ := asynq.GetTaskID(ctx)
	run, rest, _ := strings.Cut(id, "/")
	if i := strings.LastIndex(rest, "/"); i >= 0 {
		return run, rest[:i]
	}
	return "", ""
}

// acquire waits until the task may run: beside others, or with nobody beside it.
func (h *Handler) acquire(ctx context.Context) (leave func()) {
	if queue, _ := asynq.GetQueueName(ctx); strings.HasSuffix(queue, quarantineSuffix) {
		h.exclusive.Lock()
		return h.exclusive.Unlock
	}
	h.exclusive.RLock()
	return h.exclusive.RUnlock
}

// decide begins, checks and records. An error means that there is no verdict.
func (h *Handler) decide(ctx context.Context, v Task, delivery string) error {
	want := []string{v.Digest}
	if !h.sessions.has(v.Checker, v.Shared) {
		want = append(want, v.Shared)
	}
	leave, packed, err := h.ledger.Begin(ctx, v, delivery, want...)
	if err != nil || !leave {
		return err
	}
	var shared []byte
	if len(packed) > 1 {
		shared = packed[1]
	}
	result, err := h.check(ctx, v, packed[0], shared)
	if lacking := (errMissing{}); errors.As(err, &lacking) {
		return h.reportMissing(ctx, v, delivery, lacking)
	}
	if err != nil {
		return err
	}
	result.Worker = h.worker
	return h.record(ctx, v, delivery, result)
}

// check makes the verdict out of the fetched bytes.
func (h *Handler) check(ctx context.Context, v Task, packed, shared []byte) (verdict.Verdict, error) {
	if packed == nil {
		return verdict.Verdict{}, errMissing{v.Digest}
	}
	session, err := h.sessions.open(v.Checker, v.Shared, shared)
	if err != nil {
		return verdict.Verdict{}, err
	}
	if err := h.slots.take(ctx); err != nil {
		return verdict.Verdict{}, err
	}
	defer h.slots.free()
	files, err := bundle.Unpack(packed, bundle.Digest(v.Digest), h.unitLimit)
	if err != nil {
		return verdict.Verdict{}, fmt.Errorf("unpack %q: %w", v.Unit, err)
	}
	start := time.Now()
	decision, err := Check(ctx, session, verdict.Unit{Name: v.Unit, Files: files.FS()}, v.Regions, v.Timeout())
	took := time.Since(start)
	if ctx.Err() == nil {
		h.slots.record(took)
	}
	if err != nil {
		return verdict.Verdict{}, err
	}
	result := h.blank(v)
	result.Settle(decision)
	result.Micros = took.Microseconds()
	return result, nil
}

// blank is a verdict that says only what it is about.
func (h *Handler) blank(v Task) verdict.Verdict {
	b := verdict.Verdict{Unit: v.Unit, Digest: v.Digest, Shared: v.Shared, Checker: v.Checker, Attempt: v.Attempt, Worker: h.worker}
	if c := h.sessions.checkers[v.Checker]; c != nil {
		b.Engine = c.Engine()
	}
	return b
}

// record writes under a time of its own: what was decided is not lost because
// the task's time ran out a moment later.
func (h *Handler) record(ctx context.Context, v Task, delivery string, result verdict.Verdict) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	return h.ledger.Record(ctx, v, delivery, result)
}

// fail writes that the service could not be decided.
func (h *Handler) fail(ctx context.Context, v Task, delivery string, cause error) error {
	h.log.Error("service failed", "run", v.Run, "service", v.Unit, "err", cause)
	result := h.blank(v)
	result.Fail(cause.Error())
	if err := h.record(ctx, v, delivery, result); err != nil {
		return errors.Join(cause, err)
	}
	return nil
}

// refuse answers a payload that cannot be read: the service it names fails at
// once, for another try would read the same bytes.
func (h *Handler) refuse(ctx context.Context, v Task, cause error) error {
	if v.Run == "" || v.Unit == "" {
		return fmt.Errorf("%w: %w", cause, asynq.SkipRetry)
	}
	result := verdict.Verdict{Unit: v.Unit, Worker: h.worker}
	result.Fail(cause.Error())
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	return h.ledger.Refuse(ctx, v.Run, v.Unit, h.worker, result)
}

// release gives the attempt back undecided, when the worker stops or has no slot for it;
// asynq has the task again already, or puts it back without counting a try.
func (h *Handler) release(ctx context.Context, v Task, delivery string, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	return errors.Join(cause, h.ledger.Release(ctx, v, delivery))
}

// reportMissing tells the run that bytes are gone. The task is done: only an upload helps.
func (h *Handler) reportMissing(ctx context.Context, v Task, delivery string, lacking errMissing) error {
	h.log.Warn("bundle lacking", "run", v.Run, "service", v.Unit, "digest", lacking.digest)
	if err := h.ledger.Release(ctx, v, delivery); err != nil {
		return err
	}
	return h.ledger.Lacking(ctx, v, lacking.digest)
}

// lastTry says whether asynq will not hand this task out again.
func lastTry(ctx context.Context) bool {
	tried, _ := asynq.GetRetryCount(ctx)
	most, ok := asynq.GetMaxRetry(ctx)
	return ok && tried >= most
}

// timeoutError says that a check was given up. Most are not: its text is made when it
// is asked for.
type timeoutError struct{ after time.Duration }

func (e timeoutError) Error() string {
	return fmt.Sprintf("the check took longer than %s: raise --service-timeout or see what it waits for", e.after)
}

// Check runs one check for at most timeout and turns a panic into an error. A
// checker that does not honour its context is left behind, so that its slot is
// free again; the goroutine ends when the checker does.
func Check(ctx context.Context, s verdict.Session, u verdict.Unit, regions []string, timeout time.Duration) (verdict.Decision, error) {
	type outcome struct {
		decision verdict.Decision
		err      error
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, timeoutError{timeout})
	defer cancel()
	done := make(chan outcome, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- outcome{err: fmt.Errorf("the checker panicked: %v\n%s", p, debug.Stack())}
			}
		}()
		d, err := s.Check(ctx, u, regions)
		done <- outcome{d, err}
	}()
	select {
	case o := <-done:
		if o.err != nil && ctx.Err() != nil {
			return verdict.Decision{}, context.Cause(ctx)
		}
		return o.decision, o.err
	case <-ctx.Done():
		return verdict.Decision{}, context.Cause(ctx)
	}
}
