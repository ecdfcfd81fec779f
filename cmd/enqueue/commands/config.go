package commands

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/verdict"
)

func newConfigCmd(p cli.Program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "look at what all services share",
		Args:  cobra.NoArgs,
		RunE:  commandMissing,
	}
	cmd.AddCommand(newConfigVerifyCmd(p))
	return cmd
}

func newConfigVerifyCmd(p cli.Program) *cobra.Command {
	f := scopeFlags{checkers: p.Checkers}
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "verify shipcat.conf and teams.yml alone",
		Long: `verify looks at the files that all services share and at no service. It exits with
2 when they have errors: nothing could be verified with them.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			scope, err := f.open(nil)
			if err != nil {
				return err
			}
			defer scope.Fleet.Close()
			findings, regions, err := run.VerifyConfig(cmd.Context(), scope)
			if err != nil {
				return err
			}
			if err := report.Findings(cmd.OutOrStdout(), findings, report.TextOptions{}); err != nil {
				return err
			}
			if verdict.HasError(findings) {
				return cli.ExitWith(aggregator.ExitConfig)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "the configuration is valid: %s\n", strings.Join(regions, ", "))
			return err
		},
	}
	f.add(cmd)
	return cmd
}
