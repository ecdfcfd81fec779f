package ledger

import (
	"context"
	"slices"
	"sync"
	"time"
)

// batchPace is the least time between two calls of a combiner: short beside a round
// trip under load, long enough for several questions of a busy process.
const batchPace = 2 * time.Millisecond

// batchMax bounds the questions of one call: Lua unpacks no more than some thousands
// of values, and no other client of the Redis waits long.
const batchMax = 128

// batcher makes one call of those that come within combinePace: many callers then share
// a round trip, and what a script costs before its first line. A call after a quiet time
// does not wait, and several may be under way. It has no goroutine of its own; one of
// the callers makes the call. It is safe for concurrent use.
type batcher[Q, A any] struct {
	// call answers all questions, at most combineMost of them, in their order. It gets
	// the values of one caller's context, and no caller's end.
	call func(ctx context.Context, questions []Q) ([]A, error)

	mu      sync.Mutex
	hasLeader     bool // one of those that wait makes the next call
	last    time.Time
	waiting []*pending[Q, A]
}

// pending is a question on its way.
type pending[Q, A any] struct {
	request Q
	// ready gets true when the caller has to make the next call, and is closed when
	// there is an answer.
	ready   chan bool
	reply A
	err    error
}

// do waits for the answer, or for the end of ctx; a call that has begun is not
// taken back.
func (c *batcher[Q, A]) do(ctx context.Context, question Q) (A, error) {
	a := &pending[Q, A]{request: question, ready: make(chan bool, 1)}
	c.enqueue(a)
	select {
	case leads := <-a.ready:
		if !leads {
			return a.reply, a.err
		}
	case <-ctx.Done():
		return c.cancel(a, ctx.Err())
	}
	if early := time.Until(c.due()); early > 0 {
		select {
		case <-time.After(early):
		case <-ctx.Done():
			a.ready <- true // for leave to hand on
			return c.cancel(a, ctx.Err())
		}
	}
	c.flush(ctx)
	return a.reply, a.err
}

// enqueue lets a question wait, and gives it the turn if nobody has it.
func (c *batcher[Q, A]) enqueue(a *pending[Q, A]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = append(c.waiting, a)
	if !c.hasLeader {
		c.hasLeader = true
		a.ready <- true
	}
}

// due is when the next call may begin.
func (c *batcher[Q, A]) due() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last.Add(batchPace)
}

// flush makes one call for those who wait, of whom the caller is the first, once the
// turn is handed on.
func (c *batcher[Q, A]) flush(ctx context.Context) {
	batch := c.take()
	questions := make([]Q, len(batch))
	for i, a := range batch {
		questions[i] = a.request
	}
	answers, err := c.call(context.WithoutCancel(ctx), questions)
	for i, a := range batch {
		if a.err = err; err == nil {
			a.reply = answers[i]
		}
		close(a.ready)
	}
}

// take takes those whom the next call is for.
func (c *batcher[Q, A]) take() []*pending[Q, A] {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := min(len(c.waiting), batchMax)
	batch := c.waiting[:n:n]
	c.waiting = c.waiting[n:]
	c.last = time.Now()
	c.promote()
	return batch
}

// promote gives the turn to the first who waits. The caller holds mu.
func (c *batcher[Q, A]) promote() {
	c.hasLeader = len(c.waiting) > 0
	if c.hasLeader {
		c.waiting[0].ready <- true
	}
}

// cancel takes back a question that is not on its way yet.
func (c *batcher[Q, A]) cancel(a *pending[Q, A], cause error) (none A, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.Index(c.waiting, a); i >= 0 {
		c.waiting = slices.Delete(c.waiting, i, i+1)
		if len(a.ready) > 0 {
			c.promote()
		}
	}
	return none, cause
}
