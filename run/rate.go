package run

import "time"

// rate measures how fast verdicts come in, over the last span or so.
type rate struct {
	since time.Time
	n     int
	last  float64
}

const rateSpan = 250 * time.Millisecond

// lookahead is how much work, in time, waits in Redis when checks are quick: it
// covers the way of a verdict back to the enqueuer and of a task out again.
const lookahead = 100 * time.Millisecond

func (r *rate) add() { r.n++ }

// within is how many come in within d, by the last whole span.
func (r *rate) within(d time.Duration) int {
	now := time.Now()
	if r.since.IsZero() {
		r.since = now
	}
	if passed := now.Sub(r.since); passed >= rateSpan {
		r.last = float64(r.n) / passed.Seconds()
		r.since, r.n = now, 0
	}
	return int(r.last * d.Seconds())
}
