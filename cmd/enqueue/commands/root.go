// Package commands holds the subcommands of enqueue, one a file: their flags, and
// what they hand to the packages that do the work.
package commands

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/internal/cli"
)

// New makes the command enqueue for a program.
func New(p cli.Program) *cobra.Command {
	root := &cobra.Command{
		Use:   "enqueue",
		Short: "verify a whole fleet of service manifests",
		Long: `enqueue verifies every service manifest of a repository and reports the services
that are ok and those that are not, with each mistake on its line.

  enqueue run          one task a service on a Redis queue, verified by any number
                       of workers; without a Redis, by workers in this process
  enqueue validate     the same verdicts in this process, without a queue

Exit codes: 0 all ok, 1 invalid manifests, 2 usage or configuration (nothing was
verified), 3 not everything could be decided, 4 superseded by a newer run, 130
interrupted.`,
		Version: p.VersionText(),
		Args:    cobra.NoArgs,
		RunE:    commandMissing,
	}
	root.AddCommand(newRunCmd(p), newValidateCmd(p), newListCmd(p), newCollectCmd(p), newCancelCmd(p), newRunsCmd(p), newWorkersCmd(p), p.NewDecideCmd(), newConfigCmd(p),
		newRulesCmd(), newExplainCmd(), newSchemaCmd(), newVersionCmd(p))
	return root
}

// commandMissing is what a command does that only has others below it: doing
// nothing is no success.
func commandMissing(cmd *cobra.Command, _ []string) error {
	cmd.SetOut(cmd.ErrOrStderr())
	return errors.Join(cmd.Help(), cli.Usagef("a command is missing"))
}
