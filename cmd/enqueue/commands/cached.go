package commands

import (
	"context"
	"log/slog"

	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/run"
)

// openCache is the cache of a command over a Redis, none where it is not to be used.
func openCache(ctx context.Context, p cli.Program, f cli.CacheFlags, r cli.Redis, at cli.RedisFlags, command string, log *slog.Logger) (cli.Cache, error) {
	if f.Use == cli.CacheOff {
		return cli.Cache{}, nil
	}
	return p.CacheIn(ctx, f, r, at.Files, command, log)
}

// closeCache ends it. What goes wrong then is no mistake of the run's.
func closeCache(c cli.Cache, log *slog.Logger) {
	if err := c.Close(); err != nil {
		log.Debug("the cache was not closed", "err", err)
	}
}

// usedOf is what a run may use of a cache.
func usedOf(f cli.CacheFlags, c cli.Cache) run.Cache {
	return run.Cache{Store: c.Store, Domains: f.Domains, Read: f.Use.Reads(), Write: f.Use.Writes(), Life: c.Life}
}
