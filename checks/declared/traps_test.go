package declared_test

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/fleet/worktree"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/scope"
)

var update = flag.Bool("update", false, "write what fixtures expect; read it before committing")

// wanted is the file of a fixture that holds what is found in the others, which are a
// repository.
const wanted = "want"

// TestTraps: what other validators are known to get wrong, one fixture each. Its comment says
// what that is.
func TestTraps(t *testing.T) {
	t.Parallel()
	fixtures, err := filepath.Glob("testdata/traps/*.txtar")
	if err != nil || len(fixtures) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, name := range fixtures {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			want, dir := -1, t.TempDir()
			for i, f := range archive.Files {
				if f.Name == wanted {
					want = i
					continue
				}
				write(t, filepath.Join(dir, f.Name), f.Data)
			}
			got := found(t, dir)
			if want >= 0 && *update {
				archive.Files[want].Data = []byte(got)
				write(t, name, txtar.Format(archive))
			}
			if want < 0 || len(archive.Comment) == 0 {
				t.Fatalf("the fixture has no comment, or no file %s", wanted)
			}
			if diff := cmp.Diff(string(archive.Files[want].Data), got); diff != "" {
				t.Errorf("found (-expected +got):\n%s", diff)
			}
		})
	}
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// found is all that is found in the repository in a folder, for people.
func found(t *testing.T, dir string) string {
	t.Helper()
	what, err := config.Load(dir, config.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	tree, err := worktree.Open(dir, what.Layout)
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	result, err := run.Validate(context.Background(), run.ValidateOptions{
		Scope:  scope.Scope{Fleet: tree, Checks: what.Checks, Mistakes: what.Findings, Locate: what.Locate},
		Limits: run.Limits{Timeout: time.Minute, UnitTimeout: time.Minute}, Jobs: 2, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	print := func(of aggregator.Unit) {
		if of.Cause != "" {
			fmt.Fprintf(&b, "%s: %s\n", of.Name, of.Cause)
		}
		if err := report.Findings(&b, of.Findings, report.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	print(aggregator.Unit{Findings: result.Summary.Config})
	for _, unit := range append(result.Summary.OKs, result.Summary.Errs...) {
		print(unit)
	}
	fmt.Fprintf(&b, "%d ok, %d err\n", result.Summary.OK, len(result.Summary.Errs))
	return b.String()
}

// atLeast is how far a unit was read.
var atLeast = regexp.MustCompile("at least [0-9]+ bytes")

// TestLargeUnits: a unit above the limit is an err that says so, and `limits` lets it be.
func TestLargeUnits(t *testing.T) {
	t.Parallel()
	const checks = ", checks: [{rule: self.size() == 1200, in: a.json}]}\n  file: {at: \"*.yaml\", except: muster.yaml, checks: [{rule: self.size() == 1200}]}\n"
	list := []byte("[" + strings.Repeat(`"`+strings.Repeat("x", 998)+`",`, 1199) + `"x"]`)
	const help = "\n    help: move files that no rule needs out of the folder, or raise the limit in muster.yaml, as in limits: {unit: 4MiB}\n"
	tooLarge := func(bytes string) string {
		return "big: error[F101 folder-too-large]: big has at least " + bytes + help + "big.yaml: error[F101 folder-too-large]: big.yaml has at least " + bytes + help + "0 ok, 2 err\n"
	}
	for limits, want := range map[string]string{
		"":                     tooLarge("1200000 bytes of files, more than the 1048576 that are allowed"),
		"limits: {unit: 2MiB}": "2 ok, 0 err\n",
		"limits: {unit: 1kB}":  tooLarge("1200000 bytes of files, more than the 1000 that are allowed"),
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "muster.yaml"), []byte("muster: 1\n"+limits+"\nunits:\n  folder: {at: big/"+checks))
		write(t, filepath.Join(dir, "big/a.json"), list)
		write(t, filepath.Join(dir, "big.yaml"), list)
		if got := atLeast.ReplaceAllString(found(t, dir), "at least 1200000 bytes"); got != want {
			t.Errorf("with %q:\n%s", limits, got)
		}
	}
}
