package run

import (
	"time"

	"github.com/seed306eabeb/muster/reissue"
)

// Timing is how long a run bears with what does not come, and how often it looks. The zero
// value stands for DefaultTiming.
type Timing struct {
	Block    time.Duration // how long one read of the events waits for news; also the slow poll behind them
	Watch    time.Duration // how often the header is looked at and the workers are counted
	Presence time.Duration // how often a process says that it is there for the run
	Touch    time.Duration // how often the run's time to live is renewed
	Look     time.Duration // how often the attempts under way are looked at

	NoWorker  time.Duration // without a worker, before that is spoken of and acted upon
	RedisDown time.Duration // without an answer of Redis, before that is
	Reissue   reissue.Timing

	Cache   time.Duration // for one question to the cache
	Publish time.Duration // for the writing of a verdict that this process has anyway
	Finish  time.Duration // for the last words of a run
	Hurried time.Duration // for those of one that the user has interrupted
	Leave   time.Duration // for what still ends when the connections are closed
}

// DefaultTiming is that of a released program.
func DefaultTiming() Timing {
	return Timing{
		Block: time.Second, Watch: 250 * time.Millisecond, Presence: time.Second, Touch: time.Minute, Look: time.Second,
		NoWorker: 2 * time.Second, RedisDown: 4 * time.Second,
		Reissue: reissue.DefaultTiming(),
		Cache:   2 * time.Second, Publish: 5 * time.Second, Finish: 5 * time.Second, Hurried: 700 * time.Millisecond, Leave: 200 * time.Millisecond,
	}
}
