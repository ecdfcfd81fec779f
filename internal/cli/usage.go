package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed306eabeb/muster/scope"
)

// NoArgs is for a command that takes no arguments.
func NoArgs(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("it takes no arguments, but got %q", args[0])
}

// OneArg is for a command that takes one argument. hint says where to find it.
func OneArg(what, hint string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch len(args) {
		case 1:
			return nil
		case 0:
			return fmt.Errorf("the %s is missing: %s", what, hint)
		}
		return fmt.Errorf("want one %s, but got %d: %s", what, len(args), hint)
	}
}

// Group makes a command one that only has others below it: doing nothing is no success,
// and neither is a word that is none of them.
func Group(cmd *cobra.Command) *cobra.Command {
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return unknownCommand(cmd, args[0])
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cmd.SetOut(cmd.ErrOrStderr())
		return errors.Join(cmd.Help(), Usagef("a command is missing"))
	}
	return cmd
}

// NewHelpCmd is cobra's command help, which takes a word that is no command for a mistake.
func NewHelpCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]…",
		Short: "print the help of a command",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) (names []cobra.Completion, _ cobra.ShellCompDirective) {
			if below, rest, err := cmd.Root().Find(args); err == nil && len(rest) == 0 {
				for _, c := range available(below) {
					names = append(names, cobra.CompletionWithDesc(c.Name(), c.Short))
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			about := cmd.Root()
			for _, name := range args {
				next := slices.IndexFunc(about.Commands(), func(c *cobra.Command) bool { return c.Name() == name && !c.Hidden })
				if next < 0 {
					return Usagef("%v", unknownCommand(about, name))
				}
				about = about.Commands()[next]
			}
			about.InitDefaultHelpFlag()
			about.SetOut(cmd.OutOrStdout())
			return about.Help()
		},
	}
}

// available are the commands that help lists.
func available(cmd *cobra.Command) (some []*cobra.Command) {
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			some = append(some, c)
		}
	}
	return some
}

func unknownCommand(cmd *cobra.Command, word string) error {
	if !cmd.HasAvailableSubCommands() {
		return NoArgs(cmd, []string{word})
	}
	const few = 5
	var names []string
	for _, c := range available(cmd) {
		names = append(names, c.Name())
	}
	hint := didYouMean(word, "", names)
	if hint == "" && len(names) <= few {
		hint = ": want one of " + strings.Join(names, ", ")
	}
	return fmt.Errorf("unknown command %q for %q%s", word, cmd.CommandPath(), hint)
}

// didYouMean suggests the word that looks most like one, or one that begins with it.
func didYouMean(word, prefix string, words []string) string {
	best, least := "", max(2, len(word)/3+1)
	for _, candidate := range words {
		d := levenshtein.ComputeDistance(strings.ToLower(word), candidate)
		if len(word) > 1 && (strings.HasPrefix(candidate, word) || letters(candidate) == letters(word)) {
			d = min(d, 1)
		}
		if d < least {
			best, least = candidate, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(": did you mean %s%s?", prefix, best)
}

// letters are those of a word, in one order.
func letters(word string) string { return string(slices.Sorted(slices.Values([]byte(word)))) }

// flagError says what is wrong with a flag. A flag that refuses its value itself speaks
// for itself.
func flagError(cmd *cobra.Command, err error) error {
	usage, unknown, value, missing := (*scope.UsageError)(nil), (*pflag.NotExistError)(nil), (*pflag.InvalidValueError)(nil), (*pflag.ValueRequiredError)(nil)
	switch {
	case errors.As(err, &usage):
		return usage
	case errors.As(err, &unknown):
		return unknownFlag(cmd, unknown)
	case errors.As(err, &value):
		return wrongValue(value)
	case errors.As(err, &missing):
		name, _ := pflag.UnquoteUsage(missing.GetFlag())
		return fmt.Errorf("--%s needs a value: --%[1]s %s", missing.GetFlag().Name, name)
	}
	return err
}

func unknownFlag(cmd *cobra.Command, e *pflag.NotExistError) error {
	name := e.GetSpecifiedName()
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	if short := e.GetSpecifiedShortnames(); short != "" {
		if long, _, _ := strings.Cut(short, "="); len(long) > 1 { // -region
			if hint := didYouMean(long, "--", names); hint != "" {
				return fmt.Errorf("unknown flag -%s%s", long, hint)
			}
		}
		return fmt.Errorf("unknown flag -%s", name)
	}
	if hint := didYouMean(name, "--", names); hint != "" {
		return fmt.Errorf("unknown flag --%s%s", name, hint)
	}
	if others := withFlag(cmd.Root(), name); len(others) > 0 {
		return fmt.Errorf("unknown flag --%s: it is one of %s", name, strings.Join(others, ", "))
	}
	return fmt.Errorf("unknown flag --%s", name)
}

// withFlag are the commands that have a flag of this name.
func withFlag(root *cobra.Command, name string) []string {
	var paths []string
	for _, c := range available(root) {
		if c.Flags().Lookup(name) != nil {
			paths = append(paths, "`"+c.CommandPath()+"`")
		}
	}
	return paths
}

// wanted says what a flag of a type takes.
var wanted = map[string]string{
	"duration": "a number with its unit, such as 90s, 5m or 1h30m",
	"int":      "a whole number", "int64": "a whole number",
	"bool": "true or false, behind =",
}

func wrongValue(e *pflag.InvalidValueError) error {
	f := e.GetFlag()
	want, ok := wanted[f.Value.Type()]
	if !ok {
		want = e.Unwrap().Error()
	}
	return fmt.Errorf("--%s %q: want %s", f.Name, e.GetValue(), want)
}

// usageTemplate is cobra's without the line that calls a command which only has others
// below it.
func usageTemplate(cmd *cobra.Command) string {
	return strings.Replace(cmd.UsageTemplate(), "{{if .Runnable}}", "{{if and .Runnable (not .HasAvailableSubCommands)}}", 1)
}

// hideUserinfo takes users and passwords out of a message that repeats a word of the
// command line: the address of a Redis may stand in a wrong place.
func hideUserinfo(message string, args []string) string {
	for _, arg := range args {
		_, rest, ok := strings.Cut(arg, "://")
		if at := strings.LastIndex(rest, "@"); ok && at > 0 {
			quoted := strconv.Quote(rest[:at])
			for _, secret := range []string{rest[:at], quoted[1 : len(quoted)-1]} {
				message = strings.ReplaceAll(message, secret+"@", "***@")
			}
		}
	}
	return message
}
