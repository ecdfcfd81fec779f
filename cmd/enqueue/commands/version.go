package commands

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/internal/cli"
)

func newVersionCmd(p cli.Program) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the version and the engines of the checks",
		Args:  cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			fmt.Fprintf(cmd.OutOrStdout(), "muster %s %s\n", p.VersionText(), runtime.Version())
			for _, c := range p.Kinds() {
				fmt.Fprintf(cmd.OutOrStdout(), "checker %s engine %s\n", c.Name(), c.Engine())
			}
			return nil
		},
	}
}
