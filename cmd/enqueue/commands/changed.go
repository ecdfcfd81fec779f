package commands

import (
	"context"
	"log/slog"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/impact"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/internal/revision"
	"github.com/seed306eabeb/muster/internal/since"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/verdict"
)

// baseChoice is where the base comes from, if no revision is named.
type baseChoice string

const (
	baseNone baseChoice = "none"
	baseAuto baseChoice = "auto"
)

// changedHow is what is done about units that have not changed.
type changedHow string

const (
	changedReport changedHow = "report" // they are verified, and not shown
	changedVerify changedHow = "verify" // they are not looked at
)

// changedFlags let a report be about what a change concerns.
type changedFlags struct {
	since   string
	base    baseChoice
	how     changedHow
	partial bool
}

func (f *changedFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.since, "changed-since", "", "show what differs from where the change has left `REV`, and what fleet rules find that it may have brought about; the whole fleet is verified, and the exit code is by what is shown, see docs/ci.md")
	complete(cmd, "changed-since", completeNothing)
	cli.Choose(cmd, &f.base, "base", "find the revision for --changed-since by `WHAT` the CI system says, where there is none by the remote's main branch", baseNone, baseAuto)
	cli.Choose(cmd, &f.how, "changed", "of a fleet of which some has changed, `DO` report this alone, or verify it alone: then fleet rules see no others", changedReport, changedVerify)
	cmd.Flags().BoolVar(&f.partial, "partial", false, "let --changed=verify be enough in CI")
}

// asked says whether the report is to be about a change.
func (f *changedFlags) asked() bool { return f.since != "" || f.base != baseNone }

// check refuses what would be green without reason. whole says that no units are named.
func (f *changedFlags) check(v *verifyFlags, whole, inCI bool) error {
	switch {
	case f.since != "" && f.base != baseNone:
		return cli.Usagef("--changed-since %s and --base %s exclude each other: the one names the revision that the other finds", f.since, f.base)
	case !f.asked() && f.how != changedReport:
		return cli.Usagef("--changed %s is for --changed-since or --base", f.how)
	case f.partial && f.how != changedVerify:
		return cli.Usagef("--partial is for --changed=verify")
	case !f.asked():
		return nil
	case !whole:
		return cli.Usagef("--changed-since and --base look at the whole fleet: name no units, and no --kind")
	case f.how == changedReport && (v.failFast || v.maxErrs > 0):
		return cli.Usagef("--fail-fast and --max-errs count errs of the whole fleet, also those that are not shown with --changed-since or --base: leave them out")
	case f.how == changedVerify && inCI && !f.partial:
		return cli.Usagef("--changed=verify does not see what a change does to units that have not changed, so that a build may be green that breaks them: leave it out, which with a cache takes as long, or add --partial")
	}
	return nil
}

// change is what a report is about.
type change struct {
	changes
	how    changedHow
	joins  map[string]verdict.JoinKind // the rules that compare units, by their codes
	units  map[id.Unit]bool
	paths  map[string]bool // of these units
	policy policy.Policy
}

// find compares the opened scope with the base, nil where that is not asked for. Where only what has changed is
// verified, it selects that.
func (f *changedFlags) find(ctx context.Context, of *scopeFlags, s *scope.Scope, judged policy.Policy, inCI bool, recorded since.Recorded, log *slog.Logger) (*change, error) {
	if !f.asked() || verdict.HasError(s.Mistakes) {
		return nil, nil
	}
	is, err := s.Resolve(ctx)
	if err != nil || is.Invalid() {
		return nil, err
	}
	base, err := findBase(ctx, s.Fleet, f.since, inCI, recorded)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil && f.since != "":
		return nil, cli.Usagef("--changed-since %s: %v", f.since, err)
	case err != nil:
		return nil, cli.Usagef("--base %s: %v", f.base, err)
	}
	c := &change{how: f.how, joins: map[string]verdict.JoinKind{}, units: map[id.Unit]bool{}, paths: map[string]bool{}, policy: judged}
	if c.changes, err = of.compare(ctx, is, base, judged, log); err != nil {
		return nil, err
	}
	for _, j := range is.Joins() {
		c.joins[j.Rule.Code] = j.Kind
	}
	var there []id.Unit
	for _, u := range c.Units {
		c.units[u.Unit], c.paths[u.Path] = true, true
		if u.Change != impact.Removed {
			there = append(there, u.Unit)
		}
	}
	if f.how == changedVerify && c.Everything == "" {
		s.Selection = scope.Only(there...)
	}
	return c, nil
}

// provablyEmpty says that nothing has changed, which is no mistake: there is a base, and the comparison came to its end.
func (c *change) provablyEmpty() bool { return c != nil && c.Everything == "" }

// leavesOut says whether a unit is not shown, unless the whole run finds that the change concerns it.
func (c *change) leavesOut(unit id.Unit) bool {
	return c != nil && c.Everything == "" && !c.units[unit]
}

// first says of a unit that it has changed, for it to be verified before others; nil where nobody knows.
func (c *change) first() func(id.Unit) bool {
	if c == nil || c.Everything != "" {
		return nil
	}
	return func(u id.Unit) bool { return c.units[u] }
}

// narrow leaves of a result what the change concerns, and says what that is. Where the checkout moved during the run, nobody knows.
func (c *change) narrow(r *run.Result, moved string) *report.Changed {
	all := &report.Changed{Selection: report.SelectedAll, Why: c.Everything, Verified: report.VerifiedFleet, Units: len(c.Units), Fleet: c.Is}
	switch {
	case c.Everything != "":
		return all
	case moved != "" && c.how == changedReport:
		all.Why = "the checkout moved during the run"
		return all
	}
	told := &report.Changed{Selection: report.SelectedChanged, Base: c.base.Commit, Why: c.base.Why, Verified: report.VerifiedFleet, Units: len(c.Units), Fleet: c.Is}
	for _, u := range c.Units {
		if u.Change == impact.Removed {
			told.Removed++
		}
	}
	if c.how == changedVerify {
		told.Verified = report.VerifiedChanged
		return told
	}
	errs := len(r.Summary.Errs)
	r.Summary = c.policy.Narrow(r.Summary, func(u id.Unit) bool { return c.units[u] }, c.concerns)
	for _, side := range [][]aggregator.Unit{r.Summary.OKs, r.Summary.Errs} {
		for _, u := range side {
			if !c.units[u.Name] && len(u.Findings) > 0 {
				told.Concerned++
			}
		}
	}
	told.Others = max(0, errs-len(r.Summary.Errs))
	return told
}

// concerns says whether the change may have brought about a finding of a unit that has not changed. What is not there
// any more stands nowhere: where a rule asks for something to be there, any change may be why it is not.
func (c *change) concerns(f verdict.Finding) bool {
	kind, joined := c.joins[f.Rule]
	switch {
	case !joined || len(c.Units) == 0:
		return false
	case kind == verdict.JoinExists || kind == verdict.JoinProvided || kind == verdict.JoinKnown || len(f.Related) == 0:
		return true
	}
	for _, r := range f.Related {
		for at := r.File; at != "." && at != "/" && at != ""; at = path.Dir(at) {
			if c.paths[at] {
				return true
			}
		}
	}
	return false
}

// findChange finds what the report is about. recorded may be nil where no runs are.
func (f *outputFlags) findChange(cmd *cobra.Command, by *changedFlags, of *servicesFlags, s *scope.Scope, recorded since.Recorded) (err error) {
	if recorded == nil {
		recorded = func(context.Context) ([]string, string, error) {
			return nil, "complete runs are recorded in a Redis that outlives them, and this is none over one", nil
		}
	}
	f.change, err = by.find(cmd.Context(), &of.scopeFlags, s, f.policy(of.program, of.what), isCI(f.ci, f.env), recorded, f.log(cmd.ErrOrStderr()))
	return err
}

// trackOf is the line of commits that a build adds one to, "" for none.
func trackOf(s scope.Scope, inCI bool) string {
	_, folder, ok := revision.Top(s.Fleet.Dir())
	if !ok {
		folder = "."
	}
	if len(s.Regions) > 0 {
		folder += " in " + strings.Join(slices.Sorted(slices.Values(s.Regions)), ",")
	}
	return since.BuildOf(os.Getenv, inCI).Track(folder)
}

// recordedIn lists the commits of a track of which the whole fleet was decided in a run that Redis still knows, newest first.
func recordedIn(l *ledger.Ledger, track string) since.Recorded {
	return func(ctx context.Context) (commits []string, why string, err error) {
		runs, err := l.Runs(ctx)
		if err != nil {
			return nil, "", err
		}
		for _, h := range runs {
			if h.Plan.Track == track && h.Plan.Commit != "" && h.Plan.Whole && stateOf(h) == runComplete && h.Kinds[verdict.Failed] == 0 {
				commits = append(commits, h.Plan.Commit)
			}
		}
		return commits, "", nil
	}
}
