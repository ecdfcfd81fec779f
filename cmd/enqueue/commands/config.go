package commands

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/verdict"
)

func newConfigCmd(p cli.Program) *cobra.Command {
	cmd := cli.Group(&cobra.Command{
		Use:   "config",
		Short: "look at what is verified, and by what",
	})
	cmd.AddCommand(newConfigVerifyCmd(p), newConfigShowCmd(p))
	return cmd
}

func newConfigVerifyCmd(p cli.Program) *cobra.Command {
	f := scopeFlags{program: p}
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "verify the configuration and the files that units share, and no unit",
		Long: `verify looks at the configuration and the files that units share, and at no unit. It
exits with 2 when they have errors: nothing could be verified with them.

Of a repository with a muster.yaml it lists the units, counts those of each kind, and
finds those that are of two kinds, that have no name, or that of another one to which
others refer. It warns of optional checks whose files no unit has.`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return verifyConfig(cmd, &f) },
	}
	f.add(cmd)
	return cmd
}

func verifyConfig(cmd *cobra.Command, f *scopeFlags) error {
	dir, what, err := f.load(cli.NewLog(cmd.ErrOrStderr(), "enqueue", slog.LevelInfo))
	if err != nil {
		return err
	}
	s, err := f.openAs(dir, what)
	if err != nil {
		return err
	}
	defer s.Fleet.Close()
	if err := (&judgeFlags{ref: noneOf}).judge(cmd.Context(), f, &s); err != nil {
		return err
	}
	resolved, err := s.Resolve(cmd.Context())
	if err != nil {
		return err
	}
	found, counts := resolved.Findings(), []config.Count(nil)
	if d := what.Declaration; d != nil && !resolved.Invalid() {
		var twice []verdict.Finding
		if counts, twice, err = d.Census(s.Fleet.FS()); err != nil {
			return err
		}
		found = verdict.SortFindings(append(found, twice...))
	}
	if err := report.Findings(cmd.OutOrStdout(), found, report.Options{}); err != nil {
		return err
	}
	if verdict.HasError(found) {
		return cli.ExitWith(policy.ExitConfig)
	}
	fmt.Fprintln(cmd.OutOrStdout(), strings.Join(append([]string{"the configuration is valid"}, regionsOf(resolved)...), ": "))
	return writeCounts(cmd.OutOrStdout(), counts)
}

// writeCounts says how many units of each kind there are.
func writeCounts(w io.Writer, counts []config.Count) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range counts {
		what := "files"
		if c.Folder {
			what = "folders"
		}
		if c.Units == 1 {
			what = strings.TrimSuffix(what, "s")
		}
		fmt.Fprintf(t, "%s\t%d %s\n", c.Kind, c.Units, what)
	}
	return t.Flush()
}

func newConfigShowCmd(p cli.Program) *cobra.Command {
	f := scopeFlags{program: p}
	cmd := &cobra.Command{
		Use:   "show",
		Short: "print every value of the configuration that is in force, and where it was set",
		Long: `show prints a line for each value of the configuration that is in force: its key, the
value, and the place where it was set, or "default". It exits with 2 when the
configuration has errors, and prints those: nothing is in force then.`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return showConfig(cmd, &f) },
	}
	f.addRepo(cmd, f.nearest())
	return cmd
}

func showConfig(cmd *cobra.Command, f *scopeFlags) error {
	_, what, err := f.load(cli.NewLog(cmd.ErrOrStderr(), "enqueue", slog.LevelInfo))
	if err != nil {
		return err
	}
	if err := report.Findings(cmd.OutOrStdout(), what.Findings, report.Options{}); err != nil {
		return err
	}
	if verdict.HasError(what.Findings) {
		return cli.ExitWith(policy.ExitConfig)
	}
	t := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	for _, s := range what.Settings() {
		fmt.Fprintf(t, "%s\t%s\t%s\n", s.Path, s.Value, s.Origin())
	}
	return t.Flush()
}

// regionsOf names the regions of a repository that has some.
func regionsOf(r scope.Resolved) []string {
	if len(r.Regions) == 0 {
		return nil
	}
	return []string{strings.Join(r.Regions, ", ")}
}
