package commands

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/seed306eabeb/muster/internal/cli"
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
}

func (f *outputFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.formats, "format", []string{"text"}, "report as `FORMAT[=FILE]`: text or json; repeatable, at most one without a file")
	cli.Choose(cmd, &f.color, "color", "colour the report `WHEN`, NO_COLOR is honoured", colorAuto, colorAlways, colorNever)
	cmd.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "show warnings of ok services, and what happens inside")
	cmd.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "show errs and the counts only")
	cli.Choose(cmd, &f.failOn, "fail-on", "the `SEVERITY` that makes a service an err", verdict.Error, verdict.Warning)
}

// sink is one format and where it goes; file "" is stdout.
type sink struct{ format, file string }

// sinks reads --format.
func (f *outputFlags) sinks() ([]sink, error) {
	var all []sink
	toStdout := 0
	for _, arg := range f.formats {
		format, file, toFile := strings.Cut(arg, "=")
		if format != "text" && format != "json" {
			return nil, cli.Usagef("--format %q: want text or json, with =FILE or without", arg)
		}
		if toFile && file == "" {
			return nil, cli.Usagef("--format %q: the file's name is missing", arg)
		}
		if !toFile {
			toStdout++
		}
		all = append(all, sink{format, file})
	}
	if toStdout > 1 {
		return nil, cli.Usagef("--format: only one format can go to stdout, give the others a =FILE")
	}
	return all, nil
}

// check refuses values that would only show after a long run.
func (f *outputFlags) check() error {
	sinks, err := f.sinks()
	if err != nil {
		return err
	}
	for _, s := range sinks {
		if s.file == "" {
			continue
		}
		if info, err := os.Stat(filepath.Dir(s.file)); err != nil || !info.IsDir() {
			return cli.Usagef("--format %s=%s: there is no folder %s", s.format, s.file, filepath.Dir(s.file))
		}
	}
	return nil
}

// strict says whether warnings count.
func (f *outputFlags) strict() bool { return f.failOn == verdict.Warning }

func (f *outputFlags) log(w io.Writer) *slog.Logger {
	level := slog.LevelInfo
	switch {
	case f.verbose:
		level = slog.LevelDebug
	case f.quiet:
		level = slog.LevelWarn
	}
	return cli.NewLog(w, "enqueue", level)
}

// write renders the report into every sink.
func (f *outputFlags) write(stdout io.Writer, r report.Report) error {
	sinks, err := f.sinks()
	if err != nil {
		return err
	}
	for _, s := range sinks {
		if s.file == "" {
			err = f.render(stdout, s.format, r, f.colored(stdout))
		} else {
			err = writeFile(s.file, func(w io.Writer) error { return f.render(w, s.format, r, f.color == colorAlways) })
		}
		if err != nil {
			return fmt.Errorf("write the %s report: %w", s.format, err)
		}
	}
	return nil
}

func (f *outputFlags) render(w io.Writer, format string, r report.Report, color bool) error {
	b := bufio.NewWriterSize(w, 64<<10)
	var err error
	if format == "json" {
		err = report.JSON(b, r)
	} else {
		err = report.Text(b, r, report.TextOptions{Color: color, Verbose: f.verbose, Quiet: f.quiet})
	}
	if err != nil {
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

// writeFile makes a file as a whole: whoever reads it never sees half a report.
func writeFile(name string, write func(io.Writer) error) (err error) {
	t, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(t.Name())
		}
	}()
	err = write(t)
	if closeErr := t.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	if err = os.Chmod(t.Name(), 0o644); err != nil {
		return err
	}
	return os.Rename(t.Name(), name)
}

// finish prints a result and turns it into the command's exit code.
func (f *outputFlags) finish(cmd *cobra.Command, r run.Result, about report.Run) error {
	about.ID, about.Started, about.Finished, about.Regions = string(r.ID), r.Started, r.Finished, r.Regions
	about.DecidedHere = len(r.DecidedHere)
	if err := f.write(cmd.OutOrStdout(), report.Report{Run: about, Summary: r.Summary}); err != nil {
		return err
	}
	return cli.ExitWith(r.ExitCode())
}
