package commands

import (
	"bufio"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/scope"
)

// verifyFlags are what run and validate have in common beside scope and output.
type verifyFlags struct {
	timeout        time.Duration
	serviceTimeout time.Duration
	failFast       bool
	maxErrs        int
	allowEmpty     bool
}

func (f *verifyFlags) add(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&f.timeout, "timeout", 30*time.Minute, "for everything; services undecided by then are missing")
	cmd.Flags().DurationVar(&f.serviceTimeout, "service-timeout", 30*time.Second, "for one service; at least 1ms")
	cmd.Flags().BoolVar(&f.failFast, "fail-fast", false, "stop at the first err, as --max-errs 1")
	cmd.Flags().IntVar(&f.maxErrs, "max-errs", 0, "stop at `N` errs; 0 for any number")
	cmd.Flags().BoolVar(&f.allowEmpty, "allow-empty", false, "let a repository without services be ok")
}

func (f *verifyFlags) check() error {
	if f.timeout <= 0 || f.serviceTimeout < time.Millisecond {
		return cli.Usagef("--timeout %s and --service-timeout %s: want more than 0, and at least 1ms", f.timeout, f.serviceTimeout)
	}
	if f.maxErrs < 0 {
		return cli.Usagef("--max-errs %d: want 0 or more", f.maxErrs)
	}
	return nil
}

// limits are those of a run in which warnings count, or not.
func (f *verifyFlags) limits(strict bool) run.Limits {
	l := run.Limits{Timeout: f.timeout, UnitTimeout: f.serviceTimeout, MaxErrs: f.maxErrs, Strict: strict}
	if f.failFast {
		l.MaxErrs = 1
	}
	return l
}

type validateFlags struct {
	scopeFlags
	outputFlags
	verifyFlags
	jobs int
}

func newValidateCmd(p cli.Program) *cobra.Command {
	f := validateFlags{scopeFlags: scopeFlags{program: p}}
	cmd := &cobra.Command{
		Use:   "validate [SERVICE…|-]",
		Short: "verify services in this process, without a queue",
		Long: `validate gives the verdicts, the report and the exit codes of run, in this process
and in parallel. Checks that cost less than a millisecond are quicker this way.
With "-" the services' names come from standard input, separated by white space.`,
		Example: `  enqueue validate
  enqueue validate --region dev-uk billing orders
  enqueue list | xargs -P 20 -n 20 enqueue validate
  git diff --name-only main | grep -o '^services/[^/]*' | cut -d/ -f2 | sort -u | enqueue validate -`,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.scopeFlags.add(cmd)
	f.outputFlags.add(cmd)
	f.verifyFlags.add(cmd)
	cmd.Flags().IntVarP(&f.jobs, "jobs", "j", runtime.GOMAXPROCS(0), "services verified at once")
	return cmd
}

func (f *validateFlags) run(cmd *cobra.Command, args []string) error {
	if err := f.check(); err != nil {
		return err
	}
	selection, err := selected(cmd.InOrStdin(), args)
	if err != nil {
		return err
	}
	if !selection.Whole() && len(selection.Units()) == 0 && !f.allowEmpty {
		return cli.Usagef("no service's name came from standard input: pass --allow-empty if that is right")
	}
	s, err := f.open(selection)
	if err != nil {
		return err
	}
	defer s.Fleet.Close()
	return f.verify(cmd, s)
}

// verify runs and reports.
func (f *validateFlags) verify(cmd *cobra.Command, s scope.Scope) error {
	seen := lookAt(cmd.Context(), s)
	show := newProgress(cmd.ErrOrStderr(), f.quiet)
	result, err := run.Validate(cmd.Context(), run.ValidateOptions{
		Scope: s, Jobs: f.jobs, Limits: f.limits(f.strict()), AllowEmpty: f.allowEmpty, Observe: show.observe,
		Log: f.log(cmd.ErrOrStderr()),
	})
	show.end()
	if err != nil {
		return err
	}
	return f.finish(cmd, result, by(s.Checker, report.Run{Mode: "validate", Workers: f.jobs, Checkout: seen.after(cmd.Context())}))
}

func (f *validateFlags) check() error {
	if f.jobs < 1 {
		return cli.Usagef("--jobs %d: want at least 1", f.jobs)
	}
	if err := f.verifyFlags.check(); err != nil {
		return err
	}
	return f.outputFlags.check()
}

// unitNamed is the unit that somebody names. What is not UTF-8 is the name of a folder, as
// a shell or git gives it; anything else is the name of a unit, as list prints it.
func unitNamed(name string) id.Unit {
	if utf8.ValidString(name) {
		return id.Unit(name)
	}
	return fleet.NameOf(name)
}

// selected is the selection of the arguments, in which "-" stands for the names on
// standard input. Without arguments it is the whole fleet.
func selected(stdin io.Reader, args []string) (scope.Selection, error) {
	if len(args) == 0 {
		return scope.Selection{}, nil
	}
	var units []id.Unit
	for _, a := range args {
		if a != "-" {
			units = append(units, unitNamed(strings.TrimSuffix(a, "/")))
			continue
		}
		words := bufio.NewScanner(stdin)
		words.Split(bufio.ScanWords)
		for words.Scan() {
			units = append(units, unitNamed(words.Text()))
		}
		if err := words.Err(); err != nil {
			return scope.Selection{}, fmt.Errorf("read service names from standard input: %w", err)
		}
	}
	return scope.Only(units...), nil
}
