package cli

import (
	"context"
	"log/slog"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/isolate"
)

// decideCommand is the hidden command with which a program decides one task for a process
// of the same program.
const decideCommand = "decide"

// Decider decides tasks in children of this process, which have the command that
// NewDecideCmd makes, and offer the same commands.
func (f *CommandFlags) Decider(log *slog.Logger) isolate.Decider {
	return isolate.Decider{Args: append([]string{decideCommand}, f.args()...), Log: log}
}

// NewDecideCmd verifies one service that may kill the process which does it. Only a Decider
// calls it.
func (p Program) NewDecideCmd() *cobra.Command {
	var commands CommandFlags
	cmd := &cobra.Command{
		Use:    decideCommand,
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			// A signal to the whole service is meant for the parent, which ends this
			// process when its time has come.
			ctx := context.WithoutCancel(cmd.Context())
			log := NewLog(cmd.ErrOrStderr(), cmd.Root().Name(), slog.LevelWarn)
			offers, end, err := commands.Open(ctx, log)
			if err != nil { // the file is another one than the parent has read: what needs no command is decided all the same
				log.Warn("no commands are offered", "err", err)
			}
			defer end()
			if offers != nil {
				p = p.Offering(slices.Concat(offers.Kinds(), offers.Refusing()))
			}
			return isolate.Answer(ctx, cmd.InOrStdin(), cmd.OutOrStdout(), p.Kinds(), fleet.MostUnit)
		},
	}
	commands.Add(cmd)
	return cmd
}
