package worker

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

const (
	// laneWait bounds how long a fetch from a lane waits for a slot and for a task. The lease of what
	// it finds, of half a minute, began with it.
	laneWait = 5 * time.Second
	// laneRest is asynq's pause after such a fetch that found nothing.
	laneRest = 10 * time.Millisecond
	// quickPoll is the pause between two looks at a lane that is new or gave a task within the last busyFor:
	// the next tasks come when the enqueuer hears of a verdict.
	quickPoll = 20 * time.Millisecond
	busyFor   = time.Second
	// idlePoll is the longest pause between two looks at another one, until there are so many
	// lanes that they would look more often than maxLaneCalls a second together.
	idlePoll     = 250 * time.Millisecond
	maxLaneCalls = 40
	// shortCommand is the longest average time of tasks of a lane with which one is fetched before
	// it has a slot, and lead how long before a slot is likely to be free that nobody waits for: as long
	// as a few round trips may take. So it has its bytes when it gets the slot, and does not wait here while
	// another worker could begin it.
	shortCommand = time.Second
	lead         = 50 * time.Millisecond
	// arrivesWithin is how long after a fetch its task is with the handler at the latest, if it comes
	// at all: asynq refuses what it cannot read.
	arrivesWithin = 2 * time.Second
)

// lane serves the tasks of one queue that need the same commands. It fetches a task when there are
// slots for it, which the task then has.
type lane struct {
	name     string
	needs    []string
	handler  *Handler
	share    func() int    // how many lanes there are
	stopping chan struct{} // closed when fetching is to end
	stop     func()
	server   *asynq.Server
	changed  chan struct{} // of what admit looks at

	mu       sync.Mutex
	held     bool                 // nothing is fetched until the next look at what is offered
	arriving []*arrival           // fetched, and not with the handler yet; oldest first
	fetched  map[*claim]time.Time // of tasks that are here → when their check began, zero before
	mean     time.Duration        // how long checks take; the later one, the more it counts
	gave     time.Time            // when the lane last gave a task, or was announced, a moment before its first one
}

// arrival is the claim of a task that was fetched.
type arrival struct {
	claim *claim
	late  *time.Timer
}

func newLane(name string, needs []string, h *Handler, share func() int) *lane {
	l := &lane{name: name, needs: needs, handler: h, share: share, stopping: make(chan struct{}),
		changed: make(chan struct{}, 1), fetched: map[*claim]time.Time{}, gave: time.Now()}
	l.stop = sync.OnceFunc(func() { close(l.stopping) })
	return l
}

// laneClient is the Redis client of a lane's asynq server.
type laneClient struct {
	redis.UniversalClient
	lane *lane
}

func (c laneClient) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	run := func() *redis.Cmd { return c.UniversalClient.EvalSha(ctx, sha, keys, args...) }
	if !fetchesTask(keys) {
		return run()
	}
	return c.lane.fetch(ctx, run)
}

func (c laneClient) Eval(ctx context.Context, script string, keys []string, args ...any) *redis.Cmd {
	run := func() *redis.Cmd { return c.UniversalClient.Eval(ctx, script, keys, args...) }
	if !fetchesTask(keys) {
		return run()
	}
	return c.lane.fetch(ctx, run)
}

// fetch runs asynq's script when a task could begin, and again until it finds one. It replies
// that the lane is empty after laneWait, or when the lane is to stop. asynq would sleep after each
// such reply, and a slot would stand empty meanwhile.
func (l *lane) fetch(ctx context.Context, run func() *redis.Cmd) *redis.Cmd {
	over := time.NewTimer(laneWait)
	defer over.Stop()
	for l.mayFetch(over.C) {
		c := l.handler.commands.ask(l.needs)
		if !l.admit(c, over.C) {
			l.handler.commands.free(c)
			break
		}
		cmd := run()
		if cmd.Err() == nil {
			l.expect(c)
			return cmd
		}
		l.handler.commands.free(c)
		if !errors.Is(cmd.Err(), redis.Nil) || !l.pause(over.C) {
			return cmd
		}
	}
	return answer(ctx, redis.Nil)
}

// mayFetch waits until the lane is not held. It returns false if over says so before, or the lane
// is to stop.
func (l *lane) mayFetch(over <-chan time.Time) bool {
	for {
		if !l.isHeld() {
			return true
		}
		select {
		case <-l.stopping:
			return false
		case <-over:
			return false
		case <-l.changed:
		}
	}
}

// admit waits until a task may be fetched for a claim: it has its slots, or is likely to get
// them soon. It returns false if over says so before, or the lane is held or to stop.
func (l *lane) admit(c *claim, over <-chan time.Time) bool {
	for {
		held, left, ahead := l.outlook()
		soon := (<-chan time.Time)(nil)
		if ahead {
			timer := time.NewTimer(left)
			defer timer.Stop() // they are few: each turn is a check that has begun or ended
			soon = timer.C
		}
		select {
		case <-l.stopping:
			return false
		default:
		}
		select {
		case <-l.stopping:
			return false
		case <-over:
			return false
		case <-c.granted:
			return !held
		case <-soon:
			return true
		case <-l.changed:
		}
	}
}

// outlook says whether nothing is to be fetched now, and after how long a task may be fetched that
// has no slot yet, if any.
func (l *lane) outlook() (held bool, left time.Duration, ahead bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held || l.mean == 0 || l.mean > shortCommand {
		return l.held, 0, false
	}
	waiting, running := 0, []time.Time(nil)
	for c, began := range l.fetched {
		switch {
		case !c.has():
			waiting++
		case !began.IsZero():
			running = append(running, began)
		}
	}
	if waiting >= len(running) {
		return false, 0, false
	}
	slices.SortFunc(running, time.Time.Compare)
	return false, time.Until(running[waiting].Add(l.mean - lead)), true // the others end for those that wait
}

// pause waits between two looks at an empty lane. It returns false if over says so before, or
// the lane is to stop.
func (l *lane) pause(over <-chan time.Time) bool {
	timer := time.NewTimer(l.poll())
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-over:
		return false
	case <-l.stopping:
		return false
	}
}

func (l *lane) poll() time.Duration {
	l.mu.Lock()
	busy := time.Since(l.gave) < busyFor
	l.mu.Unlock()
	longest := max(idlePoll, time.Duration(l.share())*time.Second*5/4/maxLaneCalls)
	if busy {
		return quickPoll
	}
	return longest/5*3 + rand.N(longest/5*2)
}

// expect notes that a task was fetched, for which the handler will ask with seat.
func (l *lane) expect(c *claim) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gave = time.Now()
	l.fetched[c] = time.Time{}
	a := &arrival{claim: c}
	a.late = time.AfterFunc(arrivesWithin, func() {
		if l.forget(a) {
			l.handler.commands.free(c)
			l.end(c)
		}
	})
	l.arriving = append(l.arriving, a)
}

// forget says whether a task was still expected, and expects it no more.
func (l *lane) forget(a *arrival) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, other := range l.arriving {
		if other == a {
			l.arriving = append(l.arriving[:i], l.arriving[i+1:]...)
			return true
		}
	}
	return false
}

// seat is that of a task that has come. All tasks of a lane need the same, so that any may
// have the slots of any.
func (l *lane) seat() *commandSeat {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := &commandSeat{slots: l.handler.commands, lane: l, longest: l.handler.SlotWait}
	if len(l.arriving) > 0 {
		first := l.arriving[0]
		l.arriving = l.arriving[1:]
		first.late.Stop()
		s.claim = first.claim
		return s
	}
	s.claim = l.handler.commands.ask(l.needs)
	l.fetched[s.claim] = time.Time{}
	return s
}

// ProcessTask decides a task of the lane.
func (l *lane) ProcessTask(ctx context.Context, t *asynq.Task) error {
	s := l.seat()
	defer s.drop()
	return l.handler.process(ctx, t, l, s)
}

// begin notes that a task has its slots and is checked.
func (l *lane) begin(c *claim) {
	l.mu.Lock()
	l.fetched[c] = time.Now()
	l.mu.Unlock()
	l.change()
}

// record notes how long a check took.
func (l *lane) record(took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mean == 0 {
		l.mean = took
	}
	l.mean += (took - l.mean) / 4
}

// end notes that a task is here no more.
func (l *lane) end(c *claim) {
	l.mu.Lock()
	delete(l.fetched, c)
	l.mu.Unlock()
	l.change()
}

// hold keeps the lane from fetching, until it is let go: what it needs is lost, as it seems.
func (l *lane) hold(held bool) {
	l.mu.Lock()
	l.held = held
	l.mu.Unlock()
	l.change()
}

func (l *lane) isHeld() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.held
}

// change makes admit look again.
func (l *lane) change() {
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

// waiting is how many tasks are here that have no slot.
func (l *lane) waiting() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.fetched {
		if !c.has() {
			n++
		}
	}
	return n
}
