package commands

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/internal/cli"
)

func newCacheCmd(p cli.Program) *cobra.Command {
	cmd := cli.Group(&cobra.Command{
		Use:   "cache",
		Short: "look after the verdicts that are kept",
		Long: `cache looks after the verdicts that workers keep in Redis, or those of your own runs in a
directory, where no Redis is given. What is kept ends by itself when nobody uses it; nothing
needs to be cleaned for verdicts to be right.`,
	})
	cmd.AddCommand(newCacheStatsCmd(p), newCacheCleanCmd(p), newCacheDisownCmd(p))
	return cmd
}

// cacheFlags say which cache is meant.
type cacheFlags struct {
	program cli.Program
	redis   cli.RedisFlags
	at      cli.CacheFlags
}

func (f *cacheFlags) add(cmd *cobra.Command) {
	f.addRedis(cmd)
	f.at.AddDir(cmd)
	f.at.Use = cli.CacheRead // there is nothing to keep
	cmd.MarkFlagsMutuallyExclusive("cache-dir", "redis")
	cmd.MarkFlagsMutuallyExclusive("cache-dir", "cache-redis")
}

func (f *cacheFlags) addRedis(cmd *cobra.Command) {
	addSharedRedis(cmd, &f.redis)
	f.at.AddRedis(cmd)
}

// inventory is a store that can be looked through.
type inventory interface {
	Each(ctx context.Context, tell func(cache.Found) error) error
	Remove(ctx context.Context, drop func(cache.Found) bool) (int, error)
}

// shownCache is a cache whose operator looks at it.
type shownCache struct {
	cli.Cache
	inventory
	// engines are those by which verdicts are asked for, of each check.
	engines map[string][]string
	// some says that a check without engines is one that others may have.
	some  bool
	salts map[string]string // of the domains that were asked for
	close func()
}

// open opens the cache that is meant: in Redis if the flags or the environment name one.
func (f *cacheFlags) open(ctx context.Context, log *slog.Logger) (*shownCache, error) {
	o := &shownCache{engines: map[string][]string{}, salts: map[string]string{}, close: func() {}}
	o.know(f.program.Kinds().Engines())
	inDir := f.at.Dir != ""
	var err error
	switch {
	case !inDir && !f.redis.Embedded():
		var r cli.Redis
		if r, err = f.program.Connect(ctx, f.redis, "cache"); err != nil {
			return nil, err
		}
		o.close = func() { r.Close() }
		if o.Cache, err = f.program.CacheIn(ctx, f.at, r, f.redis.Files, "cache", log); err != nil {
			break
		}
		workers, listErr := liveWorkers(ctx, r)
		for _, w := range workers {
			o.know(w.Engines)
		}
		err = listErr
	case !inDir && f.at.Redis != "":
		o.some = true
		o.Cache, err = f.program.CacheAlone(ctx, f.at, f.redis.Files, "cache")
	default:
		o.some = true
		if o.Cache, err = f.at.CacheDir(log); err == nil && o.Store == nil {
			err = cli.Usagef("there is no cache: name its Redis by --redis or --cache-redis, or its directory by --cache-dir")
		}
	}
	if err != nil {
		o.close()
		return nil, err
	}
	o.inventory = o.Store.(inventory) // each store is one
	below := o.close
	o.close = func() {
		o.Cache.Close()
		below()
	}
	return o, nil
}

func (o *shownCache) know(engines map[string]string) {
	for check, engine := range engines {
		o.engines[check] = append(o.engines[check], engine)
	}
}

// cacheState is what a kept verdict is good for.
type cacheState string

const (
	cacheLive     cacheState = "live"     // it may be asked for
	cacheDead     cacheState = "dead"     // no live worker, nor this program, decides by its engine
	cacheDisowned cacheState = "disowned" // the domain has another salt
	cacheBroken   cacheState = "broken"   // it is not what was written
)

// stateOf reads a verdict.
func (o *shownCache) stateOf(ctx context.Context, f cache.Found) (e cache.Entry, s cacheState, err error) {
	salt, ok := o.salts[f.Domain]
	if !ok {
		if salt, err = o.Salt(ctx, f.Domain); err != nil {
			return e, "", err
		}
		o.salts[f.Domain] = salt
	}
	e, broken := cache.Decode(f.Key, f.Value)
	engines, known := o.engines[e.Check]
	switch {
	case broken != nil || e.Domain != f.Domain:
		return cache.Entry{}, cacheBroken, nil
	case e.Salt != salt:
		return e, cacheDisowned, nil
	case slices.Contains(engines, e.Engine) || !known && o.some:
		return e, cacheLive, nil
	}
	return e, cacheDead, nil
}

// cacheGroup is what items have in common, and how many there are. Fields are only added.
type cacheGroup struct {
	cacheGroupKey
	Entries int       `json:"entries"`
	Bytes   int64     `json:"bytes"`
	Oldest  time.Time `json:"oldest,omitzero"` // when the first of them was decided
	Newest  time.Time `json:"newest,omitzero"` // and the last
	Written time.Time `json:"written"`         // when the one was written that ends first
}

type cacheGroupKey struct {
	Kind   cache.Space `json:"kind"`
	Domain string      `json:"domain"`
	Check  string      `json:"check,omitempty"`
	Engine string      `json:"engine,omitempty"`
	State  cacheState  `json:"state"`
}

// cacheStats are all that a cache has. Fields are only added.
type cacheStats struct {
	Place   string       `json:"place"`
	Entries int          `json:"entries"`
	Bytes   int64        `json:"bytes"`
	Groups  []cacheGroup `json:"groups"`
}

func newCacheStatsCmd(p cli.Program) *cobra.Command {
	f := cacheFlags{program: p}
	var format cacheFormat
	cmd := &cobra.Command{
		Use:   "stats",
		Short: "count what is kept, by domain, check and engine",
		Long: `stats counts what is kept and how many bytes that takes, by domain, check and engine, and
says when the oldest and the newest of these verdicts were decided. A verdict is

  live       it may be asked for
  dead       no live worker decides by its engine any more, nor does this program
  disowned   its domain was disowned after it was decided
  broken     its bytes are not those that were written: it counts for nothing

A content says which bytes git means by a name, so that they need not be read; a last says
what became of a unit when it was decided last, which puts tasks into an order.
Redis is read in small steps, and goes on serving others meanwhile.`,
		Example: `  enqueue cache stats
  enqueue cache stats --format json | jq '.groups[] | select(.state == "dead").bytes'`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := f.open(cmd.Context(), cli.NewLog(cmd.ErrOrStderr(), "enqueue", slog.LevelInfo))
			if err != nil {
				return err
			}
			defer o.close()
			stats, err := o.stats(cmd.Context())
			if err != nil {
				return err
			}
			return writeCacheStats[format](cmd.OutOrStdout(), stats)
		},
	}
	f.add(cmd)
	cli.Choose(cmd, &format, "format", "print `FORMAT`", "text", "json")
	return cmd
}

func (o *shownCache) stats(ctx context.Context) (cacheStats, error) {
	groups := map[cacheGroupKey]*cacheGroup{}
	all := cacheStats{Place: o.Place, Groups: []cacheGroup{}}
	err := o.Each(ctx, func(f cache.Found) error {
		key, made := cacheGroupKey{Kind: f.Space, Domain: f.Domain, State: cacheLive}, time.Time{}
		if f.Space == cache.Verdicts {
			e, state, err := o.stateOf(ctx, f)
			if err != nil {
				return err
			}
			key.Check, key.Engine, key.State, made = e.Check, e.Engine, state, e.Made
		}
		g := groups[key]
		if g == nil {
			g = &cacheGroup{cacheGroupKey: key, Oldest: made, Newest: made, Written: f.Written}
			groups[key] = g
		}
		g.Entries, g.Bytes = g.Entries+1, g.Bytes+int64(f.Bytes)
		all.Entries, all.Bytes = all.Entries+1, all.Bytes+int64(f.Bytes)
		if made.Before(g.Oldest) {
			g.Oldest = made
		}
		if made.After(g.Newest) {
			g.Newest = made
		}
		if f.Written.Before(g.Written) {
			g.Written = f.Written.UTC()
		}
		return nil
	})
	for _, g := range groups {
		g.Written = g.Written.UTC().Truncate(time.Second)
		all.Groups = append(all.Groups, *g)
	}
	slices.SortFunc(all.Groups, func(a, b cacheGroup) int {
		return cmp.Or(strings.Compare(a.Domain, b.Domain), -strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Check, b.Check),
			strings.Compare(string(a.State), string(b.State)), strings.Compare(a.Engine, b.Engine))
	})
	return all, err
}

// cacheFormat is how a cache is printed.
type cacheFormat string

var writeCacheStats = map[cacheFormat]func(io.Writer, cacheStats) error{"text": cacheTable, "json": cacheJSON}

func cacheTable(w io.Writer, s cacheStats) error {
	fmt.Fprintf(w, "%s: %d entries, %s\n", safe(s.Place), s.Entries, kibi(s.Bytes))
	if len(s.Groups) == 0 {
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "DOMAIN\tKIND\tCHECK\tENGINE\tSTATE\tENTRIES\tSIZE\tDECIDED")
	for _, g := range s.Groups {
		decided := "-"
		if !g.Oldest.IsZero() {
			decided = g.Oldest.Format(time.RFC3339) + " to " + g.Newest.Format(time.RFC3339)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n", safe(g.Domain), g.Kind, cmp.Or(safe(g.Check), "-"), cmp.Or(short(g.Engine), "-"), g.State, g.Entries, kibi(g.Bytes), decided)
	}
	return t.Flush()
}

// kibi is a number of bytes for people.
func kibi(n int64) string {
	if n < 10<<20 {
		return fmt.Sprintf("%d KiB", (n+1<<10-1)>>10)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}

func cacheJSON(w io.Writer, s cacheStats) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(s)
}

func newCacheCleanCmd(p cli.Program) *cobra.Command {
	f := cacheFlags{program: p}
	var dead, all bool
	var domain string
	var older time.Duration
	cmd := &cobra.Command{
		Use:   "clean",
		Short: "remove what is kept",
		Long: `clean removes what is kept, for room: what is removed is decided again when it is asked for.
Of several flags, what all of them mean goes. "enqueue cache stats" says what is dead.

To trust nothing any more that a domain has, "enqueue cache disown" it: that counts at once,
while workers may keep again what clean removes.`,
		Example: `  enqueue cache clean --dead
  enqueue cache clean --domain pr --older 24h
  enqueue cache clean --all --cache-dir ci/cache`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case all && (dead || domain != "" || older != 0):
				return cli.Usagef("--all goes with none of --dead, --domain and --older: it means everything")
			case !all && !dead && domain == "" && older == 0:
				return cli.Usagef("what is to go is missing: want --dead, --domain, --older or --all")
			case older < 0:
				return cli.Usagef("--older %s: want a time above 0, such as 24h", older)
			}
			if domain != "" {
				if err := cache.CheckDomain(domain); err != nil {
					return cli.Usagef("--domain: %v", err)
				}
			}
			o, err := f.open(cmd.Context(), cli.NewLog(cmd.ErrOrStderr(), "enqueue", slog.LevelInfo))
			if err != nil {
				return err
			}
			defer o.close()
			n, err := o.clean(cmd.Context(), domain, older, dead)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d entries are removed from %s\n", n, safe(o.Place))
			return err
		},
	}
	f.add(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&dead, "dead", false, "verdicts that nobody asks for: of engines that no live worker has, disowned ones, broken ones")
	flags.StringVar(&domain, "domain", "", "what `DOMAIN` has")
	flags.DurationVar(&older, "older", 0, "what was written longer ago than that; using it writes it again now and then")
	flags.BoolVar(&all, "all", false, "everything")
	return cmd
}

// clean removes what is of a domain, older than that, and dead, as far as each is asked for.
func (o *shownCache) clean(ctx context.Context, domain string, older time.Duration, dead bool) (int, error) {
	var failed error
	before := time.Now().Add(-older)
	n, err := o.Remove(ctx, func(f cache.Found) bool {
		if domain != "" && f.Domain != domain || older > 0 && f.Written.After(before) || failed != nil {
			return false
		}
		if !dead {
			return true
		}
		if f.Space != cache.Verdicts {
			return false
		}
		_, state, err := o.stateOf(ctx, f)
		failed = err
		return err == nil && state != cacheLive
	})
	return n, cmp.Or(err, failed)
}

func newCacheDisownCmd(p cli.Program) *cobra.Command {
	f := cacheFlags{program: p}
	cmd := &cobra.Command{
		Use:   "disown DOMAIN",
		Short: "trust nothing any more that a domain has",
		Long: `disown makes everything that the workers of a domain have kept count for nothing, from the
next start of a run on: after a worker was in wrong hands, decided wrongly because of its
machine, or wrote what it should not have. Workers keep verdicts again within a second or
two; stop those that you do not trust before.

Only a user with the right to write the salts of domains may (docs/acl/operator.acl).`,
		Example:           `  enqueue cache disown main --redis "$OPERATOR"`,
		Args:              cli.OneArg("domain", "it is what --cache-domain of its workers says, such as main"),
		ValidArgsFunction: completeNothing,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := cache.CheckDomain(args[0]); err != nil {
				return cli.Usagef("%v", err)
			}
			if f.redis.Embedded() && f.at.Redis == "" {
				return cli.Usagef("disown needs a Redis: set %s or pass --redis or --cache-redis; a directory is cleaned: `enqueue cache clean --all`", cli.RedisEnv)
			}
			o, err := f.open(cmd.Context(), cli.NewLog(cmd.ErrOrStderr(), "enqueue", slog.LevelInfo))
			if err != nil {
				return err
			}
			defer o.close()
			if err := o.Store.(disowner).Disown(cmd.Context(), args[0]); err != nil { // that of a Redis is one
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "domain %s is disowned: what it has counts for nothing\n", args[0])
			return err
		},
	}
	f.addRedis(cmd)
	return cmd
}

// disowner is a store whose domains can be disowned.
type disowner interface {
	Disown(ctx context.Context, domain string) error
}
