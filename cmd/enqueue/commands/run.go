package commands

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/tasks"
)

type runFlags struct {
	servicesFlags
	outputFlags
	verifyFlags
	judgeFlags
	changedFlags
	newSince     newSinceFlags
	earlier      *earlier
	commands     cli.CommandFlags
	redis        cli.RedisFlags
	cache        cli.CacheFlags
	queue        queueName
	workers      int
	workersGiven bool
	onUndecided  run.OnUndecided
	detach       bool
	runID        string
	resume       string
	supersede    string
	sequence     int64
}

func newRunCmd(p cli.Program) *cobra.Command {
	f := runFlags{servicesFlags: servicesFlags{scopeFlags: scopeFlags{program: p}}, outputFlags: outputFlags{by: p}}
	cmd := &cobra.Command{
		Use:   "run " + unitArgs,
		Short: "verify units over the queue and report oks and errs",
		Long: `run lists the units, puts one task each into a Redis queue, collects the verdicts of
the workers, and reports the units that are ok and those that are not.

What trusted workers have decided before about the same bytes, by the same checks, is taken
from the cache and makes no task: see --cache and --cache-domain.

Without a Redis it starts a private one and verifies with workers in this process,
along the same path.`,
		Example: `  enqueue run
  enqueue run --redis redis://queue.internal:6379/0 --format text --format json=report.json
  enqueue run --kind module --region eu
  enqueue run --queue audit --detach`,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.workersGiven = cmd.Flags().Changed("workers")
			return f.run(cmd, args)
		},
	}
	f.servicesFlags.add(cmd, allowEmptyVerify)
	f.outputFlags.add(cmd)
	f.verifyFlags.add(cmd)
	f.judgeFlags.add(cmd)
	f.changedFlags.add(cmd)
	f.newSince.add(cmd)
	f.commands.Add(cmd)
	addRedis(cmd, &f.redis)
	f.cache.AddUse(cmd)
	f.cache.AddDomains(cmd)
	f.cache.AddRedis(cmd)
	f.cache.AddDir(cmd)
	f.cache.AddReverify(cmd)
	cli.Choose(cmd, &f.queue, "queue", "the `QUEUE` to push to, audit gives way to ci on shared workers", "ci", "audit")
	cmd.Flags().IntVar(&f.workers, "workers", 0, "`N` workers in this process, with the embedded Redis only (default two a core)")
	cli.Choose(cmd, &f.onUndecided, onUndecidedFlag, onUndecidedHelp, run.Wait, run.Fail, run.DecideLocal)
	cmd.Flags().BoolVar(&f.detach, "detach", false, "leave the run to the workers, print its ID and do not wait; they end it after --timeout")
	cmd.Flags().StringVar(&f.runID, "run-id", "", "the run's `ID`; a run that is there already is continued: what stands of it is not verified again (default a new one)")
	cmd.Flags().StringVar(&f.resume, "resume", "", "continue the run `RUN` as --run-id does, and insist that it is there")
	cmd.Flags().StringVar(&f.supersede, "supersede", "", "cancel the run before this one with the same `KEY`, such as a branch's name; a run that is older than the newest ends at once with 4")
	cmd.Flags().Int64Var(&f.sequence, "sequence", 0, "`N` that grows from run to run of a --supersede key, such as a pipeline's number (default the order of their starts)")
	for _, name := range []string{"run-id", "resume", "supersede"} {
		complete(cmd, name, completeNothing)
	}
	return cmd
}

// queueName is a queue as people call it.
type queueName string

var queues = map[queueName]string{"ci": tasks.QueueCI, "audit": tasks.QueueAudit}

func (f *runFlags) check(args []string) error {
	switch {
	case f.asked() && f.detach:
		return cli.Usagef("--changed-since and --base are about a report, and --detach leaves that to others")
	case f.runID != "" && f.resume != "":
		return cli.Usagef("--run-id and --resume exclude each other: --resume names a run that must be there, --run-id one that may be")
	case !f.redis.Embedded() && f.workers != 0:
		return cli.Usagef("--workers %d is for the embedded Redis: start `worker` processes for a shared one", f.workers)
	case f.sequence < 0, f.sequence > 0 && f.supersede == "":
		return cli.Usagef("--sequence %d: want a number above 0, with --supersede", f.sequence)
	case f.workers < 0, f.workers == 0 && f.workersGiven:
		return cli.Usagef("--workers %d: want at least 1", f.workers)
	case f.redis.Embedded() && (f.resume != "" || f.supersede != ""):
		return cli.Usagef("--resume and --supersede need a Redis that outlives this process: set %s or pass --redis", cli.RedisEnv)
	case f.detach && f.newSince.rev != "":
		return cli.Usagef("--new-since %s excludes --detach: this process compares what is found with what was there", f.newSince.rev)
	case f.redis.Embedded() && f.detach:
		return cli.Usagef("--detach needs a Redis that outlives this process: set %s or pass --redis", cli.RedisEnv)
	case f.detach && f.cache.Reverify > 0:
		return cli.Usagef("--reverify compares verdicts when they come, and --detach does not wait for them")
	case f.detach && f.timeout > ledger.DefaultTTL:
		return cli.Usagef("--timeout %s: want at most %s with --detach, for which Redis keeps a run", f.timeout, ledger.DefaultTTL)
	}
	for flag, name := range map[string]string{"--run-id": f.runID, "--resume": f.resume} {
		if name == "" {
			continue
		}
		if err := id.Run(name).Check(); err != nil {
			return cli.Usagef("%s: %v", flag, err)
		}
	}
	return errors.Join(f.redis.Check(), f.cache.Check(), f.verifyFlags.check(), f.newSince.check(f.verifyFlags), f.outputFlags.check(),
		f.changedFlags.check(&f.verifyFlags, len(args) == 0 && len(f.kinds) == 0, isCI(f.ci, f.env)))
}

func (f *runFlags) run(cmd *cobra.Command, args []string) error {
	if err := f.check(args); err != nil {
		return err
	}
	end, err := f.offer(cmd.Context(), &f.commands, f.log(cmd.ErrOrStderr()))
	if err != nil {
		return err
	}
	defer end()
	f.known = f.cache.Use != cli.CacheOff
	s, err := f.openSelected(cmd, args, f.log(cmd.ErrOrStderr()))
	if err != nil {
		return err
	}
	defer s.Fleet.Close()
	if err := f.judge(cmd.Context(), &f.scopeFlags, &s); err != nil {
		return err
	}
	if f.earlier, err = f.newSince.open(cmd.Context(), &f.scopeFlags, &f.judgeFlags, s, &f.outputFlags, f.log(cmd.ErrOrStderr())); err != nil {
		return err
	}
	defer f.earlier.close()
	defer f.stopFollowing()
	// Mistakes are told before Redis is looked at, or waited for.
	if _, err := s.Resolve(cmd.Context()); err != nil {
		return err
	}
	if f.redis.Embedded() {
		if err := f.findChange(cmd, &f.changedFlags, &f.servicesFlags, &s, nil); err != nil {
			return err
		}
		return f.runEmbedded(cmd, s)
	}
	target, err := f.redis.Target("run")
	if err != nil {
		return err
	}
	return f.runShared(cmd, s, target)
}

// runShared runs over a Redis that others use too.
func (f *runFlags) runShared(cmd *cobra.Command, s scope.Scope, target redisconn.Target) error {
	ctx, log := cmd.Context(), f.log(cmd.ErrOrStderr())
	r := f.program.Dial(target, "enqueue")
	defer r.Close()
	if err := r.Preflight(ctx, need(ctx, s, queues[f.queue]), log); err != nil {
		if f.onUndecided != run.DecideLocal {
			return err
		}
		log.Warn("Redis cannot be used; deciding everything in this process", "err", err)
		if err := f.findChange(cmd, &f.changedFlags, &f.servicesFlags, &s, nil); err != nil {
			return err
		}
		return f.validate(cmd, s)
	}
	if err := f.findChange(cmd, &f.changedFlags, &f.servicesFlags, &s, recordedIn(r.Ledger(), trackOf(s, isCI(f.ci, f.env)))); err != nil {
		return err
	}
	about := report.Run{Mode: "queue", Queue: queues[f.queue], Redis: target.String()}
	hint := fmt.Sprintf("no worker serves the queue %s at %s: start one with `worker --redis …`", queues[f.queue], target)
	o := f.options(s, r, hint, log)
	known, err := openCache(ctx, f.program, f.cache, r, f.redis, "enqueue", log)
	if err != nil {
		return err
	}
	defer closeCache(known, log)
	if o.Cache = usedOf(f.cache, known); o.Cache.Read {
		cli.CollectAbove(cli.LookupHeap)
	}
	beside, err := openBeside(&o.Cache, f.cache, s.Fleet)
	if err != nil {
		return err
	}
	defer closeCache(beside, log)
	o.OnUndecided, o.Patience = f.undecided(cmd, f.program, f.onUndecided)
	var warning sync.WaitGroup
	defer warning.Wait()
	begun := sync.OnceFunc(func() { warning.Go(func() { warnOfEngines(ctx, r, queues[f.queue], s.Used(), log) }) })
	o.Observe = func(run.Event) { begun() }
	return f.drive(cmd, o, about)
}

// validate decides everything here, where no Redis can be reached.
func (f *runFlags) validate(cmd *cobra.Command, s scope.Scope) error {
	v := validateFlags{servicesFlags: f.servicesFlags, outputFlags: f.outputFlags, verifyFlags: f.verifyFlags, earlier: f.earlier.again(), cache: cli.CacheFlags{Use: cli.CacheOff}, jobs: runtime.GOMAXPROCS(0)}
	defer v.stopFollowing()
	return v.verify(cmd, s)
}

// options are those of a run over a Redis. noWorker tells people what to do without one.
func (f *runFlags) options(s scope.Scope, r cli.Redis, noWorker string, log *slog.Logger) run.Options {
	return run.Options{
		Commit: lookAt(context.Background(), s).before.Commit, Track: trackOf(s, isCI(f.ci, f.env)),
		Scope: s, Conn: r.Run(), Limits: f.limits(), Policy: f.policy(f.program, f.what),
		ID: id.Run(cmp.Or(f.resume, f.runID)), Resume: f.resume != "", Supersede: f.supersede, Sequence: f.sequence, Queue: queues[f.queue],
		OnUndecided: f.onUndecided, Detach: f.detach, Changed: f.change.first(), AllowEmpty: f.allowEmpty || f.change.provablyEmpty(),
		NoWorkerHint: noWorker, RedisMemory: r.Memory, Isolate: f.commands.Decider(log).Decide, Log: log,
	}
}

// drive runs and reports.
func (f *runFlags) drive(cmd *cobra.Command, o run.Options, about report.Run) error {
	seen := lookAt(cmd.Context(), o.Scope)
	f.checked = checkedIn(cmd.Context(), o.Scope).orStored(cmd.Context(), o.Ledger)
	about = by(o.Used(), about)
	if !o.Detach {
		if err := f.follow(cmd, about); err != nil {
			return err
		}
	}
	show := f.progress(cmd.ErrOrStderr())
	observers := []func(run.Event){show.observe}
	if o.Observe != nil {
		observers = append(observers, o.Observe)
	}
	if f.earlier != nil && o.ID == "" {
		o.ID = id.NewRun(time.Now())
	}
	f.earlier.ofRun(o, f.program.Patience(), about.Mode == "embedded")
	o.Since = f.earlier.since()
	o.Observe = f.observed(observers...)
	end := f.earlier.beside(cmd.Context())
	result, err := run.Run(cmd.Context(), o)
	show.end()
	f.sayUnnamed(o.Log)
	end()
	if err != nil {
		return err
	}
	if result.Detached {
		_, err := fmt.Fprintln(cmd.OutOrStdout(), result.ID)
		return err
	}
	if !result.Superseded {
		about.Checkout = seen.after(cmd.Context())
	}
	return f.finish(cmd, result, about)
}
