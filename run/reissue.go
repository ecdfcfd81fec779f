package run

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
)

// maxLost is how many units may be waiting to be re-issued.
const maxLost = 1024

// reissuer pushes the next attempt of what is lost. Any follower can be one, for
// everything it needs is in Redis; the ledger gives each attempt to one of them.
type reissuer struct {
	run    id.Run
	plan   ledger.Plan
	ledger *ledger.Ledger
	client *tasks.Client
	timing Timing
	lost   chan attempt // from the consumer: in flight for long
	// idle are the attempts that a worker had fetched and not begun when they were last
	// looked for.
	idle map[attempt]bool
	tell func(context.Context, message)
	log  *slog.Logger
}

// watch looks until ctx ends.
func (r *reissuer) watch(ctx context.Context) {
	tick := time.NewTicker(r.timing.Look)
	defer tick.Stop()
	steady := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			start := time.Now()
			attempts, err := r.inProgress(ctx)
			if err != nil || time.Since(start) > r.timing.Gap {
				steady = time.Now()
				continue
			}
			if time.Since(steady) >= r.timing.Steady {
				r.look(ctx, attempts)
				r.warn(ctx, r.find(ctx, attempts))
			}
		}
	}
}

// inProgress lists the attempts under way, from a Redis that takes writes: one that takes
// none, because it is full, hears no heartbeats.
func (r *reissuer) inProgress(ctx context.Context) ([]ledger.Attempt, error) {
	if err := r.ledger.MarkFollowed(ctx, r.run); err != nil {
		return nil, err
	}
	return r.ledger.InProgress(ctx, r.run)
}

// look re-issues the attempts in progress that will not end by themselves.
func (r *reissuer) look(ctx context.Context, attempts []ledger.Attempt) {
	lost, err := r.losses(ctx, attempts)
	if err != nil {
		r.warn(ctx, err)
		return
	}
	for _, l := range lost {
		r.log.Info("an attempt is lost: making another one", "service", l.Unit, "attempt", l.Number, "worker", l.Worker, "worker died", l.died)
		err := r.reissue(ctx, l.Unit, l.Number, l.accuses)
		r.warn(ctx, err)
		if err != nil && l.suspect {
			return // what its worker had begun besides is evidence, until this one is re-issued
		}
	}
}

// find looks for the tasks of attempts that have been in flight for long and were not begun,
// and re-issues those that nobody will begin: asynq does not have them any more, or a worker
// has fetched them twice as long ago and not begun. It asks for this run's own tasks: what
// else is in the queue says nothing of them. The consumer's next list is asked for.
func (r *reissuer) find(ctx context.Context, inProgress []ledger.Attempt) error {
	begun := make(map[id.Unit]bool, len(inProgress))
	for _, a := range inProgress {
		begun[a.Unit] = true
	}
	var doubtful []tasks.Task
	for range len(r.lost) {
		if a := <-r.lost; begun[a.unit] {
			r.tell(ctx, seen(a))
		} else {
			doubtful = append(doubtful, tasks.Task{Run: r.run, Unit: a.unit, Attempt: a.number})
		}
	}
	defer r.tell(ctx, lookForLost{})
	if len(doubtful) == 0 {
		return nil
	}
	states, err := r.client.States(ctx, r.plan.Queue, doubtful)
	if err != nil {
		return err
	}
	wasIdle := r.idle
	r.idle = map[attempt]bool{}
	var failed error
	for i, t := range doubtful {
		failed = errors.Join(failed, r.judge(ctx, attempt{t.Unit, t.Attempt}, states[i], wasIdle))
	}
	return failed
}

// judge re-issues an attempt that was not begun, if its task says that nobody will begin it.
func (r *reissuer) judge(ctx context.Context, a attempt, s tasks.State, wasIdle map[attempt]bool) error {
	switch {
	case s == tasks.Absent, s == tasks.Archived, s == tasks.Active && wasIdle[a]:
		r.log.Info("a task is lost: making another one", "service", a.unit, "attempt", a.number, "task", s)
		return r.reissue(ctx, a.unit, a.number, false)
	case s == tasks.Active:
		r.idle[a] = true
	}
	r.tell(ctx, seen(a))
	return nil
}

func (r *reissuer) warn(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		r.log.Warn("a lost service could not be re-issued yet", "err", err)
	}
}

// reissue asks the ledger for the attempt after one and pushes it, or writes that the
// unit has failed. died says that the attempt's worker died, perhaps of this unit.
func (r *reissuer) reissue(ctx context.Context, unit id.Unit, number int, died bool) error {
	digest, err := r.ledger.Digest(ctx, r.run, unit)
	if err != nil {
		return err
	}
	if digest == "" {
		// Redis was restarted without its last writes: who has the folder must say
		// again what is expected.
		r.tell(ctx, bundleMissing{unit, number})
		return nil
	}
	next, err := r.ledger.Reissue(ctx, r.run, unit, number, died)
	if err != nil {
		return err
	}
	switch next.Answer {
	case ledger.Taken:
		if next.Number < number { // a restarted Redis has forgotten the later ones
			return r.reissue(ctx, unit, next.Number, died)
		}
		r.tell(ctx, reissued{attempt{unit, next.Number}, false})
		return nil
	case ledger.Poisoned:
		return r.fail(ctx, unit, next.Number)
	case ledger.Again, ledger.Alone:
	default:
		return nil
	}
	now := attempt{unit, next.Number}
	task := taskOf(r.run, r.plan, now, digest)
	task.Suspect = next.Answer == ledger.Alone
	r.tell(ctx, reissued{now, task.Suspect})
	return r.client.Push(ctx, r.plan.Queue, task)
}

// fail writes the verdict of a unit that whole workers die of, although they decide it in
// a process of its own.
func (r *reissuer) fail(ctx context.Context, unit id.Unit, deaths int) error {
	about := verdict.Subject{Unit: unit, Shared: r.plan.Shared, Checker: r.plan.Checker}
	v := about.Failed(fmt.Sprintf("%d workers died, each while it verified this service in a process of its own", deaths))
	return r.ledger.RecordVerdict(ctx, r.log, r.run, ledger.AnyDigest, "condemned", v)
}

// taskOf is the task of one attempt in a run.
func taskOf(run id.Run, p ledger.Plan, a attempt, digest id.Digest) tasks.Task {
	return tasks.Task{Run: run, Unit: a.unit, Digest: digest, Shared: p.Shared, Checker: p.Checker,
		Regions: p.Regions, Attempt: a.number, TimeoutMS: p.TimeoutMS}
}
