package run

import (
	"context"

	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// The urgency of jobs: what others wait for goes first, then what has changed, then what was invalid or could
// not be decided the last time, and then what took longest. Who has changed something hears of it soon,
// and what takes long does not begin when everybody else is done. Without anything known units go as they are
// listed.
const (
	awaited uint64 = 1 << 62
	altered uint64 = 1 << 61
	bad     uint64 = 1 << 60
	longest        = bad - 1 // of a time, µs
)

// urgencyOf is that of a unit of which it is known what became of it last, unless last is nil. digest is of
// what it consists of now, "" where the cache has never seen that.
func urgencyOf(changed bool, last *cache.Last, digest id.Digest) (u uint64) {
	if last != nil {
		u = min(uint64(max(0, last.Micros)), longest)
		if last.Kind != verdict.OK {
			u |= bad
		}
		changed = changed || !last.Of(digest)
	}
	if changed {
		u |= altered
	}
	return u
}

// rank looks up what became of the units that need a task, and says how urgent each is.
func (q *inquirer) rank(ctx context.Context, doubts []doubt) {
	var units []cache.Named
	var asked []*doubt
	for i := range doubts {
		d := &doubts[i]
		switch {
		case d.known:
		case d.apart: // others are held back until its verdict has come
			d.urgency = awaited
		default:
			d.urgency = urgencyOf(q.changed != nil && q.changed(d.unit), nil, "")
			if d.kind >= 0 {
				units, asked = append(units, cache.Named{Unit: d.unit, Path: q.scope.Path(d.unit), Checks: q.scope.Of(d.kind).Session.Names()}), append(asked, d)
			}
		}
	}
	if len(units) == 0 || q.unranked.Load() || q.failures.Load() >= mostFailures {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, q.timeout)
	defer cancel()
	lasts, err := q.lookup.Lasts(ctx, units)
	if err != nil { // units go as they are listed, and what is known of them counts all the same
		q.unranked.Store(true)
		q.log.Debug("it is not known what became of units the last time", "err", err)
		return
	}
	for i, d := range asked {
		var now id.Digest
		if len(d.about.Digests) > 0 {
			now = d.about.Digests[0]
		}
		if lasts[i] != nil {
			d.urgency = urgencyOf(d.urgency == altered, lasts[i], now)
		}
	}
}
