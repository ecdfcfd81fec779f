package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/cache/directory"
	"github.com/seed306eabeb/muster/cache/rediscache"
	"github.com/seed306eabeb/muster/internal/preflight"
	"github.com/seed306eabeb/muster/internal/redisconn"
)

// CacheRedisEnv names the environment variable that --cache-redis defaults to.
const CacheRedisEnv = "MUSTER_CACHE_REDIS"

// cacheRedisWait bounds the look at a cache's Redis before work begins, which does without where that
// does not answer.
const cacheRedisWait = 2 * time.Second

// CacheUse is what a command does with verdicts that are known from before.
type CacheUse string

// The words of --cache.
const (
	CacheAuto    CacheUse = "auto"    // look up, and keep what is decided
	CacheOff     CacheUse = "off"     // neither
	CacheRead    CacheUse = "read"    // look up alone
	CacheRefresh CacheUse = "refresh" // decide everything anew, and keep it
)

// Reads says whether verdicts are looked up.
func (u CacheUse) Reads() bool { return u != CacheOff && u != CacheRefresh }

// Writes says whether verdicts are kept.
func (u CacheUse) Writes() bool { return u != CacheOff && u != CacheRead }

// CacheFlags say where verdicts are kept, and which of them are trusted. A command adds those that it has a
// use for.
type CacheFlags struct {
	Use CacheUse // "" is CacheAuto
	// Domains are those that an enqueuer trusts, in the order in which they are asked.
	Domains []string
	// Domain is the one in which a worker keeps what it decides; "" for none.
	Domain string
	Redis  string // the address of the cache's own; "" for that of the runs
	Dir    string // "" for the user's
	// Reverify is the share of what is known, from 0 to 1, that is decided again to test the rest.
	Reverify float64
}

// MainDomain is the domain that is trusted where nothing else is said.
const MainDomain = "main"

// AddUse adds --cache.
func (f *CacheFlags) AddUse(cmd *cobra.Command) {
	Choose(cmd, &f.Use, "cache", "what to do with verdicts of the cache, read keeps none and refresh reads none", CacheAuto, CacheOff, CacheRead, CacheRefresh)
}

// AddDomains adds the --cache-domain of an enqueuer.
func (f *CacheFlags) AddDomains(cmd *cobra.Command) {
	cmd.Flags().StringSliceVar(&f.Domains, "cache-domain", []string{MainDomain}, "`DOMAIN,...` of the cache whose verdicts are trusted, the first one before the others")
}

// AddDomain adds the --cache-domain of a worker.
func (f *CacheFlags) AddDomain(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.Domain, "cache-domain", "", "`DOMAIN` of the cache in which to keep what is decided (default none: nothing is kept)")
}

// AddReverify adds --reverify.
func (f *CacheFlags) AddReverify(cmd *cobra.Command) {
	cmd.Flags().Var((*share)(&f.Reverify), "reverify", "decide `PERCENT` of what the cache knows again, such as 1%, and believe the rest if nothing differs")
}

// share is a flag that takes percents, and has them as a part of one.
type share float64

func (s *share) String() string {
	if *s == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(*s)*100, 'g', -1, 64) + "%"
}

func (s *share) Type() string { return "PERCENT" }

func (s *share) Set(text string) error {
	n, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
	if err != nil || !(n >= 0 && n <= 100) {
		return fmt.Errorf("%q: want a share from 0%% to 100%%, such as 1%%", text)
	}
	*s = share(n / 100)
	return nil
}

// AddRedis adds --cache-redis.
func (f *CacheFlags) AddRedis(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.Redis, "cache-redis", os.Getenv(CacheRedisEnv), "`URL` of a Redis for the cache alone (default $"+CacheRedisEnv+", else that of --redis)")
	cmd.Flags().Lookup("cache-redis").DefValue = "" // the environment's may hold a password
}

// AddDir adds --cache-dir.
func (f *CacheFlags) AddDir(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.Dir, "cache-dir", "", "`DIR` of the cache where there is no Redis, and of what is known of a checkout that lies as it did (default $XDG_CACHE_HOME/muster, else ~/.cache/muster)")
}

// Check refuses domains that can be none, and to test what is not looked up.
func (f *CacheFlags) Check() error {
	if f.Reverify > 0 && !f.Use.Reads() {
		return Usagef("--reverify tests what --cache auto or read looks up, and --cache %s looks up nothing", f.Use)
	}
	domains := slices.Clone(f.Domains)
	if f.Domain != "" {
		domains = append(domains, f.Domain)
	}
	for i, d := range domains {
		if err := cache.CheckDomain(d); err != nil {
			return Usagef("--cache-domain: %v", err)
		}
		if slices.Contains(domains[:i], d) {
			return Usagef("--cache-domain names %s twice", d)
		}
	}
	return nil
}

// Cache is where a process finds and keeps verdicts. The zero value is none.
type Cache struct {
	cache.Store
	Place string // where that is, without passwords
	// Life is for how long the store keeps what nobody writes again; 0 where it writes again by itself what
	// is used.
	Life time.Duration
	// BesideRuns says that the store lies in the Redis that has the runs.
	BesideRuns bool
	close      func() error
}

// Close ends the connection, or writes what a directory has yet to keep. An error means that something was
// not kept: nothing depends on it.
func (c Cache) Close() error {
	if c.close == nil {
		return nil
	}
	return c.close()
}

// CacheIn is the cache of a command that works over a Redis: in that, or in the one that the flags name,
// which is reached by the same TLS files. It looks at the latter, and says what its operator should
// set; one that does not answer is no mistake. The caller must Close the result before r.
func (p Program) CacheIn(ctx context.Context, f CacheFlags, r Redis, files redisconn.Files, command string, log *slog.Logger) (Cache, error) {
	target := r.Target()
	if f.Redis != "" {
		var err error
		if target, err = f.target(files); err != nil {
			return Cache{}, err
		}
	}
	if target.String() == r.Target().String() {
		s := rediscache.New(r.Plain(), rediscache.LifeBesideRuns)
		return Cache{Store: s, Place: target.String(), Life: s.Life(), BesideRuns: true}, nil
	}
	own := p.Dial(target, command+"-cache")
	c := alone(own)
	within, cancel := context.WithTimeout(ctx, cacheRedisWait)
	defer cancel()
	found, err := preflight.CheckCache(within, own.Plain())
	if err != nil {
		log.Warn("the cache's Redis does not answer: everything is decided until it does", "redis", target.String(), "err", err)
		return c, nil
	}
	found.Log(log)
	if err := found.Err(); err != nil {
		own.Close()
		return Cache{}, Usagef("--cache-redis at %s: %v", target, err)
	}
	return c, nil
}

// alone is the cache in a Redis of its own.
func alone(r Redis) Cache {
	s := rediscache.New(r.Plain(), rediscache.LifeAlone)
	return Cache{Store: s, Place: r.Target().String(), Life: s.Life(), close: r.Close}
}

// CacheAlone is the cache in the Redis of --cache-redis, which has to answer. The caller must Close the result.
func (p Program) CacheAlone(ctx context.Context, f CacheFlags, files redisconn.Files, command string) (Cache, error) {
	target, err := f.target(files)
	if err != nil {
		return Cache{}, err
	}
	r := p.Dial(target, command)
	if err := r.Ping(ctx); err != nil {
		r.Close()
		return Cache{}, err
	}
	return alone(r), nil
}

// target reads --cache-redis.
func (f *CacheFlags) target(files redisconn.Files) (redisconn.Target, error) {
	t, err := redisconn.ParseTLS(f.Redis, files)
	if err == nil {
		return t, nil
	}
	source := "--cache-redis"
	if f.Redis == os.Getenv(CacheRedisEnv) {
		source += " or $" + CacheRedisEnv
	}
	return t, Usagef("%s: %v", source, err)
}

// CacheDir is the cache of a command without a Redis, in a directory. One that is not named and cannot be
// used is done without, which is said. The caller must Close the result.
func (f *CacheFlags) CacheDir(log *slog.Logger) (Cache, error) {
	dir, err := f.dir()
	if err != nil {
		log.Debug("there is no cache: the user has no home", "err", err)
		return Cache{}, nil
	}
	s, err := directory.Open(dir, directory.Options{ReadOnly: !f.Use.Writes()})
	if err == nil {
		return Cache{Store: s, Place: dir, close: s.Close}, nil
	}
	if f.Dir != "" {
		return Cache{}, Usagef("--cache-dir: %v", err)
	}
	level := slog.LevelDebug
	if unsafe := (*directory.UnsafeError)(nil); errors.As(err, &unsafe) {
		level = slog.LevelWarn
	}
	log.Log(context.Background(), level, "there is no cache: "+err.Error())
	return Cache{}, nil
}

// dir is the directory that is meant.
func (f *CacheFlags) dir() (string, error) {
	if f.Dir != "" {
		return f.Dir, nil
	}
	base := os.Getenv("XDG_CACHE_HOME")
	if !filepath.IsAbs(base) { // the standard has relative ones passed over
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		base = filepath.Join(home, ".cache")
	}
	return filepath.Join(base, "muster"), nil
}
