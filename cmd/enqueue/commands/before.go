package commands

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/seed306eabeb/muster/fleet/commit"
	"github.com/seed306eabeb/muster/impact"
	"github.com/seed306eabeb/muster/internal/since"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/scope"
)

// changes are what differs since a base.
type changes struct {
	base since.Base
	*impact.Impact
}

// why says why the base is this one, or why everything counts as changed.
func (c changes) why() string {
	if c.Everything != "" {
		return c.Everything
	}
	return c.base.Why
}

// comparedOf is what is compared of units that are verified.
func comparedOf(units scope.Fleet) since.State {
	s := since.State{Dir: units.Dir()}
	if tree, ok := committed(units); ok {
		s.Commit = tree.ID()
	}
	return s
}

// compare compares a state with its base. The state is valid, and judged by the policy.
func (f *scopeFlags) compare(ctx context.Context, is scope.Resolved, base since.Base, judged policy.Policy, log *slog.Logger) (changes, error) {
	c := changes{base: base}
	var err error
	if base.Commit == "" {
		c.Impact, err = impact.All(ctx, is, base.Why)
		return c, err
	}
	was, judgedBefore, end, err := f.before(ctx, is.Fleet.Dir(), base.Commit)
	switch {
	case ctx.Err() != nil:
		return c, ctx.Err()
	case err != nil:
		log.Debug("the base cannot be compared with", "commit", base.Commit, "err", err)
		c.Impact, err = impact.All(ctx, is, fmt.Sprintf("the base %.12s cannot be compared with: %v", base.Commit, err))
		return c, err
	}
	defer end()
	if c.Impact, err = impact.Compare(ctx, was, is); err == nil {
		c.Fleet, err = impact.Policies(judgedBefore, judged)
	}
	return c, err
}

// before is the state that a commit has, and the policy that it has of itself. The caller calls end.
func (f *scopeFlags) before(ctx context.Context, dir, rev string) (was scope.Resolved, judged policy.Policy, end func(), err error) {
	c, err := commit.Open(ctx, dir, rev)
	if err != nil {
		return was, judged, nil, err
	}
	defer func() {
		if err != nil {
			c.Close()
		}
	}()
	what, err := f.loadCommit(c)
	if err != nil {
		return was, judged, nil, err
	}
	tree, err := c.Fleet(what.Layout)
	if err != nil {
		return was, judged, nil, err
	}
	if was, err = f.scope(tree, what).Resolve(ctx); err != nil {
		return was, judged, nil, err
	}
	if was.Invalid() {
		return was, judged, nil, fmt.Errorf("its configuration has errors: %s", was.Findings()[0].Message)
	}
	top, folder, err := c.Top(ctx)
	if err != nil {
		return was, judged, nil, err
	}
	state, err := (&judgeFlags{}).before(f.program, top, folder)
	return was, state.Policy, func() { c.Close() }, err
}

// ownPolicy is the policy that the units' own state has.
func (f *scopeFlags) ownPolicy(ctx context.Context, units scope.Fleet) (policy.Policy, error) {
	files, folder, end, err := filesAround(ctx, units)
	if err != nil {
		return policy.Policy{}, err
	}
	defer end()
	state, err := (&judgeFlags{}).before(f.program, files, folder)
	return state.Policy, err
}

// findBase finds the base that flags ask for: since what a revision was left, or what the CI system says.
func findBase(ctx context.Context, units scope.Fleet, rev string, inCI bool, recorded since.Recorded) (since.Base, error) {
	if rev != "" {
		return since.Of(ctx, comparedOf(units), rev)
	}
	return since.Auto(ctx, comparedOf(units), since.BuildOf(os.Getenv, inCI), recorded)
}
