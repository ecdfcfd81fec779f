package commands

import (
	"context"
	"slices"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/preflight"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/tasks"
)

// need is what a run over a scope, with a queue, needs of Redis. The units are counted only if Redis has
// a limit of memory, for the run waits for that.
func need(ctx context.Context, s scope.Scope, queue string) preflight.Need {
	keys := []string{tasks.PendingKey(queue)}
	for _, lane := range lanes(s, queue) {
		keys = append(keys, tasks.PendingKey(lane))
	}
	if len(keys) > 1 {
		keys = append(keys, ledger.LanesKey)
	}
	return preflight.Need{Bytes: func() int64 { return ledger.BytesPerUnit * units(ctx, s) }, Keys: keys}
}

// lanes are those of a queue in which units of a scope wait that need commands.
func lanes(s scope.Scope, queue string) (all []string) {
	for _, k := range s.Fleet.Layout().Kinds {
		if needs := id.Needs(k.Checks); len(needs) > 0 {
			all = append(all, id.Lane(queue, needs))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// units counts what is going to be verified. It stops at the first error, which the run
// meets as well and reports.
func units(ctx context.Context, s scope.Scope) (n int64) {
	if !s.Selection.Whole() {
		return int64(len(s.Selection.Units()))
	}
	for _, err := range s.Fleet.Units(ctx) {
		if err != nil {
			break
		}
		n++
	}
	return n
}
