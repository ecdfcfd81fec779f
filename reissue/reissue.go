// Package reissue finds the attempts of a run that will not end by themselves, and pushes
// the next ones.
//
// Any process that looks after a run can do that, for everything it needs is in Redis; the
// ledger gives each attempt to one of them.
package reissue

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
)

// Timing is how long processes may be silent.
type Timing struct {
	Quiet   time.Duration // in flight and not begun, before a task is looked for
	Silent  time.Duration // without a heartbeat, before a worker counts as dead: five of them
	Idle    time.Duration // between two looks that find a task fetched and not begun, before it counts as lost
	Overdue time.Duration // what an attempt may take beyond the time of its check: the wait for a slot and the round trips
	// Steady is how long Redis must have answered and taken writes without a gap before
	// anybody is given up: the workers then have two heartbeats to be heard again.
	Steady time.Duration
	Gap    time.Duration // what a look may take before it counts as a gap
}

// DefaultTiming is that of a released program.
func DefaultTiming() Timing {
	return Timing{Quiet: 5 * time.Second, Silent: 5 * time.Second, Idle: 2 * time.Second, Overdue: 5 * time.Second, Steady: 2500 * time.Millisecond, Gap: time.Second}
}

// Attempt is one try to have a unit decided.
type Attempt struct {
	Unit   id.Unit
	Number int
}

// Observer hears what is found, during Look, from several goroutines at once.
type Observer interface {
	// Seen: the attempt waits, or a worker is at it.
	Seen(context.Context, Attempt)
	// Reissued: this attempt is the current one. A suspect's is made because a worker died.
	Reissued(ctx context.Context, a Attempt, suspect bool)
	// Forgotten: Redis does not know any more which bytes are expected, or of which kind the unit
	// is. Who has the folder must say it again.
	Forgotten(context.Context, Attempt)
}

// Options say which run is looked after.
type Options struct {
	Run      id.Run
	Plan     ledger.Plan
	Ledger   *ledger.Ledger
	Client   *tasks.Client
	Timing   Timing
	Observer Observer
	Log      *slog.Logger
}

// Reissuer looks after one run. It is for one goroutine.
type Reissuer struct {
	Options
	steady time.Time // since when Redis has answered without a gap
	// idle are the attempts that a worker had fetched and not begun when they were last
	// looked for, and when that was.
	idle map[Attempt]time.Time
}

// New makes a Reissuer, which trusts Redis from now on.
func New(o Options) *Reissuer {
	return &Reissuer{Options: o, steady: time.Now(), idle: map[Attempt]time.Time{}}
}

// Look makes one look: it re-issues the attempts in progress that will not end, and those of
// doubtful that nobody will begin. probe writes to Redis: one that takes no writes, because it
// is full, hears no heartbeats. Look says false, and has not called doubtful, while Redis has
// not been steady for long enough to give anybody up.
func (r *Reissuer) Look(ctx context.Context, probe func(context.Context) error, doubtful func() []Attempt) bool {
	start := time.Now()
	attempts, err := r.inProgress(ctx, probe)
	if err != nil || time.Since(start) > r.Timing.Gap {
		r.steady = time.Now()
		return false
	}
	if time.Since(r.steady) < r.Timing.Steady {
		return false
	}
	r.endings(ctx, attempts)
	r.warn(ctx, r.find(ctx, attempts, doubtful()))
	return true
}

func (r *Reissuer) inProgress(ctx context.Context, probe func(context.Context) error) ([]ledger.Attempt, error) {
	if err := probe(ctx); err != nil {
		return nil, err
	}
	return r.Ledger.InProgress(ctx, r.Run)
}

// endings re-issues the attempts in progress that will not end by themselves, suspects first:
// what their workers had begun besides is evidence until they are re-issued.
func (r *Reissuer) endings(ctx context.Context, attempts []ledger.Attempt) {
	lost, err := r.losses(ctx, attempts)
	if err != nil {
		r.warn(ctx, err)
		return
	}
	suspects, others := part(lost)
	if err := r.each(ctx, suspects); err != nil {
		r.warn(ctx, err)
		return
	}
	r.warn(ctx, r.each(ctx, others))
}

// each re-issues what is lost, many at a time: each takes several round trips.
func (r *Reissuer) each(ctx context.Context, lost []loss) error {
	return together(lost, func(l loss) error {
		r.Log.Info("an attempt is lost: making another one", "unit", l.Unit, "attempt", l.Number, "worker", l.Worker, "worker died", l.died)
		return r.reissue(ctx, Attempt{l.Unit, l.Number}, l.accuses)
	})
}

// atOnce is how many attempts are re-issued at a time.
const atOnce = 64

// together calls do for all, and returns the first error when all calls have ended.
func together[T any](all []T, do func(T) error) error {
	var g errgroup.Group
	g.SetLimit(atOnce)
	for _, one := range all {
		g.Go(func() error { return do(one) })
	}
	return g.Wait()
}

// idleKept is how long it is remembered that an attempt was idle: longer than between two
// looks for the same attempt, whatever else is looked for in between.
const idleKept = time.Minute

// find looks for the tasks of attempts that have been in flight for long and were not begun,
// and re-issues those that nobody will begin: asynq does not have them any more, or a worker
// has fetched them and not begun, at two looks. It asks for this run's own tasks: what
// else is in the queue says nothing of them.
func (r *Reissuer) find(ctx context.Context, inProgress []ledger.Attempt, doubtful []Attempt) error {
	asked, err := r.unbegun(ctx, inProgress, doubtful)
	if err != nil || len(asked) == 0 {
		return err
	}
	states, err := r.Client.States(ctx, asked)
	if err != nil {
		return err
	}
	maps.DeleteFunc(r.idle, func(_ Attempt, at time.Time) bool { return time.Since(at) > idleKept })
	var lost []Attempt
	for i, t := range asked {
		a := Attempt{t.Unit, t.Attempt}
		switch idle, nobody := r.judge(a, states[i]); {
		case nobody:
			r.Log.Info("a task is lost: making another one", "unit", a.Unit, "attempt", a.Number, "task", states[i])
			lost = append(lost, a)
		case !idle: // what is idle is asked for again at the next look
			r.Observer.Seen(ctx, a)
		}
	}
	return together(lost, func(a Attempt) error { return r.reissue(ctx, a, false) })
}

// unbegun are the tasks of those attempts that no worker is at, and that were pushed: a unit
// that waits in the list of a detached run has none.
func (r *Reissuer) unbegun(ctx context.Context, inProgress []ledger.Attempt, doubtful []Attempt) ([]tasks.Placed, error) {
	there := make(map[id.Unit]bool, len(inProgress))
	for _, a := range inProgress {
		there[a.Unit] = true
	}
	units := make([]id.Unit, len(doubtful))
	for i, a := range doubtful {
		units[i] = a.Unit
	}
	waiting, err := r.Ledger.Waiting(ctx, r.Run, units)
	if err != nil {
		return nil, err
	}
	lanes, err := r.Ledger.LanesOf(ctx, r.Run, r.Plan, units)
	if err != nil {
		return nil, err
	}
	var asked []tasks.Placed
	for _, a := range doubtful {
		if there[a.Unit] || waiting[a.Unit] {
			r.Observer.Seen(ctx, a)
		} else {
			asked = append(asked, tasks.Placed{Queue: lanes[a.Unit], Task: tasks.Task{Run: r.Run, Unit: a.Unit, Attempt: a.Number}})
		}
	}
	return asked, nil
}

// judge says of an attempt that was not begun whether nobody will begin it, by the state of its
// task, or whether it is idle: fetched, and not begun yet. A worker that is alive begins what it
// has fetched within two round trips.
func (r *Reissuer) judge(a Attempt, s tasks.State) (idle, nobody bool) {
	since, wasIdle := r.idle[a]
	switch {
	case s == tasks.Active && !wasIdle:
		r.idle[a] = time.Now()
		return true, false
	case s == tasks.Active && time.Since(since) < r.Timing.Idle:
		return true, false
	}
	delete(r.idle, a)
	return false, s == tasks.Absent || s == tasks.Archived || s == tasks.Active
}

func (r *Reissuer) warn(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		r.Log.Warn("a lost unit could not be re-issued yet", "err", err)
	}
}

// reissue asks the ledger for the attempt after one and pushes it, or writes that the
// unit has failed. died says that the attempt's worker died, perhaps of this unit.
func (r *Reissuer) reissue(ctx context.Context, a Attempt, died bool) error {
	digest, kind, err := r.Ledger.Digest(ctx, r.Run, a.Unit)
	if err != nil {
		return err
	}
	if !Known(r.Plan, digest, kind) { // Redis was restarted without its last writes
		r.Observer.Forgotten(ctx, a)
		return nil
	}
	next, err := r.Ledger.Reissue(ctx, r.Run, a.Unit, a.Number, died)
	if err != nil {
		return err
	}
	now := Attempt{a.Unit, next.Number}
	switch next.Answer {
	case ledger.Taken:
		if next.Number < a.Number { // a restarted Redis has forgotten the later ones
			return r.reissue(ctx, now, died)
		}
		r.Observer.Reissued(ctx, now, false)
		return nil
	case ledger.Poisoned:
		// Whole workers die of it, although they decide it in a process of its own.
		return r.Fail(ctx, a.Unit, kind, "condemned", fmt.Sprintf("%d workers died, each while it verified this unit in a process of its own", next.Number))
	case ledger.Again, ledger.Alone:
	default:
		return nil
	}
	task := Task(r.Run, r.Plan, now, digest, kind)
	task.Suspect = next.Answer == ledger.Alone
	r.Observer.Reissued(ctx, now, task.Suspect)
	return r.Client.Push(ctx, r.Plan.Lane(kind), task)
}

// Fail writes that a unit has failed, whatever its bytes are. kind is the plan's, "" where it is
// not known. by says who does, in place of a delivery.
func (r *Reissuer) Fail(ctx context.Context, unit id.Unit, kind string, by id.Delivery, cause string) error {
	k, _ := r.Plan.Of(kind)
	v := verdict.Subject{Unit: unit, Path: r.Plan.Path(unit), Shared: k.Shared}.Undecided(cause, k.Checks...)
	v.V = verdict.Accepted(r.Plan.Accept)
	return r.Ledger.RecordVerdict(ctx, r.Log, r.Run, ledger.AnyDigest, by, v)
}

// Known says whether a task can be made of what Redis tells of a unit in a run.
func Known(p ledger.Plan, digest id.Digest, kind string) bool {
	_, ok := p.Of(kind)
	return ok && digest != ""
}

// Task is the task of one attempt at a unit of a kind in a run.
func Task(run id.Run, p ledger.Plan, a Attempt, digest id.Digest, kind string) tasks.Task {
	k, _ := p.Of(kind)
	t := tasks.Task{Run: run, Unit: a.Unit, Digest: digest, Shared: k.Shared, Checks: k.Checks, Kind: kind,
		Regions: p.Regions, Attempt: a.Number, TimeoutMS: p.TimeoutMS, Path: p.Path(a.Unit), Accept: p.Accept}
	if c := p.Cache; c != nil && k.MaxBytes > 0 {
		t.Cache = &tasks.Cache{Domains: c.Domains, Objects: c.Objects, MaxBytes: k.MaxBytes, Read: c.Read, Write: c.Write}
	}
	return t
}
