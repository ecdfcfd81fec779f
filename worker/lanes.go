package worker

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/hibiken/asynq"

	"github.com/seed306eabeb/muster/id"
)

// maxLanes is how many lanes a process serves: a repository may name any set of the commands that are
// offered, and each lane costs a server.
const maxLanes = 64

// lanes are those that a process serves, each with a server of its own. It is safe for concurrent
// use.
type lanes struct {
	handler *Handler
	fetch   FetchOptions
	ctx     context.Context // of the tasks

	mu      sync.Mutex
	open    map[string]*lane
	full    bool // that there are more has been told
	stopped bool
	closing sync.WaitGroup // lanes that are served no more, until their tasks have ended
}

// meetable says whether the process serves the queue of a lane and offers what it needs. A name that
// enqueuers do not give a lane is none.
func (ls *lanes) meetable(name string) bool {
	queue, needs := id.ParseLane(name)
	canonical := slices.Compact(slices.Sorted(slices.Values(needs)))
	return len(needs) > 0 && slices.Equal(needs, canonical) && ls.fetch.Queues[queue] > 0 && ls.handler.commands.offers(needs)
}

// serve makes the lanes given those that are served, as far as they can be met. What is under
// way in another one goes on.
func (ls *lanes) serve(names []string) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if ls.stopped {
		return
	}
	for name, l := range ls.open {
		if !slices.Contains(names, name) || !ls.meetable(name) {
			delete(ls.open, name)
			ls.fetch.Log.Info("lane is served no more", "lane", name)
			ls.closing.Go(l.shutdown)
		}
	}
	full := false
	for _, name := range names {
		switch {
		case ls.open[name] != nil || !ls.meetable(name):
		case len(ls.open) >= maxLanes:
			full = true
		default:
			ls.start(name)
		}
	}
	if full && !ls.full {
		ls.fetch.Log.Warn("more lanes are announced than a worker serves at once: the others wait until one of them is empty", "lanes", maxLanes)
	}
	ls.full = full
}

// start starts to serve a lane. mu must be held.
func (ls *lanes) start(name string) {
	_, needs := id.ParseLane(name)
	l := newLane(name, needs, ls.handler, ls.count)
	client := laneClient{&fetchBackoff{UniversalClient: ls.fetch.Redis, empty: new(emptyQueues), stopping: l.stopping}, l}
	o := ls.fetch
	o.Queues, o.Poll = map[string]int{name: 1}, laneRest
	// Each task has a claim before it is fetched: what bounds them is not asynq.
	l.server = asynq.NewServerFromRedisClient(client, config(ls.ctx, o, 2*ls.handler.CommandSlots, o.Timing.Forward))
	if err := l.server.Start(l); err != nil {
		ls.fetch.Log.Error("lane is not served, will be tried again", "lane", name, "err", err)
		return
	}
	ls.open[name] = l
	ls.fetch.Log.Info("lane is served", "lane", name)
}

// shutdown ends fetching and waits for the lane's tasks as Servers.Shutdown does.
func (l *lane) shutdown() {
	l.stop()
	l.server.Stop()
	l.server.Shutdown()
}

// count is how many lanes are served.
func (ls *lanes) count() int { return len(ls.names()) }

// names are the lanes that are served, sorted.
func (ls *lanes) names() []string {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	return slices.Sorted(maps.Keys(ls.open))
}

// letGo makes lanes fetch again that were held since something they need seemed lost.
func (ls *lanes) letGo() {
	for _, l := range ls.all() {
		l.hold(false)
	}
}

func (ls *lanes) all() []*lane {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	return slices.Collect(maps.Values(ls.open))
}

// stop ends fetching for good.
func (ls *lanes) stop() {
	ls.mu.Lock()
	ls.stopped = true
	ls.mu.Unlock()
	var wg sync.WaitGroup
	for _, l := range ls.all() {
		l.stop()
		wg.Go(l.server.Stop)
	}
	wg.Wait()
}

// shutdown waits for the tasks of all lanes, those that are served no more among them.
func (ls *lanes) shutdown() {
	ls.stop()
	for _, l := range ls.all() {
		ls.closing.Go(l.shutdown)
	}
	ls.closing.Wait()
}
