package commands

import (
	"context"
	"log/slog"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/run"
)

// openCache is the cache of a command over a Redis, none where it is not to be used.
func openCache(ctx context.Context, p cli.Program, f cli.CacheFlags, r cli.Redis, at cli.RedisFlags, command string, log *slog.Logger) (cli.Cache, error) {
	if f.Use == cli.CacheOff {
		return cli.Cache{}, nil
	}
	return p.CacheIn(ctx, f, r, at.Files, command, log)
}

// openDir is the cache of a command that decides in its own process, in a directory of the user's; none
// where it is not to be used.
func openDir(f cli.CacheFlags, log *slog.Logger) (cli.Cache, error) {
	if f.Use == cli.CacheOff {
		return cli.Cache{}, nil
	}
	return f.CacheDir(log)
}

// openBeside lets a run over a Redis keep in a directory of the user's how units lie in a checkout. The caller
// must close the directory. Verdicts lie elsewhere, so that nobody is told of one that cannot be used and was not
// named.
func openBeside(c *run.Cache, f cli.CacheFlags, s fleet.Source) (cli.Cache, error) {
	if _, ok := s.(fleet.Stamped); !ok || !c.Read {
		return cli.Cache{}, nil
	}
	beside, err := f.CacheDir(slog.New(slog.DiscardHandler))
	c.Local = beside.Store
	return beside, err
}

// closeDir writes what is kept. That this fails changes nothing but that it will be decided again.
func closeDir(c cli.Cache, log *slog.Logger) {
	if err := c.Close(); err != nil {
		log.Warn("what was decided is not kept in the cache", "err", err)
	}
}

// closeCache ends it. What goes wrong then is no mistake of the run's.
func closeCache(c cli.Cache, log *slog.Logger) {
	if err := c.Close(); err != nil {
		log.Debug("the cache was not closed", "err", err)
	}
}

// usedOf is what a run may use of a cache.
func usedOf(f cli.CacheFlags, c cli.Cache) run.Cache {
	return run.Cache{Store: c.Store, Domains: f.Domains, Read: f.Use.Reads(), Write: f.Use.Writes(), Life: c.Life, Reverify: f.Reverify}
}

// cachedOf is what a report tells of the cache.
func cachedOf(r run.Result) report.Cached {
	c := report.Cached{Units: r.Cached.Units, Oldest: r.Cached.Oldest, Newest: r.Cached.Newest}
	if v := r.Reverified; v != nil {
		c.Reverified = &report.Reverified{Sampled: v.Sampled, Differed: v.Differed, NotCompared: v.NotCompared}
		for _, d := range v.Differences {
			c.Reverified.Differences = append(c.Reverified.Differences, report.Difference{Service: string(d.Unit), Check: d.Check, What: d.What, Domain: d.Domain, By: d.By, Made: d.Made})
		}
	}
	return c
}
