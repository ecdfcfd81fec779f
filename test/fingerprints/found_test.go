package fingerprints

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/fleet/worktree"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/verdict"
)

// located is a finding of a unit, "" for one of the configuration.
type located struct {
	unit string
	verdict.Finding
}

// found is all that is found in the repository in a folder.
func found(t *testing.T, dir string) (all []located) {
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
	add := func(u aggregator.Unit) {
		for _, f := range u.Findings {
			all = append(all, located{string(u.Name), f})
		}
	}
	add(aggregator.Unit{Findings: result.Summary.Config})
	for _, side := range [][]aggregator.Unit{result.Summary.OKs, result.Summary.Errs} {
		for _, u := range side {
			add(u)
		}
	}
	return all
}

// laid is a folder with the files of an archive.
func laid(t *testing.T, a *txtar.Archive) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range a.Files {
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func archive(t *testing.T, name string) *txtar.Archive {
	t.Helper()
	a, err := txtar.ParseFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return a
}
