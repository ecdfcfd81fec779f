package commands

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/verdict"
)

func newRunsCmd(p cli.Program) *cobra.Command {
	var redis cli.RedisFlags
	cmd := &cobra.Command{
		Use:   "runs",
		Short: "list the runs that Redis knows, newest first",
		Long: `runs lists the runs of the last day. The counts of a run are final once it is
closed; before that, marked with +, they are the counts so far, without the rules
that compare services with each other.`,
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
			return printRuns(cmd.OutOrStdout(), runs, time.Now())
		},
	}
	addSharedRedis(cmd, &redis)
	return cmd
}

func printRuns(w io.Writer, runs []ledger.Header, now time.Time) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "RUN\tSTARTED\tSTATE\tEXPECTED\tOK\tERR\tDURATION")
	for _, h := range runs {
		fmt.Fprintf(t, "%s\t%s\t%s\n", h.ID, h.Started.Format(time.RFC3339), runColumns(h, now))
	}
	return t.Flush()
}

// runColumns are the columns from the state on.
func runColumns(h ledger.Header, now time.Time) string {
	expected := fmt.Sprintf("%d+", h.Listed)
	if h.Total >= 0 {
		expected = fmt.Sprint(h.Total)
	}
	if h.State == ledger.Closed {
		state := "complete"
		if !h.Final.Complete {
			state = "incomplete"
		}
		return fmt.Sprintf("%s\t%s\t%d\t%d\t%s", state, expected, h.Final.OK, h.Final.Errs, h.EndedAt.Sub(h.Started).Round(time.Millisecond))
	}
	state, ok, ended := string(h.State), h.Kinds[verdict.OK], now
	switch {
	case h.Abandoned:
		state = "abandoned"
	case h.State == ledger.Cancelled:
		ended = h.EndedAt
	}
	return fmt.Sprintf("%s\t%s\t%d+\t%d+\t%s", state, expected, ok, h.Decided-ok, ended.Sub(h.Started).Round(time.Second))
}
