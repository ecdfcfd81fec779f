package tasks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/id"
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

// Placed is a task, and the queue that it was pushed into.
type Placed struct {
	Queue string
	Task
}

// States looks where tasks are, each in its queue and in that one's quarantine lane, in two round
// trips. It reads what asynq v0.26 keeps: a hash for each task, and a list or sorted set for each
// state. A task whose hash speaks of a list that does not have it is Absent: nobody will fetch it.
func (c *Client) States(ctx context.Context, all []Placed) ([]State, error) {
	looks, pending := looksFor(all), map[string]*redis.IntCmd{}
	for _, ask := range []func(*look, redis.Pipeliner){
		func(l *look, p redis.Pipeliner) { l.askState(ctx, p, pending) },
		func(l *look, p redis.Pipeliner) { l.search(ctx, p, pending[l.key].Val()) },
	} {
		_, err := c.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
			for i := range looks {
				ask(&looks[i], p)
			}
			return nil
		})
		if err != nil && !errors.Is(err, redis.Nil) {
			return nil, fmt.Errorf("look for %d tasks: %w", len(all), err)
		}
	}
	states := make([]State, len(all))
	for _, l := range looks {
		states[l.at] = cmp.Or(states[l.at], l.state())
	}
	return states, nil
}

// looksFor are the places of tasks. A lane of commands has no quarantine, for only enqueuers of
// the version before use that.
func looksFor(all []Placed) (looks []look) {
	for i, t := range all {
		looks = append(looks, look{at: i, key: keyPrefix(t.Queue), id: t.ID()})
		if !id.IsLane(t.Queue) {
			looks = append(looks, look{at: i, key: keyPrefix(Quarantine(t.Queue)), id: t.ID()})
		}
	}
	return looks
}

func keyPrefix(queue string) string { return "asynq:{" + queue + "}:" }

// look is what was asked about one task.
type look struct {
	at    int    // its index
	key   string // what the keys of its queue begin with
	id    string
	hash  *redis.StringCmd
	place redis.Cmder // in the list or set of the task's state; nil where that is not asked
}

// askState asks for the task's state, and once for how many tasks of its queue are pending.
func (l *look) askState(ctx context.Context, p redis.Pipeliner, pending map[string]*redis.IntCmd) {
	if pending[l.key] == nil {
		pending[l.key] = p.LLen(ctx, l.key+"pending")
	}
	l.hash = p.HGet(ctx, l.key+"t:"+l.id, "state")
}

func (l *look) search(ctx context.Context, p redis.Pipeliner, pending int64) {
	switch s := State(l.hash.Val()); {
	case s == Pending && pending <= searched:
		l.place = p.LPos(ctx, l.key+"pending", l.id, redis.LPosArgs{})
	case s == Retry:
		l.place = p.ZScore(ctx, l.key+"retry", l.id)
	}
}

// state is that of the task. One that has moved on between the two looks is taken for absent
// once, which costs an attempt.
func (l *look) state() State {
	if l.place != nil && errors.Is(l.place.Err(), redis.Nil) {
		return Absent
	}
	return State(l.hash.Val())
}

// Paused says of queues whether each is paused, as an operator may do with asynq's tools: no
// worker takes a task from it then.
func (c *Client) Paused(ctx context.Context, queues ...string) ([]bool, error) {
	asked := make([]*redis.IntCmd, len(queues))
	_, err := c.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, q := range queues {
			asked[i] = p.Exists(ctx, keyPrefix(q)+"paused")
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look whether the queues %s are paused: %w", strings.Join(queues, ", "), err)
	}
	paused := make([]bool, len(queues))
	for i, a := range asked {
		paused[i] = a.Val() > 0
	}
	return paused, nil
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
