package worker

import (
	"sync"
	"time"
)

// emptyFor is how long a queue counts as empty that was found so.
const emptyFor = 5 * time.Millisecond

// emptyQueues know for all servers of a process which queues were found empty a moment ago.
// asynq asks for the queues by their weights, so that beside a busy queue an empty one
// would be asked for again and again, which costs a round trip each time. A process whose
// queues are all quiet asks as ever: else one server's answer would send the others to
// sleep. It is safe for concurrent use.
type emptyQueues struct {
	mu    sync.Mutex
	empty map[string]time.Time // when a queue was last found empty
	busy  string               // the queue that last gave a task
	gave  time.Time            // when it did
}

// note tells what a queue had at the last look.
func (v *emptyQueues) note(queue string, task bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := time.Now()
	if task {
		delete(v.empty, queue)
		v.busy, v.gave = queue, now
		return
	}
	if v.empty == nil {
		v.empty = map[string]time.Time{}
	}
	v.empty[queue] = now
}

// skip says whether it is no use to ask for a queue, because it was empty and another one
// was not.
func (v *emptyQueues) skip(queue string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := time.Now()
	return queue != v.busy && now.Sub(v.gave) < emptyFor && now.Sub(v.empty[queue]) < emptyFor
}
