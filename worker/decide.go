package worker

import (
	"context"
	"fmt"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
)

// DecideTask checks one task in this process, given its packed bundles. It trusts them
// only if they have the digests that the task names.
func DecideTask(ctx context.Context, checkers check.Checkers, t tasks.Task, unit, shared []byte, limit int) (verdict.Verdict, error) {
	checker := checkers.Named(t.Checker)
	if checker == nil {
		return verdict.Verdict{}, fmt.Errorf("there is no checker %q", t.Checker)
	}
	session, err := check.Unpack(checker, t.Shared, shared)
	if err != nil {
		return verdict.Verdict{}, err
	}
	files, err := bundle.Unpack(unit, t.Digest, limit)
	if err != nil {
		return verdict.Verdict{}, err
	}
	v, _ := session.Decide(ctx, t.Unit, files, t.Regions, t.Timeout()) // the verdict says what the error does
	return v, nil
}
