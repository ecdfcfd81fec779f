package run

import (
	"context"
	"errors"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/verdict"
)

func notThere(run id.Run) error {
	return scope.Usagef("run %s is not in Redis: `enqueue runs` lists those that are", run)
}

// planOf is what a run is about.
func planOf(o Options, s scope.Resolved) ledger.Plan {
	plan := ledger.Plan{Queue: o.Queue, Regions: s.Regions,
		Selection: s.Selection.String(), Whole: s.Selection.Whole(), TimeoutMS: o.UnitTimeout.Milliseconds(),
		Units: s.Fleet.Layout().Named(), Accept: verdict.Version, Cache: o.Cache.plan(formatOf(s.Fleet)), Commit: o.Commit, Track: o.Track}
	if only := s.Kinds[0]; len(s.Kinds) == 1 && only.Name == "" {
		plan.Shared, plan.MaxBytes = only.Shared.Digest(), maxBytes(plan.Cache, s, "")
		if plan.Checks = only.Session.Names(); len(plan.Checks) == 1 {
			plan.Checker, plan.Checks = plan.Checks[0], nil
		}
		return plan
	}
	plan.Kinds = kindPlans(s)
	for i, k := range plan.Kinds {
		plan.Kinds[i].MaxBytes = maxBytes(plan.Cache, s, k.Kind)
	}
	return plan
}

// maxBytes is what the plan says of the size of a kind's units: nothing where nothing is kept.
func maxBytes(c *ledger.CachePlan, s scope.Resolved, kind string) int {
	if c == nil {
		return 0
	}
	return s.MaxBytes(kind)
}

// kindPlans are what the units of each kind get.
func kindPlans(s scope.Resolved) (all []ledger.KindPlan) {
	for _, k := range s.Kinds {
		all = append(all, ledger.KindPlan{Kind: k.Name, Checks: k.Session.Names(), Shared: k.Shared.Digest()})
	}
	return all
}

// start makes the run this process's, new or continued, and uploads the shared files. A run
// that is superseded already is not touched: newer is the run that did it.
func start(ctx context.Context, o Options, s scope.Resolved) (owner *ledger.Owner, newer id.Run, err error) {
	judged, err := packPolicy(o.Policy)
	if err != nil {
		return nil, "", err
	}
	var before id.Run
	if o.Supersede != "" {
		if before, newer, err = o.Ledger.Supersede(ctx, o.Supersede, o.ID, o.Sequence); err != nil || newer != "" {
			return nil, newer, err
		}
	}
	plan := planOf(o, s)
	plan.Policy = judged.Digest()
	if owner, err = open(ctx, o, plan, s.Process); err != nil {
		return nil, "", err
	}
	if err := o.Ledger.Announce(ctx, plan.Lanes()...); err != nil { // before the first task waits in one
		return nil, "", err
	}
	if before != "" {
		err := o.Ledger.Cancel(ctx, before, supersededBy(o.ID, s.Process))
		if err != nil && !errors.Is(err, ledger.ErrGone) {
			return nil, "", err
		}
	}
	return owner, "", uploadShared(ctx, o.Ledger, s, judged)
}

// uploadShared makes sure that Redis has the shared files of all kinds, and the policy of the run
// if there is one.
func uploadShared(ctx context.Context, l *ledger.Ledger, s scope.Resolved, judged bundle.Bundle) error {
	for _, k := range s.Kinds {
		if _, err := l.Upload(ctx, k.Shared.Digest(), k.Shared.Pack); err != nil {
			return err
		}
	}
	if judged.Digest() == "" {
		return nil
	}
	_, err := l.Upload(ctx, judged.Digest(), judged.Pack)
	return err
}

func supersededBy(newer id.Run, by string) ledger.Cancellation {
	return ledger.Cancellation{Reason: "superseded by run " + string(newer), By: by, SupersededBy: newer}
}

// open opens the run, and says what it finds of it.
func open(ctx context.Context, o Options, plan ledger.Plan, process string) (*ledger.Owner, error) {
	opening := ledger.Opening{Plan: plan, Owner: process, MustExist: o.Resume}
	if o.Detach {
		opening.Limit = o.Timeout
	}
	owner, err := o.Ledger.Open(ctx, o.ID, opening)
	owned := (*ledger.OwnedError)(nil)
	switch {
	case errors.Is(err, ledger.ErrGone):
		return nil, notThere(o.ID)
	case errors.As(err, &owned):
		return nil, scope.Usagef("%v", owned)
	case err != nil:
		return nil, err
	}
	if owner.Continued {
		o.Log.Info("continuing the run", "run", o.ID, "started", owner.Header.EarlierStarted.Local().Format("2006-01-02 15:04:05"))
	}
	return owner, nil
}
