package commands

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/internal/revision"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
)

// newSinceFlags have the findings compared with those before a change.
type newSinceFlags struct{ rev string }

func (f *newSinceFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.rev, "new-since", "", "let only findings be an err that were not there where the change has left `REV`, which is verified beside, or known from the cache; what is old is hidden, see docs/baseline.md")
	complete(cmd, "new-since", completeNothing)
}

// check refuses what would count findings before it is known which of them are old.
func (f *newSinceFlags) check(v verifyFlags) error {
	if f.rev != "" && (v.failFast || v.maxErrs > 0) {
		return cli.Usagef("--new-since %s excludes --fail-fast and --max-errs: which findings are new is known at the end", f.rev)
	}
	return nil
}

// earlier is the state before a change, with which a run is compared. Methods of nil are for a run that is
// compared with nothing.
type earlier struct {
	rev, commit string
	scope       scope.Scope // without a Fleet where there is nothing to decide
	policy      policy.Policy
	unknown     []string // why nothing is known
	log         *slog.Logger

	decide func(context.Context) (run.Result, error) // nil where there is nothing to decide
	once   sync.Once
	done   chan struct{}
	result run.Result
	err    error
}

// open opens the state in which the change of a scope has left the revision; nil without the flag. What keeps
// it from being known is no mistake of the change's, and said in the report. The caller calls close.
func (f *newSinceFlags) open(ctx context.Context, of *scopeFlags, judged *judgeFlags, s scope.Scope, out *outputFlags, log *slog.Logger) (*earlier, error) {
	if f.rev == "" || verdict.HasError(s.Mistakes) {
		return nil, nil
	}
	e := &earlier{rev: f.rev, log: log, done: make(chan struct{})}
	err := e.open(ctx, of, judged, s, out, log)
	if ctx.Err() != nil {
		e.close()
		return nil, ctx.Err()
	}
	if err != nil {
		e.unknown = []string{err.Error()}
		log.Warn("what was there before is not known: all that is found counts as new", "revision", f.rev, "err", err)
	}
	return e, nil
}

func (e *earlier) open(ctx context.Context, of *scopeFlags, judged *judgeFlags, s scope.Scope, out *outputFlags, log *slog.Logger) error {
	change := changeOf(s.Fleet)
	commit, err := revision.Base(ctx, change.Dir, change.Commit, e.rev)
	if err != nil {
		return err
	}
	e.commit = commit
	before := scopeFlags{program: of.program, bare: of.bare, offers: of.offers, repo: change.Dir, rev: commit, regions: of.regions}
	was, err := before.openCommitIn(ctx, change.Dir)
	if err != nil {
		return err
	}
	judgedBefore, err := judged.judgeAlone(ctx, &before, was)
	if err != nil {
		was.Fleet.Close()
		return err
	}
	before.what.Policy = judgedBefore
	e.scope, e.policy = was, out.policy(of.program, before.what)
	return nil
}

// sameUnits selects of the state those units that a run is about and that are there. It says whether there are some.
func (e *earlier) sameUnits(s scope.Selection) bool {
	if s.Whole() {
		return true
	}
	e.scope.Selection = scope.Only(slices.DeleteFunc(slices.Clone(s.Units()), func(u id.Unit) bool { return e.scope.Fleet.Has(u) != nil })...)
	units := e.scope.Selection.Units()
	if tree, ok := committed(e.scope.Fleet); ok {
		tree.Want(units)
	}
	return len(units) > 0
}

// judgeAlone is the policy of a state by what it says itself.
func (f *judgeFlags) judgeAlone(ctx context.Context, of *scopeFlags, s scope.Scope) (policy.Policy, error) {
	if err := firstMistake(s.Mistakes); err != nil {
		return policy.Policy{}, err
	}
	files, folder, end, err := filesAround(ctx, s.Fleet)
	if err != nil {
		return policy.Policy{}, fmt.Errorf("open the git repository around the units: %w", err)
	}
	defer end()
	state, found, err := f.state(of.what, files, folder, s.Fleet.FS())
	if err == nil {
		err = firstMistake(found)
	}
	return state.Policy, err
}

// firstMistake is the first error among findings about a configuration, nil without one.
func firstMistake(all []verdict.Finding) error {
	for _, f := range all {
		if verdict.HasError([]verdict.Finding{f}) {
			return fmt.Errorf("the configuration there has errors, and so nothing was verified: %s: %s", f.Place, f.Message)
		}
	}
	return nil
}

// close ends what reads the state. Nobody waits for it any more.
func (e *earlier) close() {
	if e != nil && e.scope.Fleet != nil {
		e.scope.Fleet.Close()
	}
}

// beside has the state decided while the run goes on, until end is called.
func (e *earlier) beside(ctx context.Context) (end func()) {
	if e == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	go e.begin(ctx)
	return func() { cancel(); e.begin(ctx); <-e.done }
}

// again is the state for another try, which has decided nothing.
func (e *earlier) again() *earlier {
	if e == nil {
		return nil
	}
	return &earlier{rev: e.rev, commit: e.commit, scope: e.scope, policy: e.policy, unknown: e.unknown, log: e.log, done: make(chan struct{})}
}

// begin decides the state, once.
func (e *earlier) begin(ctx context.Context) {
	e.once.Do(func() {
		defer close(e.done)
		if e.decide != nil {
			e.result, e.err = e.decide(ctx)
		}
	})
}

// sayWaiting is after how long it is said that the state before is not decided yet.
const sayWaiting = 2 * time.Second

// since waits until the state is decided, or ctx ends, and says what stood then. A state that is not
// being decided beside is decided now. It is nil for a run that is compared with nothing.
func (e *earlier) since() func(context.Context) *policy.Since {
	if e == nil {
		return nil
	}
	return func(ctx context.Context) *policy.Since {
		slow := time.AfterFunc(sayWaiting, func() { e.log.Info("all is decided; waiting for what was there before", "revision", e.rev) })
		e.begin(ctx)
		<-e.done
		slow.Stop()
		s := &policy.Since{Rev: e.rev, Commit: e.commit, Unknown: e.unknown}
		switch r := e.result; {
		case e.decide == nil: // nothing can be known, or no unit was there
		case e.err != nil:
			s.Unknown = []string{e.err.Error()}
		default:
			s.Entries, s.Unknown = r.Summary.Standing(), unknownOf(r)
		}
		return s
	}
}

// unknownOf says what a run has not found out.
func unknownOf(r run.Result) (lines []string) {
	if err := firstMistake(r.Summary.Config); err != nil {
		return []string{err.Error()}
	}
	switch {
	case r.Interrupted:
		lines = append(lines, "the verification of it was interrupted")
	case r.Stopped != "":
		lines = append(lines, "the verification of it ended early: "+r.Stopped)
	}
	var names []string
	for _, u := range r.Summary.Errs {
		if u.Kind == verdict.Failed || u.Kind == verdict.Missing {
			names = append(names, string(u.Name))
		}
	}
	if len(names) > 0 {
		lines = append(lines, fmt.Sprintf("%d of %d %s could not be decided there: %s", len(names), r.Summary.Expected, cmp.Or(r.Noun.Many, "services"), few(names)))
	}
	return lines
}

// ofRun sets how the state is decided beside a run over Redis: as a run of its own, whose errors are none of the
// other's. Where that would wait for ever for workers, it waits for as long as patience says. ours says that
// the workers are this process's, which serve all queues.
func (e *earlier) ofRun(o run.Options, patience time.Duration, ours bool) {
	if e == nil || e.scope.Fleet == nil || !e.sameUnits(o.Selection) {
		return
	}
	b := o
	b.Scope, b.Policy, b.Since = e.scope, e.policy, nil
	b.ID = idBefore(o.ID)
	b.Resume, b.Supersede, b.Sequence, b.Detach, b.AllowEmpty = false, "", 0, false, true
	b.MaxErrs, b.Observe, b.Changed, b.Cache.Reverify = 0, nil, nil, 0
	b.Commit, b.Track = e.commit, "" // it is no step of the line of commits
	b.Close = nil                    // the connections are the other run's, too
	if b.OnUndecided == run.Wait {
		b.OnUndecided, b.Patience = run.Fail, patience
	}
	b.Log = o.Log.With("new-since", e.rev)
	e.decide = func(ctx context.Context) (run.Result, error) {
		workers, err := o.Ledger.Workers(ctx, cmp.Or(o.Timing, run.DefaultTiming()).Reissue.Silent)
		if err != nil {
			return run.Result{}, err
		}
		if b.Queue = queueBefore(b.Scope, o.Queue, workers); ours {
			b.Queue = tasks.QueueAudit
		} else if b.Queue != o.Queue {
			b.NoWorkerHint = "no worker serves the queue " + b.Queue
		}
		return run.Run(ctx, b)
	}
}

// idBefore names the run of the state before that of a run, so that it is continued with it.
func idBefore(of id.Run) id.Run {
	if before := of + ".base"; before.Check() == nil {
		return before
	}
	return "" // a new one
}

// queueBefore is the queue that gives way to others, where live workers serve it for all that the state needs,
// and else that of the run: whoever decides that can decide this.
func queueBefore(s scope.Scope, queue string, workers []ledger.Worker) string {
	lacking := func(k fleet.Kind) bool {
		lane := tasks.QueueAudit
		if needs := id.Needs(k.Checks); len(needs) > 0 {
			lane = id.Lane(lane, needs)
		}
		return !slices.ContainsFunc(workers, func(w ledger.Worker) bool { return w.SlotsOf(lane) > 0 })
	}
	if slices.ContainsFunc(s.Fleet.Layout().Kinds, lacking) {
		return queue
	}
	return tasks.QueueAudit
}

// ofValidate sets how the state is decided in this process: when the rest is decided, in the time that is left.
func (e *earlier) ofValidate(o run.ValidateOptions) {
	if e == nil || e.scope.Fleet == nil || !e.sameUnits(o.Selection) {
		return
	}
	started := time.Now()
	o.Scope, o.Policy, o.Since, o.AllowEmpty, o.MaxErrs, o.Observe = e.scope, e.policy, nil, true, 0, nil
	o.Changed, o.Cache.Reverify = nil, 0 // the other run tests the cache
	o.Log = o.Log.With("new-since", e.rev)
	e.decide = func(ctx context.Context) (run.Result, error) {
		if o.Timeout -= time.Since(started); o.Timeout <= 0 {
			return run.Result{}, fmt.Errorf("no time was left to verify it: pass a longer --timeout")
		}
		return run.Validate(ctx, o)
	}
}
