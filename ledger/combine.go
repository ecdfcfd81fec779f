package ledger

import (
	"context"
	"slices"
	"sync"
)

// combiner makes one call of those that come while another is under way: many
// callers then share a round trip and what a script costs before its first line.
// It has no goroutine of its own; one of the callers makes the call. It is safe
// for concurrent use.
type combiner[Q, A any] struct {
	// call answers all questions, at most `most` of them, in their order. It gets
	// the context of one of the callers.
	call func(ctx context.Context, questions []Q) ([]A, error)
	most int

	mu      sync.Mutex
	busy    bool
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
	c.mu.Lock()
	c.waiting = append(c.waiting, a)
	if !c.busy {
		c.busy = true
		a.turn <- true
	}
	c.mu.Unlock()
	select {
	case lead := <-a.turn:
		if lead {
			c.lead(ctx)
		}
		<-a.turn
		return a.answer, a.err
	case <-ctx.Done():
		return c.leave(a, ctx.Err())
	}
}

// lead makes one call for the callers that wait, this one among them, and hands
// the next on.
func (c *combiner[Q, A]) lead(ctx context.Context) {
	c.mu.Lock()
	batch := c.waiting[:min(len(c.waiting), c.most)]
	c.waiting = c.waiting[len(batch):]
	c.mu.Unlock()
	questions := make([]Q, len(batch))
	for i, a := range batch {
		questions[i] = a.question
	}
	answers, err := c.call(ctx, questions)
	for i, a := range batch {
		if a.err = err; err == nil {
			a.answer = answers[i]
		}
		close(a.turn)
	}
	c.next()
}

// next lets the first who waits make the next call.
func (c *combiner[Q, A]) next() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting) == 0 {
		c.busy = false
		return
	}
	c.waiting[0].turn <- true
}

// leave takes back a question that is not on its way yet.
func (c *combiner[Q, A]) leave(a *asked[Q, A], cause error) (none A, err error) {
	c.mu.Lock()
	i := slices.Index(c.waiting, a)
	if i >= 0 {
		c.waiting = slices.Delete(c.waiting, i, i+1)
	}
	leads := i >= 0 && len(a.turn) > 0
	c.mu.Unlock()
	if leads {
		c.next()
	}
	return none, cause
}
