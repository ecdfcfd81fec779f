package run

import (
	"context"
	"slices"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/verdict"
)

// earlierVerdicts are those of a continued run that may stand: they were given before, by the
// rules that this process has, about the shared files and regions that it has. It does not
// change once it is read.
type earlierVerdicts struct {
	engines map[string]string // of the checks
	impure  bool              // one of them is, which version 1 of a verdict does not say
	shared  id.Digest
	bodies  map[id.Unit][]byte // the first of each unit
}

// readEarlier reads the verdicts that a run had before it was continued; none of a run that
// was about something else.
func readEarlier(ctx context.Context, o *ledger.Owner, session check.All) (earlierVerdicts, error) {
	e := earlierVerdicts{engines: session.Engines(), impure: session.Impure(), shared: session.About("", "", "").Shared, bodies: map[id.Unit][]byte{}}
	was, is := o.Header.EarlierPlan, o.Header.Plan
	if !o.Continued || !slices.Equal(was.Names(), is.Names()) || was.Kind != is.Kind || was.Shared != is.Shared || !slices.Equal(was.Regions, is.Regions) {
		return e, nil
	}
	err := o.Earlier(ctx, func(event ledger.Event) {
		if _, twice := e.bodies[event.Unit]; event.Kind == ledger.VerdictRecorded && !twice {
			e.bodies[event.Unit] = event.Body
		}
	})
	return e, err
}

// about is the verdict that stands about a unit's bytes: one that could not be decided does
// not, nor one that depends on more than them.
func (e earlierVerdicts) about(unit id.Unit, digest id.Digest) (verdict.Verdict, bool) {
	body := e.bodies[unit]
	if body == nil {
		return verdict.Verdict{}, false
	}
	v, err := verdict.Decode(body)
	stands := err == nil && v.Unit == unit && v.Digest == digest && v.Shared == e.shared && e.madeSo(v.Parts) &&
		v.Kind != verdict.Failed && !e.impure && !v.Impure()
	v.V = 0 // whoever follows the run now reads what this process writes
	return v, stands
}

// madeSo says whether parts are of these checks, each by the same engine.
func (e earlierVerdicts) madeSo(parts []verdict.Part) bool {
	other := func(p verdict.Part) bool { return e.engines[p.Check] != p.Engine || p.Engine == "" }
	return len(parts) == len(e.engines) && !slices.ContainsFunc(parts, other)
}
