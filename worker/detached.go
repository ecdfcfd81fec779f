package worker

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/reissue"
	"github.com/seed306eabeb/muster/tasks"
)

const (
	// mostClaimed is how many units one claim gives at most.
	mostClaimed = 256
	// pushes is how many of them are pushed at once, so that a distant Redis does not bound
	// the throughput.
	pushes = 64
	// claimPace is the pause between two claims while verdicts come in. It doubles up to
	// Timing.Detached while none does.
	claimPace = 25 * time.Millisecond
)

// detachedRuns looks after the runs whose enqueuers have left them to the workers: it pushes
// their tasks when their turn comes, re-issues what is lost, and ends those whose time is over.
// A lease gives each run to one of the workers at a time.
type detachedRuns struct {
	worker string
	queues []string
	ledger *ledger.Ledger
	client *tasks.Client
	timing Timing
	log    *slog.Logger

	mu     sync.Mutex
	tended map[id.Run]bool      // by this worker
	held   map[id.Run]time.Time // by another one, until then
	wg     sync.WaitGroup
}

// watch looks for runs until ctx ends, and returns when nothing of it goes on.
func (d *detachedRuns) watch(ctx context.Context) {
	defer d.wg.Wait()
	tick := time.NewTicker(d.timing.Detached)
	defer tick.Stop()
	for {
		d.look(ctx)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// look begins to look after the runs that this worker does not look after yet.
func (d *detachedRuns) look(ctx context.Context) {
	runs, err := d.ledger.DetachedRuns(ctx, d.queues)
	if err != nil && ctx.Err() == nil {
		d.log.Warn("the detached runs cannot be listed", "err", err)
	}
	d.forgetHeld()
	for _, run := range runs {
		if !d.take(run) {
			continue
		}
		d.wg.Go(func() {
			defer d.drop(run)
			if err := d.tend(ctx, run); err != nil && ctx.Err() == nil {
				d.log.Warn("a detached run is not looked after for now", "run", run, "err", err)
			}
		})
	}
}

func (d *detachedRuns) take(run id.Run) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.tended[run] || time.Now().Before(d.held[run]) {
		return false
	}
	d.tended[run] = true
	return true
}

// forgetHeld forgets the leases that have lapsed: their runs may be gone.
func (d *detachedRuns) forgetHeld() {
	d.mu.Lock()
	defer d.mu.Unlock()
	maps.DeleteFunc(d.held, func(_ id.Run, until time.Time) bool { return time.Now().After(until) })
}

// wait leaves a run alone while another worker has its lease.
func (d *detachedRuns) wait(run id.Run, held time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.held[run] = time.Now().Add(held)
}

func (d *detachedRuns) drop(run id.Run) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.tended, run)
}

// tend looks after one run until another worker has its lease, or it needs nobody any more.
func (d *detachedRuns) tend(ctx context.Context, run id.Run) error {
	h, err := d.ledger.Header(ctx, run)
	switch {
	case errors.Is(err, ledger.ErrGone):
		return d.ledger.EndDetached(ctx, d.queues, run, time.Time{})
	case errors.Is(err, ledger.ErrFormat): // a worker of another version looks after it
		return nil
	case err != nil:
		return err
	}
	t := newTending(d, h)
	for {
		c, err := t.claim(ctx)
		if err != nil {
			return err
		}
		switch c.Answer {
		case ledger.Granted:
		case ledger.Held:
			d.wait(run, c.Held)
			return nil
		case ledger.Replaced:
			return nil
		case ledger.Overdue:
			d.log.Warn("a detached run has taken too long: it ends", "run", run, "deadline", h.Deadline)
			return d.ledger.EndOverdue(ctx, run)
		default: // it has ended, is decided, or has an enqueuer again
			return d.ledger.EndDetached(ctx, d.queues, run, h.Started)
		}
		if err := t.turn(ctx, c); err != nil {
			return err
		}
	}
}

// tending is what a worker knows of a run that it looks after. It is the Observer of the run's
// attempts.
type tending struct {
	*detachedRuns
	header  ledger.Header
	reissue *reissue.Reissuer
	seenMu  sync.Mutex
	seen    []id.Unit // whose tasks are where they should be, by the last look
	looked  time.Time
	lanes   []string // of the run
	slots   []int    // of the workers that serve each lane
	quick   []int    // how many units of each lane are decided between two claims, or more
	last    ledger.Claimed
	pause   time.Duration
}

func newTending(d *detachedRuns, h ledger.Header) *tending {
	lanes := h.Plan.Lanes()
	n := len(lanes)
	t := &tending{detachedRuns: d, header: h, lanes: lanes, slots: make([]int, n), quick: make([]int, n), last: ledger.Claimed{Tasks: make([]int, n)}}
	t.reissue = reissue.New(reissue.Options{Run: h.ID, Plan: h.Plan, Ledger: d.ledger, Client: d.client, Timing: d.timing.Reissue, Observer: t, Log: d.log})
	return t
}

func (t *tending) claim(ctx context.Context) (ledger.Claimed, error) {
	windows := make([]int, len(t.lanes))
	for i, lane := range t.lanes {
		windows[i] = tasks.WindowOf(lane, t.slots[i], t.quick[i])
	}
	return t.ledger.Claim(ctx, t.header, ledger.Claim{Worker: t.worker, Lease: t.timing.Lease, Windows: windows,
		Quiet: t.timing.Reissue.Quiet, Most: mostClaimed})
}

// turn does what a claim asks for, and waits until the next one is due.
func (t *tending) turn(ctx context.Context, c ledger.Claimed) error {
	if err := t.push(ctx, c.Units); err != nil {
		return err
	}
	if time.Since(t.looked) >= t.timing.Detached {
		if err := t.look(ctx, c); err != nil {
			return err
		}
		t.looked = time.Now()
	}
	t.adapt(c)
	return ledger.Sleep(ctx, t.pause)
}

// push pushes the tasks of claimed units. What is not pushed, because Redis is away, is found
// like any other task that is lost.
func (t *tending) push(ctx context.Context, units []ledger.ClaimedUnit) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(pushes)
	for _, u := range units {
		g.Go(func() error {
			if !reissue.Known(t.header.Plan, u.Digest, u.Kind) {
				return t.reissue.Fail(ctx, u.Unit, "", "forgotten", "Redis has lost its digest or its kind: "+continueIt)
			}
			task := reissue.Task(t.header.ID, t.header.Plan, reissue.Attempt{Unit: u.Unit, Number: u.Attempt}, u.Digest, u.Kind)
			task.Suspect = u.Suspect
			return t.client.Push(ctx, t.header.Plan.Lane(u.Kind), task)
		})
	}
	return g.Wait()
}

// look counts the slots, says for whom there is work, and looks for what is lost: attempts, bytes,
// places in the list.
func (t *tending) look(ctx context.Context, c ledger.Claimed) (err error) {
	if total(c.Tasks) == 0 {
		if err := t.relist(ctx); err != nil {
			return err
		}
	}
	if err := t.ledger.Announce(ctx, t.lanes...); err != nil {
		return err
	}
	workers, err := t.ledger.Workers(ctx, t.timing.Reissue.Silent)
	if err != nil {
		return err
	}
	for i, lane := range t.lanes {
		t.slots[i] = 0
		for _, w := range workers {
			t.slots[i] += w.SlotsOf(lane)
		}
	}
	doubtful, err := t.failLacking(ctx, c.Doubtful)
	if err != nil {
		return err
	}
	t.seen = nil
	claimed := func(context.Context) error { return nil } // which Redis has just written down
	t.reissue.Look(ctx, claimed, func() []reissue.Attempt {
		all := make([]reissue.Attempt, len(doubtful))
		for i, u := range doubtful {
			all[i] = reissue.Attempt{Unit: u.Unit, Number: u.Attempt}
		}
		return all
	})
	return t.ledger.SeenTo(ctx, t.header.ID, t.seen)
}

// relist lists again what is undecided, where nothing waits any more and nothing has a task.
func (t *tending) relist(ctx context.Context) error {
	h, err := t.ledger.Header(ctx, t.header.ID)
	if err != nil || !h.AllPushed || h.Total < 0 || h.Decided >= h.Total {
		return err
	}
	return t.ledger.Relist(ctx, t.header)
}

// continueIt is what helps where Redis has lost what only the checkout has.
const continueIt = "continue the run from the checkout with `enqueue run --run-id RUN`"

// failLacking writes that units have failed of which Redis has lost the bytes, and returns the
// others. Nobody who looks after a detached run has the folders, and a window full of such units would
// let no other one through. A first attempt in vain may have another cause.
func (t *tending) failLacking(ctx context.Context, doubtful []ledger.ClaimedUnit) ([]ledger.ClaimedUnit, error) {
	var again []id.Unit
	for _, u := range doubtful {
		if u.Attempt > t.header.FirstAttempt() {
			again = append(again, u.Unit)
		}
	}
	lacking, err := t.ledger.Lacking(ctx, t.header, again)
	for _, unit := range lacking {
		err = errors.Join(err, t.reissue.Fail(ctx, unit, "", "lacking", "its files are no longer in Redis: "+continueIt))
	}
	return slices.DeleteFunc(doubtful, func(u ledger.ClaimedUnit) bool { return slices.Contains(lacking, u.Unit) }), err
}

func total(tasks []int) (n int) {
	for _, some := range tasks {
		n += some
	}
	return n
}

// adapt widens the window of a lane when most of it was decided since the last claim, and narrows it
// when most was not; and claims less often while nothing moves.
func (t *tending) adapt(c ledger.Claimed) {
	left := slices.Clone(c.Tasks)
	for _, u := range c.Units {
		left[max(0, slices.Index(t.lanes, t.header.Plan.Lane(u.Kind)))]--
	}
	for i, lane := range t.lanes {
		switch before := t.last.Tasks[i]; {
		case left[i]*4 < before:
			t.quick[i] = tasks.WindowOf(lane, t.slots[i], 2*before)
		case left[i]*2 > before:
			t.quick[i] /= 2
		}
	}
	if moved := c.Decided != t.last.Decided || len(c.Units) > 0; moved {
		t.pause = claimPace
	} else {
		t.pause = min(2*t.pause, t.timing.Detached)
	}
	t.last = c
}

func (t *tending) Seen(_ context.Context, a reissue.Attempt) {
	t.seenMu.Lock()
	defer t.seenMu.Unlock()
	t.seen = append(t.seen, a.Unit)
}

func (t *tending) Reissued(ctx context.Context, a reissue.Attempt, _ bool) { t.Seen(ctx, a) }

// Forgotten leaves the unit to an enqueuer that continues the run.
func (t *tending) Forgotten(ctx context.Context, a reissue.Attempt) {
	t.log.Warn("Redis has lost a unit's digest or kind: "+continueIt, "run", t.header.ID, "unit", a.Unit)
	t.Seen(ctx, a)
}
