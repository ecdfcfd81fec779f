// Package commands holds the command worker: its flags, its health, its life.
package commands

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/cache/rediscache"
	"github.com/seed306eabeb/muster/checks/command"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/internal/preflight"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/worker"
)

// logFormat is how log lines look.
type logFormat string

const (
	logText logFormat = "text"
	logJSON logFormat = "json"
)

type workerFlags struct {
	program         cli.Program
	redis           cli.RedisFlags
	commands        cli.CommandFlags
	cache           cli.CacheFlags
	concurrency     int
	commandSlots    int
	queues          string
	fetchers        int
	logFormat       logFormat
	healthAddr      string
	metricsAddr     string
	shutdownTimeout time.Duration
	verbose         bool
}

// New makes the command worker for a program.
func New(p cli.Program) *cobra.Command {
	f := workerFlags{program: p}
	cmd := &cobra.Command{
		Use:   "worker",
		Short: "verify units that enqueue has put into the queue",
		Long: `worker takes tasks from the queues of a Redis, verifies the units they name and
writes the verdicts back. It needs no repository: a task's bytes are in Redis.

SIGTERM, SIGINT and SIGHUP end the fetching; what is under way is finished within
--shutdown-timeout, and the rest goes back into the queue.

A unit over which a worker may have died is verified in a process of its own, so
that it can end no worker a second time.

With --cache-domain a worker keeps what it decides in that domain of the cache, and
answers by what is there, for runs that trust the domain. It writes in no other one.`,
		Example: `  worker --redis redis://queue.internal:6379/0
  worker --redis rediss://queue.internal:6380/0 --redis-ca ca.pem
  MUSTER_REDIS=redis://queue.internal:6379/0 worker --queues muster-audit=1
  worker --redis redis://queue.internal:6379/0 --cache-domain main`,
		Version: p.VersionText(),
		Args:    cli.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	cmd.AddCommand(p.NewDecideCmd(), newDoctorCmd(p))
	cmd.CompletionOptions.DisableDefaultCmd = true
	cmd.SetHelpCommand(&cobra.Command{Use: "no-help", Hidden: true}) // a hidden command is nothing to have help about
	flags := cmd.Flags()
	f.redis.Add(cmd, "`URL` of the Redis: redis, rediss, unix, redis-sentinel or rediss-sentinel (default $"+cli.RedisEnv+")")
	flags.IntVar(&f.concurrency, "concurrency", worker.ConcurrencyFor(runtime.GOMAXPROCS(0)), "units verified at once")
	flags.IntVar(&f.commandSlots, "command-slots", worker.CommandSlotsFor(runtime.GOMAXPROCS(0)), "units at once whose checks run a command, beside --concurrency")
	flags.StringVar(&f.queues, "queues", "muster-ci=6,muster-audit=1", "`QUEUE=WEIGHT,...` to serve")
	flags.IntVar(&f.fetchers, "fetchers", 0, "asynq servers; each fetches one task a round trip (default half the concurrency, at most 32)")
	cli.Choose(cmd, &f.logFormat, "log-format", "log as `FORMAT`", logText, logJSON)
	f.commands.Add(cmd)
	f.cache.AddDomain(cmd)
	f.cache.AddRedis(cmd)
	flags.StringVar(&f.healthAddr, "health-addr", "", "`HOST:PORT` for /healthz and /readyz (default none)")
	flags.StringVar(&f.metricsAddr, "metrics-addr", "", "`HOST:PORT` for /metrics, which may be that of --health-addr (default none)")
	flags.DurationVar(&f.shutdownTimeout, "shutdown-timeout", 25*time.Second, "for what is under way when a signal comes")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "log what happens inside")
	return cmd
}

func (f *workerFlags) check() (map[string]int, error) {
	queues, err := parseQueues(f.queues)
	if err != nil {
		return nil, err
	}
	if f.fetchers == 0 {
		f.fetchers = worker.FetchersFor(f.concurrency)
	}
	if err := f.cache.Check(); err != nil {
		return nil, err
	}
	switch {
	case f.concurrency < 1:
		return nil, cli.Usagef("--concurrency %d: want at least 1", f.concurrency)
	case f.commandSlots < 1:
		return nil, cli.Usagef("--command-slots %d: want at least 1", f.commandSlots)
	case f.fetchers < 1 || f.fetchers > f.concurrency:
		return nil, cli.Usagef("--fetchers %d: want 1 to --concurrency, which is %d", f.fetchers, f.concurrency)
	case f.shutdownTimeout < 0:
		return nil, cli.Usagef("--shutdown-timeout %s: want 0 or more", f.shutdownTimeout)
	}
	return queues, nil
}

func parseQueues(list string) (map[string]int, error) {
	queues := map[string]int{}
	for _, item := range strings.Split(list, ",") {
		name, weight, ok := strings.Cut(strings.TrimSpace(item), "=")
		n, err := strconv.Atoi(weight)
		if !ok || name == "" || err != nil || n < 1 {
			return nil, cli.Usagef("--queues %q: want QUEUE=WEIGHT with a weight from 1 up, such as muster-ci=6,muster-audit=1", item)
		}
		if queue, needs := id.ParseLane(name); len(needs) > 0 { // a worker takes from a lane what it can meet, by itself
			return nil, cli.Usagef("--queues %q: units wait there that need %s: name the queue %s, and offer commands by --commands FILE", item, strings.Join(needs, " and "), queue)
		}
		queues[name] = n
	}
	return queues, nil
}

func (f *workerFlags) log(w io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: slog.LevelInfo}
	if f.verbose {
		o.Level = slog.LevelDebug
	}
	if f.logFormat == logJSON {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

func (f *workerFlags) run(cmd *cobra.Command) error {
	queues, err := f.check()
	if err != nil {
		return err
	}
	target, err := f.redis.Target("worker")
	if err != nil {
		return err
	}
	log := f.log(cmd.ErrOrStderr())
	cli.NoteDrops(cmd.ErrOrStderr(), f.log)
	offers, end, err := f.commands.Open(cmd.Context(), log)
	if err != nil {
		return err
	}
	defer end()
	e := f.newEndpoints()
	r := f.program.DialObserved(target, "worker", e.replied())
	defer r.Close()
	need := preflight.Need{Leases: true}
	for _, queue := range slices.Sorted(maps.Keys(queues)) {
		need.Keys = append(need.Keys, tasks.PendingKey(queue), tasks.PendingKey(tasks.Quarantine(queue)))
	}
	if err := r.Preflight(cmd.Context(), need, log); err != nil {
		return err
	}
	kept, err := f.openCache(cmd.Context(), r, log)
	if err != nil {
		return err
	}
	defer kept.Close()
	defer e.stop()
	if err := e.start(f, log); err != nil {
		return err
	}
	return f.serve(cmd.Context(), r, queues, offers, e, kept, log)
}

// openCache is where the worker keeps what it decides: nowhere unless it has a domain.
func (f *workerFlags) openCache(ctx context.Context, r cli.Redis, log *slog.Logger) (cli.Cache, error) {
	if f.cache.Domain == "" {
		return cli.Cache{}, nil
	}
	return f.program.CacheIn(ctx, f.cache, r, f.redis.Files, "worker", log)
}

// cacheOptions are those of a worker, nil for none.
func (f *workerFlags) cacheOptions(kept cli.Cache) *worker.CacheOptions {
	if kept.Store == nil {
		return nil
	}
	o := &worker.CacheOptions{Store: kept.Store, Domain: f.cache.Domain}
	if kept.BesideRuns {
		o.Key = rediscache.Key
	}
	return o
}

// serve works until ctx ends.
func (f *workerFlags) serve(ctx context.Context, r cli.Redis, queues map[string]int, offers *command.Offers, e *endpoints, kept cli.Cache, log *slog.Logger) error {
	name := cli.WorkerName()
	w, err := worker.Start(ctx, worker.Options{
		Name: name, Version: f.program.VersionText(), Ledger: r.Ledger(), Client: tasks.NewClient(r.Bulk(), r.Plain()), Kinds: f.program.Kinds(), Concurrency: f.concurrency, CommandSlots: f.commandSlots, UnitLimit: fleet.MostUnit, Timing: r.Timing.Worker,
		Isolate: f.commands.Decider(log).Decide, Observer: e.observer(), Offers: cli.WorkerOffers(offers, log), Cache: f.cacheOptions(kept), Log: log,
		Fetch: worker.FetchOptions{Redis: r.Bulk(), Queues: queues, Fetchers: f.fetchers,
			ShutdownTimeout: f.shutdownTimeout, Log: log},
	})
	if err != nil {
		return fmt.Errorf("worker: %w", err)
	}
	e.watch(w)
	log.Info("worker up", "worker", name, "redis", r.Target().String(), "queues", f.queues, "concurrency", f.concurrency, "fetchers", f.fetchers)
	<-ctx.Done()
	log.Info("worker stopping", "worker", name, "timeout", f.shutdownTimeout.String())
	w.Shutdown()
	log.Info("worker stopped", "worker", name)
	return nil
}
