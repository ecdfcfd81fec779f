package commands

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/scope"
)

func newConfigCmd(p cli.Program) *cobra.Command {
	cmd := cli.Group(&cobra.Command{
		Use:   "config",
		Short: "look at what all services share",
	})
	cmd.AddCommand(newConfigVerifyCmd(p))
	return cmd
}

func newConfigVerifyCmd(p cli.Program) *cobra.Command {
	f := scopeFlags{program: p}
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "verify the files that all services share, and no service",
		Long: `verify looks at the files that all services share and at no service. It exits with
2 when they have errors: nothing could be verified with them.`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := f.open(cli.NewLog(cmd.ErrOrStderr(), "enqueue", slog.LevelInfo))
			if err != nil {
				return err
			}
			defer s.Fleet.Close()
			resolved, err := s.Resolve(cmd.Context())
			if err != nil {
				return err
			}
			if err := report.Findings(cmd.OutOrStdout(), resolved.Findings(), report.Options{}); err != nil {
				return err
			}
			if resolved.Invalid() {
				return cli.ExitWith(policy.ExitConfig)
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), strings.Join(append([]string{"the configuration is valid"}, regionsOf(resolved)...), ": "))
			return err
		},
	}
	f.add(cmd)
	return cmd
}

// regionsOf names the regions of a repository that has some.
func regionsOf(r scope.Resolved) []string {
	if len(r.Regions) == 0 {
		return nil
	}
	return []string{strings.Join(r.Regions, ", ")}
}
