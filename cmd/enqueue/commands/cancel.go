package commands

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/tasks"
)

func newCancelCmd() *cobra.Command {
	var redis, reason string
	cmd := &cobra.Command{
		Use:   "cancel RUN",
		Short: "end a run before everything is decided",
		Long: `cancel ends a run: its tasks end without work, and whoever follows it reports what
there is and exits with 3.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := ledger.CheckRunID(args[0]); err != nil {
				return cli.Usagef("%v", err)
			}
			target, err := cli.ParseRedis(redis, "cancel")
			if err != nil {
				return err
			}
			conn := target.Dial(redisconn.Options{Name: "muster-cancel"})
			defer conn.Close()
			if err := conn.Ping(cmd.Context()); err != nil {
				return err
			}
			err = run.Cancel(cmd.Context(), args[0], reason, run.FollowOptions{
				Ledger: ledger.New(conn.Bulk(), conn.Plain()), Client: tasks.NewClient(conn.Bulk(), conn.Bulk()),
			})
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "run %s is cancelled\n", args[0])
			return err
		},
	}
	addRedis(cmd, &redis)
	cmd.Flags().StringVar(&reason, "reason", "asked for by `enqueue cancel`", "`TEXT` for those who follow the run")
	return cmd
}
