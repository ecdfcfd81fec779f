// Command enqueue verifies a fleet of service manifests: over a Redis queue with
// any number of workers, or in its own process.
package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/internal/cli"
)

// version is set when a release is built.
var version string

func main() {
	cli.CollectAbove(cli.EnqueuerHeap)
	os.Exit(cli.Main(newRootCmd()))
}

func newRootCmd() *cobra.Command {
	root := &cobra.Command{
		Use:   "enqueue",
		Short: "verify a whole fleet of service manifests",
		Long: `enqueue verifies every service manifest of a repository and reports the services
that are ok and those that are not, with each mistake on its line.

  enqueue run          one task a service on a Redis queue, verified by any number
                       of workers; without a Redis, by workers in this process
  enqueue validate     the same verdicts in this process, without a queue

Exit codes: 0 all ok, 1 invalid manifests, 2 usage or configuration (nothing was
verified), 3 not everything could be decided, 130 interrupted.`,
		Version: cli.Version(version),
		Args:    cobra.NoArgs,
		RunE:    commandMissing,
	}
	root.AddCommand(newRunCmd(), newValidateCmd(), newListCmd(), newCollectCmd(), newCancelCmd(), newRunsCmd(), newDecideCmd(), newConfigCmd(),
		newRulesCmd(), newExplainCmd(), newSchemaCmd(), newVersionCmd())
	return root
}

// commandMissing is what a command does that only has others below it: doing
// nothing is no success.
func commandMissing(cmd *cobra.Command, _ []string) error {
	cmd.SetOut(cmd.ErrOrStderr())
	return errors.Join(cmd.Help(), cli.Usagef("a command is missing"))
}
