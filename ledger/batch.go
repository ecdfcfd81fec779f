package ledger

import (
	"context"
	"slices"
	"sync"
	"time"
)

// batchPace is the least time between two calls of a batcher. It is short beside a round
// trip under load, and long enough for several requests of a busy process.
const batchPace = 2 * time.Millisecond

// batchMax bounds the requests of one call: Lua unpacks a few thousand values at most,
// and a longer script would keep other clients of the Redis waiting.
const batchMax = 128

// batcher makes one call for all requests that come within batchPace, so that many
// callers share a round trip and the fixed cost of a script. A request after a quiet time
// does not wait, and several calls may be in progress. A batcher has no goroutine of its
// own: one of the waiting callers, the leader, makes the next call. It is safe for
// concurrent use.
type batcher[Q, A any] struct {
	// call returns the replies to all requests, at most batchMax of them, in their order.
	// Its context has the leader's values, and neither its deadline nor its end.
	call func(ctx context.Context, requests []Q) ([]A, error)

	mu        sync.Mutex
	hasLeader bool // one of the waiting callers makes the next call
	last      time.Time
	waiting   []*pending[Q, A]
}

// pending is a request that has no reply yet.
type pending[Q, A any] struct {
	request Q
	// ready receives true when the caller becomes the leader, and is closed when there is
	// a reply.
	ready chan bool
	reply A
	err   error
}

// do waits for the reply, or for the end of ctx. A call that has started goes on when ctx
// ends.
func (b *batcher[Q, A]) do(ctx context.Context, request Q) (A, error) {
	p := &pending[Q, A]{request: request, ready: make(chan bool, 1)}
	b.enqueue(p)
	select {
	case leads := <-p.ready:
		if !leads {
			return p.reply, p.err
		}
	case <-ctx.Done():
		return b.cancel(p, ctx.Err())
	}
	if early := time.Until(b.due()); early > 0 {
		select {
		case <-time.After(early):
		case <-ctx.Done():
			p.ready <- true // lets cancel find another leader
			return b.cancel(p, ctx.Err())
		}
	}
	b.flush(ctx)
	return p.reply, p.err
}

// enqueue adds a request to those that wait. Its caller becomes the leader if there is
// none.
func (b *batcher[Q, A]) enqueue(p *pending[Q, A]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = append(b.waiting, p)
	if !b.hasLeader {
		b.hasLeader = true
		p.ready <- true
	}
}

// due is the earliest time of the next call.
func (b *batcher[Q, A]) due() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last.Add(batchPace)
}

// flush makes one call for the requests that wait. The leader calls it, and its own
// request is the first of them.
func (b *batcher[Q, A]) flush(ctx context.Context) {
	batch := b.take()
	requests := make([]Q, len(batch))
	for i, p := range batch {
		requests[i] = p.request
	}
	replies, err := b.call(context.WithoutCancel(ctx), requests)
	for i, p := range batch {
		if p.err = err; err == nil {
			p.reply = replies[i]
		}
		close(p.ready)
	}
}

// take removes the requests of the next call from those that wait, and finds a leader for
// the rest.
func (b *batcher[Q, A]) take() []*pending[Q, A] {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := min(len(b.waiting), batchMax)
	batch := b.waiting[:n:n]
	b.waiting = b.waiting[n:]
	b.last = time.Now()
	b.promote()
	return batch
}

// promote makes the first caller that waits the leader. mu must be held.
func (b *batcher[Q, A]) promote() {
	b.hasLeader = len(b.waiting) > 0
	if b.hasLeader {
		b.waiting[0].ready <- true
	}
}

// cancel removes a request that is not part of a call yet, and finds another leader if
// its caller was the leader.
func (b *batcher[Q, A]) cancel(p *pending[Q, A], cause error) (none A, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := slices.Index(b.waiting, p); i >= 0 {
		b.waiting = slices.Delete(b.waiting, i, i+1)
		if len(p.ready) > 0 {
			b.promote()
		}
	}
	return none, cause
}
