// Package commands holds the command worker: its flags, its health, its life.
package commands

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/internal/preflight"
	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
)

type workerFlags struct {
	checkers        []verdict.Checker
	redis           string
	concurrency     int
	queues          string
	fetchers        int
	logFormat       string
	healthAddr      string
	shutdownTimeout time.Duration
	verbose         bool
}

// New makes the command worker for a program.
func New(p cli.Program) *cobra.Command {
	f := workerFlags{checkers: p.Checkers}
	cmd := &cobra.Command{
		Use:   "worker",
		Short: "verify services that enqueue has put into the queue",
		Long: `worker takes tasks from the queues of a Redis, verifies the services they name and
writes the verdicts back. It needs no repository: a task's bytes are in Redis.

SIGTERM and SIGINT end the fetching; what is under way is finished within
--shutdown-timeout, and the rest goes back into the queue.`,
		Example: `  worker --redis redis://queue.internal:6379/0
  MUSTER_REDIS=redis://queue.internal:6379/0 worker --queues muster-audit=1`,
		Version: p.VersionText(),
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.redis, "redis", cli.RedisDefault(), "`URL` of the Redis: redis, rediss, unix or redis-sentinel (default $"+cli.RedisEnv+")")
	flags.Lookup("redis").DefValue = "" // the environment's may hold a password
	flags.IntVar(&f.concurrency, "concurrency", tasks.ConcurrencyFor(runtime.GOMAXPROCS(0)), "services verified at once")
	flags.StringVar(&f.queues, "queues", "muster-ci=6,muster-audit=1", "`QUEUE=WEIGHT,...` to serve")
	flags.IntVar(&f.fetchers, "fetchers", 0, "asynq servers; each fetches one task a round trip (default half the concurrency, at most 32)")
	flags.StringVar(&f.logFormat, "log-format", "text", "log as `FORMAT`: text or json")
	flags.StringVar(&f.healthAddr, "health-addr", "", "`HOST:PORT` for /healthz and /readyz (default none)")
	flags.DurationVar(&f.shutdownTimeout, "shutdown-timeout", 30*time.Second, "for what is under way when a signal comes")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "log what happens inside")
	return cmd
}

func (f *workerFlags) check() (map[string]int, error) {
	queues, err := parseQueues(f.queues)
	if err != nil {
		return nil, err
	}
	if f.fetchers == 0 {
		f.fetchers = tasks.FetchersFor(f.concurrency)
	}
	switch {
	case f.concurrency < 1:
		return nil, cli.Usagef("--concurrency %d: want at least 1", f.concurrency)
	case f.fetchers < 1 || f.fetchers > f.concurrency:
		return nil, cli.Usagef("--fetchers %d: want 1 to --concurrency, which is %d", f.fetchers, f.concurrency)
	case f.logFormat != "text" && f.logFormat != "json":
		return nil, cli.Usagef("--log-format %q: want text or json", f.logFormat)
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
		queues[name] = n
	}
	return queues, nil
}

func (f *workerFlags) log(w io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: slog.LevelInfo}
	if f.verbose {
		o.Level = slog.LevelDebug
	}
	if f.logFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

func (f *workerFlags) run(cmd *cobra.Command) error {
	queues, err := f.check()
	if err != nil {
		return err
	}
	target, err := cli.ParseRedis(f.redis, "worker")
	if err != nil {
		return err
	}
	log := f.log(cmd.ErrOrStderr())
	conn := target.Dial(redisconn.Options{Name: "muster-worker"})
	defer conn.Close()
	if err := cli.ReadyRedis(cmd.Context(), conn, preflight.Need{Leases: true}, log); err != nil {
		return err
	}
	health, err := startHealth(f.healthAddr, conn, log)
	if err != nil {
		return err
	}
	defer health.stop()
	return f.serve(cmd.Context(), conn, queues, health, log)
}

// serve works until ctx ends.
func (f *workerFlags) serve(ctx context.Context, conn *redisconn.Conn, queues map[string]int, health *health, log *slog.Logger) error {
	name := cli.WorkerName()
	worker, err := run.StartWorker(ctx, run.WorkerOptions{
		Name: name, Ledger: ledger.New(conn.Bulk(), conn.Plain()), Checkers: f.checkers, Concurrency: f.concurrency, UnitLimit: cli.UnitLimit, Log: log,
		Fetch: tasks.Options{Redis: conn.Bulk(), Queues: queues, Fetchers: f.fetchers,
			ShutdownTimeout: f.shutdownTimeout, Log: log},
	})
	if err != nil {
		return fmt.Errorf("worker: %w", err)
	}
	health.ready.Store(true)
	log.Info("worker up", "worker", name, "redis", conn.Target().String(), "queues", f.queues, "concurrency", f.concurrency, "fetchers", f.fetchers)
	<-ctx.Done()
	health.ready.Store(false)
	log.Info("worker stopping", "worker", name, "timeout", f.shutdownTimeout.String())
	worker.Shutdown()
	log.Info("worker stopped", "worker", name)
	return nil
}
