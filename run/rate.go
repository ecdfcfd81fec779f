package run

import "time"

// rate measures how fast verdicts come in, over the last span or so.
type rate struct {
	since time.Time
	n     int
	last  float64
}

const rateSpan = 250 * time.Millisecond

func (r *rate) add() { r.n++ }

// perSecond is the rate of the last whole span.
func (r *rate) perSecond() float64 {
	now := time.Now()
	if r.since.IsZero() {
		r.since = now
	}
	if passed := now.Sub(r.since); passed >= rateSpan {
		r.last = float64(r.n) / passed.Seconds()
		r.since, r.n = now, 0
	}
	return r.last
}
