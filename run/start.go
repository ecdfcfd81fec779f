package run

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/scope"
)

// start makes the run known in Redis, or joins or resumes it, and uploads the
// shared files.
func start(ctx context.Context, o Options, s scope.Resolved) (ledger.Header, error) {
	plan := ledger.Plan{Queue: o.Queue, Checker: o.Checker.Name(), Shared: s.Shared.Digest(), Regions: s.Regions,
		Selection: s.Selection.String(), Whole: s.Selection.Whole(), TimeoutMS: o.UnitTimeout.Milliseconds()}
	header, err := enter(ctx, o, plan)
	if err != nil {
		return header, err
	}
	if o.Supersede != "" {
		if err := supersede(ctx, o); err != nil {
			return header, err
		}
	}
	if o.Resume {
		if err := resume(ctx, o, s, header); err != nil {
			return header, err
		}
	}
	_, err = o.Ledger.Upload(ctx, plan.Shared, s.Shared.Pack)
	return header, err
}

// enter opens the run, or finds the one that is there.
func enter(ctx context.Context, o Options, plan ledger.Plan) (header ledger.Header, err error) {
	created := false
	if o.Resume {
		header, err = o.Ledger.Header(ctx, o.ID)
		if errors.Is(err, ledger.ErrGone) {
			err = notThere(o.ID)
		}
	} else {
		header, created, err = o.Ledger.Open(ctx, o.ID, plan)
	}
	if err != nil || created {
		return header, err
	}
	if diff := differences(header.Plan, plan); diff != "" {
		advice := "choose another --run-id"
		if o.Resume {
			advice = "start a new run"
		}
		return header, scope.Usagef("run %s is there already with other %s: %s", o.ID, diff, advice)
	}
	if !o.Resume {
		o.Log.Info("joining the run", "run", o.ID, "state", header.State, "decided", header.Decided)
	}
	return header, nil
}

// supersede cancels the run that this one replaces.
func supersede(ctx context.Context, o Options) error {
	before, err := o.Ledger.Supersede(ctx, o.Supersede, o.ID)
	if err != nil || before == "" {
		return err
	}
	err = o.Ledger.Cancel(ctx, before, "superseded by run "+string(o.ID))
	if err != nil && !errors.Is(err, ledger.ErrGone) {
		return err
	}
	return nil
}

// differences names what two plans do not have in common.
func differences(a, b ledger.Plan) string {
	var diff []string
	for name, equal := range map[string]bool{
		"shared files": a.Shared == b.Shared, "queue": a.Queue == b.Queue, "checker": a.Checker == b.Checker,
		"regions": slices.Equal(a.Regions, b.Regions), "services": a.Selection == b.Selection && a.Whole == b.Whole,
	} {
		if !equal {
			diff = append(diff, name)
		}
	}
	slices.Sort(diff)
	return strings.Join(diff, " and ")
}
