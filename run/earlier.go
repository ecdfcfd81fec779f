package run

import (
	"context"
	"slices"
	"time"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/verdict"
)

// earlierVerdicts are those of a continued run that may stand: they were given before, by the
// rules that this process has, about the shared files and regions that it has. It does not
// change once it is read.
type earlierVerdicts struct {
	bodies map[id.Unit][]byte // the first of each unit
	// offered are the engines by which live workers run commands, of each check.
	offered map[string][]string
}

// readEarlier reads the verdicts that a run had before it was continued, and by what the workers of its
// queue would give them now; none of a run that was about something else.
func readEarlier(ctx context.Context, l *ledger.Ledger, o *ledger.Owner, silence time.Duration) (earlierVerdicts, error) {
	e := earlierVerdicts{bodies: map[id.Unit][]byte{}, offered: map[string][]string{}}
	if !o.Continued || !slices.Equal(o.Header.EarlierPlan.Regions, o.Header.Plan.Regions) {
		return e, nil
	}
	workers, err := l.Workers(ctx, silence)
	if err != nil {
		return e, err
	}
	for _, w := range workers {
		for _, offer := range w.Offers {
			if check := id.CommandCheck(offer.Name); slices.Contains(w.Queues, o.Header.Plan.Queue) {
				e.offered[check] = append(e.offered[check], offer.Engine)
			}
		}
	}
	err = o.Earlier(ctx, func(event ledger.Event) {
		if _, twice := e.bodies[event.Unit]; event.Kind == ledger.VerdictRecorded && !twice {
			e.bodies[event.Unit] = event.Body
		}
	})
	return e, err
}

// about is the verdict that stands about the bytes of a unit of a kind: one that could not be
// decided does not, nor one that depends on more than them.
func (e earlierVerdicts) about(unit id.Unit, kind scope.Kind, digest id.Digest) (verdict.Verdict, bool) {
	body := e.bodies[unit]
	if body == nil {
		return verdict.Verdict{}, false
	}
	v, err := verdict.Decode(body)
	stands := err == nil && v.Unit == unit && v.Digest == digest && v.Shared == kind.Shared.Digest() && e.madeSo(v.Parts, kind.Session.Engines()) &&
		v.Kind != verdict.Failed && !kind.Session.Impure() && !v.Impure()
	v.V = 0 // whoever follows the run now reads what this process writes
	return v, stands
}

// madeSo says whether parts are of these checks, each by the same engine, or by one by which a
// worker would run its command now.
func (e earlierVerdicts) madeSo(parts []verdict.Part, engines map[string]string) bool {
	other := func(p verdict.Part) bool {
		own, known := engines[p.Check]
		return p.Engine == "" || !known || own != p.Engine && !slices.Contains(e.offered[p.Check], p.Engine)
	}
	return len(parts) == len(engines) && !slices.ContainsFunc(parts, other)
}
