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
	show    *progress // once there is one
	// following are the reports that are written while the run goes on, nil before it begins.
	following []*following
	by        cli.Program    // which reports
	rules     []verdict.Rule // that the configuration makes, once they are known
	exit      *int           // once it is known
}

func (f *outputFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.formats, "format", report.FormatNames()[:1], "report as `FORMAT[=FILE]`: "+cli.OneOf(report.FormatNames())+", to stdout without a file or with -; repeatable, each to a place of its own. A file is replaced as a whole, and so is what a link leads to; pipes, devices and /dev/fd/N are written to")
	complete(cmd, "format", completeFormats)
	cli.Choose(cmd, &f.color, "color", "colour the report `WHEN`, NO_COLOR is honoured", colorAuto, colorAlways, colorNever)
	cmd.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "show notes, and what happens inside")
	cmd.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "show errs and the counts only, no warnings of ok units")
	cli.Choose(cmd, &f.failOn, "fail-on", "the `SEVERITY` that makes a unit an err; notes never do", verdict.Error, verdict.Warning)
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

// policy is what makes a service an err.
func (f *outputFlags) policy() policy.Policy { return policy.Policy{FailOn: f.failOn} }

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
		f.show = newProgress(w, f.quiet || f.followsOnStdout())
	}
	return f.show
}

// ignoreBrokenPipes makes a reader that goes away an error with a name, also on stdout.
func ignoreBrokenPipes() { signal.Ignore(syscall.SIGPIPE) }

// write renders the report for every destination, side by side: whoever reads two pipes
// may do it one after the other. A destination that fails does not keep the others from
// theirs.
func (f *outputFlags) write(ctx context.Context, stdout io.Writer, r report.Report) error {
	all, err := f.destinations()
	if err != nil {
		return err
	}
	ignoreBrokenPipes()
	o := f.options().For(r)
	failed := make([]error, len(all))
	var writers sync.WaitGroup
	for i, d := range all {
		writers.Go(func() {
			if err := f.writeTo(ctx, d, stdout, r, o); err != nil {
				failed[i] = fmt.Errorf("write the report of --format %s: %w", d, err)
			}
		})
	}
	writers.Wait()
	return errors.Join(failed...)
}

// writeTo finds the place again: a link may lead elsewhere by now.
func (f *outputFlags) writeTo(ctx context.Context, d destination, stdout io.Writer, r report.Report, o report.Options) error {
	if one := f.followedAt(d); one != nil {
		return one.end(ctx, func(to *report.Events) error { return to.End(r, o) })
	}
	target, err := sink.Find(d.file)
	switch {
	case err != nil:
		return err
	case target.IsStdout():
		o.Color = f.colored(stdout)
		return render(stdout, d.format, r, o)
	}
	o.Color = f.color == colorAlways
	return target.Write(ctx, func(w io.Writer) error { return render(w, d.format, r, o) })
}

func render(w io.Writer, format report.Format, r report.Report, o report.Options) error {
	b := bufio.NewWriterSize(w, 64<<10)
	if err := format.Write(b, r, o); err != nil {
		return err
	}
	return b.Flush()
}

// options are those of a report, but for its colours.
func (f *outputFlags) options() report.Options {
	known := map[string]verdict.Rule{}
	for _, r := range f.rules {
		known[r.Code] = r
	}
	return report.Options{Verbose: f.verbose, Quiet: f.quiet, Rules: known, Version: f.by.Version, Exit: f.exit}
}

// tellOmitted says on stderr what the files do not have.
func (f *outputFlags) tellOmitted(w io.Writer, r report.Report) {
	all, _ := f.destinations() // they have been written to
	for _, d := range all {
		if d.format.Omits == nil {
			continue
		}
		if what := d.format.Omits(r); what != "" {
			f.log(w).Warn(fmt.Sprintf("--format %s: %s", d, what))
		}
	}
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
	exit := r.ExitCode()
	f.rules, f.exit = slices.Concat(r.Rules, f.by.Rules()), &exit
	all := report.Report{Run: about, Summary: r.Summary}
	if err := f.write(cmd.Context(), cmd.OutOrStdout(), all); err != nil {
		return err
	}
	f.tellOmitted(cmd.ErrOrStderr(), all)
	return cli.ExitWith(exit)
}
