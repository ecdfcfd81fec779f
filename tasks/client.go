package tasks

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// limit is how long asynq allows a handler. The check of a suspect may be made twice.
func (t Task) limit() time.Duration {
	if t.Suspect {
		return 2*t.Timeout() + grace
	}
	return t.Timeout() + grace
}

// Client pushes tasks and looks at the queues. It is safe for concurrent use and
// does not own its connections.
type Client struct {
	push    *asynq.Client
	inspect *asynq.Inspector
}

// NewClient makes a client that pushes through bulk, which may pipeline, and inspects
// through plain.
func NewClient(bulk, plain redis.UniversalClient) *Client {
	return &Client{asynq.NewClientFromRedisClient(bulk), asynq.NewInspectorFromRedisClient(plain)}
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

// Waiting counts the tasks that wait in a queue and in its quarantine lane.
func (c *Client) Waiting(queue string) (int, error) {
	// asynq knows a queue from its first task on, and has no error of its own for one
	// that it does not know.
	known, err := c.inspect.Queues()
	if err != nil {
		return 0, fmt.Errorf("list the queues: %w", err)
	}
	n := 0
	for _, q := range []string{queue, Quarantine(queue)} {
		if !slices.Contains(known, q) {
			continue
		}
		info, err := c.inspect.GetQueueInfo(q)
		if err != nil {
			return 0, fmt.Errorf("count the tasks in queue %s: %w", q, err)
		}
		n += info.Pending + info.Retry + info.Scheduled
	}
	return n, nil
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
