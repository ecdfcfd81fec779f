package commands

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/scope"
)

type listFlags struct {
	servicesFlags
	nul bool
}

func newListCmd(p cli.Program) *cobra.Command {
	f := listFlags{servicesFlags: servicesFlags{scopeFlags: scopeFlags{program: p}}}
	cmd := &cobra.Command{
		Use:   "list " + unitArgs,
		Short: "print the units' names, one a line, sorted",
		Long: `list prints the name of every unit, or of those selected, sorted by their bytes. With
--region it prints those that are deployed in one of the regions, and those whose
regions cannot be read; no service that is external or disabled.

A unit is called by its path; a service, which is a folder of services/, by its folder's
name. A symbolic link, a pipe, a socket or a device where a unit may lie is listed too,
and is an err to run and validate: nothing is left out in silence. In a name, each
backslash and each byte that is not UTF-8 is written \xNN; such a unit is an err as
well. What a terminal would obey is spelt out on one. Plain files in services/ are no
services, and are counted on standard error.`,
		Example: `  enqueue list --kind module
  enqueue list -0 --region eu | enqueue validate --region eu -`,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.add(cmd, "let it be ok that no unit is selected")
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
	if err := list(cmd.Context(), cmd.OutOrStdout(), s, f.writtenTo(cmd.OutOrStdout())); err != nil {
		return err
	}
	if n := s.Fleet.PlainFiles(); n > 0 && s.Selection.Whole() {
		_, folder, _ := s.Fleet.Layout().ByName()
		log.Info("not listed: plain files under "+folder+"/", "files", n)
	}
	if tree, ok := committed(s.Fleet); ok && s.Selection.Whole() {
		if unseen := tree.Unseen(); len(unseen) > 0 {
			log.Info("not listed: what lies in submodules, of which a commit has no files: " + few(quoted(shown(unseen))))
		}
	}
	return nil
}

// writtenTo is how names are written, each with its end: for programs as they are, and for people without
// what a terminal obeys.
func (f *listFlags) writtenTo(w io.Writer) func(id.Unit) string {
	switch {
	case f.nul:
		return func(name id.Unit) string { return string(name) + "\x00" }
	case isTerminal(w):
		return func(name id.Unit) string { return report.Printable(string(name)) + "\n" }
	}
	return func(name id.Unit) string { return string(name) + "\n" }
}

// list prints the names in scope in one order, whatever the file system has.
func list(ctx context.Context, w io.Writer, s scope.Scope, written func(id.Unit) string) error {
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
		if _, err := out.WriteString(written(name)); err != nil {
			return err
		}
	}
	return out.Flush()
}
