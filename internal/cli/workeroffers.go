package cli

import (
	"context"
	"log/slog"

	"github.com/seed306eabeb/muster/checks/command"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/worker"
)

// WorkerOffers are commands as a worker offers them; nil for no commands. log is told of what stands,
// and of what does no more.
func WorkerOffers(offers *command.Offers, log *slog.Logger) worker.Offers {
	if offers == nil {
		return nil
	}
	tell(offers, log)
	return workerOffers{offers, log}
}

type workerOffers struct {
	*command.Offers
	log *slog.Logger
}

// Look finds out what stands now, and logs it if that is otherwise than before.
func (o workerOffers) Look(ctx context.Context) (changed bool) {
	if changed = o.Offers.Look(ctx); changed {
		tell(o.Offers, o.log)
	}
	return changed
}

// Told are the commands as heartbeats tell them.
func (o workerOffers) Told() (all []ledger.Offer) {
	for _, one := range o.All() {
		t := ledger.Offer{Name: one.Definition.Name, Engine: one.Engine, Version: one.Version, Walls: []string{}, Pure: one.Definition.Pure, Slots: one.Definition.Concurrency}
		for _, w := range one.Walls {
			t.Walls = append(t.Walls, string(w))
		}
		all = append(all, t)
	}
	return all
}
