package worker

import (
	"sync"
	"time"
)

// emptyFor is how long a queue that was found empty counts as empty.
const emptyFor = 5 * time.Millisecond

// emptyQueues remembers, for all servers of a process, which queues were found empty a
// moment ago. asynq fetches from the queues in an order that follows their weights, and
// each fetch from an empty queue costs a round trip. Without this, an empty queue beside
// a busy one would be asked again and again.
//
// A queue is skipped only while another one gives tasks. If all queues are quiet, each
// server asks all of them: a server that finds every queue empty sleeps for a while, and
// must not be sent to sleep by what another server has found.
//
// It is safe for concurrent use.
type emptyQueues struct {
	mu    sync.Mutex
	empty map[string]time.Time // when a queue was last found empty
	busy  string               // the queue that gave the last task
	gave  time.Time            // when it did
	last  time.Time            // when Redis last answered a fetch, from whichever queue
}

// note records whether a fetch from a queue found a task.
func (e *emptyQueues) note(queue string, found bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	e.last = now
	if found {
		delete(e.empty, queue)
		e.busy, e.gave = queue, now
		return
	}
	if e.empty == nil {
		e.empty = map[string]time.Time{}
	}
	e.empty[queue] = now
}

// lastAnswer is when Redis last answered a fetch, the zero time before the first.
func (e *emptyQueues) lastAnswer() time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.last
}

// skip says whether a fetch from a queue can be spared, because the queue was empty a
// moment ago and another one gave a task.
func (e *emptyQueues) skip(queue string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	return queue != e.busy && now.Sub(e.gave) < emptyFor && now.Sub(e.empty[queue]) < emptyFor
}
