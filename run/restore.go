package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/verdict"
)

// recentBytes bounds what a follower keeps of the verdicts that it was told: several
// thousand of them, which is more than any Redis writes in the two seconds that it
// may lose.
const recentBytes = 4 << 20

// recentHitBytes bounds the same of pointers to kept verdicts, of which an enqueuer writes tens of
// thousands a second: some hundred bytes each.
const recentHitBytes = 16 << 20

// hitsAreSafe is after what time a Redis has surely written the pointers that it was told, if it is
// still the same process: longer than the two seconds that it may lose.
const hitsAreSafe = 5 * time.Second

// recentVerdicts holds the last verdicts that Redis told, as they came, and the last pointers. A Redis that
// syncs its file every second may lose, when it is killed, up to two seconds of
// what it had acknowledged; whoever has heard of it can write it again. It is safe
// for concurrent use.
type recentVerdicts struct {
	mu   sync.Mutex
	told recentEvents
	hits recentEvents // of kind VerdictsKept
}

// recentEvents are the last events.
type recentEvents struct {
	events []heardEvent // oldest first
	bytes  int          // of their bodies
}

// heardEvent is an event that Redis knew of at a time.
type heardEvent struct {
	ledger.Event
	at time.Time
}

func (r *recentEvents) keep(e ledger.Event, most int) {
	r.events = append(r.events, heardEvent{e, time.Now()})
	r.bytes += len(e.Body)
	for r.bytes > most {
		r.forgetOldest()
	}
}

func (r *recentEvents) forgetOldest() {
	r.bytes -= len(r.events[0].Body)
	r.events[0] = heardEvent{}
	r.events = r.events[1:]
}

// keep adds a verdict and forgets the oldest beyond the bound.
func (r *recentVerdicts) keep(e ledger.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.Kind == ledger.VerdictsKept {
		r.hits.keep(e, recentHitBytes)
		return
	}
	r.told.keep(e, recentBytes)
}

// forgetSafe forgets the pointers that cannot be lost any more, given when Redis was seen to be the
// process that it was before.
func (r *recentVerdicts) forgetSafe(same time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.hits.events) > 0 && same.Sub(r.hits.events[0].at) > hitsAreSafe {
		r.hits.forgetOldest()
	}
}

// toldAgain says that Redis knows all of it since a time, and has perhaps not written it.
func (r *recentVerdicts) toldAgain(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.hits.events {
		e := &r.hits.events[i]
		e.at = at
	}
}

// pointers are those to kept verdicts, by unit.
func (r *recentVerdicts) pointers() (map[id.Unit]ledger.Pointer, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := map[id.Unit]ledger.Pointer{}
	for _, e := range r.hits.events {
		some, err := ledger.Pointers(e.Event)
		if err != nil {
			return nil, err
		}
		for _, p := range some {
			all[p.Unit] = p
		}
	}
	return all, nil
}

// bodies are the verdicts by unit; of several about one unit the first, which is the one
// that stands.
func (r *recentVerdicts) bodies() map[id.Unit][]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make(map[id.Unit][]byte, len(r.told.events))
	for _, e := range r.told.events {
		if _, twice := all[e.Unit]; !twice && e.Unit != "" {
			all[e.Unit] = e.Body
		}
	}
	return all
}

// restorer writes to a run's Redis again what it has forgotten of its verdicts.
type restorer struct {
	run    ledger.Header // as it was seen first
	ledger *ledger.Ledger
	recent *recentVerdicts
	log    *slog.Logger
	// readOnly leaves the writing to other followers.
	readOnly bool
}

// restore writes the verdicts again that Redis had told and does not have, and the
// total if it is not known there any more (-1 for one that never was). Doing it
// again changes nothing.
func (r *restorer) restore(ctx context.Context, total int) error {
	if r.readOnly {
		return nil
	}
	bodies := r.recent.bodies()
	pointers, err := r.recent.pointers()
	if err != nil {
		return err
	}
	units := slices.AppendSeq(slices.Collect(maps.Keys(bodies)), maps.Keys(pointers))
	forgotten, err := r.ledger.Undecided(ctx, r.run.ID, units)
	if err != nil {
		return err
	}
	if total >= 0 {
		if err := r.ledger.Reseal(ctx, r.run, total); err != nil {
			return err
		}
	}
	var hits []ledger.Pointer
	for _, unit := range forgotten {
		if p, ok := pointers[unit]; ok {
			hits = append(hits, p)
			continue
		}
		if err := r.write(ctx, bodies[unit]); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(hits, ledger.MaxHits) {
		if _, err := r.ledger.Hit(ctx, r.run, ledger.HitsOf(some)); err != nil {
			return err
		}
	}
	r.recent.toldAgain(time.Now())
	if len(forgotten) > 0 {
		r.log.Warn("Redis had lost verdicts that were known here, and has them again", "run", r.run.ID, "verdicts", len(forgotten))
	}
	return nil
}

// write writes one verdict with the digest that it is about, which may be forgotten
// as well. A verdict about bytes that the run does not expect any more is let go.
func (r *restorer) write(ctx context.Context, body []byte) error {
	v, err := verdict.Decode(body)
	if err != nil {
		return fmt.Errorf("write a verdict again: %w", err)
	}
	if v.Digest != "" {
		err := r.ledger.Restore(ctx, r.run, v.Unit, v.Digest, r.run.Plan.KindOf(v.Shared))
		if changed := (*ledger.ChangedError)(nil); errors.As(err, &changed) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return r.ledger.RecordVerdict(ctx, r.log, r.run.ID, cmp.Or(v.Digest, ledger.AnyDigest), id.Delivery(v.Worker), v)
}

// complete makes sure that Redis has all verdicts of a run that has them all, for
// whoever collects it later.
func (r *restorer) complete(ctx context.Context, s aggregator.Summary) error {
	if !s.Complete {
		return nil
	}
	h, err := r.ledger.Header(ctx, r.run.ID)
	if err != nil || h.Ended() || h.Decided >= s.Expected {
		return err
	}
	return r.restore(ctx, s.Expected)
}

// lossDetector reads a run's header, and makes sure that Redis has not lost any of it.
type lossDetector struct {
	restorer  *restorer
	rewind    func()        // reads the run's events from the beginning again
	seen      ledger.Header // at the last look
	server    string        // the Redis that answered it
	redisAway bool          // it did not answer
}

// newLossDetector begins with a run of which nothing was seen.
func newLossDetector(r *restorer, rewind func()) lossDetector {
	return lossDetector{restorer: r, rewind: rewind, seen: ledger.Header{Total: -1}}
}

// header reads the run. A Redis that was away, that is another one, or that knows less
// than before, is first told again what is known here, and its events are read anew.
func (d *lossDetector) header(ctx context.Context) (ledger.Header, error) {
	l, run, start := d.restorer.ledger, d.restorer.run, time.Now()
	h, err := l.Header(ctx, run.ID)
	if err != nil {
		return h, err
	}
	if h.Generation != run.Generation {
		return h, ledger.ErrReplaced
	}
	server, err := l.Server(ctx)
	if err != nil {
		return h, err
	}
	doubtful := d.redisAway || d.shrunk(h) || d.server != "" && server != d.server
	if doubtful {
		d.rewind()
	}
	if !doubtful && d.server != "" {
		d.restorer.recent.forgetSafe(start)
	}
	if doubtful && !h.Ended() {
		if err := d.restorer.restore(ctx, d.seen.Total); err != nil {
			return h, err
		}
		if h, err = l.Header(ctx, run.ID); err != nil {
			return h, err
		}
	}
	d.server = server
	if d.shrunk(h) {
		return h, fmt.Errorf("run %s had %d names and %d verdicts and has %d and %d: %w",
			run.ID, d.seen.Listed, d.seen.Decided, h.Listed, h.Decided, ledger.ErrGone)
	}
	d.seen = h
	return h, nil
}

// shrunk says whether Redis has forgotten something: no count of its may shrink.
func (d *lossDetector) shrunk(h ledger.Header) bool {
	return h.Listed < d.seen.Listed || h.Decided < d.seen.Decided
}
