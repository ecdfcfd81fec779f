package run

import (
	"context"
	"time"

	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/reissue"
)

// maxLost is how many units may be waiting to be re-issued.
const maxLost = 1024

// newReissuer looks after a run's attempts for a consumer.
func newReissuer(h ledger.Header, conn Conn, c *consumer) *reissue.Reissuer {
	return reissue.New(reissue.Options{Run: h.ID, Plan: h.Plan, Ledger: conn.Ledger, Client: conn.Client,
		Timing: conn.Timing.Reissue, Observer: (*observing)(c), Log: c.log})
}

// watchAttempts looks until ctx ends. It asks the consumer for a list of what has been in
// flight for long when it has been through the last one.
func (h *history) watchAttempts(ctx context.Context) {
	tick := time.NewTicker(h.watch.timing.Look)
	defer tick.Stop()
	follow := func(ctx context.Context) error { return h.watch.ledger.MarkFollowed(ctx, h.watch.run) }
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if h.reissue.Look(ctx, follow, h.listed) {
			h.watch.tell(ctx, lookForLost{})
		}
	}
}

// listed takes the consumer's list.
func (h *history) listed() []reissue.Attempt {
	list := make([]reissue.Attempt, len(h.lost))
	for i := range list {
		list[i] = <-h.lost
	}
	return list
}

// observing tells a consumer what becomes of its attempts.
type observing consumer

func (o *observing) Seen(ctx context.Context, a reissue.Attempt) { (*consumer)(o).tell(ctx, seen(a)) }

func (o *observing) Reissued(ctx context.Context, a reissue.Attempt, suspect bool) {
	(*consumer)(o).tell(ctx, reissued{a, suspect})
}

// Forgotten is as if the bundle were missing: its unit is fed again.
func (o *observing) Forgotten(ctx context.Context, a reissue.Attempt) {
	(*consumer)(o).tell(ctx, bundleMissing(a))
}
