package run

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
)

const (
	// lookEvery is how often the attempts under way are looked at.
	lookEvery = time.Second
	// silentAfter is the silence after which a worker counts as dead: five beats.
	silentAfter = 5 * time.Second
	// overdueAfter is what an attempt may take beyond the time of its check: the wait for
	// a slot and the round trips.
	overdueAfter = 5 * time.Second
	// steadyFor is how long Redis must have answered and taken writes without a gap
	// before anybody is condemned: the workers then have two beats to be heard again.
	steadyFor = 2500 * time.Millisecond
	// gap is what a look may take before it counts as one.
	gap = time.Second
)

// lost is a service whose task seems to have vanished: nothing waits, nothing is
// under way, and no verdict comes.
type lost struct {
	service string
	attempt int
}

// reissuer pushes the next attempt of what is lost. Any follower can be one, for
// everything it needs is in Redis; the ledger gives each attempt to one of them.
type reissuer struct {
	id     string
	plan   ledger.Plan
	ledger *ledger.Ledger
	client *tasks.Client
	lost   chan lost // from the consumer
	tell   func(context.Context, any)
	log    *slog.Logger
}

// run looks until ctx ends.
func (r *reissuer) run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	steady := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case l := <-r.lost:
			r.warn(ctx, r.next(ctx, l.service, l.attempt, false))
		case <-tick.C:
			// A Redis that takes no writes, because it is full, hears no beats.
			start := time.Now()
			err := r.ledger.MarkAlive(ctx, r.id, ledger.Follower)
			var attempts []ledger.Attempt
			if err == nil {
				attempts, err = r.ledger.InProgress(ctx, r.id)
			}
			if err != nil || time.Since(start) > gap {
				steady = time.Now()
				continue
			}
			if time.Since(steady) >= steadyFor {
				r.look(ctx, attempts)
			}
		}
	}
}

// look re-issues the attempts that will not end by themselves, and tells how many
// there are and how many tasks wait.
func (r *reissuer) look(ctx context.Context, attempts []ledger.Attempt) {
	limit := time.Duration(r.plan.TimeoutMS)*time.Millisecond + overdueAfter
	for _, a := range attempts {
		died := a.Silence > silentAfter
		if !died && a.Age <= limit {
			continue
		}
		r.log.Info("an attempt is lost: making another one", "service", a.Unit, "attempt", a.Number, "worker", a.Worker, "worker died", died)
		r.warn(ctx, r.next(ctx, a.Unit, a.Number, died))
	}
	if len(attempts) > 0 {
		return
	}
	if waiting, err := r.client.Waiting(r.plan.Queue); err == nil && waiting == 0 {
		r.tell(ctx, quiet{})
	}
}

func (r *reissuer) warn(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		r.log.Warn("a lost service could not be re-issued yet", "err", err)
	}
}

// next asks the ledger for the attempt after one and pushes it, or writes that the
// service has failed.
func (r *reissuer) next(ctx context.Context, service string, attempt int, died bool) error {
	digest, err := r.ledger.Digest(ctx, r.id, service)
	if err != nil {
		return err
	}
	if digest == "" {
		// Redis was restarted without its last writes: who has the folder must say
		// again what is expected.
		r.tell(ctx, lackingEvent{service, attempt})
		return nil
	}
	next, after, err := r.ledger.Reissue(ctx, r.id, service, attempt, died)
	if err != nil {
		return err
	}
	switch next {
	case ledger.Taken:
		if after < attempt { // a restarted Redis has forgotten the later ones
			return r.next(ctx, service, after, died)
		}
		r.tell(ctx, reissued{service, after, false})
		return nil
	case ledger.Condemned:
		return r.condemn(ctx, service, after)
	case ledger.Again, ledger.Alone:
	default:
		return nil
	}
	queue := r.plan.Queue
	if next == ledger.Alone {
		queue = tasks.Quarantine(queue)
	}
	r.tell(ctx, reissued{service, after, next == ledger.Alone})
	return r.client.Push(ctx, queue, tasks.Task{Run: r.id, Unit: service, Digest: digest, Shared: r.plan.Shared,
		Checker: r.plan.Checker, Regions: r.plan.Regions, Attempt: after, TimeoutMS: r.plan.TimeoutMS})
}

// condemn writes the verdict of a service that workers die of.
func (r *reissuer) condemn(ctx context.Context, service string, deaths int) error {
	v := verdict.Verdict{Unit: service, Shared: r.plan.Shared, Checker: r.plan.Checker}
	v.Fail(fmt.Sprintf("%d workers died while each verified this service and nothing else", deaths))
	return recordNow(ctx, r.ledger, r.log, r.id, ledger.AnyDigest, "condemned", v)
}
