package sandbox

import (
	"runtime"
	"sync/atomic"
)

// processors are those of this process, which its jobs share. A program that believes to have all of them starts
// threads that only take the time of other jobs: the more the larger the machine, and many more than it may use at once
// where the process is bounded to a part of it, which the program cannot see. It is safe for concurrent use.
type processors struct {
	all  func() int // how many there are now
	jobs atomic.Int64
}

func newProcessors() *processors {
	return &processors{all: func() int { return runtime.GOMAXPROCS(0) }}
}

// join counts a job until it leaves, and is how many processors are its own while as many jobs run as now: at least 1.
func (p *processors) join() int { return max(1, p.all()/int(p.jobs.Add(1))) }

func (p *processors) leave() { p.jobs.Add(-1) }
