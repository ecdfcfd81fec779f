package run

import (
	"context"
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
	lost   chan attempt // from the consumer: their tasks seem to have vanished
	tell   func(context.Context, message)
	log    *slog.Logger
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
		case l := <-r.lost:
			r.warn(ctx, r.reissue(ctx, l.unit, l.number, false))
		case <-tick.C:
			start := time.Now()
			attempts, err := r.inProgress(ctx)
			if err != nil || time.Since(start) > r.timing.Gap {
				steady = time.Now()
				continue
			}
			if time.Since(steady) >= r.timing.Steady {
				r.look(ctx, attempts)
			}
		}
	}
}

// inProgress lists the attempts under way, from a Redis that takes writes: one that takes
// none, because it is full, hears no heartbeats.
func (r *reissuer) inProgress(ctx context.Context) ([]ledger.Attempt, error) {
	if err := r.ledger.MarkAlive(ctx, r.run, ledger.Follower); err != nil {
		return nil, err
	}
	return r.ledger.InProgress(ctx, r.run)
}

// look re-issues the attempts that will not end by themselves, and tells when nothing is
// under way and no task waits.
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
	if len(attempts) > 0 {
		return
	}
	if waiting, err := r.client.Waiting(r.plan.Queue); err == nil && waiting == 0 {
		r.tell(ctx, queueIdle{})
	}
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
