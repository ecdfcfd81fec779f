package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/internal/cli"
)

func newVersionCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the version and the engines of the checkers",
		Args:  cobra.NoArgs,
		RunE: cli.RunE(func(cmd *cobra.Command, _ []string) error {
			fmt.Fprintf(cmd.OutOrStdout(), "muster %s %s\n", cli.Version(version), runtime.Version())
			for _, c := range cli.Checkers() {
				fmt.Fprintf(cmd.OutOrStdout(), "checker %s engine %s\n", c.Name(), c.Engine())
			}
			return nil
		}),
	}
}
