package history

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/cache/cachetest"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/test/genhistory"
)

// TestReports: of each commit of a history the report of a run that knows what all before it have
// decided is the one of a run that knows nothing.
func TestReports(t *testing.T) {
	t.Parallel()
	for _, d := range genhistory.Dialects() {
		t.Run(string(d), func(t *testing.T) {
			t.Parallel()
			history, err := genhistory.Draw(genhistory.Options{Dialect: d, Units: inAll, Bad: 0.1, Seed: 4}, commits)
			if err != nil {
				t.Fatal(err)
			}
			dir, laid, store := t.TempDir(), genhistory.Tree(nil), &cachetest.Memory{}
			known, units, before := 0, 0, verdicts(nil)
			for _, c := range history {
				if err := genhistory.Lay(dir, laid, c.Tree); err != nil {
					t.Fatal(err)
				}
				laid = c.Tree
				f, err := open(t.Context(), dir, settings{limit: time.Minute})
				if errors.Is(err, errNothing) {
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				cold, all := reported(t, f, run.Cache{})
				warm, _ := reported(t, f, run.Cache{Store: store, Domains: []string{"local"}, Read: true, Write: true})
				if diff := cmp.Diff(written(t, cold), written(t, warm)); diff != "" {
					t.Fatalf("%s (%s): the report (-knowing nothing +knowing):\n%s", c.Class, c.Detail, diff)
				}
				checkKnown(t, c, before, all, warm)
				known, units, before = known+warm.Cached.Units, units+len(all), all
				closed(t, f)
			}
			t.Logf("%d of %d verdicts were known", known, units)
			if known < units/2 {
				t.Error("too few verdicts were known")
			}
		})
	}
}

// checkKnown wants a verdict to be known that is the one of the commit before, of a unit that can be read.
func checkKnown(t *testing.T, c genhistory.Commit, before, after verdicts, warm run.Result) {
	t.Helper()
	same := 0
	for name, v := range after {
		if v.Read && before[name] == v {
			same++
		}
	}
	if warm.Cached.Units < same {
		t.Errorf("%s (%s): %d verdicts were known, and %d are those of the commit before", c.Class, c.Detail, warm.Cached.Units, same)
	}
}

// reported is what a run in this process gives, and the verdicts.
func reported(t *testing.T, f *fleetOf, c run.Cache) (run.Result, verdicts) {
	t.Helper()
	all := verdicts{}
	r, err := run.Validate(t.Context(), run.ValidateOptions{
		Scope: f.Scope, Limits: run.Limits{Timeout: time.Minute, UnitTimeout: time.Minute}, Jobs: 2, Cache: c, Log: slog.New(slog.DiscardHandler),
		Observe: func(e run.Event) {
			if e.Kind == run.Decided {
				all[e.Unit] = aboutOf(t, e.Verdict)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r, all
}

// written is the report of a result in the formats that say most, without how the run went.
func written(t *testing.T, r run.Result) string {
	t.Helper()
	var b strings.Builder
	whole := report.Report{Summary: r.Summary}
	if err := errors.Join(report.JSON(&b, whole, report.Options{}), report.Text(&b, whole, report.Options{})); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
