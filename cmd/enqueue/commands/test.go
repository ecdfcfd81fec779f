package commands

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/checks/trial"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/scope"
)

type testFlags struct {
	scopeFlags
	require bool
}

func newTestCmd(p cli.Program) *cobra.Command {
	f := testFlags{scopeFlags: scopeFlags{program: p}}
	cmd := &cobra.Command{
		Use:   "test [CHECK]…",
		Short: "make the tests of the checks that a muster.yaml declares",
		Long: `test makes the tests that stand beside the checks of a muster.yaml, or beside those that
are named by their ids. Each asks its check of a unit that is made up for it, and
compares what is found with what is expected. Units of the repository are not looked
at, and no verdict depends on a test.

Exit codes: 0 all tests are ok, 1 one failed, 2 muster.yaml has mistakes or no such
check, or one that is named has no test.`,
		Example:           "  enqueue test\n  enqueue test service/replicas\n  enqueue test --require-tests",
		ValidArgsFunction: f.completeChecks,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.addRepo(cmd, f.nearest())
	cmd.Flags().BoolVar(&f.require, "require-tests", false, "exit with 1 if a rule has no test")
	return cmd
}

// completeChecks offers the ids of checks that can have tests.
func (f *testFlags) completeChecks(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	_, what, err := f.load(slog.New(slog.DiscardHandler))
	if err != nil || !what.Declared {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ids := slices.DeleteFunc(what.Declaration.CheckIDs(), func(id string) bool {
		c, _ := what.Declaration.Check(id)
		return c.Runs != ""
	})
	return ids, cobra.ShellCompDirectiveNoFileComp
}

func (f *testFlags) run(cmd *cobra.Command, args []string) error {
	dir, what, err := f.load(cli.NewLog(cmd.ErrOrStderr(), "enqueue", slog.LevelInfo))
	if err != nil {
		return err
	}
	if !what.Declared {
		return cli.Usagef("%s has no %s: its checks are built in, and have no tests here", dir, config.Marker)
	}
	s, err := f.openAs(dir, what)
	if err != nil {
		return err
	}
	defer s.Fleet.Close()
	resolved, err := s.Resolve(cmd.Context())
	if err != nil {
		return err
	}
	if resolved.Invalid() {
		if err := report.Findings(cmd.OutOrStdout(), resolved.Findings(), report.Options{}); err != nil {
			return err
		}
		return cli.ExitWith(policy.ExitConfig)
	}
	made, err := makeTests(cmd.Context(), what.Declaration, resolved, args)
	if err != nil {
		return err
	}
	if err := made.write(cmd.OutOrStdout()); err != nil {
		return err
	}
	if len(made.without) > 0 {
		return cli.Usagef("nothing was asked of %s: no test stands beside it in %s: write one, as in tests: [{document: {name: x}, findings: 0}]", strings.Join(made.without, ", "), config.Marker)
	}
	if made.failed() > 0 || f.require && len(made.untested) > 0 {
		return cli.ExitWith(policy.ExitInvalid)
	}
	return nil
}

// tested is what came of the tests of some checks.
type tested struct {
	results  []trial.Result
	checks   int      // that have tests
	untested []string // the ids of the rules that have none
	without  []string // the ids of the checks that were named and have none
}

// makeTests makes the tests of the checks of some ids, or else of all.
func makeTests(ctx context.Context, d *config.Declaration, r scope.Resolved, ids []string) (made tested, err error) {
	for _, id := range ids {
		if slices.Contains(d.CheckIDs(), id) {
			continue
		}
		if near := d.NearestCheck(id); near != "" {
			return made, cli.Usagef("there is no check %q in %s: did you mean %q?", id, config.Marker, near)
		}
		return made, cli.Usagef("there is no check %q in %s: there are %s", id, config.Marker, strings.Join(d.CheckIDs(), ", "))
	}
	for _, id := range ids {
		if c, ok := d.Check(id); ok && c.Runs != "" {
			return made, cli.Usagef("%s runs the command %s, and has no tests here: what it finds is known where the command is offered", id, c.Runs)
		}
	}
	all, err := d.Tests(r.Fleet.FS())
	if err != nil {
		return made, err
	}
	for i, section := range d.Sections {
		for _, c := range section.Checks {
			if len(ids) > 0 && !slices.Contains(ids, c.ID) {
				continue
			}
			own := slices.DeleteFunc(slices.Clone(all), func(t trial.Test) bool { return t.Check != c.ID })
			made.note(c, len(own), len(ids) > 0)
			results, err := trial.Run(ctx, section, r.Of(i).Shared, own)
			if err != nil {
				return made, err
			}
			made.results = append(made.results, results...)
		}
	}
	return made, nil
}

// note counts a check with so many tests.
func (t *tested) note(c declared.Check, tests int, named bool) {
	if tests > 0 {
		t.checks++
		return
	}
	if named {
		t.without = append(t.without, c.ID)
	}
	if c.Verb == declared.Rule {
		t.untested = append(t.untested, c.ID)
	}
}

func (t tested) failed() (n int) {
	for _, r := range t.results {
		if !r.OK() {
			n++
		}
	}
	return n
}

// write says which tests failed and why, and how many there are.
func (t tested) write(to io.Writer) error {
	w := bufio.NewWriter(to)
	for _, r := range t.results {
		if !r.OK() {
			writeFailed(w, r)
		}
	}
	if t.failed() > 0 {
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "%s of %s: %d ok, %d failed", counted(len(t.results), "test"), counted(t.checks, "check"), len(t.results)-t.failed(), t.failed())
	if n := len(t.untested); n > 0 {
		fmt.Fprintf(w, "; %s without a test: %s", counted(n, "rule"), strings.Join(t.untested, ", "))
	}
	fmt.Fprintln(w)
	return w.Flush()
}

// writeFailed says of a test that failed what was expected and what was found in its place.
func writeFailed(w io.Writer, r trial.Result) {
	fmt.Fprintf(w, "%s: test %d of %s failed\n", r.Place, r.Number, r.Check)
	expected, found := r.Explain()
	for _, side := range []struct {
		name  string
		lines []string
	}{{"expected", expected}, {"found", found}} {
		for i, line := range side.lines {
			if i > 0 {
				side.name = ""
			}
			fmt.Fprintf(w, "    %-8s  %s\n", side.name, report.Printable(line))
		}
	}
}

// counted is a number of things in words.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
