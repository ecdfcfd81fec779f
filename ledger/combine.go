package ledger

import (
	"context"
	"slices"
	"sync"
	"time"
)

// combinePace is the least time between two calls of a combiner: short beside a round
// trip under load, long enough for several questions of a busy process.
const combinePace = 2 * time.Millisecond

// combineMost bounds the questions of one call: Lua unpacks no more than some thousands
// of values, and no other client of the Redis waits long.
const combineMost = 128

// combiner makes one call of those that come within combinePace: many callers then share
// a round trip, and what a script costs before its first line. A call after a quiet time
// does not wait, and several may be under way. It has no goroutine of its own; one of
// the callers makes the call. It is safe for concurrent use.
type combiner[Q, A any] struct {
	// call answers all questions, at most combineMost of them, in their order. It gets
	// the values of one caller's context, and no caller's end.
	call func(ctx context.Context, questions []Q) ([]A, error)

	mu      sync.Mutex
	led     bool // one of those that wait makes the next call
	last    time.Time
	waiting []*asked[Q, A]
}

// asked is a question on its way.
type asked[Q, A any] struct {
	question Q
	// turn gets true when the caller has to make the next call, and is closed when
	// there is an answer.
	turn   chan bool
	answer A
	err    error
}

// ask waits for the answer, or for the end of ctx; a call that has begun is not
// taken back.
func (c *combiner[Q, A]) ask(ctx context.Context, question Q) (A, error) {
	a := &asked[Q, A]{question: question, turn: make(chan bool, 1)}
	c.join(a)
	select {
	case leads := <-a.turn:
		if !leads {
			return a.answer, a.err
		}
	case <-ctx.Done():
		return c.leave(a, ctx.Err())
	}
	if early := time.Until(c.due()); early > 0 {
		select {
		case <-time.After(early):
		case <-ctx.Done():
			a.turn <- true // for leave to hand on
			return c.leave(a, ctx.Err())
		}
	}
	c.lead(ctx)
	return a.answer, a.err
}

// join lets a question wait, and gives it the turn if nobody has it.
func (c *combiner[Q, A]) join(a *asked[Q, A]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = append(c.waiting, a)
	if !c.led {
		c.led = true
		a.turn <- true
	}
}

// due is when the next call may begin.
func (c *combiner[Q, A]) due() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last.Add(combinePace)
}

// lead makes one call for those who wait, of whom the caller is the first, once the
// turn is handed on.
func (c *combiner[Q, A]) lead(ctx context.Context) {
	batch := c.take()
	questions := make([]Q, len(batch))
	for i, a := range batch {
		questions[i] = a.question
	}
	answers, err := c.call(context.WithoutCancel(ctx), questions)
	for i, a := range batch {
		if a.err = err; err == nil {
			a.answer = answers[i]
		}
		close(a.turn)
	}
}

// take takes those whom the next call is for.
func (c *combiner[Q, A]) take() []*asked[Q, A] {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := min(len(c.waiting), combineMost)
	batch := c.waiting[:n:n]
	c.waiting = c.waiting[n:]
	c.last = time.Now()
	c.handOn()
	return batch
}

// handOn gives the turn to the first who waits. The caller holds mu.
func (c *combiner[Q, A]) handOn() {
	c.led = len(c.waiting) > 0
	if c.led {
		c.waiting[0].turn <- true
	}
}

// leave takes back a question that is not on its way yet.
func (c *combiner[Q, A]) leave(a *asked[Q, A], cause error) (none A, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.Index(c.waiting, a); i >= 0 {
		c.waiting = slices.Delete(c.waiting, i, i+1)
		if len(a.turn) > 0 {
			c.handOn()
		}
	}
	return none, cause
}
