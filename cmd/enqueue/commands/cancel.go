package commands

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/tasks"
)

func newCancelCmd(p cli.Program) *cobra.Command {
	var redis cli.RedisFlags
	var reason string
	cmd := &cobra.Command{
		Use:   "cancel RUN",
		Short: "end a run before everything is decided",
		Long: `cancel ends a run: its tasks end without work, and whoever follows it reports what
there is and exits with 3.`,
		Args:              cli.OneArg("run", "`enqueue runs` lists those that Redis knows"),
		ValidArgsFunction: completeNothing,
		RunE: func(cmd *cobra.Command, args []string) error {
			name := id.Run(args[0])
			if err := name.Check(); err != nil {
				return cli.Usagef("%v", err)
			}
			r, err := p.Connect(cmd.Context(), redis, "cancel")
			if err != nil {
				return err
			}
			defer r.Close()
			// All tasks of a fleet may have to be dropped, one call each: that is bulk traffic.
			conn := run.Conn{Ledger: r.Ledger(), Client: tasks.NewClient(r.Bulk(), r.Bulk())}
			if err := run.Cancel(cmd.Context(), conn, name, ledger.Cancellation{Reason: reason, By: cli.Operator()}); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "run %s is cancelled\n", name)
			return err
		},
	}
	addSharedRedis(cmd, &redis)
	cmd.Flags().StringVar(&reason, "reason", "asked for by `enqueue cancel`", "`TEXT` for those who follow the run")
	return cmd
}
