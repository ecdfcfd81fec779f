package cli

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/checks/command"
	"github.com/seed306eabeb/muster/sandbox"
	"github.com/seed306eabeb/muster/verdict"
)

// CommandFlags say which commands a process offers.
type CommandFlags struct {
	file    string
	givenUp []string
}

// The flags.
const (
	commandsFlag = "commands"
	givenUpFlag  = "allow-unsandboxed"
)

// Add adds the flags.
func (f *CommandFlags) Add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.file, commandsFlag, "", "offer the commands that `FILE` defines, for checks that run one")
	cmd.Flags().StringSliceVar(&f.givenUp, givenUpFlag, nil, "offer commands without these `WALLS` where they cannot be had: "+strings.Join(wallWords(), ", "))
}

// Given says whether the process is to offer commands.
func (f *CommandFlags) Given() bool { return f.file != "" }

// args are the flags as a child of this process gets them.
func (f *CommandFlags) args() (args []string) {
	if f.file != "" {
		args = append(args, "--"+commandsFlag+"="+f.file)
	}
	for _, w := range f.givenUp {
		args = append(args, "--"+givenUpFlag+"="+w)
	}
	return args
}

// Open reads the definitions and looks which of them stand here. It is nil without a file. end ends
// what still runs; it is never nil.
func (f *CommandFlags) Open(ctx context.Context, log *slog.Logger) (offers *command.Offers, end func(), err error) {
	none := func() {}
	walls, err := f.walls()
	if err != nil || f.file == "" {
		return nil, none, err
	}
	definitions, err := ReadCommands(f.file)
	if err != nil {
		return nil, none, err
	}
	box, err := sandbox.New(sandbox.Options{})
	if err != nil {
		return nil, none, fmt.Errorf("--%s: %w", commandsFlag, err)
	}
	end = func() {
		if err := box.Close(); err != nil {
			log.Warn("commands have not been ended in good order", "err", err)
		}
	}
	offers = command.NewOffers(definitions, box, walls)
	offers.Look(ctx)
	if ctx.Err() != nil {
		end()
		return nil, none, context.Cause(ctx)
	}
	return offers, end, nil
}

// tell logs what a process offers, and what it does not.
func tell(offers *command.Offers, log *slog.Logger) {
	for _, o := range offers.All() {
		var without []string
		for _, w := range sandbox.Walls() {
			if !slices.Contains(o.Walls, w) {
				without = append(without, string(w))
			}
		}
		log.Info("command is offered", "command", o.Definition.Name, "version", o.Version, "engine", o.Engine, "pure", o.Definition.Pure, "without", strings.Join(without, ","))
	}
	for _, r := range offers.Refused() {
		log.Warn("command is not offered", "command", r.Name, "why", r.Why)
	}
}

// Offering is the program with the commands that a process offers. They stand before the families
// that would be without them.
func (p Program) Offering(kinds check.Kinds) Program {
	p.Configs = slices.Clone(p.Configs)
	for i, c := range p.Configs {
		if c.Declared {
			p.Configs[i].Checks = slices.Concat(kinds, c.Checks)
		}
	}
	return p
}

// mostCommands bounds the file of the definitions, in bytes.
const mostCommands = 1 << 20

// ReadCommands reads the file in which an operator defines commands. An error tells its mistakes.
func ReadCommands(file string) ([]command.Definition, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, Usagef("--%s: %v", commandsFlag, err)
	}
	switch {
	case !info.Mode().IsRegular():
		return nil, Usagef("--%s: %s is %s: name the file that defines commands", commandsFlag, file, check.FileKind(info.Mode().Type()))
	case info.Size() > mostCommands:
		return nil, Usagef("--%s: %s has %d bytes, and may have %d", commandsFlag, file, info.Size(), mostCommands)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, Usagef("--%s: %v", commandsFlag, err)
	}
	definitions, found := command.ReadFile(file, data)
	if len(found) > 0 {
		return nil, Usagef("--%s: %s has %d mistake%s:\n%s", commandsFlag, file, len(found), plural(len(found)), mistakes(found))
	}
	return definitions, nil
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// mistakes are findings in a file, a line each.
func mistakes(found []verdict.Finding) string {
	lines := make([]string, len(found))
	for i, f := range found {
		lines[i] = f.Place.String() + ": " + f.Message
		if f.Help != "" {
			lines[i] += " (" + f.Help + ")"
		}
	}
	return strings.Join(lines, "\n")
}

func wallWords() (words []string) {
	for _, w := range sandbox.Walls() {
		words = append(words, string(w))
	}
	return words
}

// walls are those that are given up.
func (f *CommandFlags) walls() (walls []sandbox.Wall, err error) {
	for _, word := range f.givenUp {
		if !slices.Contains(wallWords(), word) {
			return nil, Usagef("--%s %q: want walls of %s, with commas between them", givenUpFlag, word, strings.Join(wallWords(), ", "))
		}
		walls = append(walls, sandbox.Wall(word))
	}
	if len(walls) > 0 && f.file == "" {
		return nil, Usagef("--%s is given without --%s: there is nothing that would run", givenUpFlag, commandsFlag)
	}
	return walls, nil
}
