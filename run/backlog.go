package run

import (
	"container/heap"
	"math"
	"sync"

	"github.com/seed306eabeb/muster/id"
)

// job is one service to be fed to the queue, or decided here.
type job struct {
	unit    id.Unit
	lane    int    // in which it waits
	lost    int    // the attempt that this job makes up for; 0 for the first
	suspect bool   // it may have killed its worker
	again   bool   // it was fed before
	urgency uint64 // what is larger goes first; among equals what was put first
	apart   bool   // its first task has nothing to do with the cache, which its verdict is to test
	// packed are its bytes, if they were read to look up what is known; nil if not.
	packed *packedUnit
	// recalled says that it was looked up without them, by what it contains.
	recalled bool
	// unnamed says that git's names do not lead to it, so that nobody asks by them.
	unnamed bool
}

// read is 1 for a job whose bytes are here.
func (j job) read() int {
	if j.packed == nil {
		return 0
	}
	return 1
}

// backlog holds the services that are listed and not fed, by the lanes of their run. Its bound
// makes the listing wait for the feeding; its windows make the feeding of each lane wait for
// verdicts. What an earlier lane has room for goes before all later ones, so that quick checks do
// not wait for commands. Within a lane the most urgent of what waits goes first: nothing is kept from
// its turn for longer than the listing goes on. It is safe for concurrent use.
type backlog struct {
	mu     sync.Mutex
	work   sync.Cond // there may be a job to take
	room   sync.Cond // there may be room to put
	lanes  []laneJobs
	number int64 // of the job that was put last
	bound  int   // of what waits in lanes that are not slow, for put
	read   int   // bounds how many of these have their bytes here; 0: nothing does
	paused bool
	closed bool
}

// laneJobs are the jobs of one lane.
type laneJobs struct {
	waiting waiting
	packed  int  // of these
	taken   int  // and not released
	window  int  // of taken, for take; 0 means none
	slow    bool // its units need commands: however many wait, the listing goes on to others
}

// turn is a job with its place among others: the more urgent one first, then the one of the smaller number.
type turn struct {
	job
	urgency uint64
	number  int64
}

// waiting is a heap of what waits in a lane, of package container/heap.
type waiting []turn

func (w waiting) Len() int      { return len(w) }
func (w waiting) Swap(i, j int) { w[i], w[j] = w[j], w[i] }
func (w waiting) Less(i, j int) bool {
	if w[i].urgency != w[j].urgency {
		return w[i].urgency > w[j].urgency
	}
	return w[i].number < w[j].number
}
func (w *waiting) Push(q any) { *w = append(*w, q.(turn)) }
func (w *waiting) Pop() any {
	last := len(*w) - 1
	q := (*w)[last]
	(*w)[last] = turn{} // which may hold bytes
	*w = (*w)[:last]
	return q
}

// newBacklog makes a backlog of the lanes given, one that is not slow where there are none. All
// have the same window.
func newBacklog(bound, window int, lanes ...string) *backlog {
	b := &backlog{bound: bound, lanes: make([]laneJobs, max(1, len(lanes)))}
	for i := range b.lanes {
		b.lanes[i] = laneJobs{window: window, slow: i < len(lanes) && id.IsLane(lanes[i])}
	}
	b.work.L, b.room.L = &b.mu, &b.mu
	return b
}

// put adds services. It waits while the backlog is full, and says false once it is
// closed. lane says in which one each waits; nil stands for the first. changed says which are urgent;
// nil stands for none.
func (b *backlog) put(units []id.Unit, lane func(id.Unit) int, changed func(id.Unit) bool) bool {
	jobs := make([]job, len(units))
	for i, u := range units {
		jobs[i].unit = u
		if lane != nil {
			jobs[i].lane = lane(u)
		}
		if changed != nil && changed(u) {
			jobs[i].urgency = altered
		}
	}
	return b.putJobs(jobs)
}

// putJobs is put of jobs.
func (b *backlog) putJobs(jobs []job) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.full() && !b.closed {
		b.room.Wait()
	}
	for _, j := range jobs {
		l := &b.lanes[j.lane]
		b.number++
		heap.Push(&l.waiting, turn{j, j.urgency, b.number})
		l.packed += j.read()
		b.work.Signal()
	}
	return !b.closed
}

// full says whether as many wait as may. Names of slow lanes are no more than strings, which the
// fold has anyway.
func (b *backlog) full() bool {
	n, packed := 0, 0
	for _, l := range b.lanes {
		if !l.slow {
			n += len(l.waiting)
			packed += l.packed
		}
	}
	return n >= b.bound || b.read > 0 && packed >= b.read
}

// again puts a job in front of all others of its lane, without waiting.
func (b *backlog) again(j job) {
	b.mu.Lock()
	defer b.mu.Unlock()
	j.again = true
	l := &b.lanes[j.lane]
	b.number++
	heap.Push(&l.waiting, turn{j, math.MaxUint64, -b.number})
	l.packed += j.read()
	b.work.Signal()
}

// take waits for a job and for room in the window of its lane, and says false once the
// backlog is closed.
func (b *backlog) take() (job, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.ready()
	for ; l == nil && !b.closed; l = b.ready() {
		b.work.Wait()
	}
	if b.closed {
		return job{}, false
	}
	j := heap.Pop(&l.waiting).(turn).job
	l.packed -= j.read()
	l.taken++
	if !b.full() {
		b.room.Signal()
	}
	return j, true
}

// ready is the first lane from which a job can be taken, nil for none.
func (b *backlog) ready() *laneJobs {
	if b.paused {
		return nil
	}
	for i := range b.lanes {
		if l := &b.lanes[i]; len(l.waiting) > 0 && (l.window == 0 || l.taken < l.window) {
			return l
		}
	}
	return nil
}

// release makes room for another job of a lane: one that was taken is decided.
func (b *backlog) release(lane int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lanes[lane].taken--
	b.work.Signal()
}

// resize sets the window of a lane; 0 means that there is none.
func (b *backlog) resize(lane, window int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lanes[lane].window = window
	b.work.Broadcast()
}

// pause holds all jobs back, or lets them go on.
func (b *backlog) pause(on bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.paused = on
	b.work.Broadcast()
}

// close wakes everybody up for the last time.
func (b *backlog) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.work.Broadcast()
	b.room.Broadcast()
}
