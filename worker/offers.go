package worker

import (
	"context"
	"slices"
	"time"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/ledger"
)

// Offers are the commands that stand on a machine. They are used by several goroutines at once.
type Offers interface {
	// Look finds out what stands now, and says whether that is otherwise than at the last look.
	Look(ctx context.Context) (changed bool)
	// Kinds are the kinds of check of all commands that stand.
	Kinds() check.Kinds
	// Told are the commands as heartbeats tell them. Slots of 0 stand for as many as the worker has.
	Told() []ledger.Offer
}

// CommandSlotsFor is how many commands at once suit a process with so many cores: most of them
// keep a core busy.
func CommandSlotsFor(cores int) int { return cores }

// tellOffers puts the commands that stand into what heartbeats tell.
func (w *Worker) tellOffers() {
	if w.offers == nil {
		return
	}
	can := *w.capacity.Load()
	can.Offers = slices.Clone(w.offers.Told())
	for i := range can.Offers {
		o := &can.Offers[i]
		if o.Slots <= 0 || o.Slots > can.CommandSlots {
			o.Slots = can.CommandSlots
		}
	}
	can.Engines = w.allKinds().Engines()
	w.capacity.Store(&can)
}

// allKinds are the kinds of check that the worker has now.
func (w *Worker) allKinds() check.Kinds { return slices.Concat(w.kinds, w.offers.Kinds()) }

// adopt makes the worker check with the commands that stand now.
func (w *Worker) adopt() {
	w.tellOffers()
	limits := map[string]int{}
	for _, o := range w.capacity.Load().Offers {
		limits[o.Name] = o.Slots
	}
	w.servers.handler.offer(w.allKinds(), limits)
}

// startOffers begins to serve the lanes of what is offered, and to look what that is, until ctx
// ends.
func (w *Worker) startOffers(ctx context.Context) {
	if w.offers == nil {
		return
	}
	w.adopt()
	announced := make(chan []string)
	w.heart.Go(func() { w.readLanes(ctx, announced) })
	w.heart.Go(func() { w.tendOffers(ctx, announced) })
}

// tendOffers looks at what is offered with the pace of heartbeats, and serves the lanes that are
// announced and can be met.
func (w *Worker) tendOffers(ctx context.Context, announced <-chan []string) {
	looked := make(chan bool, 1)
	look := func() {
		w.heart.Go(func() { looked <- w.offers.Look(ctx) })
	}
	var lanes []string
	look()
	for next := (<-chan time.Time)(nil); ; {
		select {
		case lanes = <-announced:
			w.serve(ctx, lanes, false)
		case changed := <-looked:
			if changed {
				w.adopt()
			}
			w.serve(ctx, lanes, changed)
			w.servers.lanes.letGo()
			next = time.After(w.pace)
		case <-next:
			look()
		case <-ctx.Done():
			return
		}
	}
}

// looksABeat is how often the lanes that are announced are read between two heartbeats: a run's first
// command begins no sooner, and a small run is as slow as that.
const looksABeat = 10

// readLanes reads which lanes are announced. While Redis does not say, they are those that it said
// last.
func (w *Worker) readLanes(ctx context.Context, announced chan<- []string) {
	tick := time.NewTicker(w.pace / looksABeat)
	defer tick.Stop()
	for {
		if lanes, err := w.announced(ctx); err != nil {
			w.log.Debug("the lanes of runs are not known", "err", err)
		} else {
			select {
			case announced <- lanes:
			case <-ctx.Done():
				return
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (w *Worker) announced(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, heartbeatTimeout)
	defer cancel()
	return w.ledger.Announced(ctx)
}

// serve serves the lanes given as far as they can be met, and tells it at once if that is
// otherwise than before, or what is offered has changed.
func (w *Worker) serve(ctx context.Context, lanes []string, changed bool) {
	w.servers.lanes.serve(lanes)
	can := *w.capacity.Load()
	served := w.servers.lanes.names()
	if !changed && slices.Equal(can.Lanes, served) {
		return
	}
	can.Lanes = served
	w.capacity.Store(&can)
	if err := w.heartbeat(ctx); err != nil && ctx.Err() == nil {
		w.log.Warn("Redis did not hear what this worker offers", "err", err)
	}
}
