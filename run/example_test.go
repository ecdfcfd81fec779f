package run_test

import (
	"cmp"
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/check/checktest"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/fleet/worktree"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/verdict"
)

// The kind of check that docs/new-checks.md shows.

var noTabs = verdict.Rule{Code: "TAB1", Name: "no-tabs", Severity: verdict.Error, Summary: "no line has a tab"}

type tabs struct{}

func (tabs) Name() string                        { return "tabs" }
func (tabs) Engine() string                      { return "tabs-1" }
func (tabs) Rules() []verdict.Rule               { return []verdict.Rule{noTabs} }
func (t tabs) Open(fs.FS) (check.Session, error) { return t, nil }
func (tabs) Findings() []verdict.Finding         { return nil }
func (tabs) Joins() []verdict.Join               { return nil }
func (tabs) Traits() check.Traits                { return check.Traits{} }

func (tabs) Check(ctx context.Context, u check.Unit, _ []string) (verdict.Decision, error) {
	d := verdict.Decision{Regions: []string{}}
	err := fs.WalkDir(u.Files, ".", func(name string, e fs.DirEntry, err error) error {
		if err = cmp.Or(err, ctx.Err()); err != nil || !e.Type().IsRegular() {
			return err
		}
		text, err := fs.ReadFile(u.Files, name)
		for i, line := range strings.Split(string(text), "\n") {
			if before, _, has := strings.Cut(line, "\t"); has {
				at := verdict.Place{File: u.At(name), Line: i + 1, Column: utf8.RuneCountInString(before) + 1}
				d.Findings = append(d.Findings, noTabs.At(at, "the line has a tab", "write spaces"))
			}
		}
		return err
	})
	return d, err
}

func tabsConfig() config.Config {
	return config.Config{Checks: check.Kinds{tabs{}}, Layout: fleet.Layout{Marker: "tabs.conf", Kinds: []fleet.Kind{
		{Name: "note", At: []string{"notes/**/*.txt"}, Shared: []string{"tabs.conf"}},
	}}}
}

// TestTheExampleIsAKindOfCheck: what the page about new checks shows is this file's code, and
// works.
func TestTheExampleIsAKindOfCheck(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/new-checks.md")
	own, err2 := os.ReadFile("example_test.go")
	if err := cmp.Or(err, err2); err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(page), "```go\n")[1:]
	for _, b := range blocks {
		if code, _, _ := strings.Cut(b, "```\n"); !strings.Contains(string(own), "\n"+code) {
			t.Errorf("the page shows what is not here:\n%s", code)
		}
	}
	if len(blocks) != 2 {
		t.Errorf("the page shows %d pieces of code, want 2", len(blocks))
	}
	units := map[id.Unit]fs.FS{"a": fstest.MapFS{"a.txt": {Data: []byte("\tx\né\t")}}, "b": fstest.MapFS{}}
	if err := checktest.Test(tabs{}, fstest.MapFS{}, units); err != nil {
		t.Error(err)
	}
}

// TestTheExampleOverAQueue: its fleet is of files, and validated and run alike.
func TestTheExampleOverAQueue(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"tabs.conf": "", "notes/a.txt": "none", "notes/deep/b.txt": "x\ny\tz"} {
		write(t, filepath.Join(dir, name), text)
	}
	what, err := config.Load(dir, append(config.Builtin(), tabsConfig()))
	if err != nil {
		t.Fatal(err)
	}
	tree, err := worktree.Open(dir, what.Layout)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tree.Close() })
	s := scope.Scope{Fleet: tree, Checks: what.Checks}
	want, err := run.Validate(t.Context(), run.ValidateOptions{Scope: s, Jobs: 2,
		Limits: run.Limits{Timeout: time.Minute, UnitTimeout: time.Minute}, Log: slog.New(slog.DiscardHandler)})
	if err != nil || want.Summary.OK != 1 || len(want.Summary.Errs) != 1 || want.Summary.Errs[0].Findings[0].Place.String() != "notes/deep/b.txt:2:2" {
		t.Fatalf("validate: %+v, %v", want.Summary, err)
	}
	w := newWorld(t, redistest.Server(t))
	w.work(2, what.Checks...)
	same(t, "run and validate differ", want, w.run(w.options(s)))
}
