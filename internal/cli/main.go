// Package cli is what the commands share: how they end, how they log, which
// repositories they know, and the flags that mean the same in both.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/internal/acl"
	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/internal/stream"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/scope"
)

// Exit is an error that only sets the exit code: what there is to say has been
// said.
type Exit struct{ Code int }

func (e Exit) Error() string { return fmt.Sprintf("exit %d", e.Code) }

// ExitWith is nil for code 0, else an Exit.
func ExitWith(code int) error {
	if code == policy.ExitOK {
		return nil
	}
	return Exit{code}
}

// failure marks an error that happened after the command line was understood.
type failure struct{ error }

func (f failure) Unwrap() error { return f.error }

// guard refuses flags without a value in cmd and all commands below it, and makes what a
// command's function returns tell from a command line that was not understood.
func guard(cmd *cobra.Command) {
	for _, below := range cmd.Commands() {
		guard(below)
	}
	run := cmd.RunE
	if run == nil {
		return
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkGiven(cmd.Flags()); err != nil {
			return err
		}
		if err := run(cmd, args); err != nil {
			return failure{err}
		}
		return nil
	}
}

// checkGiven refuses a flag that was given an empty text: a variable that is not set must not
// pass for a flag that is left out.
func checkGiven(flags *pflag.FlagSet) (err error) {
	flags.Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		if err == nil && slices.Contains(values, "") {
			err = Usagef("--%s is empty: give it a value, or leave it out (a variable that stands for it may not be set)", f.Name)
		}
	})
	return err
}

// Main runs a command with the process's arguments and returns its exit code.
// The first SIGINT, SIGTERM or SIGHUP ends the context; the second ends the process. It
// owns the command's streams: nobody waits for a reader of stderr, and whoever writes to
// stdout waits until the first signal.
func Main(root *cobra.Command) int {
	hideCredentials(root)
	guard(root)
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate(usageTemplate(root))
	said := stream.New(root.ErrOrStderr(), dropped(func(w io.Writer) *slog.Logger { return NewLog(w, root.Name(), slog.LevelWarn) }))
	defer said.Close()
	root.SetErr(said)
	log.SetOutput(said) // of libraries
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	root.SetOut(stream.NewResults(ctx, root.OutOrStdout()))
	root.SilenceErrors, root.SilenceUsage = true, true
	cmd, err := root.ExecuteContextC(ctx)
	return exitCode(said, cmd, err)
}

// endings are the signals that end a command in good order. SIGHUP, which comes when the
// terminal is gone, is none if it was ignored at the start, as nohup arranges it.
func endings() []os.Signal {
	all := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		all = append(all, syscall.SIGHUP)
	}
	return all
}

// exitCode says what went wrong and gives the exit code for it.
func exitCode(w io.Writer, cmd *cobra.Command, err error) int {
	exit, usage, unreachable, denied, ambiguous := Exit{}, (*scope.UsageError)(nil), (*redisconn.UnreachableError)(nil), (*acl.DeniedError)(nil), (*fleet.AmbiguousError)(nil)
	switch {
	case err == nil:
		return policy.ExitOK
	case errors.As(err, &exit):
		return exit.Code
	}
	fmt.Fprintf(w, "%s: %s\n", cmd.CommandPath(), notObeyed(hideUserinfo(err.Error(), os.Args[1:])))
	switch {
	case errors.As(err, &usage), errors.As(err, &unreachable), errors.As(err, &denied), errors.As(err, &ambiguous):
		return policy.ExitConfig
	case errors.Is(err, context.Canceled):
		return policy.ExitInterrupted
	case errors.As(err, &failure{}):
		return policy.ExitUndecided
	}
	fmt.Fprintf(w, "see `%s --help`\n", cmd.CommandPath())
	return policy.ExitConfig
}

// Usagef is a mistake in the command line.
func Usagef(format string, args ...any) error {
	return scope.Usagef(format, args...)
}
