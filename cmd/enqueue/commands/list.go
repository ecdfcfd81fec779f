package commands

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/scope"
)

func newListCmd(p cli.Program) *cobra.Command {
	f := scopeFlags{program: p}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "print the services' names, one a line, as they are found",
		Long: `list prints the name of every service. With --region it prints those that are
deployed in one of the regions and neither external nor disabled, and those whose
regions cannot be read.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := f.open(scope.Selection{})
			if err != nil {
				return err
			}
			defer s.Fleet.Close()
			return list(cmd.Context(), cmd.OutOrStdout(), s)
		},
	}
	f.add(cmd)
	return cmd
}

func list(ctx context.Context, w io.Writer, s scope.Scope) error {
	out := bufio.NewWriter(w)
	for name, err := range s.List(ctx) {
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(out, name); err != nil {
			return err
		}
		if out.Buffered() > 1<<10 {
			if err := out.Flush(); err != nil {
				return err
			}
		}
	}
	return out.Flush()
}
