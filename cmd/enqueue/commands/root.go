// Package commands holds the subcommands of enqueue, one a file: their flags, and
// what they hand to the packages that do the work.
package commands

import (
	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/internal/cli"
)

// New makes the command enqueue for a program.
func New(p cli.Program) *cobra.Command {
	root := cli.Group(&cobra.Command{
		Use:   "enqueue",
		Short: "verify a whole fleet of configuration",
		Long: `enqueue verifies every unit of a repository, a folder or a file, and reports the units
that are ok and those that are not, with each mistake on its line. What the units are,
and which checks they get, a muster.yaml in its root says; "enqueue init" proposes one.
A repository of shipcat's manifests is one by its shipcat.conf: its units are services.

  enqueue run          one task a unit on a Redis queue, verified by any number of
                       workers; without a Redis, by workers in this process
  enqueue validate     the same verdicts in this process, without a queue
  enqueue test         the tests of the checks that a muster.yaml declares

Exit codes: 0 all ok, 1 invalid units, 2 usage or configuration (nothing was verified),
3 not everything could be decided, 4 superseded by a newer run, 130 interrupted.`,
		Version: p.VersionText(),
	})
	root.Flags().Bool("version", false, "print the version") // without -v, which is --verbose everywhere else
	root.AddCommand(newRunCmd(p), newValidateCmd(p), newListCmd(p), newImpactCmd(p), newWhyCmd(p), newCollectCmd(p), newCancelCmd(p), newRunsCmd(p), newWorkersCmd(p), newCacheCmd(p), p.NewDecideCmd(), newBaselineCmd(p), newConfigCmd(p), newTestCmd(p), newInitCmd(),
		newRulesCmd(p), newExplainCmd(p), newSchemaCmd(), newVersionCmd(p))
	root.SetHelpCommand(cli.NewHelpCmd())
	addCompletion(root)
	return root
}

// addCompletion adds cobra's command completion, which would take an unknown shell, or
// none, for a success.
func addCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			cli.Group(c)
			for _, shell := range c.Commands() {
				shell.Args = cli.NoArgs
				shell.Short = "print it for " + shell.Name()
			}
			c.Short = "print the script with which a shell completes commands, units and flags"
		}
	}
}
