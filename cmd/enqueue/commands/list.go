package commands

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/scope"
)

type listFlags struct {
	servicesFlags
	nul bool
}

func newListCmd(p cli.Program) *cobra.Command {
	f := listFlags{servicesFlags: servicesFlags{scopeFlags: scopeFlags{program: p}}}
	cmd := &cobra.Command{
		Use:   "list " + serviceArgs,
		Short: "print the services' names, one a line, sorted",
		Long: fmt.Sprintf(`list prints the name of every service, or of those selected, sorted by their bytes.
With --region it prints those that are deployed in one of the regions and neither
external nor disabled, and those whose regions cannot be read.

Every folder under %s is a service, hidden ones included. Plain files are none,
and are counted on standard error. A symbolic link, a pipe, a socket or a device is
listed too, and is an err to run and validate: nothing is left out in silence. In a
name, each backslash and each byte that is not UTF-8 is written \xNN; such a service
is an err as well.`, where(p)),
		Example: `  enqueue list --region dev-uk
  enqueue list -0 --region dev-uk | enqueue validate --region dev-uk -`,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.add(cmd, "let it be ok that no service is selected")
	cmd.Flags().BoolVarP(&f.nul, "null", "0", false, "end each name with a NUL byte in place of a newline")
	return cmd
}

func (f *listFlags) run(cmd *cobra.Command, args []string) error {
	log := cli.NewLog(cmd.ErrOrStderr(), "enqueue", slog.LevelInfo)
	s, err := f.openSelected(cmd, args, log)
	if err != nil {
		return err
	}
	defer s.Fleet.Close()
	end := "\n"
	if f.nul {
		end = "\x00"
	}
	if err := list(cmd.Context(), cmd.OutOrStdout(), s, end); err != nil {
		return err
	}
	if n := s.Fleet.PlainFiles(); n > 0 && s.Selection.Whole() {
		_, folder, _ := s.Fleet.Layout().ByName()
		log.Info("not listed: plain files under "+folder+"/", "files", n)
	}
	return nil
}

// list prints the names in scope in one order, whatever the file system has.
func list(ctx context.Context, w io.Writer, s scope.Scope, end string) error {
	var names []id.Unit
	for name, err := range s.List(ctx) {
		if err != nil {
			return err
		}
		names = append(names, name)
	}
	slices.Sort(names)
	out := bufio.NewWriter(w)
	for _, name := range names {
		if _, err := out.WriteString(string(name) + end); err != nil {
			return err
		}
	}
	return out.Flush()
}
