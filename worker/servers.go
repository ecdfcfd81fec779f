package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/tasks"
)

// errStopping is the cause with which a handler's context is cancelled when its worker
// stops.
var errStopping = errors.New("the worker is stopping")

const (
	// maxIdleCalls bounds how often per second an idle worker process fetches. With 32
	// fetchers, heartbeats and what else asynq looks after add some sixty calls.
	maxIdleCalls = 70
	// minPoll is the shortest pause between two looks of an idle process at its queues.
	minPoll = 30 * time.Millisecond
	// prefetchPoll is the pause between two fetches of the server that prefetches.
	prefetchPoll = 400 * time.Millisecond
)

// FetchOptions say how a process fetches tasks.
type FetchOptions struct {
	Redis  redis.UniversalClient
	Queues map[string]int // queue → weight
	// Fetchers is the number of asynq servers that fetch tasks for free slots. Each
	// fetches one task a round trip, whatever its concurrency. It is at least 1, and at
	// most the handler's concurrency.
	Fetchers int
	// Poll is the pause between two looks of an idle process at its queues; 0 stands for the shortest
	// one that keeps an idle process under 200 calls a second in all.
	Poll time.Duration
	// ShutdownTimeout is how long Shutdown waits for tasks in progress.
	ShutdownTimeout time.Duration
	Timing          Timing
	Log             *slog.Logger
}

// perCore is how many tasks keep a core busy. A check is CPU work with round trips around
// it: the more tasks there are at once, the more of them share a write to Redis and a
// read from it. With many more, one worker would hold tasks that another one could begin.
const perCore = 16

// ConcurrencyFor is how many tasks at once suit a process with so many cores.
func ConcurrencyFor(cores int) int { return perCore * cores }

// maxFetchers is the number of servers beyond which a process gains nothing.
const maxFetchers = 32

// FetchersFor is how many servers suit a process: one for two tasks, so that one of them
// is worked on while the other is fetched.
func FetchersFor(concurrency int) int { return min((concurrency+1)/2, maxFetchers) }

func (o FetchOptions) poll() time.Duration {
	if o.Poll > 0 {
		return o.Poll
	}
	return max(minPoll, time.Duration(len(o.Queues))*time.Second/maxIdleCalls)
}

// Servers are the asynq servers of one process.
type Servers struct {
	handler  *Handler
	empty    emptyQueues
	all      []*asynq.Server
	lanes    *lanes
	stopping chan struct{} // closed when fetching is to end
	stop     func()
	cancel   context.CancelCauseFunc
}

// StartServers starts the servers that fetch for a handler. The caller must call
// Shutdown.
func StartServers(h *Handler, o FetchOptions) (*Servers, error) {
	o.Timing = cmp.Or(o.Timing, DefaultTiming())
	concurrency := h.Concurrency
	if o.Fetchers < 1 || o.Fetchers > concurrency {
		return nil, fmt.Errorf("%d fetchers: want 1 to the concurrency, which is %d", o.Fetchers, concurrency)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	s := &Servers{handler: h, stopping: make(chan struct{}), cancel: cancel}
	s.stop = sync.OnceFunc(func() { close(s.stopping) })
	s.lanes = &lanes{handler: h, fetch: o, ctx: ctx, open: map[string]*lane{}}
	fetch, w := o, newWatch(o.poll(), pendingIn(o.Redis, slices.Sorted(maps.Keys(o.Queues))))
	fetch.Poll = laneRest
	for i := range o.Fetchers {
		share := (concurrency - i + o.Fetchers - 1) / o.Fetchers
		forward := rarely
		if i == 0 {
			forward = o.Timing.Forward // one server puts the tasks to be retried back, for all
		}
		c := s.withBackoff(o.Redis)
		c.turn = &turn{watch: w, queues: len(o.Queues)}
		if err := s.start(ctx, c, fetch, share, forward); err != nil {
			return nil, err
		}
	}
	if err := s.start(ctx, prefetch{s.withBackoff(o.Redis), h, s.stopping}, o.prefetching(), concurrency, rarely); err != nil {
		return nil, err
	}
	if err := s.start(ctx, s.withBackoff(o.Redis), o.quarantine(), concurrency, o.Timing.Forward); err != nil {
		return nil, err
	}
	return s, nil
}

// rarely is the pace of the housekeeping that is not urgent, or that another server does.
const rarely = time.Minute

// withBackoff makes the Redis client of one server.
func (s *Servers) withBackoff(c redis.UniversalClient) *fetchBackoff {
	return &fetchBackoff{UniversalClient: c, empty: &s.empty, stopping: s.stopping}
}

// start starts one server, or stops all if it fails. forward is how often the server puts
// tasks that are to be retried back into their queues.
func (s *Servers) start(ctx context.Context, c redis.UniversalClient, o FetchOptions, concurrency int, forward time.Duration) error {
	server := asynq.NewServerFromRedisClient(c, config(ctx, o, concurrency, forward))
	if err := server.Start(s.handler); err != nil {
		s.Shutdown()
		return fmt.Errorf("start fetching: %w", err)
	}
	s.all = append(s.all, server)
	return nil
}

// prefetching returns the options of the one server that prefetches.
func (o FetchOptions) prefetching() FetchOptions {
	o.Poll = cmp.Or(o.Poll, prefetchPoll)
	return o
}

// quarantine returns the options of the one server that fetches from the queues'
// quarantine lanes. Only enqueuers of the version before put tasks there.
func (o FetchOptions) quarantine() FetchOptions {
	lanes := make(map[string]int, len(o.Queues))
	for q, weight := range o.Queues {
		lanes[tasks.Quarantine(q)] = weight
	}
	o.Queues, o.Poll = lanes, max(o.Poll, o.Timing.Quarantine)
	return o
}

func config(ctx context.Context, o FetchOptions, concurrency int, forward time.Duration) asynq.Config {
	return asynq.Config{
		Concurrency:              concurrency,
		Queues:                   o.Queues,
		BaseContext:              func() context.Context { return ctx },
		TaskCheckInterval:        o.poll(),
		DelayedTaskCheckInterval: forward,
		JanitorInterval:          rarely,
		RetryDelayFunc:           o.retryDelay,
		IsFailure:                costsTry,
		ShutdownTimeout:          max(o.ShutdownTimeout, time.Millisecond),
		Logger:                   asynqLog{o.Log},
		LogLevel:                 asynq.InfoLevel,
	}
}

// retryDelay is short: a task is mostly undecided because Redis does not answer for a
// moment, and a run waits for its slowest unit. A task that found no free slot here, or not what
// it needs, may find it elsewhere at once.
func (o FetchOptions) retryDelay(tried int, err error, _ *asynq.Task) time.Duration {
	if errors.Is(err, errNoSlot) || errors.Is(err, errLost) {
		return 0
	}
	return min(time.Duration(1<<min(tried, 6))*o.Timing.Retry/2, 10*o.Timing.Retry)
}

// Stop ends fetching; tasks in progress go on.
func (s *Servers) Stop() {
	s.stop()
	var wg sync.WaitGroup
	for _, server := range s.all {
		wg.Go(server.Stop) // each may be in asynq's pause between two looks at its queues
	}
	wg.Go(s.lanes.stop)
	wg.Wait()
}

// Shutdown ends fetching, waits up to ShutdownTimeout for the tasks in progress, puts the
// rest back into their queues, and waits until their handlers return.
func (s *Servers) Shutdown() {
	s.Stop()
	var wg sync.WaitGroup
	for _, server := range s.all {
		wg.Go(server.Shutdown)
	}
	wg.Go(s.lanes.shutdown)
	wg.Wait()
	s.cancel(errStopping)
	s.handler.active.Wait()
}

// asynqLog logs asynq's messages. Its informational ones are logged at debug level,
// because they are about asynq's insides.
type asynqLog struct{ log *slog.Logger }

func (l asynqLog) Debug(args ...any) { l.log.Debug(fmt.Sprint(args...)) }
func (l asynqLog) Info(args ...any)  { l.log.Debug(fmt.Sprint(args...)) }
func (l asynqLog) Warn(args ...any)  { l.log.Warn(fmt.Sprint(args...)) }
func (l asynqLog) Error(args ...any) {
	if text := fmt.Sprint(args...); !aboutSubscription(text) {
		l.log.Error(text)
	}
}

func (l asynqLog) Fatal(args ...any) { l.log.Error(fmt.Sprint(args...)) }
