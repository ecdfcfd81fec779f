package tasks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// Retries is how often asynq delivers a task again that the handler could not decide.
// With the last delivery the handler records a failed verdict.
const Retries = 2

// grace is what asynq allows a handler beyond the check: time to begin, to wait for a
// slot, to record, and to notice the check's timeout first.
const grace = 30 * time.Second

// limit is how long asynq allows a handler. The checks of a suspect may be made twice.
func (t Task) limit() time.Duration {
	if t.Suspect {
		return 2*t.Longest() + grace
	}
	return t.Longest() + grace
}

// Client pushes tasks and looks at the queues. It is safe for concurrent use and
// does not own its connections.
type Client struct {
	push    *asynq.Client
	inspect *asynq.Inspector
	redis   redis.UniversalClient
}

// NewClient makes a client that pushes through bulk, which may pipeline, and inspects
// through plain.
func NewClient(bulk, plain redis.UniversalClient) *Client {
	return &Client{asynq.NewClientFromRedisClient(bulk), asynq.NewInspectorFromRedisClient(plain), plain}
}

// Push puts a task into a queue. A task that is in the queue already counts as pushed,
// because the reply to an earlier push was lost.
func (c *Client) Push(ctx context.Context, queue string, t Task) error {
	b, err := t.Encode()
	if err != nil {
		return fmt.Errorf("push the task of %q: %w", t.Unit, err)
	}
	_, err = c.push.EnqueueContext(ctx, asynq.NewTask(TypeVerify, b), asynq.Queue(queue), asynq.TaskID(t.ID()),
		asynq.MaxRetry(Retries), asynq.Timeout(t.limit()))
	if err != nil && !errors.Is(err, asynq.ErrTaskIDConflict) {
		return fmt.Errorf("push the task of %q: %w", t.Unit, err)
	}
	return nil
}

// State is where a task is.
type State string

// The states in which asynq keeps a task, and one of ours.
const (
	Absent   State = ""         // asynq does not have it
	Pending  State = "pending"  // it waits in its queue
	Active   State = "active"   // a worker has fetched it
	Retry    State = "retry"    // it waits for another try
	Archived State = "archived" // it is not tried again
)

// searched is how long a list of pending tasks may be to be searched for one: a longer one
// costs Redis too much, and has lost nothing but with all the rest.
const searched = 2000

// States looks where tasks of a queue and of its quarantine lane are, in two round trips. It
// reads what asynq v0.26 keeps: a hash for each task, and a list or sorted set for each state. A
// task whose hash speaks of a list that does not have it is Absent: nobody will fetch it.
func (c *Client) States(ctx context.Context, queue string, all []Task) ([]State, error) {
	lanes := []*lane{newLane(queue, len(all)), newLane(Quarantine(queue), len(all))}
	for _, ask := range []func(*lane, redis.Pipeliner){
		func(l *lane, p redis.Pipeliner) { l.askStates(ctx, p, all) },
		func(l *lane, p redis.Pipeliner) { l.search(ctx, p, all) },
	} {
		_, err := c.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, l := range lanes {
				ask(l, p)
			}
			return nil
		})
		if err != nil && !errors.Is(err, redis.Nil) {
			return nil, fmt.Errorf("look for %d tasks in queue %s: %w", len(all), queue, err)
		}
	}
	states := make([]State, len(all))
	for i := range states {
		states[i] = cmp.Or(lanes[0].state(i), lanes[1].state(i))
	}
	return states, nil
}

// lane is what was asked of one queue.
type lane struct {
	key     string
	pending *redis.IntCmd // how many
	hashes  []*redis.StringCmd
	places  []redis.Cmder // in the list or set of the task's state; nil where that is not asked
}

func newLane(queue string, n int) *lane {
	return &lane{key: "asynq:{" + queue + "}:", hashes: make([]*redis.StringCmd, n), places: make([]redis.Cmder, n)}
}

func (l *lane) askStates(ctx context.Context, p redis.Pipeliner, all []Task) {
	l.pending = p.LLen(ctx, l.key+"pending")
	for i, t := range all {
		l.hashes[i] = p.HGet(ctx, l.key+"t:"+t.ID(), "state")
	}
}

func (l *lane) search(ctx context.Context, p redis.Pipeliner, all []Task) {
	for i, t := range all {
		switch s := State(l.hashes[i].Val()); {
		case s == Pending && l.pending.Val() <= searched:
			l.places[i] = p.LPos(ctx, l.key+"pending", t.ID(), redis.LPosArgs{})
		case s == Retry:
			l.places[i] = p.ZScore(ctx, l.key+"retry", t.ID())
		}
	}
}

// state is that of the i-th task asked for. A task that has moved on between the two looks is
// taken for absent once, which costs an attempt.
func (l *lane) state(i int) State {
	if place := l.places[i]; place != nil && errors.Is(place.Err(), redis.Nil) {
		return Absent
	}
	return State(l.hashes[i].Val())
}

// Paused says whether a queue is paused, as an operator may do with asynq's tools: no worker
// takes a task from it then.
func (c *Client) Paused(ctx context.Context, queue string) (bool, error) {
	n, err := c.redis.Exists(ctx, "asynq:{"+queue+"}:paused").Result()
	if err != nil {
		return false, fmt.Errorf("look whether queue %s is paused: %w", queue, err)
	}
	return n > 0, nil
}

// Drop deletes a task that waits. A task that is gone or in progress is left alone.
func (c *Client) Drop(queue string, t Task) error {
	err := c.inspect.DeleteTask(queue, t.ID())
	if err == nil || errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound) {
		return nil
	}
	// An active task cannot be deleted; asynq says so in the text of its error only.
	if info, infoErr := c.inspect.GetTaskInfo(queue, t.ID()); infoErr != nil || info.State == asynq.TaskStateActive {
		return nil
	}
	return fmt.Errorf("drop the task of %q: %w", t.Unit, err)
}
