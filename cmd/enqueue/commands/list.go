package commands

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"

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
regions cannot be read.

Every folder under services/ is a service, hidden ones included. Plain files are none,
and are counted on standard error. A symbolic link, a pipe, a socket or a device is
listed too, and is an err to run and validate: nothing is left out in silence. In a
name, each backslash and each byte that is not UTF-8 is written \xNN; such a service
is an err as well.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := f.open(scope.Selection{})
			if err != nil {
				return err
			}
			defer s.Fleet.Close()
			if err := list(cmd.Context(), cmd.OutOrStdout(), s); err != nil {
				return err
			}
			if n := s.Fleet.PlainFiles(); n > 0 {
				cli.NewLog(cmd.ErrOrStderr(), "enqueue", slog.LevelInfo).Info("not listed: plain files under "+s.Checker.Layout().Units+"/", "files", n)
			}
			return nil
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
