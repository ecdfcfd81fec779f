package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/checks/command"
)

// CommandFlags say which commands a process offers.
type CommandFlags struct {
	file    string
	givenUp []string
}

// Add adds the flags.
func (f *CommandFlags) Add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.file, "commands", "", "offer the commands that `FILE` defines, for checks that run one")
	cmd.Flags().StringSliceVar(&f.givenUp, "allow-unsandboxed", nil, "offer commands without these `WALLS` where they cannot be had: files, network, processes, privileges, resources")
}

// Open reads the definitions and looks which of them stand here. It is nil without a file.
func (f *CommandFlags) Open(context.Context) (*command.Offers, error) {
	if f.file == "" {
		return nil, nil
	}
	return nil, errors.New("--commands is not read")
}
