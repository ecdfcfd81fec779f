package commands

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/internal/sink"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/verdict"
)

// colorWhen is when a report is coloured.
type colorWhen string

const (
	colorAuto   colorWhen = "auto" // on a terminal
	colorAlways colorWhen = "always"
	colorNever  colorWhen = "never"
)

// outputFlags choose what is printed, how, and where.
type outputFlags struct {
	formats []string
	color   colorWhen
	verbose bool
	quiet   bool
	failOn  verdict.Severity
	owners  []string
	show    *progress // once there is one
}

func (f *outputFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.formats, "format", report.FormatNames()[:1], "report as `FORMAT[=FILE]`: "+cli.OneOf(report.FormatNames())+", to stdout without a file or with -; repeatable, each to a place of its own. A file is replaced as a whole, and so is what a link leads to; pipes, devices and /dev/fd/N are written to")
	complete(cmd, "format", completeFormats)
	cli.Choose(cmd, &f.color, "color", "colour the report `WHEN`, NO_COLOR is honoured", colorAuto, colorAlways, colorNever)
	cmd.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "show notes, and what happens inside")
	cmd.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "show errs and the counts only, no warnings of ok units")
	cli.Choose(cmd, &f.failOn, "fail-on", "the `SEVERITY` that makes a unit an err; info never does", verdict.Error, verdict.Warning)
	cmd.Flags().StringArrayVar(&f.owners, "owner", nil, "show the units of an `OWNER` alone, none for nobody's; repeatable. All are verified and counted, and json and ndjson have all")
	complete(cmd, "owner", completeNothing)
}

// destination is one format and the file that it goes to.
type destination struct {
	format report.Format
	file   string
}

// String is what --format says.
func (d destination) String() string {
	if d.file == sink.Stdout {
		return d.format.Name
	}
	return d.format.Name + "=" + d.file
}

// destinations reads --format.
func (f *outputFlags) destinations() ([]destination, error) {
	var all []destination
	for _, arg := range f.formats {
		name, file, toFile := strings.Cut(arg, "=")
		format, ok := report.FormatNamed(name)
		if !ok {
			return nil, cli.Usagef("--format %q: want %s, with =FILE or without", arg, cli.OneOf(report.FormatNames()))
		}
		if toFile && file == "" {
			return nil, cli.Usagef("--format %q: the file's name is missing", arg)
		}
		all = append(all, destination{format, cmp.Or(file, sink.Stdout)})
	}
	return all, nil
}

// check refuses values that would only show after a long run.
func (f *outputFlags) check() error {
	all, err := f.destinations()
	if err != nil {
		return err
	}
	targets := make([]sink.Target, len(all))
	for i, d := range all {
		if targets[i], err = sink.Find(d.file); err == nil {
			err = targets[i].Probe()
		}
		if err != nil {
			return cli.Usagef("--format %s: %v", d, err)
		}
		if same := slices.IndexFunc(targets[:i], targets[i].Same); same >= 0 {
			return cli.Usagef("--format %s and --format %s go to the same place: give one of them another =FILE", all[same], d)
		}
	}
	return nil
}

// policy is how what is found is judged: as the repository says, and as strictly as the user.
func (f *outputFlags) policy(p cli.Program, of config.Config) policy.Policy {
	judging := of.Policy
	judging.FailOn, judging.Rules = f.failOn, map[string]verdict.Rule{}
	for _, r := range p.Rules() {
		judging.Rules[r.Code] = r
	}
	return judging
}

func (f *outputFlags) log(w io.Writer) *slog.Logger {
	level := slog.LevelInfo
	switch {
	case f.verbose:
		level = slog.LevelDebug
	case f.quiet:
		level = slog.LevelWarn
	}
	return slog.New(over{cli.NewLog(w, "enqueue", level).Handler(), f.progress(w)})
}

// progress is the one of the command.
func (f *outputFlags) progress(w io.Writer) *progress {
	if f.show == nil {
		f.show = newProgress(w, f.quiet)
	}
	return f.show
}

// write renders the report for every destination, side by side: whoever reads two pipes
// may do it one after the other. A destination that fails does not keep the others from
// theirs.
func (f *outputFlags) write(ctx context.Context, stdout io.Writer, r report.Report) error {
	all, err := f.destinations()
	if err != nil {
		return err
	}
	// From here on a reader that goes away is an error with a name, also on stdout.
	signal.Ignore(syscall.SIGPIPE)
	failed := make([]error, len(all))
	var writers sync.WaitGroup
	for i, d := range all {
		writers.Go(func() {
			if err := f.writeTo(ctx, d, stdout, r); err != nil {
				failed[i] = fmt.Errorf("write the report of --format %s: %w", d, err)
			}
		})
	}
	writers.Wait()
	return errors.Join(failed...)
}

// writeTo finds the place again: a link may lead elsewhere by now.
func (f *outputFlags) writeTo(ctx context.Context, d destination, stdout io.Writer, r report.Report) error {
	target, err := sink.Find(d.file)
	switch {
	case err != nil:
		return err
	case target.IsStdout():
		return f.render(stdout, d.format, r, f.colored(stdout))
	}
	return target.Write(ctx, func(w io.Writer) error { return f.render(w, d.format, r, f.color == colorAlways) })
}

func (f *outputFlags) render(w io.Writer, format report.Format, r report.Report, color bool) error {
	b := bufio.NewWriterSize(w, 64<<10)
	if err := format.Write(b, r.ShownTo(f.owners, format.Name), report.Options{Color: color, Verbose: f.verbose, Quiet: f.quiet, Owners: f.owners}); err != nil {
		return err
	}
	return b.Flush()
}

func (f *outputFlags) colored(w io.Writer) bool {
	switch {
	case f.color != colorAuto:
		return f.color == colorAlways
	case os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb":
		return false
	}
	return isTerminal(w)
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(file.Fd()))
}

// finish prints a result and turns it into the command's exit code.
func (f *outputFlags) finish(cmd *cobra.Command, r run.Result, about report.Run) error {
	about.ID, about.Started, about.Finished, about.Regions = string(r.ID), r.Started, r.Finished, r.Regions
	about.DecidedHere, about.Stopped, about.Stood, about.StoodFrom = len(r.DecidedHere), r.Stopped, r.Stood, r.StoodFrom
	about.Superseded, about.Noun = r.Superseded, report.Noun(r.Noun)
	if err := f.write(cmd.Context(), cmd.OutOrStdout(), report.Report{Run: about, Summary: r.Summary}); err != nil {
		return err
	}
	return cli.ExitWith(r.ExitCode())
}
