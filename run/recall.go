package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/verdict"
)

// recallBytes bounds what a follower keeps of the verdicts that it was told: several
// thousand of them, which is more than any Redis writes in the two seconds that it
// may lose.
const recallBytes = 4 << 20

// recollection holds the last verdicts that Redis told, as they came. A Redis that
// syncs its file every second may lose, when it is killed, up to two seconds of
// what it had acknowledged; whoever has heard of it can tell it again. It is safe
// for concurrent use.
type recollection struct {
	mu    sync.Mutex
	told  []ledger.Event // oldest first
	bytes int            // of their bodies
}

// keep adds a verdict and forgets the oldest beyond the bound.
func (r *recollection) keep(e ledger.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.told = append(r.told, e)
	r.bytes += len(e.Body)
	for r.bytes > recallBytes {
		r.bytes -= len(r.told[0].Body)
		r.told[0] = ledger.Event{}
		r.told = r.told[1:]
	}
}

// drop forgets a service's verdict: it was taken back.
func (r *recollection) drop(service string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.told {
		if r.told[i].Unit == service {
			r.bytes -= len(r.told[i].Body)
			r.told[i] = ledger.Event{}
		}
	}
}

// verdicts are the bodies by service; of several about one service the first,
// which is the one that stands.
func (r *recollection) verdicts() map[string][]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make(map[string][]byte, len(r.told))
	for _, e := range r.told {
		if _, twice := all[e.Unit]; !twice && e.Unit != "" {
			all[e.Unit] = e.Body
		}
	}
	return all
}

// reminder tells a run's Redis again what it has forgotten of its verdicts.
type reminder struct {
	id     string
	ledger *ledger.Ledger
	told   *recollection
	log    *slog.Logger
}

// remind writes the verdicts again that Redis had told and does not have, and the
// total if it is not known there any more (-1 for one that never was). Doing it
// again changes nothing.
func (r *reminder) remind(ctx context.Context, total int) error {
	told := r.told.verdicts()
	services := make([]string, 0, len(told))
	for service := range told {
		services = append(services, service)
	}
	forgotten, err := r.ledger.Undecided(ctx, r.id, services)
	if err != nil {
		return err
	}
	if total >= 0 {
		if err := r.ledger.Seal(ctx, r.id, total); err != nil {
			return err
		}
	}
	for _, service := range forgotten {
		if err := r.tell(ctx, told[service]); err != nil {
			return err
		}
	}
	if len(forgotten) > 0 {
		r.log.Warn("Redis had lost verdicts that were known here, and has them again", "run", r.id, "verdicts", len(forgotten))
	}
	return nil
}

// tell writes one verdict with the digest that it is about, which may be forgotten
// as well. A verdict about bytes that the run does not expect any more is let go.
func (r *reminder) tell(ctx context.Context, body []byte) error {
	v, err := verdict.Decode(body)
	if err != nil {
		return fmt.Errorf("tell a verdict again: %w", err)
	}
	if v.Digest != "" {
		_, err := r.ledger.Expect(ctx, r.id, v.Unit, v.Digest)
		if changed := (*ledger.ChangedError)(nil); errors.As(err, &changed) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return recordNow(ctx, r.ledger, r.log, r.id, cmp.Or(v.Digest, ledger.AnyDigest), v.Worker, v)
}

// complete makes sure that Redis has all verdicts of a run that has them all, for
// whoever collects it later.
func (r *reminder) complete(ctx context.Context, s aggregator.Summary) error {
	if !s.Complete {
		return nil
	}
	h, err := r.ledger.Header(ctx, r.id)
	if err != nil || h.Ended() || h.Decided >= s.Expected {
		return err
	}
	return r.remind(ctx, s.Expected)
}
