package commands

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/internal/sink"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/scope"
)

func newBaselineCmd(p cli.Program) *cobra.Command {
	cmd := cli.Group(&cobra.Command{
		Use:   "baseline",
		Short: "keep what is found today from being told again, so that only what is new is an err",
	})
	cmd.AddCommand(newBaselineCreateCmd(p), newBaselinePruneCmd(p))
	return cmd
}

// baselineFlags are what both commands have.
type baselineFlags struct {
	servicesFlags
	verifyFlags
	judgeFlags
	jobs   int
	output string
}

func (f *baselineFlags) addVerify(cmd *cobra.Command) {
	f.verifyFlags.add(cmd)
	cmd.Flags().IntVarP(&f.jobs, "jobs", "j", runtime.GOMAXPROCS(0), "units verified at once")
}

func newBaselineCreateCmd(p cli.Program) *cobra.Command {
	f := baselineFlags{servicesFlags: servicesFlags{scopeFlags: scopeFlags{program: p}}}
	cmd := &cobra.Command{
		Use:   "create " + unitArgs,
		Short: "verify units and write what is found into the baseline",
		Long: `create verifies units as validate does and writes the errors and warnings that stand into
the baseline: later runs count and list them apart, and only what is new makes an err.
What marks and entries of ignore hide already is left out, and so is information.

The file has an entry a line, in one order and without dates and lines of files, so that
git merges it. Of units that are not selected the entries stay as they are. Nothing is
written where a unit could not be decided.`,
		Example: `  enqueue baseline create
  enqueue baseline create services/shop
  enqueue baseline create --output ci/baseline.json`,
		RunE: func(cmd *cobra.Command, args []string) error { return f.create(cmd, args) },
	}
	f.servicesFlags.add(cmd, allowEmptyVerify)
	f.addVerify(cmd)
	cmd.Flags().StringVarP(&f.output, "output", "o", "", "write to `FILE`, - for stdout (default baseline: of muster.yaml, else "+policy.BaselineFile+" in the repository)")
	return cmd
}

func newBaselinePruneCmd(p cli.Program) *cobra.Command {
	f := baselineFlags{servicesFlags: servicesFlags{scopeFlags: scopeFlags{program: p}}}
	cmd := &cobra.Command{
		Use:   "prune",
		Short: "take out of the baseline what is fixed",
		Long: `prune verifies the whole repository as validate does, takes those entries out of the
baseline that nothing was found for, and says which. All others stay as they are, in
their order. Nothing is written where a unit could not be decided.`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.prune(cmd) },
	}
	f.addRepo(cmd, f.nearest())
	f.addVerify(cmd)
	f.addBaseline(cmd)
	return cmd
}

func (f *baselineFlags) check() error {
	switch {
	case f.jobs < 1:
		return cli.Usagef("--jobs %d: want at least 1", f.jobs)
	case len(f.regions) > 0:
		return cli.Usagef("--region %s: a baseline is of all regions", f.regions[0])
	case f.failFast || f.maxErrs > 0:
		return cli.Usagef("--fail-fast and --max-errs: a baseline is of all that is found")
	case f.baseline == noneOf:
		return cli.Usagef("--baseline none: name the file that is to be pruned")
	}
	return f.verifyFlags.check()
}

// verify is the result of a run whose policy has a baseline, or none. done says that there is
// nothing to write, for what the report says.
func (f *baselineFlags) verify(cmd *cobra.Command, args []string, name string) (r run.Result, s scope.Scope, done error) {
	log := cli.NewLog(cmd.ErrOrStderr(), "enqueue", slog.LevelInfo)
	s, err := f.openSelected(cmd, args, log)
	if err != nil {
		return r, s, err
	}
	defer s.Fleet.Close()
	f.ref = noneOf // what is written is the change's own
	f.judgeFlags.baseline = cmp.Or(name, f.judgeFlags.baseline)
	if err := f.judge(cmd.Context(), &f.scopeFlags, &s); err != nil {
		return r, s, err
	}
	r, err = run.Validate(cmd.Context(), run.ValidateOptions{
		Scope: s, Limits: f.limits(), Policy: (&outputFlags{}).policy(f.program, f.what), Jobs: f.jobs, AllowEmpty: f.allowEmpty,
		Observe: func(run.Event) {}, Log: log,
	})
	if err != nil {
		return r, s, err
	}
	if code := r.ExitCode(); code != policy.ExitOK && code != policy.ExitInvalid {
		about := report.Run{Mode: "validate", Started: r.Started, Finished: r.Finished, Stopped: r.Stopped, Noun: report.Noun(r.Noun)}
		if err := report.Text(cmd.OutOrStdout(), report.Report{Run: about, Summary: r.Summary}, report.Options{}); err != nil {
			return r, s, err
		}
		why := "not everything was decided"
		if code == policy.ExitConfig {
			why = "the configuration has errors"
		}
		fmt.Fprintln(cmd.ErrOrStderr(), "no baseline is written: "+why)
		return r, s, cli.ExitWith(code)
	}
	return r, s, nil
}

func (f *baselineFlags) create(cmd *cobra.Command, args []string) error {
	if err := f.check(); err != nil {
		return err
	}
	r, s, err := f.verify(cmd, args, noneOf)
	if err != nil {
		return err
	}
	entries, leftOut := f.what.Policy.BaselineOf(r.Summary)
	file := cmp.Or(f.output, filepath.Join(s.Fleet.Dir(), filepath.FromSlash(cmp.Or(f.what.Baseline.File, policy.BaselineFile))))
	if !s.Selection.Whole() && file != sink.Stdout {
		if entries, err = withOthers(entries, file, s.Selection); err != nil {
			return err
		}
	}
	if err := writeBaseline(cmd, file, entries); err != nil {
		return err
	}
	say := cmd.ErrOrStderr()
	if file != sink.Stdout {
		say = cmd.OutOrStdout()
	}
	fmt.Fprintf(say, "%s has %s\n", safe(file), counted(len(entries), "finding"))
	if leftOut > 0 {
		fmt.Fprintf(say, "left out, for their rules may not be suppressed: %s\n", counted(leftOut, "finding"))
	}
	return nil
}

// withOthers are entries and those that a file has of units which are not selected.
func withOthers(entries []policy.Entry, file string, selected scope.Selection) ([]policy.Entry, error) {
	before, err := decodeBaseline(openFile, file)
	switch {
	case err != nil:
		return entries, cli.Usagef("%v", err)
	case before == nil:
		return entries, nil
	}
	for _, e := range before.Entries {
		if !selected.Has(id.Unit(e.Unit)) {
			entries = append(entries, e)
		}
	}
	policy.SortEntries(entries)
	return entries, nil
}

func (f *baselineFlags) prune(cmd *cobra.Command) error {
	if err := f.check(); err != nil {
		return err
	}
	r, s, err := f.verify(cmd, nil, "")
	if err != nil {
		return err
	}
	b := f.what.Policy.Baseline
	if b == nil {
		return cli.Usagef("there is no baseline to prune: `enqueue baseline create` makes one")
	}
	if len(r.Summary.Fixed) == 0 {
		fmt.Fprintf(cmd.OutOrStdout(), "%s has nothing that is fixed\n", safe(b.File))
		return nil
	}
	fixed := map[string]bool{}
	for _, e := range r.Summary.Fixed {
		fixed[e.Fingerprint] = true
	}
	left := slices.DeleteFunc(slices.Clone(b.Entries), func(e policy.Entry) bool { return fixed[e.Fingerprint] })
	file := b.File
	if f.baseline == "" || f.inside != "" {
		file = filepath.Join(s.Fleet.Dir(), filepath.FromSlash(b.File))
	}
	if err := writeBaseline(cmd, file, left); err != nil {
		return err
	}
	for _, e := range r.Summary.Fixed {
		fmt.Fprintf(cmd.OutOrStdout(), "fixed: %s\n", safe(strings.TrimSpace(strings.Join([]string{e.Rule, e.File, e.Path, e.Message}, " "))))
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: %s taken out, %d left\n", safe(b.File), counted(len(b.Entries)-len(left), "finding"), len(left))
	return nil
}

func writeBaseline(cmd *cobra.Command, file string, entries []policy.Entry) error {
	write := func(w io.Writer) error { return policy.EncodeBaseline(w, entries) }
	if file == sink.Stdout {
		return write(cmd.OutOrStdout())
	}
	target, err := sink.Find(file)
	if err == nil {
		err = target.Write(cmd.Context(), write)
	}
	if err != nil {
		return fmt.Errorf("write the baseline %s: %w", file, err)
	}
	return nil
}
