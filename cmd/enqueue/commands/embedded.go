package commands

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/internal/embedded"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/worker"
)

// runEmbedded runs over a Redis and workers of its own. Should that Redis end, the rest is
// decided without it.
func (f *runFlags) runEmbedded(cmd *cobra.Command, s scope.Scope) error {
	log := f.log(cmd.ErrOrStderr())
	server, err := embedded.Start(cmd.Context(), embedded.Options{Log: log})
	if err != nil {
		return err
	}
	defer server.Close()
	n := f.workers
	if n == 0 {
		n = embeddedPerCore * runtime.GOMAXPROCS(0)
	}
	log.Info(fmt.Sprintf("no Redis given: using a private %s and %d workers in this process", server.Kind(), n))
	err = f.drivePrivate(cmd, s, server, n, log)
	cause := server.Cause()
	switch {
	case cause == nil || !isNoResult(err):
		return err
	case f.onUndecided == run.Fail:
		return cause
	}
	log.Warn(cause.Error() + "; deciding everything in this process")
	return f.validate(cmd, s)
}

// isNoResult says whether an error means that there is no report: one has been printed
// where there is no error, or an exit code alone.
func isNoResult(err error) bool {
	exit := cli.Exit{}
	return err != nil && !errors.As(err, &exit)
}

// drivePrivate runs over a private Redis with so many workers.
func (f *runFlags) drivePrivate(cmd *cobra.Command, s scope.Scope, server *embedded.Server, n int, log *slog.Logger) error {
	r := f.program.Dial(server.Target(), "enqueue")
	defer r.Close()
	// Workers have a pipeline of their own: in the enqueuer's, each fetch would
	// wait behind hundreds of uploads.
	work := f.program.Dial(server.Target(), "worker")
	defer work.Close()
	known, err := openDir(f.cache, log)
	if err != nil {
		return err
	}
	defer closeDir(known, log) // when the workers have written
	stop, err := f.startWorkers(cmd.Context(), work, n, known, mutedAfter(log, server.Ended()))
	if err != nil {
		return err
	}
	defer stop()
	o := f.options(s, r, "the workers in this process have stopped", log)
	o.Cache = usedOf(f.cache, known)
	o.Cache.Local = known.Store
	o.RedisLost = func(ctx context.Context) error {
		select {
		case <-server.Ended():
			return server.Cause()
		case <-ctx.Done():
			return nil
		}
	}
	return f.drive(cmd, o, report.Run{Mode: "embedded", Queue: queues[f.queue], Workers: n})
}

// The workers in this process have Redis to themselves: they may ask it often, and
// nobody waits for what they leave undone.
const (
	embeddedPerCore  = 2
	embeddedFetchers = 4
	embeddedPoll     = 5 * time.Millisecond
	embeddedShutdown = time.Second
)

// startWorkers serves both queues in this process. The workers are the only ones that write into the
// directory of its cache, and what they have decided alone.
func (f *runFlags) startWorkers(ctx context.Context, r cli.Redis, n int, known cli.Cache, log *slog.Logger) (stop func(), err error) {
	w, err := worker.Start(ctx, worker.Options{
		Name: cli.WorkerName(), Version: f.program.VersionText(), Ledger: r.Ledger(), Kinds: f.bare.Kinds(), Concurrency: n, CommandSlots: n, UnitLimit: fleet.MostUnit, Timing: r.Timing.Worker,
		Isolate: f.commands.Decider(log).Decide, Offers: cli.WorkerOffers(f.offers, log), Cache: f.cacheOptions(known), Log: log,
		Fetch: worker.FetchOptions{Redis: r.Bulk(), Queues: tasks.DefaultQueues(), Fetchers: min(n, embeddedFetchers),
			Poll: embeddedPoll, ShutdownTimeout: embeddedShutdown, Log: log},
	})
	if err != nil {
		return nil, err
	}
	return w.Shutdown, nil
}

// cacheOptions are those of the workers in this process, nil for none.
func (f *runFlags) cacheOptions(known cli.Cache) *worker.CacheOptions {
	if known.Store == nil || len(f.cache.Domains) == 0 {
		return nil
	}
	return &worker.CacheOptions{Store: known.Store, Domain: f.cache.Domains[0], Plain: true}
}

// muted is the log of what works over a private Redis: when that has ended, everything
// over it fails, and only the one cause is worth a line.
type muted struct {
	slog.Handler
	ended <-chan struct{}
}

func mutedAfter(log *slog.Logger, ended <-chan struct{}) *slog.Logger {
	return slog.New(muted{log.Handler(), ended})
}

// mutedWait is how long a warning waits to know whether Redis has ended: its connections
// fail before the end of its process is known.
const mutedWait = 100 * time.Millisecond

// Handle passes a record on unless Redis has ended.
func (m muted) Handle(ctx context.Context, r slog.Record) error {
	var wait time.Duration
	if r.Level >= slog.LevelWarn {
		wait = mutedWait
	}
	patience := time.NewTimer(wait)
	defer patience.Stop()
	select {
	case <-m.ended:
	case <-patience.C:
	}
	if m.hasEnded() {
		return nil
	}
	return m.Handler.Handle(ctx, r)
}

func (m muted) hasEnded() bool {
	select {
	case <-m.ended:
		return true
	default:
		return false
	}
}

// WithAttrs keeps the muting.
func (m muted) WithAttrs(as []slog.Attr) slog.Handler { return muted{m.Handler.WithAttrs(as), m.ended} }

// WithGroup keeps the muting.
func (m muted) WithGroup(name string) slog.Handler { return muted{m.Handler.WithGroup(name), m.ended} }
