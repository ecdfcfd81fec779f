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
	"github.com/spf13/pflag"

	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/internal/sink"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/verdict"
)

// outputFlags choose what is printed, how, and where.
type outputFlags struct {
	displayFlags
	formats []string
	color   colorWhen
	verbose bool
	quiet   bool
	failOn  verdict.Severity
	ci      ciName
	env     environment
	owners  []string
	show    *progress // once there is one

	formatFlag *pflag.Flag
	mixed      bool    // stderr goes where a format for programs does
	checked    checked // whose lines are shown, once that is known
	// following are the reports that are written while the run goes on, nil before it begins.
	following []*following
	by        cli.Program    // which reports
	rules     []verdict.Rule // that the configuration makes, once they are known
	exit      *int           // once it is known
	change    *change        // that the report is about, nil for the whole fleet
}

func (f *outputFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.formats, "format", report.FormatNames()[:1], "report as `FORMAT[=FILE]`: "+cli.OneOf(report.FormatNames())+", to stdout without a file or with -; repeatable, each to a place of its own. A file is replaced as a whole, and so is what a link leads to; pipes, devices and /dev/fd/N are written to")
	complete(cmd, "format", completeFormats)
	f.formatFlag, f.env = cmd.Flags().Lookup("format"), os.Getenv
	cli.Choose(cmd, &f.color, "color", "colour the report `WHEN`; auto is on a terminal, and NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, CLICOLOR and TERM=dumb are honoured", colorAuto, colorAlways, colorNever)
	cli.Choose(cmd, &f.ci, "ci", "write the reports that the CI `SYSTEM` shows beside those asked for, see docs/ci.md", ciNames()...)
	cmd.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "show information too, and what happens inside")
	cmd.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "show errs and the counts only, no warnings of ok units")
	f.displayFlags.add(cmd)
	cli.Choose(cmd, &f.failOn, "fail-on", "the `SEVERITY` that makes a unit an err; info never does", verdict.Error, verdict.Warning)
	cmd.Flags().StringArrayVar(&f.owners, "owner", nil, "show the units of an `OWNER` alone, none for nobody's; repeatable. All are verified and counted, and json and ndjson have all")
	complete(cmd, "owner", completeNothing)
}

// destination is one format and the file that it goes to.
type destination struct {
	format   report.Format
	file     string
	added    bool // by a platform, and not asked for
	appended bool // behind what is in the file
}

// find follows the name of the file.
func (d destination) find() (sink.Target, error) {
	if d.appended {
		return sink.FindTail(d.file)
	}
	return sink.Find(d.file)
}

// failed says of which report something is wrong, and how to do without it.
func (d destination) failed(err error) error {
	if d.added {
		return fmt.Errorf("%s, which --ci adds: %w; --ci off leaves it out", d, err)
	}
	return fmt.Errorf("--format %s: %w", d, err)
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
		all = append(all, destination{format: format, file: cmp.Or(file, sink.Stdout)})
	}
	return all, nil
}

// check refuses values that would only show after a long run.
func (f *outputFlags) check() error {
	if err := f.displayFlags.check(); err != nil {
		return err
	}
	all, err := f.destinations()
	if err != nil {
		return err
	}
	all = f.withPlatform(all, policy.ExitOK)
	targets := make([]sink.Target, len(all))
	for i, d := range all {
		if targets[i], err = d.find(); err == nil {
			err = targets[i].Probe()
		}
		if err != nil {
			return cli.Usagef("%v", d.failed(err))
		}
		f.mixed = f.mixed || mixesWithLog(d, targets[i])
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
		f.show = newProgress(w, f.quiet || f.mixed || f.followsOnStdout(), !isCI(f.ci, f.env) && !f.env.isDumb())
	}
	return f.show
}

// formatsWithLog are those that may stand beside what a command says meanwhile.
var formatsWithLog = []string{"text", "concise", "github", "azure"}

// mixesWithLog says whether what a command says meanwhile would stand in a format for
// programs, because both go to one file or pipe.
func mixesWithLog(d destination, t sink.Target) bool {
	stderr, err := sink.Find("/dev/stderr")
	return err == nil && t.Same(stderr) && !isTerminal(os.Stderr) && !slices.Contains(formatsWithLog, d.format.Name)
}

// ignoreBrokenPipes makes a reader that goes away an error with a name, also on stdout.
func ignoreBrokenPipes() { signal.Ignore(syscall.SIGPIPE) }

// write renders the report for every destination, side by side: whoever reads two pipes
// may do it one after the other. A destination that fails does not keep the others from
// theirs.
func (f *outputFlags) write(ctx context.Context, stdout io.Writer, all []destination, r report.Report, lines report.Sources) error {
	ignoreBrokenPipes()
	o := f.options()
	o.Sources, o.Folder = lines, folderOf(f.env(recognized(f.ci, f.env).root), r.Run.Checkout)
	if len(f.owners) == 0 { // all formats have the same findings
		o = o.For(r)
	}
	failed := make([]error, len(all))
	var writers sync.WaitGroup
	for i, d := range all {
		writers.Go(func() {
			if err := f.writeTo(ctx, d, stdout, r, o); err != nil {
				failed[i] = fmt.Errorf("write the report of %w", d.failed(err))
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
	target, err := d.find()
	switch {
	case err != nil:
		return err
	case target.IsStdout():
		o = f.displayFlags.choose(o, stdout)
		o.Color = colored(f.color, isTerminal(stdout), f.env)
		return f.render(stdout, d.format, r, o)
	}
	o = f.displayFlags.choose(o, nil)
	o.Color = f.color == colorAlways
	return target.Write(ctx, func(w io.Writer) error { return f.render(w, d.format, r, o) })
}

func (f *outputFlags) render(w io.Writer, format report.Format, r report.Report, o report.Options) error {
	b := bufio.NewWriterSize(w, 64<<10)
	if err := format.Write(b, r.ShownTo(f.owners, format.Name), o); err != nil {
		return err
	}
	return b.Flush()
}

// options are those of a report, but for what is chosen for each place.
func (f *outputFlags) options() report.Options {
	known := map[string]verdict.Rule{}
	for _, r := range f.rules {
		known[r.Code] = r
	}
	return report.Options{Verbose: f.verbose, Quiet: f.quiet, Owners: f.owners, Rules: known, Version: f.by.Version, Exit: f.exit}
}

// tellOmitted says on stderr what the files do not have.
func (f *outputFlags) tellOmitted(w io.Writer, all []destination, r report.Report) {
	for _, d := range all {
		if d.format.Omits == nil {
			continue
		}
		if what := d.format.Omits(r); what != "" {
			f.log(w).Warn(fmt.Sprintf("--format %s: %s", d, what))
		}
	}
}

// finish prints a result and turns it into the command's exit code.
func (f *outputFlags) finish(cmd *cobra.Command, r run.Result, about report.Run) error {
	about.ID, about.Started, about.Finished, about.Regions = string(r.ID), r.Started, r.Finished, r.Regions
	about.DecidedHere, about.Stopped, about.Stood, about.StoodFrom = len(r.DecidedHere), r.Stopped, r.Stood, r.StoodFrom
	about.Superseded, about.Noun = r.Superseded, report.Noun(r.Noun)
	asked, err := f.destinations()
	if err != nil {
		return err
	}
	whole := report.Report{Run: about}
	if f.change != nil {
		whole.Changed = f.change.narrow(&r, about.Checkout.Moved())
	}
	exit := r.ExitCode()
	f.rules, f.exit = slices.Concat(r.Rules, f.by.Rules()), &exit
	all := f.withPlatform(asked, exit)
	if added := f.addedBy(all); added != "" {
		f.log(cmd.ErrOrStderr()).Info(added)
	}
	whole.Cached, whole.Summary = cachedOf(r), r.Summary
	if err := f.write(cmd.Context(), cmd.OutOrStdout(), all, whole, f.checked.lines(r)); err != nil {
		return err
	}
	f.tellOmitted(cmd.ErrOrStderr(), all, whole)
	return cli.ExitWith(exit)
}
