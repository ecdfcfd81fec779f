package commands

import (
	"errors"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/scope"
)

// verifyFlags are what run and validate have in common beside scope and output.
type verifyFlags struct {
	timeout     time.Duration
	unitTimeout time.Duration
	failFast    bool
	maxErrs     int
}

const defaultUnitTimeout = 30 * time.Second

func (f *verifyFlags) add(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&f.timeout, "timeout", 30*time.Minute, "for everything; units undecided by then are missing")
	cmd.Flags().DurationVar(&f.unitTimeout, "unit-timeout", defaultUnitTimeout, "for one unit; at least 1ms")
	cmd.Flags().DurationVar(&f.unitTimeout, "service-timeout", defaultUnitTimeout, "what --unit-timeout was called")
	cmd.Flags().Lookup("service-timeout").Hidden = true
	cmd.Flags().BoolVar(&f.failFast, "fail-fast", false, "stop at the first err, as --max-errs 1")
	cmd.Flags().IntVar(&f.maxErrs, "max-errs", 0, "stop at `N` errs; 0 for any number")
}

func (f *verifyFlags) check() error {
	if f.timeout <= 0 {
		return cli.Usagef("--timeout %s: want more than 0", f.timeout)
	}
	if f.unitTimeout < time.Millisecond {
		return cli.Usagef("--unit-timeout %s: want at least 1ms", f.unitTimeout)
	}
	if f.maxErrs < 0 {
		return cli.Usagef("--max-errs %d: want 0 or more", f.maxErrs)
	}
	return nil
}

// limits are those of a run.
func (f *verifyFlags) limits() run.Limits {
	l := run.Limits{Timeout: f.timeout, UnitTimeout: f.unitTimeout, MaxErrs: f.maxErrs}
	if f.failFast {
		l.MaxErrs = 1
	}
	return l
}

type validateFlags struct {
	servicesFlags
	outputFlags
	verifyFlags
	judgeFlags
	changedFlags
	newSince newSinceFlags
	earlier  *earlier
	commands cli.CommandFlags
	cache    cli.CacheFlags
	jobs     int
}

func newValidateCmd(p cli.Program) *cobra.Command {
	f := validateFlags{servicesFlags: servicesFlags{scopeFlags: scopeFlags{program: p}}, outputFlags: outputFlags{by: p}}
	cmd := &cobra.Command{
		Use:   "validate " + unitArgs,
		Short: "verify units in this process, without a queue",
		Long: `validate gives the verdicts, the report and the exit codes of run, in this process
and in parallel. Checks that cost less than a millisecond are quicker this way.

What it has decided it keeps in a directory of the user's, and does not decide again: a
verdict depends on the bytes of its unit, on what the unit's checks read beside them, on the
checks themselves and on nothing else. --cache off does without, refresh decides all anew.`,
		Example: `  enqueue validate
  enqueue validate modules/network 'environments/*.yaml'
  enqueue validate --kind module --region eu
  enqueue list -0 --region eu | enqueue validate --region eu -
  git diff --name-only -z main... | enqueue validate --allow-empty -`,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.servicesFlags.add(cmd, allowEmptyVerify)
	f.outputFlags.add(cmd)
	f.verifyFlags.add(cmd)
	f.judgeFlags.add(cmd)
	f.changedFlags.add(cmd)
	f.newSince.add(cmd)
	f.commands.Add(cmd)
	f.cache.AddUse(cmd)
	f.cache.AddDir(cmd)
	f.cache.AddReverify(cmd)
	cmd.Flags().IntVarP(&f.jobs, "jobs", "j", runtime.GOMAXPROCS(0), "units verified at once")
	return cmd
}

func (f *validateFlags) run(cmd *cobra.Command, args []string) error {
	if err := f.check(args); err != nil {
		return err
	}
	end, err := f.offer(cmd.Context(), &f.commands, f.log(cmd.ErrOrStderr()))
	if err != nil {
		return err
	}
	defer end()
	f.known = f.cache.Use != cli.CacheOff
	s, err := f.openSelected(cmd, args, f.log(cmd.ErrOrStderr()))
	if err != nil {
		return err
	}
	defer s.Fleet.Close()
	if err := f.judge(cmd.Context(), &f.scopeFlags, &s); err != nil {
		return err
	}
	if err := f.findChange(cmd, &f.changedFlags, &f.servicesFlags, &s, nil); err != nil {
		return err
	}
	if f.earlier, err = f.newSince.open(cmd.Context(), &f.scopeFlags, &f.judgeFlags, s, &f.outputFlags, f.log(cmd.ErrOrStderr())); err != nil {
		return err
	}
	defer f.earlier.close()
	defer f.stopFollowing()
	return f.verify(cmd, s)
}

// verify runs and reports.
func (f *validateFlags) verify(cmd *cobra.Command, s scope.Scope) error {
	seen := lookAt(cmd.Context(), s)
	f.checked = checkedIn(cmd.Context(), s)
	about := by(s.Used(), report.Run{Mode: "validate", Workers: f.jobs})
	if err := f.follow(cmd, about); err != nil {
		return err
	}
	f.cache.Domains = []string{cli.MainDomain} // there is one in a user's directory
	known, err := openDir(f.cache, f.log(cmd.ErrOrStderr()))
	if err != nil {
		return err
	}
	show := f.progress(cmd.ErrOrStderr())
	o := run.ValidateOptions{
		Scope: s, Limits: f.limits(), Policy: f.policy(f.program, f.what), Jobs: f.jobs, Cache: usedOf(f.cache, known), Changed: f.change.first(), AllowEmpty: f.allowEmpty || f.change.provablyEmpty(), Observe: f.observed(show.observe),
		Log: f.log(cmd.ErrOrStderr()),
	}
	f.earlier.ofValidate(o)
	o.Since = f.earlier.since()
	result, err := run.Validate(cmd.Context(), o)
	show.end()
	f.sayUnnamed(f.log(cmd.ErrOrStderr()))
	closeDir(known, f.log(cmd.ErrOrStderr()))
	if err != nil {
		return err
	}
	about.Checkout = seen.after(cmd.Context())
	return f.finish(cmd, result, about)
}

func (f *validateFlags) check(args []string) error {
	if f.jobs < 1 {
		return cli.Usagef("--jobs %d: want at least 1", f.jobs)
	}
	if err := errors.Join(f.cache.Check(), f.verifyFlags.check(), f.newSince.check(f.verifyFlags)); err != nil {
		return err
	}
	if err := f.changedFlags.check(&f.verifyFlags, len(args) == 0 && len(f.kinds) == 0, isCI(f.ci, f.env)); err != nil {
		return err
	}
	return f.outputFlags.check()
}
