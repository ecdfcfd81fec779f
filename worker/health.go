package worker

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// silentBeats is for how many heartbeats' time a worker without an answer of Redis counts as
// ready. After it, a run counts the worker as dead.
const silentBeats = 5

// stuckAfter is how long the loop of heartbeats may stand still in a process that works: no
// turn of it takes longer than heartbeatTimeout, whatever Redis does.
const stuckAfter = 30 * time.Second

// moment is when something last happened. It is safe for concurrent use.
type moment struct{ at atomic.Pointer[time.Time] }

func (m *moment) note() {
	now := time.Now()
	m.at.Store(&now)
}

// last is the zero time if it never happened.
func (m *moment) last() time.Time {
	if at := m.at.Load(); at != nil {
		return *at
	}
	return time.Time{}
}

// LastHeartbeat is when Redis last took a heartbeat of this worker.
func (w *Worker) LastHeartbeat() time.Time { return w.heard.last() }

// LastFetch is when Redis last answered the question for a task, with one or with none; the
// zero time before the first answer.
func (w *Worker) LastFetch() time.Time { return w.servers.empty.lastAnswer() }

// Ready says why the worker takes no tasks at this time, nil if it does: it stops, Redis has
// not taken a heartbeat for five heartbeats' time, or has not answered a fetch for as long.
// The server of the quarantine lanes asks even while all slots are taken.
func (w *Worker) Ready(now time.Time) error {
	limit := silentBeats * w.pace
	switch beat, fetch := w.LastHeartbeat(), w.LastFetch(); {
	case w.servers.stopped():
		return errors.New("the worker is stopping")
	case now.Sub(beat) > limit:
		return fmt.Errorf("redis has taken no heartbeat for %s: want one within %s", since(now, beat), limit)
	case fetch.IsZero():
		return errors.New("redis has not answered a fetch yet")
	case now.Sub(fetch) > limit:
		return fmt.Errorf("redis has answered no fetch for %s: want one within %s", since(now, fetch), limit)
	}
	return nil
}

// Alive says why the process must be started anew, nil while it works. That Redis does not
// answer is no reason.
func (w *Worker) Alive(now time.Time) error {
	if turned := w.turned.last(); now.Sub(turned) > stuckAfter {
		return fmt.Errorf("the loop of heartbeats has been stuck for %s", since(now, turned))
	}
	return nil
}

func since(now, then time.Time) time.Duration { return now.Sub(then).Round(100 * time.Millisecond) }

// stopped says whether fetching is to end.
func (s *Servers) stopped() bool {
	select {
	case <-s.stopping:
		return true
	default:
		return false
	}
}
