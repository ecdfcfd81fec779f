package ledger

import (
	"context"
	"slices"
	"sync"
	"time"
)

// batchPace is the least time between two calls of a batcher: short beside a round
// trip under load, long enough for several requests of a busy process.
const batchPace = 2 * time.Millisecond

// batchMax bounds the requests of one call: Lua unpacks no more than some thousands
// of values, and no other client of the Redis waits long.
const batchMax = 128

// batcher makes one call of those that come within batchPace: many callers then share
// a round trip, and what a script costs before its first line. A call after a quiet time
// does not wait, and several may be under way. It has no goroutine of its own; one of
// the callers makes the call. It is safe for concurrent use.
type batcher[Q, A any] struct {
	// call replies to all requests, at most batchMax of them, in their order. It gets
	// the values of one caller's context, and no caller's end.
	call func(ctx context.Context, requests []Q) ([]A, error)

	mu        sync.Mutex
	hasLeader bool // one of those that wait makes the next call
	last      time.Time
	waiting   []*pending[Q, A]
}

// pending is a request on its way.
type pending[Q, A any] struct {
	request Q
	// ready gets true when the caller has to make the next call, and is closed when
	// there is a reply.
	ready chan bool
	reply A
	err   error
}

// do waits for the reply, or for the end of ctx; a call that has begun is not
// taken back.
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
			p.ready <- true // for cancel to hand on
			return b.cancel(p, ctx.Err())
		}
	}
	b.flush(ctx)
	return p.reply, p.err
}

// enqueue lets a request wait, and gives it the turn if nobody has it.
func (b *batcher[Q, A]) enqueue(p *pending[Q, A]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = append(b.waiting, p)
	if !b.hasLeader {
		b.hasLeader = true
		p.ready <- true
	}
}

// due is when the next call may begin.
func (b *batcher[Q, A]) due() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last.Add(batchPace)
}

// flush makes one call for those who wait, of whom the caller is the first, once the
// turn is handed on.
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

// take takes those whom the next call is for.
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

// promote gives the turn to the first who waits. The caller holds mu.
func (b *batcher[Q, A]) promote() {
	b.hasLeader = len(b.waiting) > 0
	if b.hasLeader {
		b.waiting[0].ready <- true
	}
}

// cancel takes back a request that is not on its way yet.
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
