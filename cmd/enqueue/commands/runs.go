package commands

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/verdict"
)

func newRunsCmd(p cli.Program) *cobra.Command {
	var redis cli.RedisFlags
	var format runsFormat
	cmd := &cobra.Command{
		Use:   "runs",
		Short: "list the runs that Redis knows, newest first",
		Long: `runs lists the runs of the last day. The counts of a run are final once it is complete
or incomplete; before that, marked with +, they are the counts so far, without the
rules that compare units with each other. The state of a run is

  open         its units are being listed
  sealed       they are all listed, and verdicts come in
  complete     every unit has a verdict
  incomplete   it has ended without some verdicts; REASON says why
  cancelled    somebody has cancelled it, or nobody followed it any more
  superseded   a newer run of the same --supersede key has replaced it
  abandoned    its enqueuer ended before all tasks were pushed: "enqueue run --resume RUN"
               in the checkout finishes it

"enqueue collect RUN" follows one that is open or sealed, and reports any of them.`,
		Example: `  enqueue runs
  enqueue runs --format json | jq -r '.[] | select(.state == "abandoned").id'`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.Connect(cmd.Context(), redis, "runs")
			if err != nil {
				return err
			}
			defer r.Close()
			runs, err := r.Ledger().Runs(cmd.Context())
			if err != nil {
				return err
			}
			return writeRuns[format](cmd.OutOrStdout(), runs)
		},
	}
	addSharedRedis(cmd, &redis)
	cli.Choose(cmd, &format, "format", "print `FORMAT`", "text", "json")
	return cmd
}

// runsFormat is how runs are printed.
type runsFormat string

var writeRuns = map[runsFormat]func(io.Writer, []ledger.Header) error{"text": runsTable, "json": runsJSON}

// runState is how a run is doing, as people are told.
type runState string

const (
	runOpen       runState = "open"
	runSealed     runState = "sealed"
	runComplete   runState = "complete"
	runIncomplete runState = "incomplete"
	runCancelled  runState = "cancelled"
	runSuperseded runState = "superseded"
	runAbandoned  runState = "abandoned"
)

func stateOf(h ledger.Header) runState {
	switch {
	case h.State == ledger.Closed && h.Final.Complete:
		return runComplete
	case h.SupersededBy != "":
		return runSuperseded
	case h.State == ledger.Closed:
		return runIncomplete
	case h.State == ledger.Cancelled:
		return runCancelled
	case h.Abandoned:
		return runAbandoned
	case h.State == ledger.Sealed:
		return runSealed
	}
	return runOpen
}

// listedRun is a run for programs. Fields are only added.
type listedRun struct {
	ID           string    `json:"id"`
	State        runState  `json:"state"`
	Started      time.Time `json:"started"`
	Ended        time.Time `json:"ended,omitzero"`
	DurationMS   int64     `json:"durationMs"` // so far, by Redis's clock
	Queue        string    `json:"queue"`
	Checker      string    `json:"checker"`
	Expected     int       `json:"expected"` // units listed so far
	Listed       bool      `json:"listed"`   // all are listed
	OK           int       `json:"ok"`
	Errs         int       `json:"errs"`
	Final        bool      `json:"final"` // the counts are those of its report
	Reason       string    `json:"reason,omitempty"`
	SupersededBy string    `json:"supersededBy,omitempty"`
}

func listedRunOf(h ledger.Header) listedRun {
	ended := cmp.Or(h.EndedAt, h.Now)
	r := listedRun{ID: string(h.ID), State: stateOf(h), Started: h.Started, Ended: h.EndedAt, DurationMS: max(0, ended.Sub(h.Started).Milliseconds()),
		Queue: h.Plan.Queue, Checker: strings.Join(h.Plan.Names(), ","), Expected: h.Listed, Listed: h.Total >= 0,
		OK: h.Kinds[verdict.OK], Errs: h.Decided - h.Kinds[verdict.OK], Reason: cmp.Or(h.Reason, h.Final.Reason), SupersededBy: string(h.SupersededBy)}
	if r.Listed {
		r.Expected = h.Total
	}
	if h.State == ledger.Closed {
		r.OK, r.Errs, r.Final = h.Final.OK, h.Final.Errs, true
	}
	return r
}

func runsTable(w io.Writer, runs []ledger.Header) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "RUN\tSTARTED\tSTATE\tEXPECTED\tOK\tERR\tDURATION\tREASON")
	for _, h := range runs {
		r := listedRunOf(h)
		took, more := time.Duration(r.DurationMS)*time.Millisecond, ""
		if !r.Final {
			took, more = took.Round(time.Second), "+"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%d%s\t%d%s\t%d%s\t%s\t%s\n", r.ID, r.Started.Format(time.RFC3339), r.State,
			r.Expected, map[bool]string{false: "+"}[r.Listed], r.OK, more, r.Errs, more, took, cmp.Or(safe(r.Reason), "-"))
	}
	return t.Flush()
}

func runsJSON(w io.Writer, runs []ledger.Header) error {
	all := make([]listedRun, 0, len(runs))
	for _, h := range runs {
		all = append(all, listedRunOf(h))
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(all)
}
