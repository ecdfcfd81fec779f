package commands

import (
	"bufio"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/run"
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

// limit is the number of errs to stop at, 0 for none.
func (f *verifyFlags) limit() int {
	if f.failFast {
		return 1
	}
	return f.maxErrs
}

type validateFlags struct {
	scopeFlags
	outputFlags
	verifyFlags
	jobs int
}

func newValidateCmd(p cli.Program) *cobra.Command {
	f := validateFlags{scopeFlags: scopeFlags{checkers: p.Checkers}}
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
	services, stdinWasEmpty, err := serviceNames(cmd.InOrStdin(), args)
	if err != nil {
		return err
	}
	if stdinWasEmpty && !f.allowEmpty {
		return cli.Usagef("no service's name came from standard input: pass --allow-empty if that is right")
	}
	scope, err := f.open(services)
	if err != nil {
		return err
	}
	defer scope.Fleet.Close()
	return f.verify(cmd, scope, stdinWasEmpty)
}

// verify runs and reports. none is set where no service at all is chosen.
func (f *validateFlags) verify(cmd *cobra.Command, scope run.Scope, none bool) error {
	scope.None = none
	show := newProgress(cmd.ErrOrStderr(), f.quiet)
	result, err := run.Validate(cmd.Context(), run.ValidateOptions{
		Scope: scope, Jobs: f.jobs, Timeout: f.timeout, ServiceTimeout: f.serviceTimeout,
		MaxErrs: f.limit(), Strict: f.strict(), AllowEmpty: f.allowEmpty, Observe: show.observe,
		Log: f.log(cmd.ErrOrStderr()),
	})
	show.end()
	if err != nil {
		return err
	}
	return f.finish(cmd, result, report.Run{Mode: "validate", Checker: scope.Checker.Name(), Workers: f.jobs})
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

// serviceNames are the arguments, or what stands on standard input for "-".
func serviceNames(stdin io.Reader, args []string) (names []string, stdinWasEmpty bool, err error) {
	for _, a := range args {
		if a != "-" {
			names = append(names, strings.TrimSuffix(a, "/"))
			continue
		}
		words := bufio.NewScanner(stdin)
		words.Split(bufio.ScanWords)
		for words.Scan() {
			names = append(names, words.Text())
		}
		if err := words.Err(); err != nil {
			return nil, false, fmt.Errorf("read service names from standard input: %w", err)
		}
		stdinWasEmpty = true
	}
	return names, stdinWasEmpty && len(names) == 0, nil
}
