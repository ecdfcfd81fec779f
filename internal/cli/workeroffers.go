package cli

import (
	"github.com/seed306eabeb/muster/checks/command"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/worker"
)

// WorkerOffers are commands as a worker offers them; nil for no commands.
func WorkerOffers(offers *command.Offers) worker.Offers {
	if offers == nil {
		return nil
	}
	return workerOffers{offers}
}

type workerOffers struct{ *command.Offers }

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
