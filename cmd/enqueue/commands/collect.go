package commands

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/run"
)

type collectFlags struct {
	outputFlags
	program  cli.Program
	redis    cli.RedisFlags
	cache    cli.CacheFlags
	timeout  time.Duration
	failFast bool

	onUndecided run.OnUndecided
}

func (f *collectFlags) limit() int {
	if f.failFast {
		return 1
	}
	return 0
}

func newCollectCmd(p cli.Program) *cobra.Command {
	f := collectFlags{program: p, outputFlags: outputFlags{by: p}}
	cmd := &cobra.Command{
		Use:   "collect RUN",
		Short: "follow a run that another process started, and report it",
		Long: `collect attaches to a run by its ID, waits until it is complete, and reports and
exits as run would: what the repository says of severities and of what is not told
travels with the run, and --fail-on is collect's own. It needs Redis alone, and the
cache's if that has one of its own; no repository. It may run anywhere and several times at
once.`,
		Args:              cli.OneArg("run", "`enqueue runs` lists those that Redis knows"),
		ValidArgsFunction: completeNothing,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, id.Run(args[0])) },
	}
	f.outputFlags.add(cmd)
	addSharedRedis(cmd, &f.redis)
	f.cache.AddDomains(cmd)
	f.cache.AddRedis(cmd)
	cmd.Flags().DurationVar(&f.timeout, "timeout", 30*time.Minute, "how long to wait; units undecided by then are missing")
	cli.Choose(cmd, &f.onUndecided, onUndecidedFlag, onUndecidedHelp, run.Wait, run.Fail)
	cmd.Flags().BoolVar(&f.failFast, "fail-fast", false, "stop waiting at the first err")
	return cmd
}

func (f *collectFlags) run(cmd *cobra.Command, name id.Run) error {
	if err := f.check(); err != nil {
		return err
	}
	if err := f.cache.Check(); err != nil {
		return err
	}
	if f.timeout <= 0 {
		return cli.Usagef("--timeout %s: want more than 0", f.timeout)
	}
	if err := name.Check(); err != nil {
		return cli.Usagef("%v", err)
	}
	r, err := f.program.Connect(cmd.Context(), f.redis, "collect")
	if err != nil {
		return err
	}
	defer r.Close()
	log := f.log(cmd.ErrOrStderr())
	warnOfStrangers(cmd.Context(), r, name, log)
	f.cache.Use = cli.CacheRead
	known, err := openCache(cmd.Context(), f.program, f.cache, r, f.redis, "collect", log)
	if err != nil {
		return err
	}
	defer closeCache(known, log)
	about := report.Run{Mode: "collect", Redis: r.Target().String()}
	defer f.stopFollowing()
	if err := f.follow(cmd, about); err != nil {
		return err
	}
	show := f.progress(cmd.ErrOrStderr())
	onUndecided, patience := f.undecided(cmd, f.program, f.onUndecided)
	result, err := run.Collect(cmd.Context(), name, run.CollectOptions{
		Conn: r.Run(), Limits: run.Limits{Timeout: f.timeout, MaxErrs: f.limit()}, Policy: f.policy(f.program, config.Config{}),
		Kinds: f.program.Kinds(), OnUndecided: onUndecided, Patience: patience,
		NoWorkerHint: fmt.Sprintf("no worker serves the run's queue at %s: start one with `worker --redis …`", r.Target()),
		Cache:        f.kept(cmd, known),
		Observe:      f.observed(show.observe), Log: log,
	})
	show.end()
	if err != nil {
		return err
	}
	checks, err := f.program.Kinds().All(result.Checks)
	if err != nil {
		return err
	}
	f.checked = checkedBy(cmd.Context(), r.Run().Ledger)
	return f.finish(cmd, result, by(checks, about))
}

// kept is where verdicts of the run may be kept: in the domains that the run trusts, or in those alone that
// are named.
func (f *collectFlags) kept(cmd *cobra.Command, known cli.Cache) run.Cache {
	c := usedOf(f.cache, known)
	if !cmd.Flags().Changed("cache-domain") {
		c.Domains = nil
	}
	return c
}

// warnOfStrangers says of a run that goes on which workers have not all of its checks. What keeps
// that from being told, the run meets next.
func warnOfStrangers(ctx context.Context, r cli.Redis, name id.Run, log *slog.Logger) {
	h, err := r.Run().Ledger.Header(ctx, name)
	if err != nil || h.Ended() || h.Total >= 0 && h.Decided >= h.Total {
		return
	}
	if workers, err := liveWorkers(ctx, r); err == nil {
		warnOfLacking(workers, h.Plan.Queue, h.Plan.Names(), log)
	}
}
