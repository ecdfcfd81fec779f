package commands

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/internal/endpoint"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/metrics"
	"github.com/seed306eabeb/muster/run"
)

func newWorkersCmd(p cli.Program) *cobra.Command {
	var redis cli.RedisFlags
	var format workersFormat
	var metricsAddr string
	cmd := &cobra.Command{
		Use:   "workers",
		Short: "list the live workers of a Redis",
		Long: `workers lists the workers that Redis has heard in the last seconds: their versions, the
engines by which they check, the queues that they serve, how many checks each can make at
once (0 while it stops), and how long ago it was heard, by Redis's clock. Below it stands which
commands each offers, and from which lanes of the queues it takes the units that need some,
and in which domain of the cache it keeps verdicts.

An engine is a digest of the code that decides. Workers with different ones may decide
differently about the same files; "enqueue version" prints those of this program.

With --metrics it lists nothing, and serves http://HOST:PORT/metrics for Prometheus until
it is told to end: the runs that are open, the units that are undecided in each lane of a
queue, which is the backlog to scale workers by, and the workers and slots that are there
for them. One such exporter serves a Redis; it only reads.`,
		Example: `  enqueue workers
  enqueue workers --format json | jq -r '.[].engines.manifest' | sort | uniq -c
  enqueue workers --metrics 127.0.0.1:9464`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.Connect(cmd.Context(), redis, "workers")
			if err != nil {
				return err
			}
			defer r.Close()
			if metricsAddr != "" {
				return serveMetrics(cmd, p, r, metricsAddr)
			}
			workers, err := liveWorkers(cmd.Context(), r)
			if err != nil {
				return err
			}
			return writeWorkers[format](cmd.OutOrStdout(), workers)
		},
	}
	addSharedRedis(cmd, &redis)
	cli.Choose(cmd, &format, "format", "print `FORMAT`", "text", "json")
	cmd.Flags().StringVar(&metricsAddr, "metrics", "", "serve numbers of all runs and workers to Prometheus on `HOST:PORT`")
	cmd.MarkFlagsMutuallyExclusive("format", "metrics")
	return cmd
}

// serveMetrics is an exporter of a Redis until the command is told to end.
func serveMetrics(cmd *cobra.Command, p cli.Program, r cli.Redis, addr string) error {
	log := cli.NewLog(cmd.ErrOrStderr(), "enqueue", slog.LevelInfo)
	fleet := metrics.NewFleet(r.Ledger(), silence(r), log)
	if err := fleet.Look(); err != nil {
		return err
	}
	registry := metrics.NewRegistry(p.VersionText())
	registry.MustRegister(fleet)
	served, err := endpoint.Serve(addr, map[string]http.Handler{metrics.Page: registry.Handler()}, log)
	if err != nil {
		return cli.Usagef("--metrics: %v", err)
	}
	defer served.Stop()
	log.Info("metrics of a Redis are served", "addr", served.Addr(), "redis", r.Target().String())
	<-cmd.Context().Done()
	return nil
}

// liveWorkers lists the workers that a run would take for alive.
func liveWorkers(ctx context.Context, r cli.Redis) ([]ledger.Worker, error) {
	return r.Ledger().Workers(ctx, silence(r))
}

// silence is after how long a run takes a worker for dead that was not heard.
func silence(r cli.Redis) time.Duration {
	return cmp.Or(r.Timing.Run, run.DefaultTiming()).Reissue.Silent
}

// workersFormat is how workers are printed.
type workersFormat string

var writeWorkers = map[workersFormat]func(io.Writer, []ledger.Worker) error{"text": workersTable, "json": workersJSON}

func workersTable(w io.Writer, workers []ledger.Worker) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "WORKER\tVERSION\tENGINES\tQUEUES\tSLOTS\tHEARTBEAT")
	for _, k := range workers {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%s ago\n", safe(k.Name), cmp.Or(safe(k.Version), "unknown"), cmp.Or(enginesText(k), "unknown"),
			safe(strings.Join(k.Queues, ",")), k.Slots, k.Silence.Round(100*time.Millisecond))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, k := range workers {
		if k.CacheDomain != "" {
			fmt.Fprintf(w, "\n%s keeps verdicts in the cache domain %s\n", safe(k.Name), safe(k.CacheDomain))
		}
		if err := offersTable(w, k); err != nil {
			return err
		}
	}
	return nil
}

// enginesText are the engines of a worker's checks, but for those that run a command: their offers
// tell them.
func enginesText(k ledger.Worker) string {
	var all []string
	for _, check := range slices.Sorted(maps.Keys(k.Engines)) {
		if _, ok := id.CommandOf(check); !ok {
			all = append(all, safe(check)+"="+short(k.Engines[check]))
		}
	}
	return strings.Join(all, ",")
}

// offersTable writes which commands a worker offers, if any.
func offersTable(w io.Writer, k ledger.Worker) error {
	if len(k.Offers) == 0 {
		return nil
	}
	from := "no lane: no run needs them"
	if len(k.Lanes) > 0 {
		from = safe(strings.Join(k.Lanes, ", "))
	}
	fmt.Fprintf(w, "\n%s offers commands, %d at once, from %s\n", safe(k.Name), k.CommandSlots, from)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  COMMAND\tVERSION\tENGINE\tSLOTS\tPURE\tWALLS")
	for _, o := range k.Offers {
		pure := "no"
		if o.Pure {
			pure = "yes"
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%d\t%s\t%s\n", safe(o.Name), cmp.Or(clipped(o.Version), "unknown"), short(o.Engine), o.Slots, pure, cmp.Or(safe(strings.Join(o.Walls, ",")), "none"))
	}
	return t.Flush()
}

// clipped is a version as a table has room for it: programs tell theirs in a line of their own.
func clipped(version string) string {
	const most = 24
	if r := []rune(version); len(r) > most {
		version = string(r[:most-3]) + "..."
	}
	return safe(version)
}

// short is an engine as people compare it.
func short(engine string) string { return safe(engine[:min(len(engine), 12)]) }

// safe is a text that another process wrote, without what would talk to a terminal.
func safe(s string) string {
	quoted := strconv.QuoteToASCII(s)
	return quoted[1 : len(quoted)-1]
}

// workerJSON is a worker for programs. Fields are only added.
type workerJSON struct {
	Name           string            `json:"name"`
	Version        string            `json:"version"` // "" from one that does not tell
	Engines        map[string]string `json:"engines"` // check → engine
	Queues         []string          `json:"queues"`
	Slots          int               `json:"slots"`
	HeartbeatAgeMS int64             `json:"heartbeatAgeMs"`
	CommandSlots   int               `json:"commandSlots"` // units at once whose checks run a command
	Offers         []offerJSON       `json:"offers"`
	Lanes          []string          `json:"lanes"`       // from which it takes these units
	CacheDomain    string            `json:"cacheDomain"` // in which it keeps verdicts; "" where it keeps none
}

// offerJSON is a command that a worker offers, for programs. Fields are only added.
type offerJSON struct {
	Name    string   `json:"name"`
	Version string   `json:"version"` // as the program tells it; "" where it does not
	Engine  string   `json:"engine"`
	Walls   []string `json:"walls"` // that stand around it
	Pure    bool     `json:"pure"`
	Slots   int      `json:"slots"` // at once
}

func workersJSON(w io.Writer, workers []ledger.Worker) error {
	all := make([]workerJSON, 0, len(workers))
	for _, k := range workers {
		j := workerJSON{Name: k.Name, Version: k.Version, Engines: map[string]string{}, Queues: append([]string{}, k.Queues...), Slots: k.Slots,
			HeartbeatAgeMS: k.Silence.Milliseconds(), CommandSlots: k.CommandSlots, Offers: []offerJSON{}, Lanes: append([]string{}, k.Lanes...), CacheDomain: k.CacheDomain}
		maps.Copy(j.Engines, k.Engines)
		for _, o := range k.Offers {
			j.Offers = append(j.Offers, offerJSON{o.Name, o.Version, o.Engine, append([]string{}, o.Walls...), o.Pure, o.Slots})
		}
		all = append(all, j)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(all)
}
